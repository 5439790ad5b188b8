import { DEFAULT_QUEUE, queueLibrary, reachable, type GroupQueue } from "../runtime/queue/connect.js";
import { clear, drain, retry } from "../runtime/queue/tend.js";
import type { Args, CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line, type Terminal } from "./terminal.js";

export const QUEUE_OPTIONS = {
  queue: { value: "URL", help: "the Redis, such as redis://host:6379" },
  "queue-name": { value: "NAME", help: `the queue there (default ${DEFAULT_QUEUE})` },
} as const;

export const QUEUE: CommandSpec = {
  name: "queue",
  arguments: "status|retry|drain|clear [ID...] --queue URL [options]",
  summary: "Tells what waits in a queue, who works on it, and what failed for which reason.",
  options: { ...QUEUE_OPTIONS, ...JSON_OPTION },
  notes: [
    "retry   asks again what failed, or the videos with these IDs; `vqa batch --retry-failed` fetches the answers",
    "drain   takes out what waits; what is being answered goes on",
    "clear   removes the queue with all that is in it",
    "",
    "Stop the `vqa batch` of a queue before you drain or clear it: it hands out again what it misses.",
  ].join("\n"),
};

const SHOWN = 20;

export async function queue({ args, terminal }: Invocation): Promise<number> {
  const url = urlOf(args);
  const [what, ...ids] = args.positionals;
  if (what !== "status" && what !== "retry" && what !== "drain" && what !== "clear") throw args.usage("There are `vqa queue status`, `retry`, `drain` and `clear`.");
  if (ids.length > 0 && what !== "retry") throw args.usage(`\`vqa queue ${what}\` takes no more names.`);
  const { bullmq, connect } = await queueLibrary();
  const client = connect(url);
  const queue: GroupQueue = new bullmq.Queue(args.text("queue-name") ?? DEFAULT_QUEUE, { connection: client });
  queue.on("error", () => undefined);
  try {
    await reachable(client, url, 2000);
    if (what === "status") await status(queue, args, terminal);
    else {
      const videos = await (what === "retry" ? retry(queue, ids) : what === "drain" ? drain(queue) : clear(queue));
      if (args.flag("json")) json(terminal.out, { videos });
      else line(terminal.out, `Videos ${what === "retry" ? "asked again" : "taken out"}: ${videos}.`);
    }
    return EXIT.ok;
  } finally {
    client.disconnect();
    await queue.close().catch(() => undefined);
  }
}

async function status(queue: GroupQueue, args: Args, terminal: Terminal): Promise<void> {
  const counts = await queue.getJobCounts("waiting", "active", "delayed", "completed", "failed");
  const workers = (await queue.getWorkers()).map((each) => ({ name: each["rawname"] ?? each["name"] ?? "", address: each["addr"] ?? "" }));
  const dead = (await queue.getFailed(0, SHOWN - 1)).map(({ id, data, failedReason, attemptsMade }) => ({ id, video: data.items[0]?.request.video, questions: data.items.length, tries: attemptsMade, reason: failedReason }));
  if (args.flag("json")) return json(terminal.out, { counts, workers, dead });
  line(terminal.out, `Videos: ${counts["waiting"] ?? 0} waiting, ${counts["active"] ?? 0} being answered, ${counts["delayed"] ?? 0} to be tried again, ${counts["completed"] ?? 0} answered and not yet fetched, ${counts["failed"] ?? 0} failed.`);
  line(terminal.out, `Workers: ${workers.length}.`);
  for (const { id, video, questions, tries, reason } of dead) line(terminal.out, `  ${video}: ${reason} (${questions} ${questions === 1 ? "question" : "questions"}, tried ${tries} times, ${id})`);
}

export function urlOf(args: Args): string {
  const url = args.text("queue");
  if (url === undefined || !/^rediss?:\/\//.test(url)) throw args.usage("Which Redis? Give --queue, such as redis://127.0.0.1:6379.");
  return url;
}
