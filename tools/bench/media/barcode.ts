/**
 * The number of each frame, drawn into the picture as a row of bars by filters of ffmpeg, and read
 * back from decoded pixels: so that "the right frame" is checked, and not believed.
 *
 * The row is the lowest eighth of the picture: a white bar, `BITS` bars (white is 1, highest first), a
 * black bar.
 */
const BITS = 14;
const BARS = BITS + 2;
/** Height of the row as a part of the picture's. */
const PART = 8;

/** A filter chain that draws the number of each frame. Numbers from 2^14 on wrap round. */
export function drawNumber(width: number, height: number): string {
  const bar = width / BARS;
  const top = height - Math.floor(height / PART);
  const box = (column: number, columns: number, colour: string, enable = ""): string =>
    `drawbox=x=${Math.round(column * bar)}:y=${top}:w=${Math.round(columns * bar)}:h=${height - top}:color=${colour}:t=fill${enable}`;
  return [
    box(0, BARS, "black"),
    box(0, 1, "white"),
    ...Array.from({ length: BITS }, (_, i) => box(i + 1, 1, "white", `:enable='mod(floor(n/${2 ** (BITS - 1 - i)}),2)'`)),
  ].join(",");
}

/**
 * The number that a picture shows; undefined where the outer bars are not as they should be.
 * @param rgb width * height * 3 bytes
 */
export function readNumber(rgb: Uint8Array, width: number, height: number): number | undefined {
  const bar = width / BARS;
  const y = Math.floor(height * (1 - 0.5 / PART));
  const isWhite = (column: number): boolean => (rgb[(y * width + Math.floor((column + 0.5) * bar)) * 3 + 1] ?? 0) > 117;
  if (!isWhite(0) || isWhite(BARS - 1)) return undefined;
  let number = 0;
  for (let column = 1; column <= BITS; column++) number = number * 2 + (isWhite(column) ? 1 : 0);
  return number;
}
