import type { Clock } from "../timeline.js";
import { AV, type AvStream } from "./binding.js";
import type { Input } from "./input.js";

export interface Located {
  /** The last frame that is not after the target. */
  readonly pts: number;
  /** Where decoding it begins. */
  readonly keyPts: number;
}

interface Seen {
  readonly pts: number;
  readonly key: boolean;
  readonly shown: boolean;
}

/** A target this far on is reached by reading, not by a seek. */
const READ_ON_SECONDS = 4;

/**
 * Finds frames by reading packets around their times, without decoding.
 * @param targets ascending, ticks
 * @returns undefined where the packets do not tell
 */
export async function locate(input: Input, stream: AvStream, clock: Clock, targets: readonly number[], signal?: AbortSignal): Promise<(Located | undefined)[]> {
  const packets = new PacketWindow(input, stream, clock);
  const found: (Located | undefined)[] = [];
  for (const target of targets) found.push(await packets.around(target, signal));
  return found;
}

class PacketWindow {
  private seen: Seen[] = [];
  /** Decoding time of the last packet: packets of earlier pictures are all in `seen`. */
  private upTo = -Infinity;
  private ended = false;

  constructor(
    private readonly input: Input,
    private readonly stream: AvStream,
    private readonly clock: Clock,
  ) {}

  async around(target: number, signal?: AbortSignal): Promise<Located | undefined> {
    const second = this.clock.timeBase.den / this.clock.timeBase.num;
    if (target - this.upTo <= READ_ON_SECONDS * second) {
      await this.readTo(target, signal);
      const found = this.find(target);
      if (found) return found;
    }
    // Without an index (MPEG-TS) a seek lands where it guesses, also behind the target: then further back, twice as far each time.
    for (let back = 0; ; back = back === 0 ? second : back * 2) {
      const from = Math.max(this.clock.firstPts, target - back);
      if (!this.seek(from)) return undefined;
      await this.readTo(target, signal);
      const found = this.find(target);
      if (found || from === this.clock.firstPts) return found;
    }
  }

  private seek(pts: number): boolean {
    this.seen = [];
    this.upTo = -Infinity;
    this.ended = false;
    return this.input.format.seekFrameSync(this.stream.index, BigInt(Math.floor(pts)), AV.SEEK_BACKWARD) >= 0;
  }

  /** Reads until no later packet can belong to a picture at or before the target. */
  private async readTo(target: number, signal?: AbortSignal): Promise<void> {
    while (!this.ended && this.upTo <= target) {
      const packet = await this.input.read(signal);
      if (!packet) {
        this.ended = true;
        return;
      }
      if (packet.streamIndex !== this.stream.index || packet.pts === AV.NOPTS) continue;
      const [pts, key] = [Number(packet.pts), packet.isKeyframe];
      // What lies before a keyframe that is not after the target is not needed any more.
      if (key && pts <= target) this.seen = [];
      this.seen.push({ pts, key, shown: (packet.flags & (AV.PKT_DISCARD | AV.PKT_CORRUPT)) === 0 });
      this.upTo = packet.dts === AV.NOPTS ? pts : Number(packet.dts);
    }
  }

  private find(target: number): Located | undefined {
    let [pts, keyPts] = [-Infinity, -Infinity];
    for (const each of this.seen) {
      if (each.pts > target) continue;
      if (each.key) keyPts = Math.max(keyPts, each.pts);
      if (each.shown && each.pts >= this.clock.firstPts) pts = Math.max(pts, each.pts);
    }
    return Number.isFinite(pts) && Number.isFinite(keyPts) ? { pts, keyPts } : undefined;
  }
}
