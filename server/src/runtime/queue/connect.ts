/** BullMQ and its connection to Redis, which are optional packages: loaded when a queue is asked for. */
import type { Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { BatchItem, Outcome } from "../../engine/batch/item.js";
import { VqaError } from "../../engine/errors.js";

/** Questions on one video, as they wait in the queue. */
export interface QueuedGroup {
  readonly items: readonly QueuedItem[];
  /** What an earlier try found out: a worker that goes on from it asks nothing twice. */
  readonly done: readonly Outcome[];
}

/** `request.video` is a path relative to the folder that all machines share, with forward slashes. */
export type QueuedItem = Pick<BatchItem, "key" | "model" | "request">;

export type GroupJob = Job<QueuedGroup, readonly Outcome[]>;
export type GroupQueue = Queue<QueuedGroup, readonly Outcome[]>;
export type GroupWorker = Worker<QueuedGroup, readonly Outcome[]>;

export const DEFAULT_QUEUE = "vqa";

/**
 * For how long a connection may owe an answer before it counts as dead and another one is made. A machine
 * that vanished, or a proxy before a Redis that is down, closes nothing: without this a wait has no end.
 * It is longer than the ten seconds for which BullMQ lets a call block.
 */
const SILENCE_MS = 15_000;
/** From when on the system itself asks a connection on which nothing is going on whether it lives. */
const KEEP_ALIVE_MS = 10_000;

export interface QueueAddress {
  readonly url: string;
  readonly name: string;
}

/** Error `invalid-request` when the packages are not installed. */
export async function queueLibrary(): Promise<{ readonly bullmq: typeof import("bullmq"); readonly connect: (url: string, silenceMs?: number) => Redis }> {
  try {
    const bullmq = await import("bullmq");
    const { Redis: Client } = await import("ioredis");
    return {
      bullmq,
      // Commands wait for a connection that was lost, however long it takes.
      connect: (url, silenceMs = SILENCE_MS) => {
        const client = new Client(url, { maxRetriesPerRequest: null, retryStrategy: (times: number) => Math.min(2000, 100 * times), socketTimeout: silenceMs, keepAlive: KEEP_ALIVE_MS });
        // Every lost connection is told; it is built up again by itself.
        client.on("error", () => undefined);
        return withTwins(client);
      },
    };
  } catch (thrown) {
    throw new VqaError("invalid-request", "Queues need the packages bullmq and ioredis, which are not installed.", "Run npm install bullmq ioredis beside vqa.", { cause: thrown });
  }
}

/** BullMQ duplicates a connection for calls that block; those that it leaves open end with the first one. */
function withTwins(client: Redis): Redis {
  const twins: Redis[] = [];
  const duplicate = client.duplicate.bind(client);
  const disconnect = client.disconnect.bind(client);
  client.duplicate = (override) => {
    const twin = duplicate(override);
    twins.push(twin);
    return twin;
  };
  client.disconnect = (reconnect) => {
    disconnect(reconnect);
    for (const twin of twins) twin.disconnect(reconnect);
  };
  return client;
}

/** Waits for a server that may be starting; commands would wait forever for a wrong address. Error `worker-unavailable`. */
export async function reachable(client: Redis, url: string, ms = 5000): Promise<void> {
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new VqaError("worker-unavailable", `There is no Redis at ${withoutPassword(url)}.`, "Start it, or check --queue.")), ms);
    timer.unref();
  });
  await Promise.race([client.ping(), timeout]);
}

export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
