/**
 * Draws the extension's icon: a speech bubble that plays. Flat colours, so that it is clear at 16 pixels.
 *
 *   npm run build && node out/tools/extension/icon.js      writes media/icon.png
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { png } from "../../server/src/lsp/png.js";

const SIZE = 256;
/** Samples along each side of a pixel: smooth edges. */
const FINE = 4;

type Colour = readonly [red: number, green: number, blue: number];
const GROUND: Colour = [29, 42, 68];
const BUBBLE: Colour = [250, 250, 247];
const PLAY: Colour = [226, 88, 34];

/** The colour at a point of the unit square. */
function colourAt(x: number, y: number): Colour {
  if (inTriangle(x, y, [0.415, 0.285], [0.415, 0.575], [0.665, 0.43])) return PLAY;
  if (inRoundedBox(x, y, 0.14, 0.17, 0.86, 0.69, 0.11) || inTriangle(x, y, [0.27, 0.66], [0.46, 0.66], [0.27, 0.86])) return BUBBLE;
  return GROUND;
}

function inRoundedBox(x: number, y: number, left: number, top: number, right: number, bottom: number, radius: number): boolean {
  const dx = Math.max(left + radius - x, 0, x - (right - radius));
  const dy = Math.max(top + radius - y, 0, y - (bottom - radius));
  return Math.hypot(dx, dy) <= radius;
}

type Point = readonly [x: number, y: number];

function inTriangle(x: number, y: number, a: Point, b: Point, c: Point): boolean {
  const side = ([px, py]: Point, [qx, qy]: Point): number => (qx - px) * (y - py) - (qy - py) * (x - px);
  const sides = [side(a, b), side(b, c), side(c, a)];
  return sides.every((s) => s >= 0) || sides.every((s) => s <= 0);
}

export function icon(): Buffer {
  const rgb = new Uint8Array(3 * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const sum = [0, 0, 0];
      for (let i = 0; i < FINE * FINE; i++) {
        const at = (pixel: number, step: number): number => (pixel + (step + 0.5) / FINE) / SIZE;
        colourAt(at(x, i % FINE), at(y, Math.floor(i / FINE))).forEach((value, channel) => (sum[channel] = (sum[channel] ?? 0) + value));
      }
      sum.forEach((value, channel) => (rgb[3 * (y * SIZE + x) + channel] = Math.round(value / (FINE * FINE))));
    }
  }
  return png(SIZE, SIZE, rgb);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  writeFileSync(join(fileURLToPath(new URL("../../../", import.meta.url)), "media", "icon.png"), icon());
}
