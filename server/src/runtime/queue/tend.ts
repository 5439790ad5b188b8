/** What those who look after a queue do to it. */
import { VqaError } from "../../engine/errors.js";
import type { GroupJob, GroupQueue } from "./connect.js";

/** Dead letters that are looked at together. */
const PAGE = 500;

/**
 * Asks again what failed, all of it or the videos with these ids; what was answered of them stays. Returns
 * how many videos that are. Error: invalid-request for an id that is not among what failed.
 */
export async function retry(queue: GroupQueue, ids: readonly string[]): Promise<number> {
  let done = 0;
  const again = async (job: GroupJob): Promise<void> => {
    // An error that is kept would count as an answer.
    await job.updateData({ ...job.data, done: job.data.done.filter((outcome) => "ok" in outcome) });
    await job.retry("failed", { resetAttemptsMade: true });
    done++;
  };
  for (const id of ids) {
    const job = await queue.getJob(id);
    if (job === undefined || !(await job.isFailed())) throw new VqaError("invalid-request", `Nothing that failed has the id ${JSON.stringify(id)}.`, "See `vqa queue status` for those that did.");
    await again(job);
  }
  if (ids.length > 0) return done;
  for (;;) {
    const jobs = await queue.getFailed(0, PAGE - 1);
    if (jobs.length === 0) return done;
    for (const job of jobs) await again(job);
  }
}

/** Takes out what waits, also for another try. */
export async function drain(queue: GroupQueue): Promise<number> {
  const { waiting = 0, delayed = 0 } = await queue.getJobCounts("waiting", "delayed");
  await queue.drain(true);
  return waiting + delayed;
}

/** Removes the queue with all that is in it. */
export async function clear(queue: GroupQueue): Promise<number> {
  const counts = await queue.getJobCounts("waiting", "active", "delayed", "completed", "failed");
  await queue.obliterate({ force: true });
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
