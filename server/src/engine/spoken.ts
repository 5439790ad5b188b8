import type { Span } from "./answer.js";
import type { CueTrack, MediaInfo, Progress, SpeechSource } from "./ports.js";

/**
 * What is said in a video that has no subtitles, as cues (MiniGPT4-Video does the same with Whisper).
 * Undefined when nobody can listen and there is nothing to hear; a sound track that nobody can listen
 * to is said, for an answer that did not hear must not look like one that did.
 */
export async function spokenCues(
  media: MediaInfo,
  spans: readonly Span[],
  speech: SpeechSource | undefined,
  languages: readonly string[],
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<CueTrack | undefined> {
  if (speech === undefined) {
    const warnings = ["The video has sound and no subtitles, and the model pack has no speech recogniser: what is said was not heard."];
    return media.audio.length === 0 ? undefined : { source: "none", cues: [], warnings };
  }
  onProgress({ stage: "speech" });
  // Moments are looked at, not listened to.
  const long = spans.filter(({ startMs, endMs }) => endMs > startMs);
  if (long.length === 0) return undefined;
  const whole = long.length === 1 && long[0]!.startMs === 0 && long[0]!.endMs >= media.durationMs;
  return speech.transcribe(media, whole ? [] : long, languages, { onFraction: (fraction) => onProgress({ stage: "speech", fraction }) }, signal);
}
