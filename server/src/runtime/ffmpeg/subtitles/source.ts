import { basename, extname } from "node:path";
import { isAbort, throwIfAborted, VqaError } from "../../../engine/errors.js";
import type { CueSource, CueTrack, MediaInfo, SubtitleStreamInfo } from "../../../engine/ports.js";
import { Recent } from "../../../engine/recent.js";
import { FormatError, looksLikeTtml } from "../../../format/index.js";
import type { ParsedCues } from "./cueText.js";
import type { Decoder, SubtitleText } from "../decoder.js";
import { subtitlesUnreadable } from "../errors.js";
import { checkFile } from "../file.js";
import type { MediaLimits } from "../limits.js";
import { languageRank } from "./language.js";
import { parseSubtitles } from "./parse.js";
import { findSidecars, readSidecar } from "./sidecar.js";

const TRACKS_KEPT = 4;

/**
 * Cues of a video: sidecar files, then embedded streams. A track that cannot be read or has no cue
 * does not end the search; it becomes a warning of the one that is used. When all tracks there are
 * cannot be read, the first error is thrown.
 */
export class MediaCues implements CueSource {
  /** Of the last videos: to take a track out of a film, all of the file is read, and questions come in rows. */
  private readonly taken = new Recent<CueTrack>(TRACKS_KEPT);

  constructor(
    private readonly decoder: Decoder,
    private readonly limits: MediaLimits,
  ) {}

  async cues(media: MediaInfo, languages: readonly string[], signal?: AbortSignal): Promise<CueTrack | undefined> {
    throwIfAborted(signal);
    const warnings: string[] = [];
    let failure: VqaError | undefined;
    for (const attempt of await this.attempts(media, languages, signal)) {
      try {
        const track = await attempt();
        throwIfAborted(signal);
        if (track === undefined) continue;
        if (track.cues.length > 0) return { ...track, warnings: [...warnings, ...track.warnings] };
        warnings.push(...(track.warnings.length > 0 ? track.warnings : [`${track.source} holds no cue`]));
      } catch (error) {
        if (isAbort(error) || (error instanceof VqaError && error.code === "cancelled")) throw error;
        const typed = VqaError.from(error, "subtitles-unreadable");
        failure ??= typed;
        warnings.push(typed.message);
      }
    }
    if (failure) throw failure;
    return undefined;
  }

  private async attempts(media: MediaInfo, languages: readonly string[], signal?: AbortSignal): Promise<(() => Promise<CueTrack | undefined>)[]> {
    const sidecars = await findSidecars(media.path, languages, signal);
    const streams = [...media.subtitles].sort((a, b) => languageRank(a.language, languages) - languageRank(b.language, languages) || a.index - b.index);
    return [
      ...sidecars.map((sidecar) => async (): Promise<CueTrack | undefined> => {
        // Cameras and editors put files of facts beside a video: they are no fault of its subtitles.
        const uncertain = extname(sidecar.path).toLowerCase() === ".xml";
        const text = await readSidecar(sidecar, this.limits.maxSubtitleBytes, signal).catch((error: unknown) => {
          if (!uncertain || !(error instanceof VqaError) || error.code !== "subtitles-unreadable") throw error;
          return error.message;
        });
        if (typeof text === "string") return { source: basename(sidecar.path), cues: [], warnings: [text] };
        if (uncertain && !looksLikeTtml(text.text)) return undefined;
        const { cues, warnings } = parse(text, sidecar.path);
        const guess = text.guessed ? [`${basename(sidecar.path)} is not UTF-8; it was read as ${text.guessed}`] : [];
        return { source: basename(sidecar.path), cues, warnings: [...guess, ...warnings] };
      }),
      ...streams.map((stream) => () => this.embedded(media, stream, signal)),
    ];
  }

  private async embedded(media: MediaInfo, stream: SubtitleStreamInfo, signal?: AbortSignal): Promise<CueTrack> {
    const key = `${media.digest} ${stream.index} ${media.startMs}`;
    const before = this.taken.get(key);
    if (before !== undefined) return before;
    const file = await checkFile(media.path, this.limits, signal);
    const text = await this.decoder.subtitle(file, stream, signal);
    const { cues, warnings } = parseSubtitles(text);
    const track: CueTrack = {
      source: `stream ${stream.index} (${[stream.codec, stream.language].filter(Boolean).join(", ")})`,
      // Stream clock to video time; a cue from before the first frame keeps its visible part.
      cues: cues
        .map((cue) => ({ ...cue, startMs: Math.max(0, cue.startMs - media.startMs), endMs: cue.endMs - media.startMs }))
        .filter((cue) => cue.endMs > 0),
      warnings: text.damaged ? ["the stream is damaged: cues may be missing", ...warnings] : warnings,
    };
    this.taken.set(key, track);
    return track;
  }
}

/** Error: subtitles-unreadable for text that is not in its format at all. */
function parse(text: SubtitleText, path: string): ParsedCues {
  try {
    return parseSubtitles(text, basename(path));
  } catch (error) {
    if (error instanceof FormatError) throw subtitlesUnreadable(path, error.message);
    throw error;
  }
}
