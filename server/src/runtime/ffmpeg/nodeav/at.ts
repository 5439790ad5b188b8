import type { FrameMode } from "../../../engine/ports.js";
import type { ScannedVideo, Size } from "../decoder.js";
import type { Group } from "../plan.js";
import { grabFrom, type Give } from "./grab.js";
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
  give: Give,
  signal?: AbortSignal,
): Promise<(number | undefined)[]> {
  const stream = input.format.streams[video.index]!;
  input.only(stream.index);
  const shown = new Array<number | undefined>(targets.length).fill(undefined);
  const { firstPts, timeBase } = video.clock;
  const came = new Set<number>();
  const isMissing = (each: Located | undefined): each is Located => each !== undefined && !came.has(each.pts);
  const decode = async (frames: readonly Located[]): Promise<void> => {
    if (frames.length === 0) return;
    const note: Give = (pts, rgb) => {
      came.add(pts);
      return give(pts, rgb);
    };
    await grabFrom(input, stream, threads, groupsOf(frames), size, true, note, signal);
  };
  const further = async (missing: readonly Located[]): Promise<void> => {
    if (missing.length === 0) return;
    const back = (FURTHER_SECONDS * timeBase.den) / timeBase.num;
    const ascending = [...missing].sort((a, b) => a.pts - b.pts);
    const starts = await locate(input, stream, video.clock, ascending.map(({ keyPts }) => Math.max(firstPts, keyPts - back)), signal);
    await decode(ascending.flatMap(({ pts }, i) => starts[i] ? [{ pts, keyPts: starts[i].keyPts }] : []));
  };
  let open = targets.map((target, i) => ({ target, i }));
  for (let step = 0; open.length > 0 && step < MAX_STEPS_BACK; step++) {
    const found = await locate(input, stream, video.clock, open.map(({ target }) => target), signal);
    const wanted = found.map((each) => each && (mode === "keyframe" ? keyOf(each, firstPts) : each));
    await decode(wanted.filter(isMissing));
    await further(wanted.filter(isMissing));
    const next: typeof open = [];
    for (const [n, { i }] of open.entries()) {
      const frame = wanted[n];
      if (frame && came.has(frame.pts)) shown[i] = frame.pts;
      else if (frame && frame.pts > firstPts) next.push({ target: frame.pts - 1, i });
    }
    open = next.sort((a, b) => a.target - b.target);
  }
  return shown;
}

/** What is shown of a film whose beginning was cut off is the first frame, not the keyframe before it. */
const keyOf = ({ keyPts }: Located, firstPts: number): Located => ({ pts: Math.max(keyPts, firstPts), keyPts });

/** Frames that decode from one keyframe are decoded together: going on to the next would decode what nobody asked for. */
function groupsOf(frames: readonly Located[]): Group[] {
  const groups = new Map<number, Set<number>>();
  for (const { pts, keyPts } of frames) groups.set(keyPts, (groups.get(keyPts) ?? new Set()).add(pts));
  return [...groups].map(([keyPts, pts]) => ({ pts: [...pts], seekPts: keyPts, keyPts }));
}
