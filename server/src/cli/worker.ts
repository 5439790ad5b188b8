import { resolve } from "node:path";
import { askerFor } from "../runtime/batch/run.js";
import { DEFAULT_QUEUE, withoutPassword } from "../runtime/queue/connect.js";
import { workOn } from "../runtime/queue/work.js";
import type { CommandSpec } from "./args.js";
import { ENGINE_OPTIONS, modelOption, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { QUEUE_OPTIONS, urlOf } from "./queue.js";
import { line } from "./terminal.js";

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
