/**
 * The display matrix of a stream (libavutil/display.h): nine 32-bit integers, 16.16 and 2.30 fixed
 * point, that map coded to shown positions.
 */
export interface Orientation {
  /** Clockwise turn that shows the picture upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** FFmpeg filters that do so, mirroring included; empty when there is nothing to do. */
  readonly filters: readonly string[];
}

export function orientationOf(matrix: Buffer | null): Orientation {
  if (!matrix || matrix.length < 36) return { rotation: 0, filters: [] };
  const [a, b, c, d] = [0, 1, 3, 4].map((i) => matrix.readInt32LE(i * 4)) as [number, number, number, number];
  const columnA = Math.hypot(a, c);
  const columnB = Math.hypot(b, d);
  if (columnA === 0 || columnB === 0) return { rotation: 0, filters: [] };
  const degrees = (Math.atan2(b / columnB, a / columnA) * 180) / Math.PI;
  const rotation = ((((Math.round(degrees / 90) % 4) + 4) % 4) * 90) as Orientation["rotation"];
  switch (rotation) {
    case 90:
      return { rotation, filters: [c > 0 ? "transpose=cclock_flip" : "transpose=clock"] };
    case 270:
      return { rotation, filters: [c < 0 ? "transpose=clock_flip" : "transpose=cclock"] };
    case 180:
      return { rotation, filters: [...(a < 0 ? ["hflip"] : []), ...(d < 0 ? ["vflip"] : [])] };
    default:
      return { rotation, filters: d < 0 ? ["vflip"] : [] };
  }
}
