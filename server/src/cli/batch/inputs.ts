/** From the arguments of a batch to its plan: videos with questions, notebooks, or datasets. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { AskRequest } from "../../engine/answer.js";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { requestFor, settingsOf, videoOf, type NotebookSettings } from "../../engine/notebookRequest.js";
import { BARE_QUESTION, formatChoice, Losses, parse, readNotebook, type ImportFormat, type Fields, type Notebook, type Question, type QuestionRecord, type SegmentRecord } from "../../format/index.js";
import { modelOf, videoBeside } from "../../runtime/worker/notebook.js";
import type { Args } from "../args.js";
import { DEFAULT_MODEL, decodeOf, longOf, modelOption, samplingOf } from "../common.js";
import { fileError } from "../../runtime/datasets/files.js";
import type { DatasetGroup } from "../../runtime/datasets/sources.js";
import { datasetSources } from "../datasetSources.js";
import { readNotebookFile } from "../../runtime/datasets/notebookFiles.js";
import { videoFolder, type VideoFolder } from "../../runtime/datasets/videoFolder.js";
import { obstacleOf, Plan, typeOf, type Draft, type Shard } from "./plan.js";
import { filesOf, listed, NOTEBOOK, VIDEO, type FoundFile } from "./videos.js";

/** Datasets whose parts of the video are to be found by the model. */
const GROUNDING: ReadonlySet<string> = new Set(["next-gqa"]);

/** What is asked of a video when nothing else is. */
const CAPTION_QUESTION = "What happens?";

export interface BatchInputs {
  readonly plan: Plan;
  readonly kind: "videos" | "notebooks" | "datasets";
  /** Of datasets. */
  readonly groups: readonly DatasetGroup[];
  /** What a dataset holds and this program cannot read; filled while the plan is read for the first time. */
  readonly losses: Losses;
  readonly settings: NotebookSettings;
}

export interface InputOptions {
  readonly captions: boolean;
  readonly shard: Shard | undefined;
  /** Asks about the whole video, since the part is what is to be found; true also for datasets that are about that. */
  readonly whole?: boolean;
  /** Writes the choices below the question instead of weighing them. */
  readonly generate?: boolean;
  /** Asks for captions of the parts that a dataset captions. */
  readonly segments?: boolean;
}

export async function inputsOf(args: Args, options: InputOptions, signal: AbortSignal): Promise<BatchInputs> {
  const names = args.positionals;
  const list = args.text("list");
  if (names.length === 0 && list === undefined) throw args.usage("Which videos, notebooks or datasets? None were given.");
  const questions = await questionsOption(args, options.captions);
  const settings = settingsOption(args);
  const model = modelOption(args);
  const limit = args.whole("limit", 1, Number.MAX_SAFE_INTEGER);
  const losses = new Losses();
  const plan = (drafts: (signal: AbortSignal) => AsyncIterable<Draft>): Plan => new Plan(drafts, limit, options.shard);
  const some = async (kind: RegExp): Promise<readonly FoundFile[]> => [...(names.length === 0 ? [] : await filesOf(names, kind, signal)), ...(list === undefined ? [] : await listed(list))];

  if (names.some((name) => /\.(json|jsonl|ndjson|csv|tsv|parquet)$/i.test(name))) {
    if (questions.length > 0 && !options.captions) throw args.usage("A dataset has questions of its own: leave out --question and --questions.");
    const { groups } = await datasetSources(args, names, signal);
    const videos = await videoFolder(args.text("videos"));
    return { plan: plan((stop) => ofDatasets(groups, videos, losses, { ...options, model: model ?? DEFAULT_MODEL, settings }, stop)), kind: "datasets", groups, losses, settings };
  }
  if (questions.length === 0) {
    const notebooks = await some(NOTEBOOK);
    if (notebooks.length === 0) throw args.usage("There are no notebooks there. To ask about videos, give --question, --questions or --to captions.");
    return { plan: plan((stop) => ofNotebooks(notebooks, model, settings, options.generate === true, stop)), kind: "notebooks", groups: [], losses, settings };
  }
  const videos = await some(VIDEO);
  if (videos.length === 0) throw args.usage("There are no videos there.");
  return { plan: plan(() => ofVideos(videos, questions, model ?? DEFAULT_MODEL, settings)), kind: "videos", groups: [], losses, settings };
}

async function questionsOption(args: Args, captions: boolean): Promise<readonly string[]> {
  const one = args.text("question");
  const file = args.text("questions");
  if (one !== undefined && file !== undefined) throw args.usage("--question and --questions exclude one another.");
  if (one !== undefined) return [one];
  if (file === undefined) return captions ? [CAPTION_QUESTION] : [];
  const text = await readFile(resolve(file), "utf8").catch((thrown: unknown) => Promise.reject(fileError(file, thrown)));
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length === 0) throw args.usage(`${file} holds no question.`);
  return lines;
}

function settingsOption(args: Args): NotebookSettings {
  const decode = decodeOf(args);
  const composer = args.text("composer");
  return {
    ...(composer === undefined ? {} : { composer }),
    ...samplingOf(args),
    ...longOf(args),
    ...(args.flag("no-subtitles") ? { subtitles: "off" as const } : {}),
    ...(args.flag("no-speech") ? { speech: "off" as const } : {}),
    ...(Object.keys(decode).length === 0 ? {} : { decode }),
  };
}

