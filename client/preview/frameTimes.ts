/** When the frames around a time begin, as the server knows it from the file. */
import type { FrameWindow } from "./frames.js";

/** Wider and wider, for films whose frames last for long. */
const REACHES_MS = [2000, 20_000, 200_000, 3_600_000] as const;
/** On either side, before the film is asked again. */
const ENOUGH = 12;

/** @param times asks for frames from one time to another, and the one after */
export async function framesAround(times: (fromMs: number, toMs: number) => Promise<readonly number[]>, aroundMs: number, durationMs: number): Promise<FrameWindow> {
  let window: FrameWindow = { timesMs: [] };
  for (const reach of REACHES_MS) {
    const [fromMs, toMs] = [Math.max(0, aroundMs - reach), Math.min(durationMs, aroundMs + reach)];
    const timesMs = await times(fromMs, toMs);
    const last = timesMs.at(-1);
    window = { timesMs, ...(toMs >= durationMs && last !== undefined && last < durationMs ? { endMs: durationMs } : {}) };
    const before = timesMs.filter((time) => time <= aroundMs).length;
    if ((before > ENOUGH || fromMs === 0) && (timesMs.length - before > ENOUGH || toMs >= durationMs)) break;
  }
  return window;
}
