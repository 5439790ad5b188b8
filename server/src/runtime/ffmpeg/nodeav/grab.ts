import type { ScannedVideo, Size } from "../decoder.js";
import type { CheckedFile } from "../file.js";
import { scaleFilter } from "../fit.js";
import type { MediaLimits } from "../limits.js";
import type { Group } from "../plan.js";
import { AV, type AvFrame, type AvStream, type Binding, type Packet } from "./binding.js";
import { FilterChain } from "./filter.js";
import { Input, type StreamDecoder } from "./input.js";
import { orientationOf } from "./matrix.js";

/** Serves all groups from one opened file. */
export async function grab(
  binding: Binding,
  file: CheckedFile,
  limits: MediaLimits,
  threads: number,
  video: ScannedVideo,
  groups: readonly Group[],
  size: Size,
  signal?: AbortSignal,
): Promise<Map<number, Uint8Array>> {
  const pictures = new Map<number, Uint8Array>();
  const input = await Input.open(binding, file, limits, signal);
  try {
    const stream = input.format.streams[video.index]!;
    input.only(stream.index);
    const { filters } = orientationOf(stream.codecpar.getCodedSideData(AV.PKT_DATA_DISPLAYMATRIX));
    const chain = new FilterChain(binding, file, "video", stream, [...filters, scaleFilter(size)].join(","));
    const decoder = await input.decoder(stream, threads);
    try {
      let fresh = true;
      for (const group of groups) {
        if (!fresh && group.seekPts === undefined) {
          // Only groups of a file without seeking begin at its start, and a container without seeking is opened anew.
          const rest = groups.slice(groups.indexOf(group));
          for (const [pts, rgb] of await grab(binding, file, limits, threads, video, rest, size, signal)) pictures.set(pts, rgb);
          break;
        }
        await grabGroup(input, stream, decoder, chain, group, video.timeline.seekable, pictures, signal);
        fresh = false;
      }
    } finally {
      decoder.close();
      chain.close();
    }
  } finally {
    await input.close();
  }
  return pictures;
}

async function grabGroup(
  input: Input,
  stream: AvStream,
  decoder: StreamDecoder,
  chain: FilterChain,
  group: Group,
  /** False when packets do not tell what comes out: then all is decoded, as it was for the timeline. */
  packetsTell: boolean,
  into: Map<number, Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = new Set(group.pts);
  const unsent = new Set(group.pts);
  const take = async (frame: AvFrame, pts: number): Promise<void> => {
    if (!wanted.delete(pts)) return;
    // A copy without padding: the filter's buffer is reused.
    await chain.push(frame, (picture) => into.set(pts, Uint8Array.from(picture.toBuffer())));
  };
  let p = group.seekPts === undefined ? await input.read(signal) : await readKey(input, stream, group.keyPts, signal);
  decoder.reset();
  for (; p && wanted.size > 0; p = await input.read(signal)) {
    if (p.streamIndex !== stream.index) continue;
    const needed = unsent.delete(Number(p.pts));
    if (packetsTell) decoder.skipUnreferenced(!needed);
    await decoder.decode(p, take);
    // What is still inside comes out by draining: decoding on would be wasted.
    if (packetsTell && unsent.size === 0) break;
  }
  if (wanted.size > 0) await decoder.decode(null, take);
}

/**
 * Seeks to a keyframe and reads its packet. Containers without an index (MPEG-TS) land where they
 * guess, also behind it: then further back, twice as far each time. Undefined when it is not found.
 */
async function readKey(input: Input, stream: AvStream, keyPts: number, signal?: AbortSignal): Promise<Packet | undefined> {
  const second = stream.timeBase.den / stream.timeBase.num;
  for (let back = 0; back < 1e6 * second; back = back === 0 ? second : back * 2) {
    const target = BigInt(Math.floor(keyPts - back));
    if ((await input.format.seekFrame(stream.index, target, AV.SEEK_BACKWARD)) < 0) return undefined;
    for (let p = await input.read(signal); p; p = await input.read(signal)) {
      if (p.streamIndex !== stream.index || !p.isKeyframe) continue;
      if (Number(p.pts) === keyPts) return p;
      if (Number(p.pts) > keyPts) break;
    }
  }
  return undefined;
}
