/**
 * Examines the embedded model the way a user would meet it: clips are rendered to real mp4 files,
 * decoded, encoded and answered by the product's own worker process, greedily and free-running.
 * The exit status says whether it ran, not how well the model did.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer } from "../../server/src/engine/answer.js";
import { grade } from "../../server/src/engine/grade.js";
import { createSupervisor } from "../../server/src/runtime/worker/supervisor.js";
import { encodeClip } from "../clips/encode.js";
import { findFfmpeg } from "../clips/ffmpeg.js";
import type { Question } from "../clips/questions.js";
import { command, wholeNumber, type Options } from "../support/command.js";
import { insertTable, markdown } from "./markdown.js";
import { printTable } from "./print.js";
import { tabulate, type Result } from "./score.js";
import { exams, type Exam } from "./set.js";

const USAGE = `npm run eval:micro [-- OPTIONS]
  --clips N     clips to render, a third with unseen combinations only (default 300)
  --seed S      other clips (default 0)
  --model PACK  "micro" (default) or the absolute path of a pack's folder
  --wrong       also print every wrong answer
  --json FILE   write everything there
  --into FILE   replace the table of a Markdown file, between its marks; may be given several times`;

const OPTIONS = {
  clips: { type: "string", default: "300" },
  seed: { type: "string", default: "0" },
  json: { type: "string" },
  model: { type: "string", default: "micro" },
  wrong: { type: "boolean", default: false },
  into: { type: "string", multiple: true, default: [] as string[] },
} satisfies Options;

interface Graded extends Result {
  readonly question: string;
  readonly wanted: string;
  readonly said: string;
}

await command(USAGE, OPTIONS, async ({ values, signal }) => {
  const set = exams(wholeNumber("clips", values.clips, 1), wholeNumber("seed", values.seed, 0));
  const started = performance.now();
  const { results, last } = await examine(set, values.model, signal);
  const seconds = (performance.now() - started) / 1000;

  const table = tabulate(results);
  const { modelDigest, engine } = last.provenance;
  console.log(`model ${values.model}, sha256 ${modelDigest}`);
  console.log(`${set.length} clips, ${results.length} questions, seed ${values.seed}, ${engine.join(", ")}, ${seconds.toFixed(0)} s`);
  console.log("exact answers in per cent, with the 95 % Wilson interval\n");
  console.log(printTable(table));
  if (values.wrong) {
    for (const r of results) if (!r.right) console.log(`${r.split} ${r.type}: ${r.question} -> ${JSON.stringify(r.said)}, wanted ${JSON.stringify(r.wanted)}`);
  }
  const facts = { digest: modelDigest, clips: set.length, questions: results.length, seed: values.seed };
  for (const file of values.into) await writeFile(file, insertTable(await readFile(file, "utf8"), markdown(table, facts)));
  if (values.json !== undefined) {
    const report = { model: values.model, digest: modelDigest, engine, clips: set.length, seed: values.seed, ...table, results };
    await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  }
});

/** Asks every question of every clip, the next clip being rendered meanwhile. */
async function examine(set: readonly Exam[], model: string, signal: AbortSignal): Promise<{ results: Graded[]; last: Answer }> {
  const ffmpeg = findFfmpeg();
  const folder = await mkdtemp(join(tmpdir(), "vqa-eval-"));
  const worker = createSupervisor();
  const render = async (exam: Exam, i: number): Promise<string> => {
    const path = join(folder, `${i}.mp4`);
    await encodeClip(exam.scene, path, { ffmpeg }, signal);
    return path;
  };
  const results: Graded[] = [];
  let last: Answer | undefined;
  let next: Promise<string> | undefined;
  try {
    for (const [i, exam] of set.entries()) {
      const video = await (next ?? render(exam, i));
      const following = set[i + 1];
      next = following === undefined ? undefined : render(following, i + 1);
      // Waited for in the next round; until then a failure must not end the process.
      next?.catch(() => undefined);
      for (const question of exam.questions) {
        last = await worker.ask({ video, question: question.text, decode: { temperature: 0 } }, model, {}, signal);
        results.push(graded(exam, question, last));
      }
      await rm(video);
      if (process.stderr.isTTY) process.stderr.write(`\r${i + 1}/${set.length} clips${i + 1 === set.length ? "\n" : ""}`);
    }
  } finally {
    await next?.catch(() => undefined);
    await worker.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  return { results, last: last as Answer };
}

function graded({ split }: Exam, question: Question, answer: Answer): Graded {
  const right = grade(answer, { answers: [question.answer] }, tolerance(question, answer)) === "exact";
  return { type: question.type, split, right, question: question.text, wanted: question.answer, said: answer.text };
}

/**
 * Nobody can tell when something appeared more closely than from one looked-at frame to the next,
 * nor than the whole seconds of an answer.
 */
function tolerance(question: Question, answer: Answer): { timeToleranceMs?: number } {
  if (question.timeMs === undefined) return {};
  const times = answer.provenance.frameTimesMs;
  const gaps = times.slice(1).map((t, i) => t - (times[i] as number));
  return { timeToleranceMs: Math.max(1000, ...gaps) };
}
