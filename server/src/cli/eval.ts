import { basename } from "node:path";
import type { Prediction } from "../engine/evaluate/prediction.js";
import { rowOf, scoresOf, type Row, type Scores } from "../engine/evaluate/score.js";
import { Losses } from "../format/index.js";
import { videoFolder } from "../runtime/datasets/videoFolder.js";
import { ownVersion } from "../runtime/worker/versions.js";
import type { Args, CommandSpec } from "./args.js";
import { answerAll, BATCH_OPTIONS, outOption } from "./batch.js";
import { inputsOf } from "./batch/inputs.js";
import { writeResults } from "./batch/outputs.js";
import { DECODE_OPTIONS, ENGINE_OPTIONS, JSON_OPTION, withSupervisor, type Invocation } from "./common.js";
import { isPredictionFile, joined, readPredictions } from "./eval/load.js";
import { judgeAll, JUDGE_OPTIONS, type Judged } from "./eval/judging.js";
import { compareRuns } from "./eval/compareRuns.js";
import { reportHtml } from "./eval/report.js";
import { describeAspects, describeScores } from "./eval/tables.js";
import { thumbnailsOf } from "./eval/thumbnails.js";
import { writeFiles } from "./eval/writeFiles.js";
import { EXIT } from "./exit.js";
import { reportLosses } from "./leftOut.js";
import { json, line } from "./terminal.js";

export const EVAL: CommandSpec = {
  name: "eval",
  arguments: "<dataset|notes.vqa|folder|predictions>... --out DIR [options]",
  summary: "Measures how well a model answers a dataset, or how good given predictions are.",
  options: {
    predictions: { value: "FILE", help: "what some model said to the dataset; no model is run then" },
    compare: { help: "compares two evaluations, or two files of predictions, question by question; with --out also as\na page, with pictures of what was won and lost where --videos says where they are" },
    choices: { value: "HOW", help: "likelihood weighs each choice (default), generate has the model name one" },
    grounding: { help: "the parts of the video that questions name are to be found, as NExT-GQA wants it anyway" },
    captions: { help: "compares all answers in free words as captions, and not only those of type caption" },
    "time-tolerance": { value: "SECONDS", help: "how far off an answer that is a time may be (default 1)" },
    failures: { value: "N", help: "wrong answers with pictures in the report (default 24)" },
    ...JUDGE_OPTIONS,
    ...BATCH_OPTIONS,
    ...ENGINE_OPTIONS,
    ...DECODE_OPTIONS,
    ...JSON_OPTION,
  },
  notes: [
    "Writes eval.json, rows.jsonl and report.html to --out, and predictions.jsonl when a model was run. A start",
    "that was stopped goes on with the same command. Prediction files may be those of Video-ChatGPT's scripts.",
    "",
    "Example: vqa eval val_q.json val_a.json --videos clips --out run1",
    "         vqa eval val_q.json val_a.json --predictions theirs.json --out run2",
    "         vqa eval --compare run1 run2",
  ].join("\n"),
};

interface Loaded {
  readonly predictions: readonly Prediction[];
  readonly notes: readonly string[];
  readonly losses: Losses;
  /** By the name of the video. */
  readonly paths: (video: string) => string | undefined;
}

export async function evaluate(invocation: Invocation): Promise<number> {
  const { args, terminal, signal } = invocation;
  if (args.flag("compare")) return compareRuns(invocation);
  const names = args.positionals;
  if (names.length === 0) throw args.usage("Which dataset, or which predictions? None were given.");
  const how = args.text("choices") ?? "likelihood";
  if (how !== "likelihood" && how !== "generate") throw args.usage(`--choices is likelihood or generate, and not "${how}".`);
  const out = outOption(args);
  const loaded = await load(invocation, out, how === "generate");
  const judge = await judgeAll(args, terminal, out, loaded.predictions, signal);
  const tolerance = args.number("time-tolerance", 0, 3600) ?? 1;
  const grading = { timeToleranceMs: tolerance * 1000 };
  const rows = loaded.predictions.map((prediction) => rowOf(prediction, judge?.of(prediction), { captions: args.flag("captions") || prediction.type === "caption", grading }));
  const scores = scoresOf(rows);
  const files = await write(invocation, out, rows, scores, judge, loaded);
  if (args.flag("json")) json(terminal.out, { ...summaryOf(args, rows, scores, judge, loaded), files, leftOut: loaded.losses.list() });
  else {
    for (const each of describeScores(scores)) line(terminal.out, each);
    for (const each of describeAspects(judge?.aspects ?? [])) line(terminal.out, each);
    if (judge !== undefined) line(terminal.out, `Judged by ${judge.id}.`);
    for (const note of loaded.notes) line(terminal.err, `vqa: ${note}`);
    reportLosses(terminal.err, loaded.losses);
    line(terminal.err, files.join("\n"));
  }
  return scores.all.failed > 0 ? EXIT.failed : EXIT.ok;
}

