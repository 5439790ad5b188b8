import type { Span } from "../answer.js";
import { formatClock } from "../clock.js";
import type { PromptRenderer } from "../interleave.js";

/**
 * Parts of a video laid end to end, as a film of their own: its times, those of the video, and the
 * way from one to the other, in numbers and in texts.
 */
export interface Reel {
  readonly durationMs: number;
  /** The time of the reel at a time of the video; times between the parts are those of the next part's beginning. */
  toReel(videoMs: number): number;
  toVideo(reelMs: number): number;
  /** A text of the user, with times of the video, as the model is to read it. */
  hide(text: string): string;
  /** A text of the model, with times of the reel, as the user is to read it. */
  restore(text: string): string;
  /** The same for a text that comes piece by piece: nothing is given out that may yet become a time. */
  restorer(): { push(delta: string): string; end(): string };
}

/** `mm:ss` or `h:mm:ss`, whole. */
const CLOCK = /(?<![\d:.])(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)(?![\d:])/g;
/** What may be the beginning of one. */
const OPEN = /[\d:.]+$/;

/** @param spans Ascending and disjoint, at least one. */
export function reelOf(spans: readonly Span[]): Reel {
  const starts: number[] = [];
  let durationMs = 0;
  for (const { startMs, endMs } of spans) {
    starts.push(durationMs);
    durationMs += endMs - startMs;
  }
  const toReel = (ms: number): number => {
    const part = spans.findIndex(({ endMs }) => ms < endMs);
    return part < 0 ? durationMs : starts[part]! + Math.max(0, ms - spans[part]!.startMs);
  };
  const toVideo = (ms: number): number => {
    const part = Math.max(0, starts.findLastIndex((start) => start <= ms));
    const { startMs, endMs } = spans[part]!;
    return Math.min(endMs, startMs + ms - starts[part]!);
  };
  const hide = (text: string): string =>
    text.replace(CLOCK, (written, h, m, s) => {
      const ms = milliseconds(h, m, s);
      // A time in seconds means all of that second.
      return spans.some(({ startMs, endMs }) => ms + 999 >= startMs && ms < endMs) ? formatClock(toReel(ms)) : written;
    });
  const restore = (text: string): string =>
    text.replace(CLOCK, (written, h, m, s) => {
      const ms = milliseconds(h, m, s);
      return ms <= durationMs ? formatClock(toVideo(ms)) : written;
    });
  return {
    ...{ durationMs, toReel, toVideo, hide, restore },
    restorer: () => {
      let held = "";
      return {
        push: (delta) => {
          held += delta;
          const from = OPEN.exec(held)?.index ?? held.length;
          const ready = held.slice(0, from);
          held = held.slice(from);
          return restore(ready);
        },
        end: () => {
          const rest = restore(held);
          held = "";
          return rest;
        },
      };
    },
  };
}

function milliseconds(hours: string | undefined, minutes: string, seconds: string): number {
  return 1000 * (3600 * Number(hours ?? 0) + 60 * Number(minutes) + Number(seconds));
}

/** Moments that a text names, in its order. */
export function timesIn(text: string): readonly number[] {
  return [...text.matchAll(CLOCK)].map(([, h, m, s]) => milliseconds(h, m!, s!));
}

/** The same prompts with the times of the reel. */
export function onReel(renderer: PromptRenderer, reel: Reel): PromptRenderer {
  return {
    ...renderer,
    prefix: (frames, segments, clips) =>
      renderer.prefix(
        frames.map((frame) => ({ ...frame, timeMs: reel.toReel(frame.timeMs) })),
        segments,
        clips?.map(({ startMs }) => ({ startMs: reel.toReel(startMs) })),
      ),
    about: (durationMs) => onReel(renderer.about(durationMs), reel),
  };
}
