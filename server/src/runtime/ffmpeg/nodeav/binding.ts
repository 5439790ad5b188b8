/**
 * The part of node-av's low-level interface (FFmpeg's own C interface) that is used here. Declared
 * by hand, because node-av is an optional dependency: the project must compile without it. The calls
 * that block are taken: they run in a process of their own, and cost a third of the asynchronous ones.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Rational } from "../timeline.js";

export interface Packet {
  readonly streamIndex: number;
  readonly pts: bigint;
  readonly dts: bigint;
  readonly duration: bigint;
  readonly flags: number;
  readonly isKeyframe: boolean;
  /** A copy, made anew each time. */
  data: Buffer | null;
  alloc(): void;
  free(): void;
  unref(): void;
}

export interface AvFrame {
  readonly width: number;
  readonly height: number;
  readonly format: number;
  readonly pts: bigint;
  readonly bestEffortTimestamp: bigint;
  readonly nbSamples: number;
  readonly sampleRate: number;
  readonly channelLayout: ChannelLayout;
  readonly sampleAspectRatio: Rational;
  readonly colorSpace: number;
  readonly colorRange: number;
  alloc(): void;
  free(): void;
  unref(): void;
  /** A copy without padding, in memory of its own. */
  toBuffer(): Buffer;
}

export interface ChannelLayout {
  readonly nbChannels: number;
  readonly mask: bigint;
}

export interface CodecParameters {
  readonly codecType: number;
  readonly codecId: number;
  readonly width: number;
  readonly height: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly sampleAspectRatio: Rational;
  readonly extradata: Buffer | null;
  getCodedSideData(type: number): Buffer | null;
}

export interface AvStream {
  readonly index: number;
  readonly codecpar: CodecParameters;
  readonly timeBase: Rational;
  readonly disposition: number;
  readonly sampleAspectRatio: Rational;
  readonly metadata: Dictionary | null;
  discard: number;
}

export interface Dictionary {
  getAll(): Record<string, string>;
  free(): void;
}

export interface FormatContext {
  readonly startTime: bigint;
  readonly duration: bigint;
  readonly iformat: { readonly name: string | null } | null;
  readonly streams: AvStream[];
  openInputSync(url: string, format: null, options: Dictionary | null): number;
  findStreamInfoSync(): number;
  readFrameSync(packet: Packet): number;
  setOption(name: string, value: string): number;
  seekFrameSync(stream: number, timestamp: bigint, flags: number): number;
  closeInputSync(): void;
}

export interface CodecContext {
  threadCount: number;
  pktTimebase: Rational;
  allocContext3(codec: Codec): void;
  parametersToContext(parameters: CodecParameters): number;
  open2Sync(codec: Codec, options: Dictionary | null): number;
  sendPacketSync(packet: Packet | null): number;
  receiveFrameSync(frame: AvFrame): number;
  flushBuffers(): void;
  freeContext(): void;
  setOption(name: string, value: string): number;
}

export interface Codec {
  readonly name: string | null;
}

export interface FilterContext {
  buffersrcAddFrameSync(frame: AvFrame | null): number;
  buffersinkGetFrameSync(frame: AvFrame): number;
}

export interface FilterInOut {
  name: string | null;
  filterCtx: FilterContext | null;
  padIdx: number;
  alloc(): void;
}

export interface FilterGraph {
  nbThreads: number;
  alloc(): void;
  free(): void;
  createFilter(filter: object, name: string, args: string | null): FilterContext | null;
  parsePtr(filters: string, inputs: FilterInOut, outputs: FilterInOut): number;
  configSync(): number;
}

export interface Lib {
  readonly FormatContext: new () => FormatContext;
  readonly CodecContext: new () => CodecContext;
  readonly Packet: new () => Packet;
  readonly Frame: new () => AvFrame;
  readonly FilterGraph: new () => FilterGraph;
  readonly FilterInOut: new () => FilterInOut;
  readonly Filter: { getByName(name: string): object | null };
  readonly Codec: { findDecoder(id: number): Codec | null };
  readonly Dictionary: { fromObject(values: Record<string, string>): Dictionary };
  readonly Log: { setLevel(level: number): void };
  readonly avGetCodecName: (id: number) => string | null;
  readonly avGetPixFmtName: (format: number) => string | null;
  readonly avGetSampleFmtName: (format: number) => string | null;
}

/** Values of FFmpeg's public headers, which are part of its stable interface. */
export const AV = {
  MEDIA_VIDEO: 0,
  MEDIA_AUDIO: 1,
  MEDIA_SUBTITLE: 3,
  DISCARD_DEFAULT: 0,
  DISCARD_ALL: 48,
  SEEK_BACKWARD: 1,
  SEEK_BYTE: 2,
  PKT_CORRUPT: 2,
  PKT_DISCARD: 4,
  PKT_DATA_DISPLAYMATRIX: 5,
  DISPOSITION_ATTACHED_PIC: 1 << 10,
  DISPOSITION_TIMED_THUMBNAILS: 1 << 11,
  NOPTS: -(2n ** 63n),
  EOF: -541478725,
  EINVAL: -22,
  LOG_QUIET: -8,
} as const;

export interface Binding {
  readonly lib: Lib;
  readonly version: string;
}

let loaded: Promise<Binding | undefined> | undefined;

/** Loads the native code, once and only when it is needed. Undefined when it is not installed or does not load here. */
export function loadBinding(): Promise<Binding | undefined> {
  loaded ??= (async () => {
    try {
      // Not a literal: neither the compiler nor a bundler may ask for an optional package.
      const entry: string = "node-av/lib";
      const lib = (await import(entry)) as Lib;
      lib.Log.setLevel(AV.LOG_QUIET);
      return { lib, version: await versionOf(entry) };
    } catch {
      return undefined;
    }
  })();
  return loaded;
}

async function versionOf(entry: string): Promise<string> {
  // The package does not export its package.json: it is two folders above dist/lib/index.js.
  const manifest = join(dirname(createRequire(import.meta.url).resolve(entry)), "../../package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  return version;
}
