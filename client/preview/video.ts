/** What the page shows of one video, beside its picture: asked of the server once, in the background. */
import type * as vscode from "vscode";
import type { MediaInfo } from "../../server/src/protocol/values.js";
import type { FrameWindow } from "./frames.js";
import { framesAround } from "./frameTimes.js";
import { thumbnailTimes } from "./layout.js";
import type { PageLink } from "./link.js";
import type { ToPage } from "./messages.js";
import type { PreviewServer } from "./server.js";

const THUMBNAILS = 10;
/** In pixels of the picture. */
const THUMBNAIL_WIDTH = 160;
const WAVE_BUCKETS = 600;

export class ShownVideo {
  #media: MediaInfo | undefined;
  #cuts: readonly number[] | undefined;
  #strip: ToPage | undefined;
  #wave: ToPage | undefined;
  #closed = false;

  /** @param uri undefined where the document names none */
  constructor(
    readonly uri: vscode.Uri | undefined,
    private readonly server: PreviewServer,
    private readonly link: PageLink,
  ) {}

  /** As the server is told it; undefined where it is no file, which the server could not read. */
  get file(): string | undefined {
    return this.uri?.scheme === "file" ? this.uri.toString() : undefined;
  }

  /** The facts, as far as they are known. */
  get media(): MediaInfo | undefined {
    return this.#media;
  }

  get knowsCuts(): boolean {
    return this.#cuts !== undefined;
  }

  /** What the page is shown again when it is loaded anew. */
  get pictures(): readonly ToPage[] {
    return [this.#strip, this.#wave].filter((message) => message !== undefined);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Another one is shown from now on. */
  close(): void {
    this.#closed = true;
  }

  /** Asks for the facts, and once they are there for the pictures and the sound. Undefined: nothing is known, or nobody wants it any more. */
  async look(): Promise<MediaInfo | undefined> {
    const { file } = this;
    if (file === undefined) return undefined;
    try {
      const media = await this.facts(file);
      if (this.#closed) return undefined;
      void this.#makeStrip(file, media);
      if (media.audio.length > 0) void this.#makeWave(file);
      return media;
    } catch {
      // The player says itself what it cannot play; without the facts only the steps are less exact.
      return undefined;
    }
  }

  /** Error: the server cannot read it. */
  async facts(file: string): Promise<MediaInfo> {
    return (this.#media ??= await this.server.probe(file));
  }

  /** Where the film cuts, ms. Error: it was stopped, or the server cannot read it. */
  async cuts(file: string, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<readonly number[]> {
    return (this.#cuts ??= await this.server.cuts(file, onFraction, token));
  }

  /** Copies keep the frames of their film, and all times count from its first one. */
  async tellFrames(aroundMs: number): Promise<void> {
    const { file } = this;
    let window: FrameWindow = { timesMs: [] };
    try {
      if (file !== undefined) {
        const { durationMs } = await this.facts(file);
        window = await framesAround((from, to) => this.server.frameTimes(file, from, to), aroundMs, durationMs);
      }
    } catch {
      // The page then counts by the rate.
    }
    if (!this.#closed) this.link.post({ type: "frames", timesMs: [...window.timesMs], ...(window.endMs === undefined ? {} : { endMs: window.endMs }) });
  }

  async #makeStrip(file: string, { video: picture, durationMs }: MediaInfo): Promise<void> {
    if (picture === undefined || durationMs <= 0) return;
    try {
      const { pictures } = await this.server.frames({ video: file, timesMs: thumbnailTimes(durationMs, THUMBNAILS), width: THUMBNAIL_WIDTH });
      if (this.#closed) return;
      this.#strip = { type: "strip", pictures: pictures.map(({ width, height, rgb }) => ({ width, height, rgb })) };
      this.link.post(this.#strip);
    } catch {
      // A timeline without pictures is one, too.
    }
  }

  async #makeWave(file: string): Promise<void> {
    try {
      const peaks = await this.server.waveform(file, WAVE_BUCKETS);
      if (this.#closed) return;
      this.#wave = { type: "wave", peaks };
      this.link.post(this.#wave);
    } catch {
      // As above.
    }
  }
}
