/** A progress bar on standard error, when that is a terminal; nothing at all otherwise. */
import type { Progress } from "../engine/ports.js";
import { Bar } from "./bar.js";

/** What is done, and the part of the bar that it takes: about its part of the time when nothing is cached. */
const STAGES: Readonly<Record<Progress["stage"], { readonly words: string; readonly from: number; readonly to: number }>> = {
  probe: { words: "reading the video", from: 0, to: 0.1 },
  load: { words: "loading the model", from: 0.1, to: 0.4 },
  // Once for a long video, and longer than all the rest: a bar of its own.
  index: { words: "going through it", from: 0, to: 1 },
  subtitles: { words: "reading subtitles", from: 0.4, to: 0.42 },
  speech: { words: "listening", from: 0.42, to: 0.45 },
  frames: { words: "decoding frames", from: 0.45, to: 0.7 },
  encode: { words: "looking at frames", from: 0.7, to: 0.8 },
  prefill: { words: "reading the prompt", from: 0.8, to: 0.9 },
  generate: { words: "answering", from: 0.9, to: 1 },
};

/** How far along an answer is, 0 to 1. */
export function overall({ stage, fraction }: Progress): number {
  const { from, to } = STAGES[stage];
  return from + (to - from) * Math.min(1, Math.max(0, fraction ?? 0));
}

export interface ProgressBar {
  show(progress: Progress): void;
  /** Before anything else is written to the terminal. It comes back with the next `show`. */
  hide(): void;
}

const NONE: ProgressBar = { show: () => undefined, hide: () => undefined };

export function progressBar(stream: NodeJS.WriteStream, enabled: boolean, indent = ""): ProgressBar {
  if (!enabled || stream.isTTY !== true) return NONE;
  const bar = new Bar(stream, `${indent}{stage} {bar} {duration_formatted}`, { fps: 10, emptyOnZero: true });
  return {
    show: (progress) => bar.show(overall(progress), { stage: STAGES[progress.stage].words.padEnd(20) }),
    hide: () => bar.hide(),
  };
}
