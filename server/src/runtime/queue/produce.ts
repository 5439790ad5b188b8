/**
 * The side of a queue that hands work out and notes what comes back. The journal here is the truth: a
 * group is handed out under an id made of its items, so handing it out again changes nothing; an answer
 * that comes twice is noted once; and what Redis forgot is handed out anew.
 */
import { createHash } from "node:crypto";
import { relative, sep } from "node:path";
import type { BatchItem, Outcome } from "../../engine/batch/item.js";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { Journal } from "../batch/journal.js";
import { byVideo, pause, type BatchCounts, type BatchEvents, type BatchOptions } from "../batch/run.js";
import { queueLibrary, reachable, type GroupQueue, type QueueAddress, type QueuedItem } from "./connect.js";

/** Groups that wait at once: enough for many workers, and little memory. */
const WINDOW = 64;
const POLL_MS = 250;
/** For how long Redis keeps a result that nobody fetched. */
const KEEP_SECONDS = 7 * 24 * 3600;

export interface QueueOptions extends BatchOptions, QueueAddress {
  /** The folder that workers see as their own. */
  readonly root: string;
}

interface Out {
  readonly items: readonly BatchItem[];
  readonly queued: readonly QueuedItem[];
}

/** Errors: `cancelled`, `worker-unavailable` without a Redis at the start. What was done by then is in the journal. */
export async function runQueue(items: AsyncIterable<BatchItem>, journal: Journal<Outcome>, options: QueueOptions, events: BatchEvents, signal: AbortSignal): Promise<BatchCounts> {
  const { bullmq, connect } = await queueLibrary();
  const client = connect(options.url);
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new VqaError("cancelled", "Stopped.")), { once: true }));
  aborted.catch(() => undefined);
  let asked = 0;
  let failed = 0;
  const note = async (item: BatchItem, outcome: Outcome): Promise<void> => {
    if (!(await journal.append(outcome))) return;
    asked++;
    if ("error" in outcome) failed++;
    events.onDone?.(item, outcome);
  };
  const out = new Map<string, Out>();
  const queue: GroupQueue = new bullmq.Queue(options.name, { connection: client });
  // Lost connections, which are built up again; unheard, BullMQ would write them to standard error.
  queue.on("error", () => undefined);
  try {
    await Promise.race([reachable(client, options.url), aborted]);
    const groups = byVideo(items, (item) => {
      const state = journal.state(item.key);
      const kept = state === "ok" || (state === "error" && !options.retryFailed);
      if (kept) events.onKept?.(item, state);
      return !kept;
    });
    for (let more = true; more || out.size > 0; ) {
      throwIfAborted(signal);
      while (more && out.size < WINDOW) {
        const { value: group, done } = await groups.next();
        if (done === true) {
          more = false;
          break;
        }
        const queued: QueuedItem[] = [];
        for (const item of group) {
          const path = relative(options.root, item.request.video);
          const obstacle = item.obstacle ?? (path.startsWith("..") ? outside(item.request.video, options.root) : undefined);
          if (obstacle !== undefined) await note(item, { key: item.key, error: obstacle });
          else queued.push({ key: item.key, model: item.model, request: { ...item.request, video: path.split(sep).join("/") } });
        }
        if (queued.length === 0) continue;
        const id = idOf(queued);
        out.set(id, { items: group, queued });
        await Promise.race([handOut(queue, id, queued, options), aborted]);
      }
      for (const [id, { items: group, queued }] of out) {
        const found = await Promise.race([fetched(queue, id, queued), aborted]);
        if (found === "lost") await Promise.race([handOut(queue, id, queued, options), aborted]);
        if (typeof found === "string") continue;
        for (const outcome of found) {
          const item = group.find(({ key }) => key === outcome.key);
          if (item !== undefined) await note(item, outcome);
        }
        out.delete(id);
        // Only now: a kill before it finds the result still there.
        await Promise.race([forget(queue, id), aborted]);
      }
      if (out.size > 0) await pause(POLL_MS, signal);
    }
    return { asked, failed };
  } finally {
    client.disconnect();
    await queue.close().catch(() => undefined);
  }
}

function idOf(items: readonly QueuedItem[]): string {
  return createHash("sha256").update(items.map(({ key }) => key).join(" ")).digest("hex").slice(0, 32);
}

async function handOut(queue: GroupQueue, id: string, items: readonly QueuedItem[], { retries, backoffMs }: BatchOptions): Promise<void> {
  const known = await queue.getJob(id);
  // A dead letter that is asked for again.
  if (known !== undefined && (await known.isFailed())) await known.remove();
  await queue.add("ask", { items, done: [] }, { jobId: id, attempts: retries + 1, backoff: { type: "exponential", delay: backoffMs }, removeOnComplete: { age: KEEP_SECONDS }, removeOnFail: false });
}

/** What became of a group; `waiting` while nothing did, `lost` when Redis does not know it. */
async function fetched(queue: GroupQueue, id: string, items: readonly QueuedItem[]): Promise<readonly Outcome[] | "waiting" | "lost"> {
  const job = await queue.getJob(id);
  if (job === undefined) return "lost";
  const state = await job.getState();
  if (state === "completed") {
    // The value came in after the job was read.
    const { returnvalue } = (await queue.getJob(id)) ?? job;
    return Array.isArray(returnvalue) ? returnvalue : "waiting";
  }
  if (state !== "failed") return "waiting";
  const { data, failedReason } = (await queue.getJob(id)) ?? job;
  const known = new Map(data.done.map((outcome) => [outcome.key, outcome]));
  return items.map(({ key }) => known.get(key) ?? { key, error: { code: "worker-crashed", message: failedReason ?? "It failed.", next: "Ask again with --retry-failed.", data: {} } });
}

/** Results are taken out; dead letters stay, with their reason, until they are asked for again. */
async function forget(queue: GroupQueue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  if (job !== undefined && (await job.isCompleted())) await job.remove();
}

function outside(video: string, root: string): Extract<Outcome, { error: unknown }>["error"] {
  return { code: "video-refused", message: `${video} is not in ${root}, which the workers see.`, next: "Choose the shared folder with --queue-root.", data: {} };
}
