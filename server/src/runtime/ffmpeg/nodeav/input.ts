import { throwIfAborted } from "../../../engine/errors.js";
import { decoderFailed, limitExceeded, videoRefused, videoUnreadable } from "../errors.js";
import type { CheckedFile } from "../file.js";
import type { MediaLimits } from "../limits.js";
import { describesItself, FORMATS, PROTOCOLS, timesDecoding } from "../whitelist.js";
import { AV, type AvFrame, type AvStream, type Binding, type CodecContext, type FormatContext, type Packet } from "./binding.js";

/** Reading and decoding block: as often as this the event loop gets a turn, since the wish to stop is a message. */
const TURN_MS = 20;

/** An opened file. Close it in a `finally`: what it holds lives outside the garbage collector. */
export class Input {
  private readonly packet: Packet;
  private deadline: number;
  private mayRunMs: number;
  private lastTurn = performance.now();

  private constructor(
    readonly binding: Binding,
    readonly file: CheckedFile,
    readonly format: FormatContext,
    private readonly limits: MediaLimits,
  ) {
    this.packet = new binding.lib.Packet();
    this.packet.alloc();
    this.mayRunMs = limits.maxRunMs;
    this.deadline = Date.now() + this.mayRunMs;
  }

  /** Errors: video-refused, video-unreadable, cancelled. */
  static async open(binding: Binding, file: CheckedFile, limits: MediaLimits, signal?: AbortSignal): Promise<Input> {
    throwIfAborted(signal);
    const format = new binding.lib.FormatContext();
    const options = binding.lib.Dictionary.fromObject({ format_whitelist: FORMATS, protocol_whitelist: PROTOCOLS });
    const opened = format.openInputSync(file.url, null, options);
    options.free();
    // A demuxer that is not on the list is reported as an invalid argument.
    if (opened === AV.EINVAL) throw videoRefused(file.path, "its format is not one that VQA opens");
    if (opened < 0) throw videoUnreadable(file.path, `node-av does not recognise it, or its index is missing (FFmpeg error ${opened})`);
    const input = new Input(binding, file, format, limits);
    // Otherwise the first picture is decoded, to find out what the header says.
    if (tellsOfPictures(binding, format)) format.setOption("codec_whitelist", SOUND_DECODERS);
    const found = format.findStreamInfoSync();
    if (found < 0 || signal?.aborted) {
      input.close();
      throwIfAborted(signal);
      throw videoUnreadable(file.path, `its streams cannot be read (FFmpeg error ${found})`);
    }
    return input;
  }

  get container(): string {
    return this.format.iformat?.name ?? "";
  }

  /** Lets the demuxer skip all other streams. */
  only(...indices: readonly number[]): void {
    for (const stream of this.format.streams) stream.discard = indices.includes(stream.index) ? AV.DISCARD_DEFAULT : AV.DISCARD_ALL;
  }

  /** Begins the time that one call may take. */
  begin(maxMs: number = this.limits.maxRunMs): void {
    this.mayRunMs = maxMs;
    this.deadline = Date.now() + maxMs;
  }

  /** Next packet, valid until the next call; undefined at the end or where a truncated file stops. */
  async read(signal?: AbortSignal): Promise<Packet | undefined> {
    this.packet.unref();
    if (performance.now() - this.lastTurn > TURN_MS) {
      await turn();
      this.lastTurn = performance.now();
    }
    throwIfAborted(signal);
    const result = this.format.readFrameSync(this.packet);
    if (Date.now() > this.deadline) throw limitExceeded(this.file.path, `decoding was stopped after ${Math.round(this.mayRunMs / 1000)} s`);
    return result < 0 ? undefined : this.packet;
  }

