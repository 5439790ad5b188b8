import { configurationOf, type Configuration } from "../h264/nal.js";
import { GroupReader, headersOnly } from "../h264/needed.js";
import type { Group } from "../plan.js";
import { describesItself } from "../whitelist.js";
import { AV, type AvStream, type Packet } from "./binding.js";
import type { Input } from "./input.js";

/** Of a group that is longer nothing is told: it is read twice. */
const MOST_PACKETS = 2000;

/** Pictures of which a decoder is given the headers only, since no wanted picture needs more of them. */
export class Spare {
  constructor(
    private readonly configuration: Configuration,
    private readonly pts: ReadonlySet<number>,
  ) {}

  /** Leaves nothing but headers of a packet whose picture nobody needs. True: what comes of it may not be looked at. */
  strip(packet: Packet): boolean {
    const data = this.pts.has(Number(packet.pts)) ? packet.data : null;
    if (data === null) return false;
    packet.data = Buffer.from(headersOnly(data, this.configuration));
    return true;
  }
}

/**
 * Reads the headers of a group from its first packet to the last wanted one. Undefined when nothing can be
 * spared, or nothing is known: then all that is referred to is decoded. The file has been read on either way.
 * @param first its keyframe's packet
 */
export async function spareOf(input: Input, stream: AvStream, first: Packet, group: Group, signal?: AbortSignal): Promise<Spare | undefined> {
  const configuration = configurationOf(stream.codecpar.extradata ?? Buffer.alloc(0));
  if (configuration === undefined) return undefined;
  const reader = new GroupReader(configuration);
  const unseen = new Set(group.pts);
  let packets = 0;
  for (let p: Packet | undefined = first; p && packets < MOST_PACKETS; p = await input.read(signal)) {
    if (p.streamIndex !== stream.index) continue;
    packets++;
    const { data } = p;
    if (p.pts === AV.NOPTS || data === null || !reader.add(data, Number(p.pts))) return undefined;
    unseen.delete(Number(p.pts));
    if (unseen.size > 0) continue;
    const pts = reader.unneeded(group.pts);
    return pts.size === 0 ? undefined : new Spare(configuration, pts);
  }
  return undefined;
}

/** Files that find the group again at once, and of a kind whose headers are understood. */
export function maySpare(input: Input, stream: AvStream, { pts, seekPts, keyPts }: Group): boolean {
  const codec = input.binding.lib.avGetCodecName(stream.codecpar.codecId);
  return codec === "h264" && describesItself(input.container, codec) && seekPts !== undefined && pts.some((wanted) => wanted !== keyPts);
}
