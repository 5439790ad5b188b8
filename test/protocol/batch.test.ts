/** `vqa batch` as its users start it, with the real worker and the embedded model, and killed at many points. */
import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { start, vqa } from "../support/cli.js";
import { gone, until, workersOf } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const twins = join(repoRoot, "test/fixtures/twins");
const killer = pathToFileURL(fileURLToPath(new URL("./workers/killer.js", import.meta.url))).href;
const FAST = ["--threads", "1", "--max-tokens", "4"];
const posix = process.platform !== "win32";

interface Line {
  readonly video: string;
  readonly question: string;
  readonly pred: string;
  readonly id?: string;
  readonly choice?: number;
  readonly gold?: readonly number[];
  readonly error?: { readonly code: string };
}

const lines = <T = Line>(path: string): T[] => readFileSync(path, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);

describe("batch", function () {
  this.timeout(300_000);
  const root = tempFolder(after);
  let folder: string;
  let n = 0;
  const at = (name: string): string => join(folder, name);

  beforeEach(() => mkdirSync((folder = join(root, String(++n)))));

  function clips(...names: readonly string[]): void {
    mkdirSync(at("clips"), { recursive: true });
    for (const name of names) copyFileSync(join(twins, `${name}.mp4`), at(`clips/${name}.mp4`));
  }
  const batch = (...args: readonly string[]) => vqa(["batch", ...args, ...FAST], { cwd: folder });
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await batch(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  it("asks all videos of a folder in order of their names, and collects what fails", async () => {
    clips("red-circle", "blue-square");
    mkdirSync(at("clips/deep"));
    copyFileSync(join(twins, "moves-left.mp4"), at("clips/deep/left.mp4"));
    writeFileSync(at("clips/broken.mp4"), "This is a letter, not a film.\n".repeat(50));
    writeFileSync(at("clips/readme.txt"), "no film");
    const { code, stderr } = await batch("clips", "--question", "What colour is the object?", "--out", "out");
    assert.equal(code, 1, stderr);
    const all = lines(at("out/predictions.jsonl"));
    assert.deepEqual(all.map(({ video }) => video), ["blue-square.mp4", "broken.mp4", "deep/left.mp4", "red-circle.mp4"]);
    assert.deepEqual([all[0]?.pred, all[3]?.pred], ["blue", "red"]);
    assert.deepEqual([all[1]?.pred, all[1]?.error?.code], ["", "video-unreadable"]);
    assert.deepEqual(lines<{ video: string }>(at("out/errors.jsonl")).map(({ video }) => video), ["broken.mp4"]);
    assert.match(stderr, /^Questions: 4; 4 answered now, 0 before, 1 failed\.$/m);

    // A second start asks nothing; with what failed put right, only that.
    copyFileSync(join(twins, "red-circle.mp4"), at("clips/broken.mp4"));
    assert.match((await batch("clips", "--question", "What colour is the object?", "--out", "out")).stderr, /0 answered now, 4 before, 1 failed/);
    assert.match((await batch("clips", "--question", "What colour is the object?", "--out", "out", "--retry-failed")).stderr, /1 answered now, 3 before, 0 failed/);
    assert.equal(lines(at("out/predictions.jsonl"))[1]?.pred, "red");
    assert.ok(!existsSync(at("out/errors.jsonl")));

    // The same answers as something else.
    await ok("clips", "--question", "What colour is the object?", "--out", "out", "--to", "vqa");
    assert.match(readFileSync(at("out/red-circle.vqa"), "utf8"), /^VQA 1\nvideo: \.\.\/clips\/red-circle\.mp4\n[^]*\nQ: What colour is the object\?\nM [0-9a-f]{8} [0-9a-f]{12} t=\d+ms: red\n\nRUN /);
    const other = await batch("clips", "--question", "What colour is the object?", "--out", "out", "--frames", "4");
    assert.deepEqual([other.code, /other settings.*frames/.test(other.stderr)], [2, true], other.stderr);
  });

  it("takes patterns, lists and shares, and puts the shares together", async () => {
    clips("red-circle", "blue-square", "moves-left", "moves-right");
    writeFileSync(at("list.txt"), "# some\nclips/red-circle.mp4\nclips/none.mp4\n");
    writeFileSync(at("questions.txt"), "What colour is the object?\nWhat shape is the object?\n");
    const question = ["--questions", "questions.txt"];
    await ok("clips/*-square.mp4", ...question, "--out", "pattern");
    assert.deepEqual(lines(at("pattern/predictions.jsonl")).map(({ video, question: asked }) => [video, asked]), [["clips/blue-square.mp4", "What colour is the object?"], ["clips/blue-square.mp4", "What shape is the object?"]]);
    assert.equal((await batch("--list", "list.txt", ...question, "--out", "listed")).code, 1);
    assert.deepEqual(lines(at("listed/predictions.jsonl")).map(({ error }) => error?.code), [undefined, undefined, "video-not-found", "video-not-found"]);

    const empty = new Set<number>();
    for (const share of [1, 2]) {
      const { code, stderr } = await batch("clips", ...question, "--out", "shares", "--shard", `${share}/2`, "--workers", "2");
      if (/is empty/.test(stderr)) empty.add(share);
      else assert.equal(code, 0, stderr);
    }
    const parts = [1, 2].filter((share) => !empty.has(share)).map((share) => lines(at(`shares/predictions.${share}-of-2.jsonl`)));
    assert.equal(parts.flat().length, 8);
    assert.match((await batch("clips", ...question, "--out", "shares")).stderr, /0 answered now, 8 before/);
    const whole = lines(at("shares/predictions.jsonl"));
    assert.deepEqual(whole.map(({ video }) => video), ["blue-square", "blue-square", "moves-left", "moves-left", "moves-right", "moves-right", "red-circle", "red-circle"].map((name) => `${name}.mp4`));
    assert.deepEqual(new Set(parts.flat().map((line) => JSON.stringify(line))), new Set(whole.map((line) => JSON.stringify(line))));
  });

  it("asks what notebooks and datasets ask, and writes what they can hold", async () => {
    clips("red-circle", "blue-square");
    mkdirSync(at("notes"));
    writeFileSync(at("notes/a.vqa"), "VQA 1\nvideo: ../clips/red-circle.mp4\n\nQ q1: What colour is the circle?\nA ann: red\n\nQ q2: What shape is it?\n  - [ ] square\n  - [x] circle\n");
    writeFileSync(at("notes/b.vqa"), "VQA 1\n\nQ: Which video?\n");
    const { code } = await batch("notes", "--out", "answered", "--to", "vqa");
    assert.equal(code, 1);
    const text = readFileSync(at("answered/a.vqa"), "utf8");
    assert.match(text, /^VQA 1\nvideo: \.\.\/clips\/red-circle\.mp4\n\nQ q1: What colour is the circle\?\nA ann: red\nM .*: red\n\nQ q2: What shape is it\?\n  - \[ \] square\n  - \[x\] circle\nM .* p=[\d.]+: \(B\) circle\n\nRUN /);
    assert.match(readFileSync(at("answered/errors.jsonl"), "utf8"), /b\.vqa\\" names no video/);

    // What a person changed in a result stays.
    appendFileSync(at("answered/a.vqa"), "\nNOTE mine\n");
    const refused = await batch("notes", "--out", "answered", "--to", "vqa");
    assert.deepEqual([refused.code, /a\.vqa is there already/.test(refused.stderr)], [2, true]);
    assert.match(readFileSync(at("answered/a.vqa"), "utf8"), /NOTE mine/);

    const consistency = [{ video_name: "red-circle", Q1: "What colour is the circle?", Q2: "Which colour is the circle?", A: "red" }];
    writeFileSync(at("consistency.json"), JSON.stringify(consistency));
    await ok("consistency.json", "--videos", "clips", "--out", "pairs", "--to", "video-chatgpt");
    assert.deepEqual(JSON.parse(readFileSync(at("pairs/predictions.json"), "utf8")), [{ ...consistency[0], pred1: "red", pred2: "red" }]);

    writeFileSync(at("qa.json"), JSON.stringify([{ video_id: 1, id: 7, question: "What colour is the square?", answer: "blue", category_id: 3 }, { video_id: 2, id: 8, question: "who?", answer: "nobody", category_id: 3 }]));
    copyFileSync(at("clips/blue-square.mp4"), at("clips/video1.mp4"));
    assert.equal((await batch("qa.json", "--videos", "clips", "--out", "qa", "--to", "video-chatgpt")).code, 1);
    assert.deepEqual(JSON.parse(readFileSync(at("qa/predictions.json"), "utf8")), [
      { id: "7", video_name: "1", question: "What colour is the square?", answer: "blue", pred: "blue" },
      { id: "8", video_name: "2", question: "who?", answer: "nobody", pred: "" },
    ]);
    await ok("clips/red-circle.mp4", "--to", "captions", "--out", "captions");
    assert.deepEqual(Object.keys(lines(at("captions/captions.jsonl"))[0] ?? {}), ["video", "caption", "model"]);
  });

  for (const [args, says] of [
    [["clips", "--question", "What?"], /--out/],
    [["--out", "o"], /Which videos/],
    [["clips", "--out", "o", "--to", "gold"], /--to is one of predictions/],
    [["clips", "--out", "o", "--question", "What?", "--shard", "3/2"], /--shard is "3\/2"/],
    [["clips", "--out", "o"], /no notebooks/],
    [["nowhere/*.mp4", "--out", "o", "--question", "What?"], /matches no file/],
  ] as const) {
    it(`explains wrong usage: batch ${args.join(" ")}`, async () => {
      clips();
      const { code, stderr } = await batch(...args);
      assert.ok(code === 2 || code === 3, stderr);
      assert.match(stderr, says);
    });
  }

  it("a fault of the model ends it at once, and is not taken for one of the videos", async () => {
    clips("red-circle", "blue-square");
    const { code, stderr } = await batch("clips", "--question", "What?", "--out", "o", "--model", "nowhere");
    assert.equal(code, 4, stderr);
    assert.equal(readFileSync(at("o/.vqa-batch/journal.jsonl"), "utf8").trim().split("\n").length, 1);
  });

  if (posix) {
    it("Ctrl-C keeps what is done, and only one process works on a batch", async () => {
      clips("red-circle", "blue-square", "moves-left", "moves-right", "circle-first", "square-first");
      const args = ["batch", "clips", "--question", "What happens?", "--out", "o", ...FAST];
      const first = start(args, { cwd: folder });
      await until(() => workersOf(first.child.pid as number).length > 0, { what: "the worker", of: [first] });
      const second = await vqa(args, { cwd: folder });
      assert.deepEqual([second.code, /Process \d+ on .* is at work here/.test(second.stderr)], [2, true], second.stderr);
      first.child.kill("SIGINT");
      const { code, stderr } = await first.ended;
      assert.equal(code, 130);
      assert.match(stderr, /\d of 6 are done\. The same command goes on from there\./);
      assert.equal((await vqa(args, { cwd: folder })).code, 0);
      assert.equal(lines(at("o/predictions.jsonl")).length, 6);
    });

    it("is killed at many points, and loses and repeats nothing", async () => {
      clips("red-circle", "blue-square", "moves-left", "moves-right");
      const questions = ["What colour is the object?", "What shape is the object?", "What happens?"];
      const names = ["blue-square", "moves-left", "moves-right", "red-circle"];
      writeFileSync(at("questions.txt"), questions.join("\n"));
      const journal = at("o/.vqa-batch/journal.jsonl");
      const asked = at("asked.log");
      const args = ["batch", "clips", "--questions", "questions.txt", "--out", "o", "--to", "video-chatgpt", ...FAST];
      const recorded = (): { whole: string[]; torn: boolean } => {
        const text = existsSync(journal) ? readFileSync(journal, "utf8") : "";
        const whole = text.split("\n");
        return { torn: whole.pop() !== "", whole: whole.slice(1) };
      };
      // With VQA_KILLS, some more points, and as many more at any time at all.
      const random = Array.from({ length: Number(process.env["VQA_KILLS"] ?? 0) }, (_, i) => `after ${((i * 7919) % 4000) + 5} ms`);
      // A start after a kill renames the dead lock first; the results, when all is asked, come second.
      const thorough = process.env["VQA_KILLS"] === undefined ? [] : ["asked:2", "torn:1", "synced:3"];
      const points = ["rename:1", "renamed:1", "asked:1", "write:1", "torn:3", "written:1", "synced:2", ...thorough, ...random, "rename:1", "rename:2", "renamed:2"];
      const table: string[] = ["| killed | in the journal | asked now | repeated |", "|---|---|---|---|"];
      let before = recorded();
      let repeated = 0;
      let askedInAll = 0;
      for (const point of points) {
        writeFileSync(asked, "");
        const running = start(args, { cwd: folder, env: { NODE_OPTIONS: `--import ${killer}`, VQA_TEST_KILL: point, VQA_TEST_ASKED: asked } });
        const wait = /^after (\d+)/.exec(point)?.[1];
        if (wait !== undefined) setTimeout(() => running.child.kill("SIGKILL"), Number(wait));
        const workers = new Set<number>();
        const watch = setInterval(() => workersOf(running.child.pid as number).forEach((pid) => workers.add(pid)), 50);
        await running.ended;
        clearInterval(watch);
        for (const pid of workers) await gone(pid);
        assert.equal(running.child.signalCode, wait === undefined ? "SIGKILL" : running.child.signalCode, `${point}: ${running.stderr()}`);
        const after = recorded();
        // Nothing that was there may change: only a torn line goes.
        assert.deepEqual(after.whole.slice(0, before.whole.length), before.whole, point);
        const now = readFileSync(asked, "utf8").split("\n").filter((line) => line !== "");
        const had = answeredBy(before.whole);
        const again = now.filter((item) => had.has(item));
        repeated += again.length;
        askedInAll += now.length;
        table.push(`| ${point} | ${before.whole.length} → ${after.whole.length}${after.torn ? " and a torn one" : ""} | ${now.length} | ${again.length} |`);
        before = after;
      }
      const { code, stderr } = await vqa(args, { cwd: folder });
      assert.equal(code, 0, stderr);
      const results = JSON.parse(readFileSync(at("o/predictions.json"), "utf8")) as { video_name: string; question: string; pred: string }[];
      const wanted = names.flatMap((name) => questions.map((question) => `${name}.mp4 ${question}`));
      const found = results.map(({ video_name, question }) => `${video_name} ${question}`);
      const lost = wanted.filter((each) => !found.includes(each)).length;
      if (process.env["VQA_KILLS"] !== undefined) console.log(`${table.join("\n")}\n\n${points.length} kills; lost ${lost}, repeated ${repeated}, asked ${askedInAll} for ${wanted.length} results.`);
      assert.deepEqual([lost, repeated], [0, 0], table.join("\n"));
      assert.deepEqual(found, wanted);
      assert.ok(results.every(({ pred }) => pred !== ""));
      assert.deepEqual(readdirSync(at("o")).sort(), [".vqa-batch", "predictions.json"]);
      rmSync(asked);

      /** One worker answers in the order of the items: the n-th line of the journal is that of the n-th. */
      function answeredBy(whole: readonly string[]): ReadonlySet<string> {
        const order = names.flatMap((name) => questions.map((question) => JSON.stringify([at(`clips/${name}.mp4`), question])));
        return new Set(order.slice(0, whole.length));
      }
    });
  }
});
