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
import { command, UsageError, wholeNumber, type Options } from "../../support/command.js";
import { insertTable } from "../markdown.js";
import { clipFiles } from "./files.js";
import { examineHours, tableOf, type HourReport } from "./hour/run.js";
import type { Asked, Exam, ExamSet } from "./sets/exam.js";
import { LONG } from "./sets/minutes.js";
import { REVERSED } from "./sets/reversed.js";
import { SHORT } from "./sets/short.js";
import { SPOKEN } from "./sets/spoken.js";
import { markdown, type Result } from "./table.js";
import { tokenCounter } from "./tokens.js";
import { copyWithVariants, manifestName, VARIANTS } from "./variants.js";

const SETS: readonly ExamSet[] = [SHORT, REVERSED, LONG, SPOKEN];

const USAGE = `npm run eval:systems [-- OPTIONS]
  --set NAME      what to ask (default short):
                    short     clips of seconds with tones and subtitles
                    reversed  each clip and the same backwards: direction and order
                    minutes   1, 3 and 10 minutes, with things that are shown for a second or two
                    spoken    facts that are only spoken (needs espeak-ng)
                    hour      films of an hour with things that are shown or said once; --clips is the
                              number of films, --systems one system, --minutes a length, --ways A;B a choice
  --clips N       clips to render (default: as many as the set suggests)
  --seed S        other clips (default 0)
  --model PACK    "micro" (default) or the absolute path of a pack's folder
  --systems A,B   systems to ask; "+no-subtitles", "+no-audio" and "+no-speech" behind a name switch those
                  off, "+goldfish" goes through the clips of a long video, and there are ${VARIANTS.join(", ")}: a part alone, or more frames
  --json FILE     write every answer there
  --from FILE     ask nothing: make the table of what --json wrote
  --into FILE     replace the set's table in a Markdown file, between its marks`;

const OPTIONS = {
  set: { type: "string", default: "short" },
  clips: { type: "string" },
  seed: { type: "string", default: "0" },
  model: { type: "string", default: "micro" },
  systems: { type: "string" },
  json: { type: "string" },
  from: { type: "string" },
  into: { type: "string" },
  minutes: { type: "string", default: "60" },
  ways: { type: "string" },
} satisfies Options;

interface Report {
  readonly set: string;
  readonly model: string;
  readonly systems: readonly string[];
  readonly clips: number;
  readonly seed: string;
  readonly results: readonly Result[];
}

await command(USAGE, OPTIONS, async ({ values, signal }) => {
  const read = values.from === undefined ? undefined : (JSON.parse(await readFile(values.from, "utf8")) as Report | HourReport);
  const report = read ?? (values.set === "hour" ? await hours(values, signal) : await run(values, signal));
  const table = "ways" in report ? await tableOf(report) : markdown(setOf(report.set), report.systems, report.results, report);
  console.log(table);
  if (values.into !== undefined) await writeFile(values.into, insertTable(await readFile(values.into, "utf8"), table, report.set));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 1)}\n`);
});

interface Values {
  readonly set: string;
  readonly clips?: string | undefined;
  readonly seed: string;
  readonly model: string;
  readonly systems?: string | undefined;
}

function hours({ clips, seed, model, systems, minutes, ways, json }: Values & { readonly minutes: string; readonly ways?: string | undefined; readonly json?: string | undefined }, signal: AbortSignal): Promise<HourReport> {
  const options = { films: wholeNumber("clips", clips ?? "3", 1), minutes: wholeNumber("minutes", minutes, 1), seed: wholeNumber("seed", seed, 0) };
  return examineHours({ ...options, model, system: systems, ways: ways?.split(";").map((each) => each.trim()) }, async (report) => {
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 1)}\n`);
  }, signal);
}

async function run({ set: name, clips, seed, model, systems: named }: Values, signal: AbortSignal): Promise<Report> {
  const set = setOf(name);
  const systems = named?.split(",").map((each) => each.trim()) ?? set.systems;
  const exams = await set.exams(wholeNumber("clips", clips ?? String(set.clips), 1), wholeNumber("seed", seed, 0), signal);
  const folder = await mkdtemp(join(tmpdir(), "vqa-eval-systems-"));
  const results: Result[] = [];
  try {
    const pack = join(folder, "pack");
    await copyWithVariants(locatePack(model), pack, systems.map(nameOf));
    await examine(exams, systems, pack, folder, (result) => results.push(result), signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { set: name, model, systems, clips: exams.length, seed, results };
}

function setOf(name: string): ExamSet {
  const set = SETS.find((each) => each.name === name);
  if (set === undefined) throw new UsageError(`There is no set "${name}"; there is ${SETS.map((each) => each.name).join(", ")}.`);
  return set;
}

async function examine(exams: readonly Exam[], systems: readonly string[], model: string, folder: string, found: (result: Result) => void, signal: AbortSignal): Promise<void> {
  const files = clipFiles(folder);
  const tokens = await tokenCounter(model);
  const worker = createSupervisor();
  try {
    for (const [i, exam] of exams.entries()) {
      const video = await files.write(exam, signal);
      // Systems that look at the same frames share what the encoder saw: each is the first to look now and then.
      const turn = i % systems.length;
      for (const system of [...systems.slice(turn), ...systems.slice(0, turn)]) {
        for (const [n, question] of exam.questions.entries()) {
          const answer = await worker.ask(requestOf(system, video, question), model, {}, signal);
          const first = n === 0 ? !answer.timings.featuresCached : undefined;
          found({ ...graded(exam, question, answer), system, clip: i, ...(first === undefined ? {} : { first }), visualTokens: await tokens.of(manifestName(nameOf(system)), answer) });
        }
      }
      await files.drop(video);
      if (process.stderr.isTTY) process.stderr.write(`\r${i + 1}/${exams.length} clips${i + 1 === exams.length ? "\n" : ""}`);
    }
  } finally {
    await worker.dispose();
    await tokens.dispose();
  }
}

/** "longvlm@320" of "longvlm@320+no-subtitles". */
function nameOf(system: string): string {
  return system.split("+")[0]!;
}

function requestOf(system: string, video: string, question: Asked): AskRequest {
  const [composer, ...off] = system.split("+") as [string, ...string[]];
  const unknown = off.find((each) => !["no-subtitles", "no-audio", "no-speech", "goldfish"].includes(each));
  if (unknown !== undefined) throw new UsageError(`Nothing is called "+${unknown}".`);
  return {
    video,
    composer: manifestName(composer),
    question: question.text,
    subtitles: off.includes("no-subtitles") ? "off" : "auto",
    audio: off.includes("no-audio") ? "off" : "auto",
    speech: off.includes("no-speech") ? "off" : "auto",
    // Each system by itself, but where its way through clips is asked for; see also the set "hour".
    long: off.includes("goldfish") ? "auto" : "off",
    decode: { temperature: 0 },
  };
}

function graded({ scene }: Exam, question: Asked, { text, provenance, timings }: Answer): Omit<Result, "system" | "clip" | "visualTokens"> {
  const gaps = provenance.frameTimesMs.slice(1).map((t, i) => t - (provenance.frameTimesMs[i] as number));
  // Every system is given the same tolerance, that of 8 frames: more frames must not make it harder.
  const tolerance = question.timeMs === undefined ? {} : { timeToleranceMs: Math.max(1000, scene.durationMs / 8, ...gaps) };
  return {
    rows: question.rows,
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
