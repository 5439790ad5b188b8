import { throwIfAborted, VqaError, type ErrorCode } from "../../engine/errors.js";
import type { AudioSource, Frame, FrameRequest, FrameSource, FrameTimes, MediaInfo, SceneList, SceneRequest, SceneSource, VideoPath } from "../../engine/ports.js";
import type { MediaSource } from "./source.js";

/** Errors that may be the layer's own: another one may do better. */
const OWN: readonly ErrorCode[] = ["worker-crashed", "decoder-failed", "decoder-missing", "video-unreadable"];

/** So many crashes in a row, and a layer is not asked any more. */
const MAX_CRASHES = 3;

interface Layer {
  readonly source: MediaSource;
  crashes: number;
}

/** The first source that can answer does: a crash of the fast one costs no more than asking the next. */
export class LayeredSource implements FrameSource, FrameTimes, SceneSource, AudioSource {
  private readonly layers: readonly Layer[];

  /** @param sources the fastest first, at least one */
  constructor(sources: readonly MediaSource[]) {
    this.layers = sources.map((source) => ({ source, crashes: 0 }));
  }

  /** Names all layers: which of them served a frame makes no difference to its pixels. */
  async describe(signal?: AbortSignal): Promise<string> {
    const names = await Promise.all(this.layers.map(({ source }) => source.describe(signal)));
    return names.join(", ");
  }

  probe(path: VideoPath, signal?: AbortSignal): Promise<MediaInfo> {
    return this.first((source) => source.probe(path, signal), signal);
  }

  frames(request: FrameRequest, signal?: AbortSignal): Promise<readonly Frame[]> {
    return this.first((source) => source.frames(request, signal), signal);
  }

  /** Walking through a film decodes nearly all of it: the program does that on all cores, so it is asked first. */
  scenes(request: SceneRequest, onFraction?: (fraction: number) => void, signal?: AbortSignal): Promise<SceneList> {
    return this.first((source) => source.scenes(request, onFraction, signal), signal, [...this.layers].reverse());
  }

  frameTimes(path: VideoPath, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]> {
    return this.first((source) => source.frameTimes(path, fromMs, toMs, signal), signal);
  }

  pcm16k(path: VideoPath, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array | undefined> {
    return this.first((source) => source.pcm16k(path, startMs, endMs, signal), signal);
  }

  private async first<T>(ask: (source: MediaSource) => Promise<T>, signal: AbortSignal | undefined, layers: readonly Layer[] = this.layers): Promise<T> {
    let last: unknown;
    for (const [i, layer] of layers.entries()) {
      if (layer.crashes >= MAX_CRASHES && i < layers.length - 1) continue;
      try {
        const answer = await ask(layer.source);
        layer.crashes = 0;
        return answer;
      } catch (error) {
        throwIfAborted(signal);
        if (!(error instanceof VqaError && OWN.includes(error.code))) throw error;
        if (error.code === "worker-crashed") layer.crashes++;
        last = error;
      }
    }
    throw last;
  }
}
