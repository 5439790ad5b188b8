/** Goes through a long video ahead of questions, which the first of them would do. */
import type { SummarisedClip } from "../engine/answer.js";
import { formatClock } from "../engine/clock.js";
import type { CommandSpec } from "./args.js";
import { DEFAULT_MODEL, duration, ENGINE_OPTIONS, JSON_OPTION, modelOption, onlyPath, scopeOf, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { progressBar } from "./progress.js";
import { json, line } from "./terminal.js";

export const INDEX: CommandSpec = {
  name: "index",
  arguments: "<video> [options]",
  summary: "Goes through a long video ahead of questions: says what happens in each of its clips, and keeps that.",
  options: {
    scope: { value: "FROM..TO", help: "only this part, such as 00:05..20:10; several with commas" },
    composer: { value: "NAME", help: "which system of the model looks, such as longvlm; its default otherwise" },
    "no-audio": { help: "ignore the sound" },
    "no-speech": { help: "do not listen where there are no subtitles" },
    ...ENGINE_OPTIONS,
    ...JSON_OPTION,
  },
  notes: "Questions about a long video do this by themselves when it was not done. It can be stopped at any time; the next start goes on.",
};

export async function index({ args, terminal, signal }: Invocation): Promise<number> {
  const video = onlyPath(args, "video");
  const composer = args.text("composer");
  const asJson = args.flag("json");
  const bar = progressBar(terminal.err, !asJson);
  const kept = new Map<number, SummarisedClip>();
  let told = -1;
  /** In the order of time, as soon as nothing is missing before: another process may be at work on the rest. */
  const tell = (clip: SummarisedClip): void => {
    kept.set(clip.startMs, clip);
    if (asJson || (told < 0 && clip.startMs > 0)) return;
    for (let next = kept.get(Math.max(0, told)); next !== undefined; next = kept.get(told)) {
      bar.hide();
      line(terminal.out, shown(next));
      told = next.endMs;
    }
  };
  const begun = performance.now();
  let clips: readonly SummarisedClip[];
  try {
    clips = await withSupervisor(args, (supervisor) =>
      supervisor.index(
        {
          request: {
            video,
            ...(composer === undefined ? {} : { composer }),
            ...scopeOf(args),
            ...(args.flag("no-audio") ? { audio: "off" as const } : {}),
            ...(args.flag("no-speech") ? { speech: "off" as const } : {}),
          },
          model: modelOption(args) ?? DEFAULT_MODEL,
        },
        {
          onProgress: (progress) => bar.show(progress),
          onClip: tell,
        },
        signal,
      ),
    );
  } finally {
    bar.hide();
    if (signal.aborted && kept.size > 0) line(terminal.err, `vqa: ${kept.size} clips are kept; the next start goes on from there.`);
  }
  if (asJson) json(terminal.out, { video, clips });
  else {
    for (const clip of clips) if (clip.startMs >= told) line(terminal.out, shown(clip));
    if (clips.length === 0) line(terminal.err, "vqa: It is short enough to be looked at as a whole: there is nothing to prepare.");
    else line(terminal.err, `vqa: ${clips.length} clips, ${duration(performance.now() - begun)}`);
  }
  return EXIT.ok;
}

function shown({ startMs, endMs, summary }: SummarisedClip): string {
  return `${formatClock(startMs)}..${formatClock(endMs)}  ${summary.replace(/\s+/g, " ")}`;
}
