/** What a hostile file is, and what may come of it. */
import type { ErrorCode } from "../../server/src/engine/errors.js";

export interface Ground {
  /** An empty folder for this case. */
  readonly folder: string;
  /** A film that every decoder can read: H.264 in mp4, 96 x 64, 2 s, its index at the end. */
  readonly film: Buffer;
  /** Another, in Matroska, with two tracks of subtitles. */
  readonly matroska: Buffer;
  /** Makes a real film beside the case that nobody may open, and gives its path. */
  lure(name: string): string;
  /** Where nobody may knock: "http://127.0.0.1:PORT". */
  readonly address: string;
}

export interface HostileCase {
  readonly kind: "playlist" | "name" | "special file" | "link" | "reference" | "bomb" | "subtitles";
  /** For the table. */
  readonly name: string;
  /** Makes it, and gives the path that is asked for. Undefined where this system cannot have such a file. */
  readonly make: (ground: Ground) => string | undefined | Promise<string | undefined>;
  /**
   * `itself`: it opens, as the film that it is and nothing else. `harmless`: it opens as far as it can, or
   * an error of the table's other rows says that it cannot. Otherwise the errors that may come.
   */
  readonly expect: "itself" | "harmless" | readonly ErrorCode[];
  /** What must be said of its subtitles: "none", "2 cues: ...", or an error. */
  readonly cues?: RegExp;
  /** Takes seconds, or gigabytes of a sparse file: not in every test run. */
  readonly slow?: boolean;
}

export const REFUSED: readonly ErrorCode[] = ["video-refused"];
/** Where a file is no video at all: whether it is refused or not understood is a matter of words. */
export const CLOSED: readonly ErrorCode[] = ["video-refused", "video-unreadable"];
/** Too large in some way, or not understood for it. */
export const BOUNDED: readonly ErrorCode[] = ["limit-exceeded", "video-unreadable", "decoder-failed"];