async function load(invocation: Invocation, out: string, generate: boolean): Promise<Loaded> {
  const { args, signal } = invocation;
  const names = args.positionals;
  const given = args.text("predictions");
  const areFiles = await Promise.all(names.map(async (name) => /\.(json|jsonl|ndjson|csv|tsv)$/i.test(name) && (await isPredictionFile(name))));
  const losses = new Losses();
  if (areFiles.every((is) => is)) {
    if (given !== undefined) throw args.usage("There are two sets of predictions: leave out --predictions, or give the dataset.");
    const predictions: Prediction[] = [];
    for (const name of names) predictions.push(...(await readPredictions(name, losses, signal)));
    const videos = await videoFolder(args.text("videos"));
    return { predictions, notes: [], losses, paths: (video) => videos?.find(video) };
  }
  const inputs = await inputsOf(args, { captions: false, shard: undefined, whole: args.flag("grounding"), generate, segments: true }, signal);
  if (given !== undefined) {
    const { predictions, unused, paths } = await joined(inputs.plan, await readPredictions(given, losses, signal), signal);
    return { predictions, losses, notes: unused === 0 ? [] : [`${unused} predictions belong to no question of the dataset.`], paths: (video) => paths.get(video) };
  }
  const paths = new Map<string, string>();
  for await (const { video, request } of inputs.plan.items(signal)) paths.set(video, request.video);
  const { written } = await answerAll(invocation, inputs, out, undefined, (journal) => writeResults(inputs.plan, journal, { folder: out, kind: "predictions", suffix: "", force: args.flag("force") }, signal));
  const predictions = await readPredictions(written.files[0] ?? "", losses, signal);
  return { predictions, losses: inputs.losses, notes: [], paths: (video) => paths.get(video) };
}

async function write({ args, signal }: Invocation, out: string, rows: readonly Row[], scores: Scores, judge: Judged | undefined, loaded: Loaded): Promise<readonly string[]> {
  const summary = summaryOf(args, rows, scores, judge, loaded);
  const most = args.whole("failures", 0, 500) ?? 24;
  const thumbnails = most === 0 ? new Map() : await withSupervisor(args, (supervisor) => thumbnailsOf(rows, most, loaded.paths, supervisor, signal));
  const report = reportHtml(
    {
      title: `Evaluation of ${summary.models.join(", ") || "predictions"}`,
      date: summary.date,
      models: summary.models,
      inputs: args.positionals.map((name) => basename(name)),
      ...(judge === undefined ? {} : { judge: judge.id, aspects: judge.aspects ?? [] }),
      program: `vqa ${ownVersion()}`,
      notes: loaded.notes,
    },
    scores,
    rows,
    thumbnails,
  );
  return writeFiles(args, out, "written.eval.json", [
    ["eval.json", [`${JSON.stringify(summary, undefined, 2)}\n`]],
    ["rows.jsonl", rowLines(rows)],
    ["report.html", [report]],
  ]);
}

function* rowLines(rows: readonly Row[]): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

function summaryOf(args: Args, rows: readonly Row[], scores: Scores, judge: Judged | undefined, { notes }: Loaded) {
  const models = [...new Set(rows.flatMap(({ model, modelDigest }) => (model === undefined ? [] : [modelDigest === undefined ? model : `${model} ${modelDigest.slice(0, 12)}`])))];
  return { "vqa-eval": 1, date: new Date().toISOString(), program: `vqa ${ownVersion()}`, inputs: args.positionals.map((name) => basename(name)), models, ...(judge === undefined ? {} : { judge: judge.id, ...(judge.aspects === undefined ? {} : { aspects: judge.aspects }) }), notes, scores };
}
