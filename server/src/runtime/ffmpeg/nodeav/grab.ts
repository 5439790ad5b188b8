import type { ListedVideo, Size } from "../decoder.js";
import { scaleFilter } from "../fit.js";
import type { Group } from "../plan.js";
import { AV, type AvStream, type Packet } from "./binding.js";
import { FilterChain } from "./filter.js";
import type { Input, OnFrame, StreamDecoder } from "./input.js";
import { orientationOf } from "./matrix.js";
import { maySpare, spareOf } from "./spare.js";

/** Takes a picture for good and its timestamp, as `OnPicture` does; decoding goes on when what it returns is settled. */
export type Give = (pts: number, rgb: Uint8Array) => void | Promise<void>;

/** Serves all groups of a film whose frames are known. `open` opens the file anew. */
export async function grab(
  open: <T>(again: boolean, job: (input: Input) => Promise<T>) => Promise<T>,
  threads: number,
  video: ListedVideo,
  groups: readonly Group[],
  size: Size,
  give: Give,
  signal?: AbortSignal,
): Promise<void> {
  const { seekable } = video.timeline;
  // Groups from the start of a file need it unread: a container without seeking is opened anew.
  const portions = groups.some((group) => group.seekPts === undefined) ? groups.map((group) => [group]) : [groups];
  for (const portion of portions) {
    const again = portion.every((group) => group.seekPts !== undefined);
    await open(again, (input) => grabFrom(input, input.format.streams[video.index]!, threads, portion, size, seekable, give, signal));
  }
}

/** Serves groups from one opened file. @param packetsTell see `grabGroup` */
export async function grabFrom(
  input: Input,
  stream: AvStream,
  threads: number,
  groups: readonly Group[],
  size: Size,
  packetsTell: boolean,
  give: Give,
  signal?: AbortSignal,
): Promise<void> {
  input.only(stream.index);
  const { filters } = orientationOf(stream.codecpar.getCodedSideData(AV.PKT_DATA_DISPLAYMATRIX));
  const chain = new FilterChain(input.binding, input.file, "video", stream, [...filters, scaleFilter(size)].join(","));
  const decoder = input.decoder(stream, threads);
  try {
    for (const group of groups) await grabGroup(input, stream, decoder, chain, group, packetsTell, give, signal);
  } finally {
    decoder.close();
    chain.close();
  }
}

async function grabGroup(
  input: Input,
  stream: AvStream,
  decoder: StreamDecoder,
  chain: FilterChain,
  group: Group,
  /** False when packets do not tell what comes out: then all is decoded, as it was for the timeline. */
  packetsTell: boolean,
  give: Give,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = new Set(group.pts);
  const unsent = new Set(group.pts);
  const take: OnFrame = async (frame, pts) => {
    if (!wanted.delete(pts)) return;
    const picture = chain.convert(frame);
    if (picture) await give(pts, picture);
  };
  const begin = (): Promise<Packet | undefined> => (group.seekPts === undefined ? input.read(signal) : readKey(input, stream, group.keyPts, signal));
  let p = await begin();
  const look = p !== undefined && packetsTell && maySpare(input, stream, group);
  const spare = p !== undefined && look ? await spareOf(input, stream, p, group, signal) : undefined;
  if (look) p = await begin();
  decoder.reset();
  for (; p && wanted.size > 0; p = await input.read(signal)) {
    if (p.streamIndex !== stream.index) continue;
    const needed = unsent.delete(Number(p.pts));
    if (packetsTell) decoder.skipUnreferenced(!needed);
    if (spare?.strip(p) === true) await decoder.decodeHeaders(p, take);
    else await decoder.decode(p, take);
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
    if ((input.format.seekFrameSync(stream.index, target, AV.SEEK_BACKWARD)) < 0) return undefined;
    for (let p = await input.read(signal); p; p = await input.read(signal)) {
      if (p.streamIndex !== stream.index || !p.isKeyframe) continue;
      if (Number(p.pts) === keyPts) return p;
      if (Number(p.pts) > keyPts) break;
    }
  }
  return undefined;
}
