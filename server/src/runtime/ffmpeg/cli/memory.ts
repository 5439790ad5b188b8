import type { ScannedVideo } from "../decoder.js";

const MIB = 2 ** 20;

/** What all processes of one request may take together. This one takes 70 MiB more, and all of them are to stay below 250 MB. */
const BUDGET_BYTES = 160 * MIB;
/** A process before it opens anything, without the libraries that it shares with the others. */
const PROCESS_BYTES = 28 * MIB;
/** Pictures that a decoder and the filters behind it hold, at 12 bits a pixel. */
const HELD_PICTURES = 9;
/** One entry of the list of packets that FFmpeg makes of an index when it opens a film. */
const ENTRY_BYTES = 30;
/** Sound is not decoded, but listed: AAC at 48 kHz has a packet every 1024 samples. */
const SOUND_PACKETS_PER_SECOND = 47;
/** Each place needs two pipes. */
const MOST_PARTS = 4;

/**
 * How many places of a film each of the processes that run side by side has open. Starting a process
 * costs as much as decoding several frames, so places share one; but each has a decoder and an index of
 * its own, and an index grows with the film: the longer it is, the fewer are open at a time. The sizes
 * were measured with H.264 1080p of 5 min and 1 h.
 * @param most processes at a time
 * @returns at least one process with one place
 */
export function placesOpen({ coded, clock }: Pick<ScannedVideo, "coded" | "clock">, most: number): number[] {
  const { timeBase, firstPts, endPts, frameRate } = clock;
  const seconds = Math.max(0, ((endPts - firstPts) * timeBase.num) / timeBase.den);
  const packets = seconds * (frameRate.num / Math.max(1, frameRate.den) + SOUND_PACKETS_PER_SECOND);
  const place = coded.width * coded.height * 1.5 * HELD_PICTURES + packets * ENTRY_BYTES;
  let left = BUDGET_BYTES - PROCESS_BYTES - place;
  const sizes = [1];
  for (; sizes.length < most && left >= PROCESS_BYTES + place; left -= PROCESS_BYTES + place) sizes.push(1);
  for (let places = 2; places <= MOST_PARTS; places++) {
    for (let i = 0; i < sizes.length && left >= place; i++, left -= place) sizes[i] = places;
  }
  return sizes;
}
