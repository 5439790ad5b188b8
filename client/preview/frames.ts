/**
 * Frames of a video as the player's clock counts them, from the first frame. What the file says of its
 * frames goes before a constant rate. Pure.
 */

/** Frames that follow each other without a gap. */
export interface FrameWindow {
  /** When each begins, ms, ascending. */
  readonly timesMs: readonly number[];
  /** Where the last of them ends, when nothing follows it; absent where the window ends before the film does. */
  readonly endMs?: number | undefined;
}

/** A player's time may lie a hair before its frame. */
const HAIR_MS = 1;

/** Number of the frame on screen, from 0, at a constant rate. */
export function frameAt(seconds: number, rate: number): number {
  return Math.max(0, Math.floor(seconds * rate + 1e-3));
}

/** In the middle of a frame, where no rounding leads to its neighbour. */
export function middleOf(frame: number, rate: number): number {
  return (Math.max(0, frame) + 0.5) / rate;
}

/** When the frame on screen began, in whole milliseconds; the time itself where nothing is known of frames. */
export function frameStartMs(seconds: number, rate: number | undefined, window?: FrameWindow): number {
  const at = window && indexAt(window, seconds * 1000);
  if (window && at !== undefined) return Math.max(0, Math.round(window.timesMs[at]!));
  return Math.max(0, Math.round(rate === undefined ? seconds * 1000 : (frameAt(seconds, rate) * 1000) / rate));
}

/** Which frame of the window is on screen; undefined where the window does not tell. */
export function indexAt({ timesMs, endMs }: FrameWindow, timeMs: number): number | undefined {
  const next = timesMs.findIndex((start) => start > timeMs + HAIR_MS);
  if (next > 0) return next - 1;
  return next < 0 && timesMs.length > 0 && endMs !== undefined ? timesMs.length - 1 : undefined;
}

/**
 * Where to go to see the frame so many further, in the middle of its time; the first or the last one
 * where the film has no more. Undefined where the window does not reach so far.
 */
export function stepTo(window: FrameWindow, timeMs: number, frames: number): number | undefined {
  const at = indexAt(window, timeMs);
  if (at === undefined) return undefined;
  const { timesMs, endMs } = window;
  const wanted = at + frames;
  const first = timesMs[0]! <= HAIR_MS;
  if (wanted < 0 && !first) return undefined;
  const index = Math.max(0, endMs === undefined ? wanted : Math.min(wanted, timesMs.length - 1));
  const end = timesMs[index + 1] ?? (index === timesMs.length - 1 ? endMs : undefined);
  return end === undefined ? undefined : (timesMs[index]! + end) / 2;
}
