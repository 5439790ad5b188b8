import { resolve } from "node:path";
import { askerFor } from "../runtime/batch/run.js";
import { DEFAULT_QUEUE, queueLibrary, reachable, withoutPassword, type GroupQueue } from "../runtime/queue/connect.js";
import { workOn } from "../runtime/queue/work.js";
import type { Args, CommandSpec } from "./args.js";
import { ENGINE_OPTIONS, JSON_OPTION, modelOption, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line } from "./terminal.js";

const QUEUE_OPTIONS = {
  queue: { value: "URL", help: "the Redis, such as redis://host:6379" },
  "queue-name": { value: "NAME", help: `the queue there (default ${DEFAULT_QUEUE})` },
} as const;

export const WORKER: CommandSpec = {
  name: "worker",
  arguments: "--queue URL --videos DIR [options]",
  summary: "Answers what `vqa batch --queue` hands out, until it is stopped.",
  options: {
    ...QUEUE_OPTIONS,
    videos: { value: "DIR", help: "the folder of the videos; nothing outside of it is read" },
    lock: { value: "SECONDS", help: "after how long without a sign of life another worker takes over (default 30)" },
    ...ENGINE_OPTIONS,
  },
  notes: "Workers may join and leave at any time. Ctrl-C ends one; its work is handed to another.",
};

export const QUEUE: CommandSpec = {
  name: "queue",
  arguments: "status --queue URL [options]",
  summary: "Tells what waits in a queue, who works on it, and what failed for which reason.",
  options: { ...QUEUE_OPTIONS, ...JSON_OPTION },
};

const SHOWN = 20;

export async function worker({ args, terminal, signal }: Invocation): Promise<number> {
  const url = urlOf(args);
  const videos = args.text("videos");
  if (videos === undefined) throw args.usage("Where are the videos? Give --videos.");
  if (args.positionals.length > 0) throw args.usage("A worker takes its questions from the queue.");
  const options = { url, name: args.text("queue-name") ?? DEFAULT_QUEUE, root: resolve(videos), model: modelOption(args), lockMs: (args.number("lock", 1, 3600) ?? 30) * 1000 };
  let groups = 0;
  let lastFault = "";
  await withSupervisor(args, (supervisor) => {
    const events = {
      onGroup: () => void groups++,
      onError: (message: string) => {
        // A lost connection is told once, not at every try to have it back.
        if (message !== lastFault) line(terminal.err, `vqa: ${message}`);
        lastFault = message;
      },
    };
    line(terminal.err, `vqa: worker ${process.pid} waits for work from ${withoutPassword(url)}.`);
    return workOn(options, askerFor(supervisor, new Date().toISOString()), events, signal);
  });
  line(terminal.err, `Videos answered: ${groups}.`);
  return EXIT.ok;
}

export async function queueStatus({ args, terminal }: Invocation): Promise<number> {
  const url = urlOf(args);
  const [what, ...more] = args.positionals;
  if (what !== "status" || more.length > 0) throw args.usage("There is `vqa queue status`.");
  const { bullmq, connect } = await queueLibrary();
  const client = connect(url);
  const queue: GroupQueue = new bullmq.Queue(args.text("queue-name") ?? DEFAULT_QUEUE, { connection: client });
  queue.on("error", () => undefined);
  try {
    await reachable(client, url, 2000);
    const counts = await queue.getJobCounts("waiting", "active", "delayed", "completed", "failed");
    const workers = (await queue.getWorkers()).map((each) => ({ name: each["rawname"] ?? each["name"] ?? "", address: each["addr"] ?? "" }));
    const dead = (await queue.getFailed(0, SHOWN - 1)).map(({ id, data, failedReason, attemptsMade }) => ({ id, video: data.items[0]?.request.video, questions: data.items.length, tries: attemptsMade, reason: failedReason }));
    if (args.flag("json")) json(terminal.out, { counts, workers, dead });
    else {
      line(terminal.out, `Videos: ${counts["waiting"] ?? 0} waiting, ${counts["active"] ?? 0} being answered, ${counts["delayed"] ?? 0} to be tried again, ${counts["completed"] ?? 0} answered and not yet fetched, ${counts["failed"] ?? 0} failed.`);
      line(terminal.out, `Workers: ${workers.length}.`);
      for (const { video, questions, tries, reason } of dead) line(terminal.out, `  ${video}: ${reason} (${questions} ${questions === 1 ? "question" : "questions"}, tried ${tries} times)`);
    }
    return EXIT.ok;
  } finally {
    client.disconnect();
    await queue.close().catch(() => undefined);
  }
}

function urlOf(args: Args): string {
  const url = args.text("queue");
  if (url === undefined || !/^rediss?:\/\//.test(url)) throw args.usage("Which Redis? Give --queue, such as redis://127.0.0.1:6379.");
  return url;
}