async function* ofVideos(videos: readonly FoundFile[], questions: readonly string[], model: string, settings: NotebookSettings): AsyncGenerator<Draft> {
  for (const { name, path } of videos) {
    for (const question of questions) {
      const request: AskRequest = { ...settings, video: path, question };
      yield { group: "", video: name, model, request, facts: {}, origin: { kind: "video", name, path } };
    }
  }
}

async function* ofNotebooks(files: readonly FoundFile[], model: string | undefined, asked: NotebookSettings, generate: boolean, signal: AbortSignal): AsyncGenerator<Draft> {
  for (const { name, path } of files) {
    throwIfAborted(signal);
    const about = (question: number): Pick<Draft, "group" | "origin"> => ({ group: name, origin: { kind: "notebook", name, path, question } });
    try {
      const { source } = await readNotebookFile(name, path);
      const notebook = readNotebook(parse(source));
      const settings = settingsOf(notebook, name, asked);
      const named = videoOf(notebook, name);
      const video = videoBeside(path)(named);
      const chosen = model ?? modelOf(path, source) ?? DEFAULT_MODEL;
      for (const question of notebook.questions) yield { ...about(question.ordinal - 1), video: named, model: chosen, ...written(asking(notebook, question, video, settings), generate) };
    } catch (thrown) {
      if (VqaError.from(thrown).code === "cancelled") throw thrown;
      yield { ...about(-1), video: name, model: model ?? DEFAULT_MODEL, request: { video: path, question: "" }, facts: {}, obstacle: obstacleOf(thrown) };
    }
  }
}

function asking(notebook: Notebook, question: Question, video: string, settings: NotebookSettings): Pick<Draft, "request" | "facts" | "obstacle"> {
  const facts = {
    id: question.id,
    ...given("type", typeOf(question.id, {})),
    references: question.references.map(({ text }) => text),
    gold: question.gold,
  };
  try {
    return { facts, request: requestFor(notebook, question, video, settings) };
  } catch (thrown) {
    return { facts, request: { video, question: question.text }, obstacle: obstacleOf(thrown) };
  }
}

interface Asked extends Pick<InputOptions, "whole" | "generate" | "segments"> {
  readonly model: string;
  readonly settings: NotebookSettings;
}

type Asking = Pick<Draft, "request" | "facts" | "obstacle">;

/** The choices as a list below the question, for a model that names one in its own words. */
function written(asking: Asking, generate: boolean): Asking {
  const { choices, ...request } = asking.request;
  if (!generate || choices === undefined) return asking;
  const { question } = request;
  return { ...asking, request: { ...request, question: [question, ...choices.map((text, i) => formatChoice(i, text))].join("\n") }, facts: { ...asking.facts, question, choices } };
}

async function* ofDatasets(groups: readonly DatasetGroup[], videos: VideoFolder | undefined, losses: Losses, asked: Asked, signal: AbortSignal): AsyncGenerator<Draft> {
  for (const { format, open, base } of groups) {
    for await (const { video, record } of format.read(open(signal), losses)) {
      throwIfAborted(signal);
      if (record.kind !== "question" && !(asked.segments === true && record.kind === "segment")) continue;
      const name = video ?? base.name;
      const path = videos === undefined ? resolve(base.folder, name) : videos.find(name);
      const question = record.kind === "question" ? record : captionOf(record);
      yield ofRecord(question, name, path ?? resolve(videos?.folder ?? dirname(name), name), format, { ...asked, whole: asked.whole === true || GROUNDING.has(format.name) }, path === undefined ? missing(name, videos?.folder ?? "") : undefined);
    }
  }
}

function ofRecord(record: QuestionRecord, video: string, path: string, format: ImportFormat, { model, settings, whole, generate }: Asked, absent: VqaError | undefined): Draft {
  const grounded = whole === true && record.scope.length > 0;
  // What the answer rests on costs a prefill for every frame: only where it is measured.
  const evidence = grounded ? { evidence: true } : {};
  const request: AskRequest = {
    ...settings,
    video: path,
    question: record.text,
    ...evidence,
    ...(record.choices.length === 0 ? {} : { choices: record.choices.map(({ text }) => text) }),
    ...(record.scope.length === 0 || grounded ? {} : { scope: record.scope }),
  };
  return {
    group: "",
    video,
    model,
    origin: { kind: "dataset", format, question: record },
    ...written({ request, facts: {
      ...given("id", record.id),
      ...given("type", typeOf(record.id, record.fields)),
      references: record.references.map(({ text }) => text),
      gold: record.choices.flatMap(({ gold }, i) => (gold ? [i] : [])),
      ...(grounded ? { grounding: record.scope } : {}),
      ...fieldsOf(record.fields),
    } }, generate === true),
    ...(absent === undefined ? {} : { obstacle: obstacleOf(absent) }),
  };
}

/** The caption of a part, as the question what is seen there. */
function captionOf({ scope, text, fields }: SegmentRecord): QuestionRecord {
  return { ...BARE_QUESTION, text: CAPTION_QUESTION, scope, references: [{ author: undefined, text }], fields: { type: "caption", ...fields } };
}

function fieldsOf(fields: Fields): { fields?: Fields } {
  return Object.keys(fields).length === 0 ? {} : { fields };
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function missing(video: string, folder: string): VqaError {
  return new VqaError("video-not-found", `The video ${video} is not in ${folder}.`, "Check --videos.", { data: { video } });
}
