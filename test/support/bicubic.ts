/**
 * Pillow's bicubic resize (libImaging/Resample.c), by its definition: a cubic with a = -0.5 whose support grows
 * when the picture gets smaller, weights that sum to one, columns first, 8 bits between the two passes.
 */
export function pillowBicubic(rgb: Uint8Array, from: readonly [width: number, height: number], to: readonly [width: number, height: number]): Uint8Array {
  const across = pass(rgb, from[0], from[1], to[0], 3, from[0] * 3, to[0] * 3);
  return pass(across, from[1], to[0], to[1], to[0] * 3, 3, 3);
}

/** Resizes `lines` lines of `length` pixels; `step` bytes lie between two pixels of a line, `stride` between two lines. */
function pass(pixels: Uint8Array, length: number, lines: number, size: number, step: number, stride: number, outStride: number): Uint8Array {
  const out = new Uint8Array(lines * size * 3);
  const outStep = step === 3 ? 3 : step;
  const scale = length / size;
  const support = 2 * Math.max(1, scale);
  for (let i = 0; i < size; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(length, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: last - first }, (_, k) => cubic((first + k - centre + 0.5) / Math.max(1, scale)));
    const sum = weights.reduce((a, b) => a + b, 0);
    for (let line = 0; line < lines; line++) {
      for (let c = 0; c < 3; c++) {
        let value = 0;
        weights.forEach((weight, k) => (value += (weight / sum) * pixels[line * stride + (first + k) * step + c]!));
        out[line * outStride + i * outStep + c] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return out;
}

function cubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}
