/** The results of a batch as notebooks: those that were given, with their answers, or one for each video. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { VqaError } from "../../engine/errors.js";
import type { KeptAnswer, Outcome } from "../../engine/batch/item.js";
import { applyEdits, formatNamed, Losses, parse, readNotebook, runId, setAnswers, type AnswerRecord, type DatasetFormat, type NewAnswer, type QuestionRecord } from "../../format/index.js";
import { FileWriter } from "../../runtime/datasets/files.js";
import { readNotebookFile } from "../../runtime/datasets/notebookFiles.js";
import { NotebookFolder } from "../../runtime/datasets/notebookFolder.js";
import type { OwnFiles } from "./outputs.js";
import type { PlannedItem } from "./plan.js";

type Entry = readonly [PlannedItem, Outcome];

/** Returns the paths. Nothing that stands in the folder is replaced, unless this batch wrote it or `force` is given. */
export async function notebooksInto(folder: string, suffix: string, entries: AsyncIterable<Entry>, own: OwnFiles, force: boolean, signal: AbortSignal): Promise<readonly string[]> {
  const state = join(folder, ".vqa-batch");
  await mkdir(state, { recursive: true });
  const staging = join(state, `notebooks${suffix}`);
  // The lock of the batch is ours: what is there was left by a process that was killed.
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  const losses = new Losses();
  const growing = await NotebookFolder.create(staging, undefined, losses);
  const ready: { readonly temporary: string; readonly path: string }[] = [];
  const seen = new Set<string>();
  try {
    let given: { readonly item: PlannedItem; readonly answers: Map<number, KeptAnswer> } | undefined;
    const finishGiven = async (): Promise<void> => {
      if (given !== undefined && given.item.origin.kind === "notebook") ready.push(await answered(folder, staging, ready.length, given.item.origin, given.answers));
      given = undefined;
    };
    for await (const [item, outcome] of entries) {
      const { origin } = item;
      if (origin.kind === "notebook") {
        if (given?.item.origin.kind !== "notebook" || given.item.origin.path !== origin.path) await finishGiven();
        given ??= { item, answers: new Map() };
        if ("ok" in outcome) given.answers.set(origin.question, outcome.ok);
        continue;
      }
      if (!seen.has(item.video)) {
        seen.add(item.video);
        await growing.add(item.video, { kind: "header", entries: [["video", relative(folder, item.request.video).split(sep).join("/")]] }, formatOf(item));
      }
      await growing.add(item.video, questionOf(item, outcome), formatOf(item));
    }
    await finishGiven();
    for (const { path } of await growing.finish(true, signal)) ready.push({ temporary: path, path: join(folder, basename(path)) });
    const paths = ready.map(({ path }) => path);
    const twice = paths.find((path, i) => paths.indexOf(path) !== i);
    if (twice !== undefined) throw new VqaError("invalid-request", `Two notebooks would be written to ${twice}.`, "Give notebooks of different names, or in two batches.");
    if (!force) for (const { path } of ready) await own.check(path);
    for (const { temporary, path } of ready) {
      await own.note(path, createHash("sha256").update(await readFile(temporary)).digest("hex"));
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
    }
    return paths;
  } finally {
    await growing.dispose();
    await rm(staging, { recursive: true, force: true });
  }
}

/** A copy of the notebook with its answers; the notebook itself stays as it is. */
async function answered(folder: string, staging: string, number: number, { name, path }: { readonly name: string; readonly path: string }, answers: ReadonlyMap<number, KeptAnswer>): Promise<{ readonly temporary: string; readonly path: string }> {
  const { source } = await readNotebookFile(name, path);
  const notebook = readNotebook(parse(source));
  const records: NewAnswer[] = [];
  for (const [at, { record }] of answers) {
    const question = notebook.questions[at];
    if (question === undefined) continue;
    const { said, ...rest } = record;
    records.push({ ...rest, text: said, question });
  }
  const target = join(folder, basename(path));
  const moved = withVideos(applyEdits(source, setAnswers(notebook, records)), dirname(path), folder);
  const writer = await FileWriter.create(join(staging, `given-${number}.vqa`));
  await writer.write(moved);
  await writer.finish(true);
  return { temporary: writer.path, path: target };
}

/** The copy lies elsewhere: relative paths of videos are made to fit. */
function withVideos(source: string, from: string, to: string): string {
  if (from === to) return source;
  const { document, header } = readNotebook(parse(source));
  const edits = document.header?.entries.flatMap(({ key, value }) => {
    if (key.text !== "video" || /^([a-z][a-z0-9+.-]+:\/\/|\/|[A-Za-z]:[\\/])/i.test(value.text)) return [];
    return [{ start: value.start, end: value.end, newText: relative(to, join(from, value.text)).split(sep).join("/") }];
  });
  return header.videos.length === 0 || edits === undefined ? source : applyEdits(source, edits);
}

function questionOf({ request, facts, origin }: PlannedItem, outcome: Outcome): QuestionRecord {
  const answers = "ok" in outcome ? [machineAnswer(outcome.ok)] : [];
  if (origin.kind === "dataset") return { ...origin.question, answers };
  return { kind: "question", id: facts.id, text: request.question, scope: [], choices: [], references: [], answers, fields: {} };
}

function machineAnswer({ record }: KeptAnswer): AnswerRecord {
  const run = Object.entries(record.run);
  return { run8: runId(run), in12: record.in12, fields: Object.entries(record.fields ?? {}), text: record.said, run };
}

function formatOf({ origin }: PlannedItem): DatasetFormat {
  const name = origin.kind === "dataset" ? origin.format.name : "jsonl";
  const format = formatNamed(name);
  if (format === undefined) throw new VqaError("internal", `The format ${name} is not written.`);
  return format;
}
