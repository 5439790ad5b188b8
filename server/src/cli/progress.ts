/** A progress bar on standard error, when that is a terminal; nothing at all otherwise. */
import { Presets, SingleBar } from "cli-progress";
import type { Progress } from "../engine/ports.js";

const WORDS: Readonly<Record<Progress["stage"], string>> = {
  load: "loading the model",
  probe: "reading the video",
  frames: "decoding frames",
  subtitles: "reading subtitles",
  encode: "looking at frames",
  prefill: "reading the prompt",
  generate: "answering",
};

export interface ProgressBar {
  show(progress: Progress): void;
  /** Before anything else is written to the terminal. It comes back with the next `show`. */
  hide(): void;
}

const NONE: ProgressBar = { show: () => undefined, hide: () => undefined };

/** `prefix` says what the bar is about, such as "2/6". */
export function progressBar(stream: NodeJS.WriteStream, enabled: boolean, prefix: () => string = () => ""): ProgressBar {
  if (!enabled || stream.isTTY !== true) return NONE;
  const bar = new SingleBar(
    { stream, format: "{prefix}{stage} {bar} {duration_formatted}", barsize: 24, clearOnComplete: true, hideCursor: true, fps: 10, emptyOnZero: true },
    Presets.shades_classic,
  );
  let shown = false;
  return {
    show({ stage, fraction }) {
      const payload = { stage: WORDS[stage].padEnd(20), prefix: prefix() };
      if (!shown) bar.start(1, 0, payload);
      shown = true;
      bar.update(fraction ?? 0, payload);
    },
    hide() {
      if (shown) bar.stop();
      shown = false;
    },
  };
}
