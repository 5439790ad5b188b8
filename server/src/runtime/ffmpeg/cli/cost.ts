import type { Size } from "../decoder.js";

/** CPU seconds to start a process and open a file, and to decode one pixel: measured with H.264 1080p. */
const START_SECONDS = 0.06;
const PIXEL_SECONDS = 2.5e-9;

/** What another process costs, in decoded frames. */
export const seekCost = ({ width, height }: Size): number => START_SECONDS / (width * height * PIXEL_SECONDS);
