import type { Differences, Size } from "./decoder.js";

/** Pictures are compared at this width or height, whichever is the longer: cuts are not small. */
const LONG_SIDE = 96;

/** Walking through a long film takes longer than one call may otherwise. */
export const MAX_WALK_MS = 6 * 3_600_000;

/** The size at which pictures of a film are compared. */
export function comparedSize({ width, height }: Size): Size {
  const scale = LONG_SIDE / Math.max(width, height);
  return { width: Math.max(2, Math.round(width * scale)), height: Math.max(2, Math.round(height * scale)) };
}

/** Three bytes a pixel, averaged over areas: small movements and noise vanish. */
export const compareFilter = ({ width, height }: Size): string => `scale=${width}:${height}:flags=area,format=rgb24`;

/** Mean absolute difference of two pictures of one size, as part of the full range, 0 to 100. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] as number));
  return (sum * 100) / (255 * Math.max(1, a.length));
}

/** Collects the differences of pictures that come one after the other. */
export class DifferenceMeter {
  private readonly pts: number[] = [];
  private readonly difference: number[] = [];
  private last: Uint8Array | undefined;

  /** @param rgb is kept until the next one comes */
  push(pts: number, rgb: Uint8Array): void {
    this.pts.push(pts);
    this.difference.push(this.last ? meanDifference(this.last, rgb) : 0);
    this.last = rgb;
  }

  get result(): Differences {
    return { pts: Float64Array.from(this.pts), difference: Float32Array.from(this.difference) };
  }
}
