/**
 * The loop of a batch: items that are not in the journal are asked, the answers go into the journal.
 * Nothing but a fault of the installation ends it early, and nothing grows with the number of items.
 */
import { cancelled, throwIfAborted, VqaError } from "../../engine/errors.js";
import { evidenceOf, isFatal, mayPass, type BatchItem, type KeptAnswer, type Outcome } from "../../engine/batch/item.js";
import { answerRecord } from "../../engine/notebookRecord.js";
import type { Answer } from "../../engine/answer.js";
import type { Supervisor } from "../worker/supervisor.js";
import type { Journal } from "./journal.js";

/** Questions on one video that a process takes at once: they share its frames. */
const TAKE = 64;

export interface BatchOptions {
  /** Further tries of an item whose fault may pass. */
  readonly retries: number;
  /** First pause before another try; each further one is twice as long. */
  readonly backoffMs: number;
  /** Asks again what failed before. */
  readonly retryFailed: boolean;
  /** For the records of runs, ISO 8601. */
  readonly date: string;
}

export interface BatchEvents {
  /** An item was looked at and needed nothing. */
  readonly onKept?: (item: BatchItem, state: "ok" | "error") => void;
  /** An item's outcome is in the journal. */
  readonly onDone?: (item: BatchItem, outcome: Outcome) => void;
}

export type AskItem = (item: BatchItem, signal: AbortSignal) => Promise<KeptAnswer>;

export interface BatchCounts {
  readonly asked: number;
  readonly failed: number;
}

/**
 * Errors: `cancelled`, and those that the next item would meet too; what was done by then is in the
 * journal.
 * @param askers one for each process that answers; they work side by side
 */
export async function runBatch(items: AsyncIterable<BatchItem>, journal: Journal<Outcome>, askers: readonly AskItem[], options: BatchOptions, events: BatchEvents, signal: AbortSignal): Promise<BatchCounts> {
  const stop = new AbortController();
  const ends = AbortSignal.any([signal, stop.signal]);
  const groups = byVideo(items, (item) => {
    const state = journal.state(item.key);
    const kept = state === "ok" || (state === "error" && !options.retryFailed);
    if (kept) events.onKept?.(item, state);
    return !kept;
  });
  let asked = 0;
  let failed = 0;
  const work = async (ask: AskItem): Promise<void> => {
    for (;;) {
      const { value: group, done } = await groups.next();
      if (done === true) return;
      for (const item of group) {
        throwIfAborted(ends);
        const outcome = await outcomeOf(item, ask, options, ends);
        await journal.append(outcome);
        asked++;
        if ("error" in outcome) failed++;
        events.onDone?.(item, outcome);
      }
    }
  };
  const results = await Promise.allSettled(
    askers.map((ask) =>
      work(ask).catch((thrown: unknown) => {
        stop.abort();
        throw thrown;
      }),
    ),
  );
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [VqaError.from(result.reason)] : []));
  // The others were stopped by the first one's fault.
  const fault = reasons.find(({ code }) => code !== "cancelled") ?? reasons[0];
  if (fault !== undefined) throw fault;
  return { asked, failed };
}

/** One item, with its further tries. Throws what ends the batch. */
export async function outcomeOf(item: BatchItem, ask: AskItem, { retries, backoffMs }: Pick<BatchOptions, "retries" | "backoffMs">, signal: AbortSignal): Promise<Outcome> {
  const { key } = item;
  if (item.obstacle !== undefined) return { key, error: item.obstacle };
  for (let tries = 0; ; tries++) {
    try {
      return { key, ok: await ask(item, signal) };
    } catch (thrown) {
      throwIfAborted(signal);
      const error = VqaError.from(thrown);
      if (error.code === "cancelled" || isFatal(error.code)) throw error;
      if (tries >= retries || !mayPass(error.code)) return { key, error: plain(error) };
      await pause(backoffMs * 2 ** tries, signal);
    }
  }
}

export function askerFor(supervisor: Supervisor, date: string): AskItem {
  return async ({ request, model }, signal) => keptAnswer(request, await supervisor.ask(request, model, {}, signal), date);
}

function keptAnswer(request: BatchItem["request"], answer: Answer, date: string): KeptAnswer {
  const { text, choice, probabilities, provenance, timings } = answer;
  if (answer.stop === "stopped") throw cancelled();
  const { text: said, ...record } = answerRecord(request, answer, date);
  const evidence = evidenceOf(answer);
  return {
    text,
    ...(choice === undefined ? {} : { choice }),
    ...(probabilities === undefined ? {} : { p: probabilities.map((p) => Number(p.toFixed(6))) }),
    model: provenance.modelId,
    modelDigest: provenance.modelDigest,
    ms: Math.round(timings.totalMs),
    notes: provenance.notes,
    ...(evidence === undefined ? {} : { evidence }),
    record: { ...record, said },
  };
}

/** The stack of a fault is for the log, not for the journal. */
function plain(error: VqaError): Extract<Outcome, { error: unknown }>["error"] {
  const { code, message, next } = error;
  return { code, message, next, data: {} };
}

/** Items of one video together, so that a process decodes it once. Those that `wanted` refuses are left out. */
export async function* byVideo(items: AsyncIterable<BatchItem>, wanted: (item: BatchItem) => boolean): AsyncGenerator<readonly BatchItem[]> {
  let group: BatchItem[] = [];
  for await (const item of items) {
    if (!wanted(item)) continue;
    if (group.length > 0 && (group.length >= TAKE || group[0]?.request.video !== item.request.video)) {
      yield group;
      group = [];
    }
    group.push(item);
  }
  if (group.length > 0) yield group;
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
  throwIfAborted(signal);
}

