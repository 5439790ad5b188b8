/**
 * A film of three minutes through the product: worker, decoder, embedded model, caches on the disk.
 * Made by `npm run clips -- test/fixtures/long --film 180 --seed 4`: five things that are shown once for a
 * few seconds, four facts that are said once, and the questions that ask for them.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "../../server/src/engine/answer.js";
import { grade } from "../../server/src/engine/grade.js";
import { createSupervisor, type Supervisor } from "../../server/src/runtime/worker/supervisor.js";
import type { FilmQuestion } from "../../tools/clips/film.js";
import { start, vqa } from "../support/cli.js";
import { gone, until, workersOf } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const video = join(repoRoot, "test/fixtures/long/film-4.mp4");
const { questions, durationMs } = JSON.parse(readFileSync(join(repoRoot, "test/fixtures/long/film-4.json"), "utf8")) as { questions: FilmQuestion[]; durationMs: number };

describe("a film of three minutes", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  const cacheDir = join(folder, "features");
  const summaries = join(folder, "summaries");
  const kept = (): Map<string, number> => new Map(names().map((name) => [name, statSync(join(summaries, name)).ino]));
  const names = (): string[] => readdirSync(summaries).filter((name) => name.endsWith(".txt"));
  const index = ["index", video, "--cache-dir", cacheDir, "--threads", "1"];
  let supervisor: Supervisor;
  before(() => mkdirSync(summaries));
  after(() => supervisor?.dispose());

  it("is gone through once: what a killed process had kept is not made again", async () => {
    const first = start(index);
    const ended = first.ended;
    await until(() => names().length >= 5, { what: "four clips to be summarised", of: [first] });
    const workers = workersOf(first.child.pid!);
    first.child.kill("SIGKILL");
    await ended;
    await Promise.all(workers.map(gone));
    const before = kept();
    assert.ok(before.size >= 5 && before.size < 27, `${before.size} entries`);

    const { code, stdout, stderr } = await vqa([...index, "--json"]);
    assert.equal(code, 0, stderr);
    const { clips } = JSON.parse(stdout) as { clips: { startMs: number; endMs: number; summary: string }[] };
    assert.equal(clips[0]!.startMs, 0);
    assert.ok(Math.abs(clips.at(-1)!.endMs - durationMs) < 200);
    clips.slice(1).forEach(({ startMs }, i) => assert.equal(startMs, clips[i]!.endMs));
    assert.ok(clips.every(({ summary }) => summary !== ""));
    const after = kept();
    // The cuts have an entry of their own.
    assert.equal(after.size, clips.length + 1);
    for (const [name, inode] of before) assert.equal(after.get(name), inode, "an entry was made again");
  });

  it("prints its clips in order, and at once when it was gone through", async () => {
    const before = kept();
    const { code, stdout, stderr } = await vqa(index);
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length + 1, before.size);
    assert.deepEqual(lines, [...lines].sort());
    assert.match(lines[0]!, /^00:00\.\.00:\d\d {2}\S/);
    assert.match(stderr, new RegExp(`^vqa: ${lines.length} clips`));
    assert.deepEqual(kept(), before);
  });

  const answers: (readonly [FilmQuestion, Answer])[] = [];
  it("is answered from the clips in which things are shown or said", async () => {
    const before = kept();
    supervisor = createSupervisor({ config: { threads: 1, cacheDir } });
    for (const question of questions) answers.push([question, await supervisor.ask({ video, question: question.text }, "micro")]);
    assert.deepEqual(kept(), before);
    const found = answers.filter(([{ startMs, endMs }, { evidence }]) => evidence!.some((each) => each.startMs < endMs && each.endMs > startMs));
    const right = answers.filter(([{ answer, timeMs }, { text }]) => grade({ text }, { answers: [answer] }, timeMs === undefined ? {} : { timeToleranceMs: 2000 }) === "exact");
    const told = answers.map(([{ text, answer }, given]) => `${text} ${answer}: ${given.text}`).join("\n");
    assert.ok(found.length >= 0.8 * questions.length, `${found.length} of ${questions.length} found\n${told}`);
    assert.ok(right.length >= 0.7 * questions.length, `${right.length} of ${questions.length} right\n${told}`);
    for (const [, { provenance, evidence }] of answers) {
      assert.equal(provenance.long?.way, "clips");
      const within = (time: number): boolean => evidence!.some(({ kind, startMs, endMs }) => kind === "clip" && time >= startMs && time < endMs);
      assert.ok(provenance.frameTimesMs.every(within), "no frame of another clip");
    }
  });

  it("decodes nothing again after a restart", async () => {
    const [question, before] = answers[0]!;
    supervisor.restart();
    const again = await supervisor.ask({ video, question: question.text }, "micro");
    assert.equal(again.text, before.text);
    assert.deepEqual([again.timings.featuresCached, again.timings.framesMs], [true, 0]);
  });

  it("finds out whether an answer still holds without going through the film", async () => {
    const request = { video, question: questions[0]!.text };
    const { dependsOn, outlook } = await supervisor.inputs(request, "micro");
    assert.equal(outlook, undefined);
    assert.equal((dependsOn["sampling"] as { long?: { way: string } }).long?.way, "clips");
  });

  it("answers about the whole from the summaries, and says so", async () => {
    const { provenance, text } = await supervisor.ask({ video, question: "Summarise the whole video." }, "micro");
    assert.notEqual(text, "");
    assert.equal(provenance.long?.way, "summaries");
    assert.match(provenance.notes.join(), /summaries of all 27 clips/);
  });

  it("tells on the command line where it looked, and spreads its frames when it should", async () => {
    const fact = questions.find(({ type }) => type === "sub_fact")!;
    const { code, stdout, stderr } = await vqa(["ask", video, fact.text, "--cache-dir", cacheDir, "--threads", "1"]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), fact.answer);
    assert.match(stderr, /^ {2}00:\d\d:?\d*\.\d+\.\.\S+ {2}\d\.\d\d {2}its subtitle is near to the question: ".*"$/m);
    assert.match(stderr, /of 27 clips/);
    const plain = await vqa(["ask", video, fact.text, "--long", "off", "--cache-dir", cacheDir, "--threads", "1", "--json"]);
    const { evidence, provenance } = JSON.parse(plain.stdout) as Answer;
    assert.deepEqual([evidence, provenance.long, provenance.frameTimesMs.length], [undefined, undefined, 8]);
    assert.equal((await vqa(["ask", video, fact.text, "--long", "sometimes"])).code, 2);
  });
});
