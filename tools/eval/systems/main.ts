/**
 * Compares the systems of one model pack as a user would meet them: clips are rendered to real files
 * with sound and subtitles, and the product's own worker answers the same questions with each system,
 * greedily and free-running. The exit status says whether it ran, not who won.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer, AskRequest } from "../../../server/src/engine/answer.js";
import { grade } from "../../../server/src/engine/grade.js";
import { locatePack } from "../../../server/src/runtime/packs/locate.js";
import { createSupervisor } from "../../../server/src/runtime/worker/supervisor.js";
import { encodeClip } from "../../clips/encode.js";
import { findFfmpeg } from "../../clips/ffmpeg.js";
import type { Question } from "../../clips/questions.js";
import { command, wholeNumber, type Options } from "../../support/command.js";
import { insertTable } from "../markdown.js";
import { ABLATIONS, copyWithAblations } from "./ablations.js";
import { exams, type Exam } from "./set.js";
import { markdown, type Result } from "./table.js";

const USAGE = `npm run eval:systems [-- OPTIONS]
  --clips N       clips to render (default 60)
  --seed S        other clips (default 0)
  --model PACK    "micro" (default) or the absolute path of a pack's folder
  --systems A,B   systems to ask; "+no-subtitles" and "+no-audio" behind a name switch those off;
                  there are also ${ABLATIONS.join(", ")}
  --json FILE     write every answer there
  --into FILE     replace the table of a Markdown file, between its marks`;

const OPTIONS = {
  clips: { type: "string", default: "60" },
  seed: { type: "string", default: "0" },
  model: { type: "string", default: "micro" },
  systems: {
    type: "string",
    default: "minigpt4-video,minigpt4-video+no-subtitles,video-llama,video-llama+no-audio,red-villm,longvlm,mean-pool,frame-resize",
  },
  json: { type: "string" },
  into: { type: "string" },
} satisfies Options;

await command(USAGE, OPTIONS, async ({ values, signal }) => {
  const set = exams(wholeNumber("clips", values.clips, 1), wholeNumber("seed", values.seed, 0));
  const systems = values.systems.split(",").map((each) => each.trim());
  const results: Result[] = [];
  const ffmpeg = findFfmpeg();
  const folder = await mkdtemp(join(tmpdir(), "vqa-eval-systems-"));
  const worker = createSupervisor();
  try {
    const model = systems.some((system) => ABLATIONS.includes(system.split("+")[0]!)) ? join(folder, "pack") : values.model;
    if (model !== values.model) await copyWithAblations(locatePack(values.model), model);
    for (const [i, exam] of set.entries()) {
      const video = join(folder, `${i}.mp4`);
      await encodeClip(exam.scene, video, { ffmpeg }, signal);
      for (const system of systems) {
        for (const question of exam.questions) {
          const answer = await worker.ask(requestOf(system, video, question), model, {}, signal);
          results.push(graded(system, exam, question, answer));
        }
      }
      await rm(video);
      if (process.stderr.isTTY) process.stderr.write(`\r${i + 1}/${set.length} clips${i + 1 === set.length ? "\n" : ""}`);
    }
  } finally {
    await worker.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  const table = markdown(systems, results, { clips: set.length, seed: values.seed });
  console.log(table);
  if (values.into !== undefined) await writeFile(values.into, insertTable(await readFile(values.into, "utf8"), table));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ model: values.model, clips: set.length, seed: values.seed, results }, null, 1)}\n`);
});

/** "longvlm+no-subtitles" and a question as a request. */
function requestOf(system: string, video: string, question: Question): AskRequest {
  const [composer, ...off] = system.split("+") as [string, ...string[]];
  return {
    video,
    composer,
    question: question.text,
    subtitles: off.includes("no-subtitles") ? "off" : "auto",
    audio: off.includes("no-audio") ? "off" : "auto",
    decode: { temperature: 0 },
  };
}

function graded(system: string, { scene }: Exam, question: Question, { text, provenance, timings }: Answer): Result {
  const gaps = provenance.frameTimesMs.slice(1).map((t, i) => t - (provenance.frameTimesMs[i] as number));
  // Every system is given the same tolerance, that of 8 frames: more frames must not make it harder.
  const tolerance = question.timeMs === undefined ? {} : { timeToleranceMs: Math.max(1000, scene.durationMs / 8, ...gaps) };
  return {
    system,
    type: question.type,
    question: question.text,
    wanted: question.answer,
    said: text,
    right: grade({ text }, { answers: [question.answer] }, tolerance) === "exact",
    promptTokens: timings.promptTokens,
    frames: provenance.frameTimesMs.length,
    ms: timings.totalMs,
    notes: provenance.notes,
  };
}
