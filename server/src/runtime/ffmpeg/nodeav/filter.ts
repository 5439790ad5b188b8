import { decoderFailed } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { AV, type AvFrame, type AvStream, type Binding, type FilterContext, type FilterGraph } from "./binding.js";

/** Without padding, and not as a `Buffer`, whose `slice` copies nothing. */
export function copyOf(frame: AvFrame): Uint8Array {
  const { buffer, byteOffset, byteLength } = frame.toBuffer();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A chain of FFmpeg filters, built anew when the frames change their shape. */
export class FilterChain {
  private graph: FilterGraph | undefined;
  private source: FilterContext | undefined;
  private sink: FilterContext | undefined;
  private shape = "";
  private readonly out: AvFrame;

  constructor(
    private readonly binding: Binding,
    private readonly file: CheckedFile,
    private readonly media: "video" | "audio",
    private readonly stream: AvStream,
    private readonly chain: string,
  ) {
    this.out = new binding.lib.Frame();
    this.out.alloc();
  }

  /** Feeds a frame (null ends the stream) and hands on what comes out, valid within the call. */
  push(frame: AvFrame | null, onFrame: (frame: AvFrame) => void): void {
    if (frame) this.configure(frame);
    if (!this.source || !this.sink) return;
    const sent = this.source.buffersrcAddFrameSync(frame);
    if (sent < 0 && sent !== AV.EOF) throw decoderFailed(this.file.path, `a frame could not be converted (FFmpeg error ${sent})`);
    while (this.sink.buffersinkGetFrameSync(this.out) >= 0) {
      onFrame(this.out);
      this.out.unref();
    }
  }

  /** Feeds a frame and copies what comes of it, if anything does. */
  convert(frame: AvFrame): Uint8Array | undefined {
    const out: Uint8Array[] = [];
    this.push(frame, (converted) => out.push(copyOf(converted)));
    return out.at(-1);
  }

  close(): void {
    this.graph?.free();
    this.graph = undefined;
    this.out.free();
  }

  private configure(frame: AvFrame): void {
    const args = this.media === "video" ? this.videoArgs(frame) : this.audioArgs(frame);
    if (args === this.shape) return;
    this.graph?.free();
    const { lib } = this.binding;
    const graph = new lib.FilterGraph();
    graph.alloc();
    graph.nbThreads = 1;
    this.graph = graph;
    const prefix = this.media === "video" ? "" : "a";
    const make = (name: string, label: string, given: string | null): FilterContext => {
      const filter = lib.Filter.getByName(name);
      const context = filter && graph.createFilter(filter, label, given);
      if (!context) throw decoderFailed(this.file.path, `the filter ${name} is missing`);
      return context;
    };
    this.source = make(`${prefix}buffer`, "in", args);
    this.sink = make(`${prefix}buffersink`, "out", null);
    const end = (name: string, context: FilterContext) => {
      const pad = new lib.FilterInOut();
      pad.alloc();
      pad.name = name;
      pad.filterCtx = context;
      pad.padIdx = 0;
      return pad;
    };
    // Named from the chain's side: its input is the source's output.
    const parsed = graph.parsePtr(this.chain, end("out", this.sink), end("in", this.source));
    const ready = parsed < 0 ? parsed : graph.configSync();
    if (ready < 0) throw decoderFailed(this.file.path, `the conversion ${this.chain} was refused (FFmpeg error ${ready})`);
    this.shape = args;
  }

  private videoArgs(frame: AvFrame): string {
    const { num, den } = this.stream.timeBase;
    return (
      `video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=${num}/${den}` +
      `:pixel_aspect=${frame.sampleAspectRatio.num}/${Math.max(1, frame.sampleAspectRatio.den)}` +
      `:colorspace=${frame.colorSpace}:range=${frame.colorRange}`
    );
  }

  private audioArgs(frame: AvFrame): string {
    const { num, den } = this.stream.timeBase;
    const { nbChannels, mask } = frame.channelLayout;
    const layout = mask > 0n ? `0x${mask.toString(16)}` : `${nbChannels}c`;
    return `sample_rate=${frame.sampleRate}:sample_fmt=${this.binding.lib.avGetSampleFmtName(frame.format)}:channel_layout=${layout}:time_base=${num}/${den}`;
  }
}
