/**
 * Examines the embedded model the way a user would meet it: clips are rendered to real mp4 files,
 * decoded, encoded and answered by the product's own worker process, greedily and free-running.
 *
 *   npm run eval:micro [-- --clips N --seed S --json FILE --model PACK --wrong]
 *
 * `--wrong` also prints every wrong answer. The exit status says whether it ran, not how well.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Answer } from "../../server/src/engine/answer.js";
import { grade } from "../../server/src/engine/grade.js";
import { createSupervisor } from "../../server/src/runtime/worker/supervisor.js";
import { encodeClip } from "../clips/encode.js";
import { findFfmpeg } from "../clips/ffmpeg.js";
import type { Question } from "../clips/questions.js";
import { printTable } from "./print.js";
import { tabulate, type Result } from "./score.js";
import { exams, type Exam } from "./set.js";

const { values } = parseArgs({
  options: {
    clips: { type: "string", default: "240" },
    seed: { type: "string", default: "0" },
    json: { type: "string" },
    model: { type: "string", default: "micro" },
    wrong: { type: "boolean", default: false },
  },
});

const set = exams(wholeNumber("clips"), wholeNumber("seed"));
const ffmpeg = findFfmpeg();
const folder = await mkdtemp(join(tmpdir(), "vqa-eval-"));
const worker = createSupervisor();
const results: (Result & { readonly question: string; readonly wanted: string; readonly said: string })[] = [];
const started = performance.now();
let digest = "";
let engine: readonly string[] = [];
try {
  // The next clip is rendered while the present one is asked about.
  let next = render(0);
  for (const [i, exam] of set.entries()) {
    const video = await next;
    next = i + 1 < set.length ? render(i + 1) : next;
    for (const question of exam.questions) {
      const answer = await worker.ask({ video, question: question.text, decode: { temperature: 0 } }, values.model);
      digest = answer.provenance.modelDigest;
      engine = answer.provenance.engine;
      record(exam, question, answer);
    }
    await rm(video);
    progress(i + 1);
  }
} finally {
  await worker.dispose();
  await rm(folder, { recursive: true, force: true });
}

const table = tabulate(results);
const seconds = (performance.now() - started) / 1000;
console.log(`model ${values.model}, sha256 ${digest}`);
console.log(`${set.length} clips, ${results.length} questions, seed ${values.seed}, ${engine.join(", ")}, ${seconds.toFixed(0)} s`);
console.log("exact answers in per cent, with the 95 % Wilson interval\n");
console.log(printTable(table));
if (values.wrong) for (const r of results.filter((r) => !r.right)) console.log(`${r.split} ${r.type}: ${r.question} -> ${JSON.stringify(r.said)}, wanted ${JSON.stringify(r.wanted)}`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ model: values.model, digest, engine, clips: set.length, seed: values.seed, ...table, results }, null, 2)}\n`);
}

async function render(i: number): Promise<string> {
  const path = join(folder, `${i}.mp4`);
  await encodeClip((set[i] as Exam).scene, path, { ffmpeg });
  return path;
}

function record(exam: Exam, question: Question, answer: Answer): void {
  const right = grade(answer, { answers: [question.answer] }, tolerance(question, answer)) === "exact";
  results.push({ type: question.type, split: exam.split, right, question: question.text, wanted: question.answer, said: answer.text });
}

/** Nobody can tell when something appeared more closely than from one looked-at frame to the next, nor than the answer's whole seconds. */
function tolerance(question: Question, answer: Answer): { timeToleranceMs?: number } {
  if (question.timeMs === undefined) return {};
  const times = answer.provenance.frameTimesMs;
  const gaps = times.slice(1).map((t, i) => t - (times[i] as number));
  return { timeToleranceMs: Math.max(1000, ...gaps) };
}

function wholeNumber(name: "clips" | "seed"): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= (name === "clips" ? 1 : 0)) return value;
  console.error(`--${name} takes a whole number, not "${values[name]}"`);
  process.exit(2);
}

function progress(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done}/${set.length} clips${done === set.length ? "\n" : ""}`);
}
