/**
 * Video files through ffmpeg: frames at exact times, subtitles and sound behind the engine's ports.
 * Two layers: the binding node-av, in a process of its own, reads packets ahead and leaves out what no
 * wanted frame needs; the program ffmpeg takes over where node-av is not installed, crashes or fails.
 * Either alone will do.
 */
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { AudioSource, CueSource, FrameSource, FrameTimes, SceneSource } from "../../engine/ports.js";
import { DiskDigests } from "../cache/digests.js";
import type { Decoder } from "./decoder.js";
import { DEFAULT_LIMITS, type MediaLimits } from "./limits.js";
import { LayeredSource } from "./layered.js";
import { nodeAvProcess } from "./nodeav/remote.js";
import { decoderMissing, resolveFfmpeg, type FfmpegBinary } from "./resolve.js";
import { MediaSource } from "./source.js";

export interface MediaOptions {
  /** The ffmpeg program, as the user set it. Machine scope: never from a workspace. */
  readonly ffmpegPath?: string;
  /** Forces one decoder; otherwise `VQA_DECODER` does, otherwise all that work are taken. */
  readonly decoder?: DecoderChoice;
  /** Decoding threads of one process; 0 (default) lets the decoder choose. */
  readonly threads?: number;
  readonly limits?: Partial<MediaLimits>;
  /** Where digests of large files are kept; nowhere when absent. */
  readonly digestFolder?: string;
  /** How much of the beginning of a film is read at first, whatever its size: for tests. */
  readonly headMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type DecoderChoice = "ffmpeg" | "node-av";

export interface Media {
  readonly frames: FrameSource;
  readonly cues: CueSource;
  readonly scenes: SceneSource;
  readonly times: FrameTimes;
  readonly audio: AudioSource;
  /** Ends processes that wait for more work. Using it again starts them again. */
  close(): Promise<void>;
}

/** Errors: decoder-missing (with this system's install command), cancelled. */
export async function openMedia(options: MediaOptions = {}, signal?: AbortSignal): Promise<Media> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const decoders = await openDecoders(options, limits, signal);
  throwIfAborted(signal);
  const digests = options.digestFolder === undefined ? undefined : new DiskDigests(options.digestFolder);
  const sources = decoders.map((decoder) => new MediaSource(decoder, limits, options.headMs, digests));
  const source = sources.length === 1 ? sources[0]! : new LayeredSource(sources);
  // The program copies subtitles out as they are stored; the binding is for machines without it.
  return {
    frames: source,
    audio: source,
    scenes: source,
    times: source,
    cues: lazyCues(decoders[decoders.length - 1]!, limits),
    close: async () => void (await Promise.all(decoders.map((decoder) => decoder.close?.()))),
  };
}

/** Readers of subtitles are loaded with the first question about them: frames come sooner. */
function lazyCues(decoder: Decoder, limits: MediaLimits): CueSource {
  let loaded: Promise<CueSource> | undefined;
  return {
    async cues(media, languages, signal) {
      loaded ??= import("./subtitles/source.js").then(({ MediaCues }) => new MediaCues(decoder, limits));
      return (await loaded).cues(media, languages, signal);
    },
  };
}

/**
 * The decoders of this machine, the fastest first: for `openMedia` and for tests of one decoder,
 * without file checks and caches. Errors: decoder-missing, invalid-request (`VQA_DECODER`), cancelled.
 */
export async function openDecoders(options: MediaOptions, limits: MediaLimits, signal?: AbortSignal): Promise<readonly Decoder[]> {
  const env = options.env ?? process.env;
  const choice = options.decoder ?? choiceOf(env["VQA_DECODER"]);
  const threads = options.threads ?? 0;
  const fast = choice === "ffmpeg" ? undefined : await nodeAvProcess(limits, threads, signal);
  const binary = choice === "node-av" ? undefined : await resolveFfmpeg(options.ffmpegPath, env, signal);
  const decoders = [...(fast ? [fast] : []), ...(binary ? [await programDecoder(binary, limits, threads)] : [])];
  if (decoders.length === 0) throw decoderMissing();
  return decoders;
}

/** Loaded where there is an ffmpeg: without one, frames come sooner. */
async function programDecoder(binary: FfmpegBinary, limits: MediaLimits, threads: number): Promise<Decoder> {
  const [{ cliDecoder }, { FfmpegProgram }] = await Promise.all([import("./cli/index.js"), import("./cli/program.js")]);
  return cliDecoder(new FfmpegProgram(binary, limits, threads));
}

function choiceOf(value: string | undefined): DecoderChoice | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "ffmpeg" || value === "node-av") return value;
  throw new VqaError("invalid-request", `VQA_DECODER is "${value}".`, 'Set it to "ffmpeg" or "node-av", or unset it.');
}

export { runningDecoders } from "./run.js";
export type { MediaLimits } from "./limits.js";
