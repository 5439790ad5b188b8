import type { SceneList } from "../engine/ports.js";
import { formatTime } from "../format/index.js";
import { columns, type CommandSpec } from "./args.js";
import { JSON_OPTION, onlyPath, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { progressBar } from "./progress.js";
import { json, line } from "./terminal.js";

export const SCENES: CommandSpec = {
  name: "scenes",
  arguments: "<video> [options]",
  summary: "Finds where a video cuts from one shot to the next.",
  options: {
    fast: { help: "look at keyframes only: far faster, but a cut is found at the next keyframe" },
    threshold: { value: "N", help: "how much a picture must differ, 1 to 100; lower finds more (default 10, with --fast 15)" },
    ...JSON_OPTION,
  },
};

export async function scenes({ args, terminal, signal }: Invocation): Promise<number> {
  const path = onlyPath(args, "video");
  const threshold = args.number("threshold", 1, 100);
  const mode = args.flag("fast") ? "keyframe" : "exact";
  const bar = progressBar(terminal.err, !args.flag("json"));
  const found = await withSupervisor(args, async (supervisor) => {
    try {
      return await supervisor.scenes({ path, mode, ...(threshold === undefined ? {} : { threshold }) }, (fraction) => bar.show({ stage: "frames", fraction }), signal);
    } finally {
      bar.hide();
    }
  });
  if (args.flag("json")) json(terminal.out, found);
  else line(terminal.out, describe(found));
  return EXIT.ok;
}

/** One line a scene: when it begins, how long it is, how sure its cut is. */
function describe({ cuts, durationMs }: SceneList): string {
  const starts = [{ timeMs: 0, score: undefined }, ...cuts];
  return columns(
    starts.map(({ timeMs, score }, i) => {
      const end = starts[i + 1]?.timeMs ?? durationMs;
      return [formatTime(timeMs), `${((end - timeMs) / 1000).toFixed(2)} s${score === undefined ? "" : `, cut ${score}`}`] as const;
    }),
  );
}
