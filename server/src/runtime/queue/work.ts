/** The side of a queue that answers: takes groups, asks them, and hands back what came of it. */
import { resolve, sep } from "node:path";
import type { Outcome } from "../../engine/batch/item.js";
import { isFatal, mayPass } from "../../engine/batch/item.js";
import { VqaError } from "../../engine/errors.js";
import { outcomeOf, type AskItem } from "../batch/run.js";
import { queueLibrary, reachable, type GroupJob, type GroupWorker, type QueueAddress, type QueuedItem } from "./connect.js";

export interface WorkOptions extends QueueAddress {
  /** The folder of the videos; nothing outside of it is read. */
  readonly root: string;
  /** Wins over the model that was asked for. */
  readonly model: string | undefined;
  /** After how long without a sign of life somebody else takes a worker's group. */
  readonly lockMs: number;
}

/** A group that ends its workers this often is a dead letter. */
const MAX_STALLED = 10;

export interface WorkEvents {
  readonly onGroup?: (items: number) => void;
  readonly onError?: (message: string) => void;
}

/** Works until the signal. Errors: those of the installation, which the next group would meet too. */
export async function workOn(options: WorkOptions, ask: AskItem, events: WorkEvents, signal: AbortSignal): Promise<void> {
  const { bullmq, connect } = await queueLibrary();
  const client = connect(options.url);
  let fatal: VqaError | undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolveEnd) => (end = resolveEnd));
  signal.addEventListener("abort", end, { once: true });
  try {
    await reachable(client, options.url);
    const answer = async (job: GroupJob, token: string | undefined): Promise<readonly Outcome[]> => {
      const done = [...job.data.done];
      const had = new Set(done.map(({ key }) => key));
      try {
        for (const item of job.data.items) {
          if (had.has(item.key)) continue;
          done.push(await answered(item, ask, options, signal));
          // A worker that dies now leaves this to the next one.
          await job.updateData({ ...job.data, done });
        }
      } catch (thrown) {
        const error = VqaError.from(thrown);
        if (error.code === "cancelled" || isFatal(error.code)) {
          if (error.code !== "cancelled") fatal = error;
          end();
          // It was no fault of the group: somebody else takes it, and it costs no try.
          await job.moveToDelayed(Date.now() + 500, token);
          throw new bullmq.DelayedError();
        }
        throw new Error(`${error.code}: ${error.message}`);
      }
      events.onGroup?.(done.length);
      const errors = done.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
      const [first] = errors;
      // A dead letter with its reason; what was answered goes along.
      if (first !== undefined) throw new bullmq.UnrecoverableError(`${first.code}: ${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ""}`);
      return done;
    };
    const worker: GroupWorker = new bullmq.Worker(options.name, (job, token) => answer(job, token), {
      connection: client,
      concurrency: 1,
      lockDuration: options.lockMs,
      stalledInterval: options.lockMs,
      maxStalledCount: MAX_STALLED,
      name: `${process.pid}`,
    });
    worker.on("error", (error) => events.onError?.(error.message));
    await Promise.race([ended, worker.waitUntilReady().then(() => ended)]);
    await Promise.race([worker.close(), new Promise((r) => setTimeout(r, 5000).unref())]);
    if (fatal !== undefined) throw fatal;
  } finally {
    client.disconnect();
  }
}

/** One item, its video looked for in the folder. Throws what another try may do away with. */
async function answered(item: QueuedItem, ask: AskItem, { root, model }: WorkOptions, signal: AbortSignal): Promise<Outcome> {
  const video = resolve(root, item.request.video);
  if (!video.startsWith(root.endsWith(sep) ? root : root + sep)) {
    return { key: item.key, error: { code: "video-refused", message: `${item.request.video} is not in the folder of this worker.`, next: "", data: {} } };
  }
  const whole = { key: item.key, video: item.request.video, model: model ?? item.model, request: { ...item.request, video }, facts: {} };
  let passing: VqaError | undefined;
  const outcome = await outcomeOf(
    whole,
    (one, stop) =>
      ask(one, stop).catch((thrown: unknown) => {
        passing = VqaError.from(thrown);
        throw thrown;
      }),
    { retries: 0, backoffMs: 0 },
    signal,
  );
  if ("error" in outcome && passing !== undefined && mayPass(passing.code)) throw passing;
  return outcome;
}
