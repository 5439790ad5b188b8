import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VqaError } from "../engine/errors.js";
import type { Outcome } from "../engine/batch/item.js";
import { Journal, type JournalHead } from "../runtime/batch/journal.js";
import { takeLock } from "../runtime/batch/lock.js";
import { askerFor, runBatch, type AskItem, type BatchCounts } from "../runtime/batch/run.js";
import { DEFAULT_QUEUE } from "../runtime/queue/connect.js";
import { runQueue } from "../runtime/queue/produce.js";
import type { Args, CommandSpec } from "./args.js";
import { inputsOf, type BatchInputs } from "./batch/inputs.js";
import { Meter } from "./batch/meter.js";
import { RESULTS, writeResults, type ResultKind } from "./batch/outputs.js";
import type { Shard } from "./batch/plan.js";
import { DECODE_OPTIONS, ENGINE_OPTIONS, JSON_OPTION, LONG_OPTION, remoteOption, SAMPLING_OPTION, withSupervisors, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { reportLosses } from "./leftOut.js";
import { json, line } from "./terminal.js";

/** What `batch` and `eval` have in common. */
export const BATCH_OPTIONS = {
  out: { value: "DIR", help: "where the results go, and the journal that a second start goes on from" },
  list: { value: "FILE", help: "a file with one path a line, besides or instead of those given" },
  format: { value: "NAME", help: "format of datasets; found out from what they hold otherwise" },
  videos: { value: "DIR", help: "where the videos of a dataset are (default: beside it)" },
  limit: { value: "N", help: "only the first N questions" },
  frames: { value: "N", help: "frames to look at; the model's default otherwise" },
  ...SAMPLING_OPTION,
  composer: { value: "NAME", help: "which system of the model answers, such as longvlm; its default otherwise" },
  "no-subtitles": { help: "ignore the subtitles, and what is said" },
  "no-speech": { help: "do not listen where there are no subtitles" },
  ...LONG_OPTION,
  workers: { value: "N", help: "processes that answer side by side, each with the model in memory (default 1)" },
  retries: { value: "N", help: "further tries after a fault that may pass, such as a crash (default 1)" },
  "retry-failed": { help: "ask again what failed in an earlier start" },
  queue: { value: "URL", help: "hands the questions to `vqa worker` processes over this Redis, such as redis://host:6379" },
  "queue-name": { value: "NAME", help: `the queue there (default ${DEFAULT_QUEUE})` },
  "queue-root": { value: "DIR", help: "the folder of the videos, which workers see as their --videos (default: here)" },
  force: { help: "replace results that were changed, or are not of this batch" },
} as const;

export const BATCH: CommandSpec = {
  name: "batch",
  arguments: "<folder|pattern|video|notes.vqa|dataset>... --out DIR [options]",
  summary: "Asks about many videos, and goes on where it was stopped.",
  options: {
    to: { value: "KIND", help: `what to write: ${RESULTS.join(", ")} (default predictions)` },
    question: { value: "TEXT", help: "asked of every video" },
    questions: { value: "FILE", help: "one question a line, asked of every video" },
    shard: { value: "I/N", help: "only share I of N, such as 2/4; a last start without it puts the shares together" },
    ...BATCH_OPTIONS,
    ...ENGINE_OPTIONS,
    ...DECODE_OPTIONS,
    ...JSON_OPTION,
  },
  notes: [
    "Videos are asked --question or --questions, notebooks and datasets what is in them; with --to captions",
    "videos are described. What fails is listed in errors.jsonl and does not stop the others. Patterns such",
    'as "clips/**/*.mp4" need quotes.',
    "",
    "Example: vqa batch clips --question \"What happens?\" --out answers",
  ].join("\n"),
};

export async function batch(invocation: Invocation): Promise<number> {
  const { args, terminal, signal } = invocation;
  const kind = resultKind(args);
  const shard = shardOption(args);
  const out = outOption(args);
  const inputs = await inputsOf(args, { captions: kind === "captions", shard }, signal);
  const done = await answerAll(invocation, inputs, out, shard, (journal, suffix) => writeResults(inputs.plan, journal, { folder: out, kind, suffix, force: args.flag("force") }, signal));
  const { written, counts, total, facts } = done;
  if (args.flag("json")) json(terminal.out, { items: total, ...counts, kept: total - counts.asked, failedInAll: written.failed, files: written.files, journal: facts, leftOut: inputs.losses.list() });
  else {
    for (const file of written.files.slice(0, 20)) line(terminal.out, file);
    if (written.files.length > 20) line(terminal.out, `and ${written.files.length - 20} more in ${out}`);
    reportLosses(terminal.err, inputs.losses);
    tellFacts(terminal.err, facts);
    line(terminal.err, `Questions: ${total}; ${counts.asked} answered now, ${total - counts.asked} before, ${written.failed} failed.`);
  }
  return written.failed > 0 ? EXIT.failed : EXIT.ok;
}

export interface Done<T> {
  readonly written: T;
  readonly counts: BatchCounts;
  readonly total: number;
  readonly facts: Journal<Outcome>["facts"];
}

/** Everything between inputs and results: the lock, the journal, the workers and the progress. */
export async function answerAll<T>({ args, terminal, signal }: Invocation, { plan, settings }: BatchInputs, out: string, shard: Shard | undefined, write: (journal: Journal<Outcome>, suffix: string) => Promise<T>): Promise<Done<T>> {
  const suffix = shard === undefined ? "" : `.${shard.index}-of-${shard.of}`;
  const state = join(out, ".vqa-batch");
  await mkdir(state, { recursive: true });
  const path = join(state, `journal${suffix}.jsonl`);
  const release = await takeLock(`${path}.lock`);
  try {
    const others = (await readdir(state)).filter((name) => /^journal.*\.jsonl$/.test(name)).map((name) => join(state, name)).filter((each) => each !== path);
    const head: JournalHead = { settings: JSON.parse(JSON.stringify({ model: args.text("model") ?? null, ...engineOf(args), ...settings })) as unknown };
    const journal = await Journal.open<Outcome>(path, head, (outcome) => "ok" in outcome, others.sort());
    try {
      const total = await plan.count(signal);
      if (total === 0) throw new VqaError("invalid-request", shard === undefined ? "There is no question in what was given." : `Share ${shard.index} of ${shard.of} is empty.`, "Check the inputs.");
      const counts = await answered({ args, terminal, signal }, plan, journal, total);
      const written = await write(journal, suffix);
      return { written, counts, total, facts: journal.facts };
    } finally {
      await journal.close();
    }
  } finally {
    await release();
  }
}

/** An engine elsewhere is part of what a batch is; one that is not there leaves older journals as they are. */
function engineOf(args: Args): object {
  const { key: _, timeoutMs: __, ...remote } = remoteOption(args) ?? {};
  return Object.keys(remote).length === 0 ? {} : { engine: remote };
}

async function answered({ args, terminal, signal }: Invocation, plan: BatchInputs["plan"], journal: Journal<Outcome>, total: number): Promise<BatchCounts> {
  const meter = new Meter(terminal.err, total, args.flag("json"));
  const date = new Date().toISOString();
  const options = { retries: args.whole("retries", 0, 100) ?? 1, backoffMs: 500, retryFailed: args.flag("retry-failed"), date };
  const retryFailed = args.flag("retry-failed");
  // Nothing is started for a batch that is done.
  let open = false;
  for await (const { key } of plan.items(signal)) {
    const state = journal.state(key);
    if (state === undefined || (retryFailed && state === "error")) {
      open = true;
      break;
    }
  }
  if (!open) return { asked: 0, failed: 0 };
  const events = {
    onKept: () => meter.kept(),
    onDone: (_item: unknown, outcome: Outcome) => meter.done("error" in outcome),
  };
  const url = args.text("queue");
  try {
    if (url !== undefined) {
      const address = { url, name: args.text("queue-name") ?? DEFAULT_QUEUE, root: resolve(args.text("queue-root") ?? ".") };
      return await runQueue(plan.items(signal), journal, { ...options, ...address }, events, signal);
    }
    return await withSupervisors(args, args.whole("workers", 1, 256) ?? 1, (supervisors) => {
      const askers: AskItem[] = supervisors.map((supervisor) => askerFor(supervisor, date));
      return runBatch(plan.items(signal), journal, askers, options, events, signal);
    });
  } catch (thrown) {
    const error = VqaError.from(thrown);
    meter.stop();
    if (error.code === "cancelled") line(terminal.err, `vqa: ${journal.size} of ${total} are done. The same command goes on from there.`);
    throw error;
  } finally {
    meter.stop();
  }
}

function tellFacts(stream: NodeJS.WriteStream, { repeated, damaged, torn }: Journal<Outcome>["facts"]): void {
  if (torn > 0) line(stream, `vqa: a line of the journal was cut off when the program was ended; it was asked again.`);
  if (damaged > 0) line(stream, `vqa: ${damaged} lines of the journal cannot be read; they were asked again.`);
  if (repeated > 0) line(stream, `vqa: ${repeated} lines of the journal are there twice; the first ones count.`);
}

function resultKind(args: Args): ResultKind {
  const name = args.text("to") ?? "predictions";
  const kind = RESULTS.find((each) => each === name);
  if (kind === undefined) throw args.usage(`--to is one of ${RESULTS.join(", ")}, and not "${name}".`);
  return kind;
}

export function outOption(args: Args): string {
  const out = args.text("out");
  if (out === undefined) throw args.usage("Where do the results go? Give a folder with --out.");
  return resolve(out);
}

function shardOption(args: Args): Shard | undefined {
  const written = args.text("shard");
  if (written === undefined) return undefined;
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(written) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (!(shard.index >= 1 && shard.index <= shard.of)) throw args.usage(`--shard is "${written}": write it as 2/4, from 1/4 to 4/4.`);
  return shard;
}