  /** Error decoder-failed: this build has no decoder for the stream. */
  decoder(stream: AvStream, threads: number): StreamDecoder {
    const { lib } = this.binding;
    const codec = lib.Codec.findDecoder(stream.codecpar.codecId);
    if (!codec) throw decoderFailed(this.file.path, `there is no decoder for ${lib.avGetCodecName(stream.codecpar.codecId) ?? "its codec"}`);
    const context = new lib.CodecContext();
    context.allocContext3(codec);
    context.parametersToContext(stream.codecpar);
    context.pktTimebase = stream.timeBase;
    if (threads > 0) context.threadCount = threads;
    // Not through a dictionary: `open2Sync` frees the one that it is given, and freeing it again crashes.
    context.setOption("max_pixels", String(this.limits.maxPixels));
    // Where the stream does not say how far its pictures are out of order, the standard's upper bound counts.
    if (codec.name === "h264") context.setOption("strict", "strict");
    const result = context.open2Sync(codec, null);
    if (result < 0) {
      context.freeContext();
      throw decoderFailed(this.file.path, `the ${codec.name ?? ""} decoder does not open (FFmpeg error ${result})`);
    }
    return new StreamDecoder(this.binding, context);
  }

  close(): void {
    this.packet.free();
    this.format.closeInputSync();
  }
}

/** Sound is still looked into: its sampling rate is not always that of the header. */
const SOUND_DECODERS = "aac,mp3float,mp3,ac3,eac3,opus,vorbis,flac,alac";

/** The header tells all that decoding needs, and the times at which packets are decoded. */
function tellsOfPictures({ lib }: Binding, { iformat, streams }: FormatContext): boolean {
  const pictures = streams.filter(({ codecpar }) => codecpar.codecType === AV.MEDIA_VIDEO);
  const known = ({ codecpar }: AvStream): boolean => describesItself(iformat?.name ?? "", lib.avGetCodecName(codecpar.codecId) ?? "") && codecpar.width > 0;
  return timesDecoding(iformat?.name ?? "") && pictures.length > 0 && pictures.every(known);
}

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

export type OnFrame = (frame: AvFrame, pts: number) => void | Promise<void>;

/** One decoder of one stream. */
export class StreamDecoder {
  private readonly frame: AvFrame;
  private lastPts = Number.NaN;
  private gap = Number.NaN;

  constructor(
    binding: Binding,
    private readonly context: CodecContext,
  ) {
    this.frame = new binding.lib.Frame();
    this.frame.alloc();
  }

  /**
   * Feeds a packet (null drains) and hands on every frame that comes out, with its timestamp; a
   * frame is valid until what `onFrame` returns is settled, and so long no other comes out.
   */
  async decode(packet: Packet | null, onFrame: OnFrame): Promise<void> {
    // A damaged packet is no reason to stop: what follows may decode.
    this.context.sendPacketSync(packet);
    while (this.context.receiveFrameSync(this.frame) >= 0) {
      await onFrame(this.frame, this.timeOf(this.frame));
      this.frame.unref();
    }
  }

  /** Feeds a packet of headers: its picture is no one's to look at, and not worth to be repaired. */
  async decodeHeaders(packet: Packet, onFrame: OnFrame): Promise<void> {
    this.context.setOption("ec", "0");
    await this.decode(packet, onFrame);
    this.context.setOption("ec", "guess_mvs+deblock");
  }

  /** AVI leaves the last frame without a time: it follows the one before, as the ffmpeg program has it. */
  private timeOf(frame: AvFrame): number {
    const best = frame.bestEffortTimestamp === AV.NOPTS ? frame.pts : frame.bestEffortTimestamp;
    const pts = best === AV.NOPTS ? this.lastPts + this.gap : Number(best);
    if (pts > this.lastPts) this.gap = pts - this.lastPts;
    this.lastPts = pts;
    return pts;
  }

  /** After a seek, or after draining. */
  reset(): void {
    this.context.flushBuffers();
    this.lastPts = Number.NaN;
    this.gap = Number.NaN;
  }

  /** Frames that no other frame needs may be left undecoded. */
  skipUnreferenced(skip: boolean): void {
    this.context.setOption("skip_frame", skip ? "noref" : "default");
  }

  close(): void {
    this.frame.free();
    this.context.freeContext();
  }
}
