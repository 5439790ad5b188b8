import type { FrameMode } from "../../../engine/ports.js";
import type { ScannedVideo, Size } from "../decoder.js";
import { scaleFilter } from "../fit.js";
import { ticksPerFrame } from "../timeline.js";
import { AV, type AvStream } from "./binding.js";
import { FilterChain } from "./filter.js";
import type { Give } from "./grab.js";
import type { Input, OnFrame, StreamDecoder } from "./input.js";
import { orientationOf } from "./matrix.js";

/** Pictures this near before a target are scaled as they come: one of them is on screen. */
const NEAR_FRAMES = 2.5;

/**
 * Pictures of a film whose packets do not tell when they are shown (AVI): decodes from a keyframe before
 * each target until a later picture comes out. Undefined where none was found.
 */
export async function around(
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
  const { filters } = orientationOf(stream.codecpar.getCodedSideData(AV.PKT_DATA_DISPLAYMATRIX));
  const chain = new FilterChain(input.binding, input.file, "video", stream, [...filters, scaleFilter(size)].join(","));
  const decoder = input.decoder(stream, threads);
  const look: Look = { input, stream, decoder, chain, video, mode, give };
  try {
    const shown: (number | undefined)[] = [];
    for (const run of runsOf(targets, video, mode)) shown.push(...(await onScreen(look, run, signal)));
    return shown;
  } finally {
    decoder.close();
    chain.close();
  }
}

interface Look {
  readonly input: Input;
  readonly stream: AvStream;
  readonly decoder: StreamDecoder;
  readonly chain: FilterChain;
  readonly video: ScannedVideo;
  readonly mode: FrameMode;
  readonly give: Give;
}

/** Further back, twice as far each time, until a picture comes out that is not after the first target. */
async function onScreen(look: Look, targets: readonly number[], signal?: AbortSignal): Promise<(number | undefined)[]> {
  const { clock } = look.video;
  const second = clock.timeBase.den / clock.timeBase.num;
  const [first] = targets as readonly [number, ...number[]];
  for (let back = 0; ; back = back === 0 ? second : back * 2) {
    const from = Math.max(clock.firstPts, first - back);
    if (look.input.format.seekFrameSync(look.stream.index, BigInt(Math.floor(from)), AV.SEEK_BACKWARD) < 0) return targets.map(() => undefined);
    // In a gap, the picture on screen is older than was thought: then all of them are scaled.
    const found = await walk(look, targets, back === 0 ? NEAR_FRAMES * ticksPerFrame(clock) : Infinity, signal);
    if (found.every((pts) => pts !== undefined) || from === clock.firstPts) return found;
  }
}

/** @param near how far before a target pictures are scaled, ticks */
async function walk({ input, stream, decoder, chain, mode, give }: Look, targets: readonly number[], near: number, signal?: AbortSignal): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = [];
  let last = Number.NaN;
  let scaled: { readonly pts: number; rgb: Uint8Array | undefined } | undefined;
  const settle = async (): Promise<void> => {
    const onScreen = scaled?.pts === last ? scaled : undefined;
    found.push(onScreen?.pts);
    if (onScreen?.rgb === undefined) return;
    const { pts, rgb } = onScreen;
    onScreen.rgb = undefined;
    await give(pts, rgb);
  };
  const take: OnFrame = async (frame, pts) => {
    if (Number.isNaN(pts)) return;
    while (found.length < targets.length && pts > targets[found.length]!) await settle();
    const target = targets[found.length];
    if (target === undefined) return;
    last = pts;
    const rgb = mode === "keyframe" || target - pts <= near ? chain.convert(frame) : undefined;
    if (rgb) scaled = { pts, rgb };
    // The first picture after a seek is the keyframe.
    if (mode === "keyframe") await settle();
  };
  decoder.reset();
  for (let p = await input.read(signal); p && found.length < targets.length; p = await input.read(signal)) {
    if (p.streamIndex === stream.index) await decoder.decode(p, take);
  }
  if (found.length < targets.length) await decoder.decode(null, take);
  while (found.length < targets.length) await settle();
  return found;
}

/** Targets that are nearer to each other than keyframes are reached by decoding on; keyframes are looked for one by one. */
function runsOf(targets: readonly number[], { clock }: ScannedVideo, mode: FrameMode): number[][] {
  const runs: number[][] = [];
  for (const target of targets) {
    const before = runs.at(-1)?.at(-1);
    if (before !== undefined && mode === "exact" && target - before <= clock.gop * ticksPerFrame(clock)) runs.at(-1)!.push(target);
    else runs.push([target]);
  }
  return runs;
}
