/**
 * Video files through ffmpeg: frames at exact times, subtitles and sound behind the engine's ports.
 * The program ffmpeg is used where there is one; the binding node-av, whose native code must stay
 * in the worker process, is the last resort. Call `openMedia` only in that process.
 */
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { AudioSource, CueSource, FrameSource } from "../../engine/ports.js";
import { cliDecoder } from "./cli/index.js";
import { FfmpegProgram } from "./cli/program.js";
import type { Decoder } from "./decoder.js";
import { DEFAULT_LIMITS, type MediaLimits } from "./limits.js";
import { nodeAvDecoder } from "./nodeav/index.js";
import { decoderMissing, resolveFfmpeg } from "./resolve.js";
import { MediaSource } from "./source.js";
import { MediaCues } from "./subtitles/source.js";

export interface MediaOptions {
  /** The ffmpeg program, as the user set it. Machine scope: never from a workspace. */
  readonly ffmpegPath?: string;
  /** Forces one decoder; otherwise `VQA_DECODER` does, otherwise the first that works is taken. */
  readonly decoder?: DecoderChoice;
  /** Decoding threads of one process; 0 (default) lets the decoder choose. */
  readonly threads?: number;
  readonly limits?: Partial<MediaLimits>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type DecoderChoice = "ffmpeg" | "node-av";

export interface Media {
  readonly frames: FrameSource;
  readonly cues: CueSource;
  readonly audio: AudioSource;
}

/** Errors: decoder-missing (with this system's install command), cancelled. */
export async function openMedia(options: MediaOptions = {}, signal?: AbortSignal): Promise<Media> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const decoder = await openDecoder(options, limits, signal);
  throwIfAborted(signal);
  const source = new MediaSource(decoder, limits);
  return { frames: source, audio: source, cues: new MediaCues(decoder, limits) };
}

/** The decoder alone, without file checks and caches: for `openMedia` and for tests of one decoder. */
export async function openDecoder(options: MediaOptions, limits: MediaLimits, signal?: AbortSignal): Promise<Decoder> {
  const env = options.env ?? process.env;
  const choice = options.decoder ?? choiceOf(env["VQA_DECODER"]);
  const threads = options.threads ?? 0;
  if (choice !== "node-av") {
    const binary = await resolveFfmpeg(options.ffmpegPath, env, signal);
    if (binary) return cliDecoder(new FfmpegProgram(binary, limits, threads));
  }
  if (choice !== "ffmpeg") {
    const decoder = await nodeAvDecoder(limits, threads);
    if (decoder) return decoder;
  }
  throw decoderMissing();
}

function choiceOf(value: string | undefined): DecoderChoice | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "ffmpeg" || value === "node-av") return value;
  throw new VqaError("invalid-request", `VQA_DECODER is "${value}".`, 'Set it to "ffmpeg" or "node-av", or unset it.');
}

export { runningDecoders } from "./run.js";
export type { MediaLimits } from "./limits.js";
