import type { Size } from "./decoder.js";
import type { Rational } from "./timeline.js";

/**
 * Displayed size of an upright picture (already turned): the sample aspect ratio stretches what was
 * the coded width, so that no line of the picture is lost.
 */
export function displayedSize(upright: Size, sar: Rational, rotation: number): Size {
  const turned = rotation === 90 || rotation === 270;
  return turned
    ? { width: upright.width, height: Math.max(1, Math.round((upright.height * sar.den) / sar.num)) }
    : { width: Math.max(1, Math.round((upright.width * sar.num) / sar.den)), height: upright.height };
}
