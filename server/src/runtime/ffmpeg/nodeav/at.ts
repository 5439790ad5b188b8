import type { FrameMode } from "../../../engine/ports.js";
import type { Picture, ScannedVideo, Size } from "../decoder.js";
import type { Group } from "../plan.js";
import { grabFrom } from "./grab.js";
import type { Input } from "./input.js";
import { locate, type Located } from "./locate.js";

/** A frame that does not decode leaves the one before on screen: this often that one is asked for instead. */
const MAX_STEPS_BACK = 64;

/**
 * Not every packet that calls itself a keyframe is one: with intra refresh, decoding is only right a
 * while after it. A frame that does not come out is looked for from this much further back.
 */
const FURTHER_SECONDS = 12;

/** Pictures of a film without a list of its frames: first the packets tell which frames, then they are decoded. */
export async function at(
  input: Input,
  threads: number,
  video: ScannedVideo,
  targets: readonly number[],
  mode: FrameMode,
  size: Size,
  signal?: AbortSignal,
): Promise<(Picture | undefined)[]> {
  const stream = input.format.streams[video.index]!;
  input.only(stream.index);
  const pictures = new Array<Picture | undefined>(targets.length).fill(undefined);
  const { firstPts, timeBase } = video.clock;
  const further = async (missing: readonly Located[], into: Map<number, Uint8Array>): Promise<void> => {
    if (missing.length === 0) return;
    const back = (FURTHER_SECONDS * timeBase.den) / timeBase.num;
    const ascending = [...missing].sort((a, b) => a.pts - b.pts);
    const starts = await locate(input, stream, video.clock, ascending.map(({ keyPts }) => Math.max(firstPts, keyPts - back)), signal);
    const again = ascending.flatMap(({ pts }, i) => starts[i] && { pts, keyPts: starts[i].keyPts });
    for (const [pts, rgb] of await grabFrom(input, stream, threads, groupsOf(again), size, true, signal)) into.set(pts, rgb);
  };
  let open = targets.map((target, i) => ({ target, i }));
  for (let step = 0; open.length > 0 && step < MAX_STEPS_BACK; step++) {
    const found = await locate(input, stream, video.clock, open.map(({ target }) => target), signal);
    const wanted = found.map((each) => each && (mode === "keyframe" ? keyOf(each, firstPts) : each));
    const decoded = await grabFrom(input, stream, threads, groupsOf(wanted), size, true, signal);
    await further(wanted.filter((each): each is Located => each !== undefined && !decoded.has(each.pts)), decoded);
    const next: typeof open = [];
    for (const [n, { i }] of open.entries()) {
      const frame = wanted[n];
      const rgb = frame && decoded.get(frame.pts);
      if (rgb) pictures[i] = { pts: frame.pts, rgb };
      else if (frame && frame.pts > firstPts) next.push({ target: frame.pts - 1, i });
    }
    open = next.sort((a, b) => a.target - b.target);
  }
  return pictures;
}

/** What is shown of a film whose beginning was cut off is the first frame, not the keyframe before it. */
const keyOf = ({ keyPts }: Located, firstPts: number): Located => ({ pts: Math.max(keyPts, firstPts), keyPts });

/** Frames that decode from one keyframe are decoded together: going on to the next would decode what nobody asked for. */
function groupsOf(found: readonly (Located | undefined)[]): Group[] {
  const groups = new Map<number, Set<number>>();
  for (const each of found) {
    if (!each) continue;
    const pts = groups.get(each.keyPts) ?? new Set();
    groups.set(each.keyPts, pts.add(each.pts));
  }
  return [...groups].map(([keyPts, pts]) => ({ pts: [...pts], seekPts: keyPts, keyPts }));
}
