/** Frames of a video with a constant rate. Times in seconds, as players count them. Pure. */

/** Number of the frame on screen, from 0. A player's time may lie a hair before its frame. */
export function frameAt(seconds: number, rate: number): number {
  return Math.max(0, Math.floor(seconds * rate + 1e-3));
}

/** In the middle of a frame, where no rounding leads to its neighbour. */
export function middleOf(frame: number, rate: number): number {
  return (Math.max(0, frame) + 0.5) / rate;
}

/** When the frame on screen began, in whole milliseconds; the time itself where the rate is not known. */
export function frameStartMs(seconds: number, rate: number | undefined): number {
  return Math.max(0, Math.round(rate === undefined ? seconds * 1000 : (frameAt(seconds, rate) * 1000) / rate));
}
