/** How many frames of a file come out right: the number that is burnt in, and the time that it has. */
import { VqaError } from "../../server/src/engine/errors.js";
import type { FrameMode } from "../../server/src/engine/ports.js";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import { readNumber } from "../bench/media/barcode.js";
import { READ, type Truth } from "./make.js";

export interface Score {
  readonly right: number;
  readonly of: number;
  /** What was wrong, or the error that came instead of frames. */
  readonly wrong: readonly string[];
}

/** Containers round times to milliseconds, and the truth is counted in microseconds. */
const CLOSE_MS = 1.5;

/** Times on frames, just before the next one and in between, scattered over the whole film. */
function askedTimes({ timesMs }: Truth, count: number): { timeMs: number; frame: number }[] {
  const asked = new Map<number, { timeMs: number; frame: number }>();
  for (let i = 0; i < count; i++) {
    const frame = i === 0 ? 0 : i === count - 1 ? timesMs.length - 1 : Math.floor(((i * 0.618033988749895) % 1) * timesMs.length);
    const [from, to] = [timesMs[frame]!, timesMs[frame + 1] ?? timesMs[frame]!];
    // On the frame, in the middle, at the end: never within a rounding of the next.
    asked.set(frame, { timeMs: from + Math.max(0, to - from - 2 * CLOSE_MS) * [0, 0.5, 1][i % 3]! + (i % 3 === 0 && to > from ? 0.02 : 0), frame });
  }
  return [...asked.values()];
}

export async function score(media: Media, path: string, truth: Truth, count: number, mode: FrameMode = "exact", signal?: AbortSignal): Promise<Score> {
  const asked = askedTimes(truth, count);
  const wrong: string[] = [];
  try {
    // The last frame's end is not in the truth: a film may say that it lasts less than that.
    const frames = await media.frames.frames({ path, timesMs: asked.map(({ timeMs }) => timeMs), ...READ, resize: "squash", mode }, signal);
    frames.forEach((got, i) => {
      const { frame, timeMs } = asked[i]!;
      const number = readNumber(got.rgb, got.width, got.height);
      if (number !== truth.numbers[frame]) wrong.push(`${timeMs.toFixed(1)} ms: frame ${number}, not ${truth.numbers[frame]}`);
      else if (Math.abs(got.timeMs - truth.timesMs[frame]!) > CLOSE_MS) wrong.push(`${timeMs.toFixed(1)} ms: says ${got.timeMs.toFixed(2)}, not ${truth.timesMs[frame]!.toFixed(2)}`);
    });
    return { right: asked.length - wrong.length, of: asked.length, wrong };
  } catch (error) {
    if (!(error instanceof VqaError)) throw error;
    return { right: 0, of: asked.length, wrong: [`${error.code}: ${error.message}`] };
  }
}
