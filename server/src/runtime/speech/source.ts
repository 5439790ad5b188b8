import { throwIfAborted } from "../../engine/errors.js";
import { resolveScope } from "../../engine/scope.js";
import { createSerial } from "../../engine/serial.js";
import type { AudioSource, SpeechOutcome, SpeechRecogniser, SpeechSource, Transcript } from "../../engine/ports.js";
import { listen } from "./listen.js";
import { transcriptKey, type TranscriptStore } from "./store.js";

export interface SpeechParts {
  readonly audio: AudioSource;
  readonly recogniser: SpeechRecogniser;
  /** Transcripts by content; none are kept without it. */
  readonly store?: TranscriptStore;
}

/** How transcripts of a recogniser are called in provenance. */
export const speechSource = (recogniser: string): string => `speech: ${recogniser}`;

/** Why there are no cues, in words. */
const WHY: Readonly<Record<Exclude<SpeechOutcome, "speech">, string>> = {
  "no-sound": "The video has no sound track: nothing can be heard.",
  silence: "There is only silence on the sound track.",
  "no-speech": "There is sound, but no speech was recognised in it (music, noise, or words that the model does not know).",
};

/** Speech of video files through one recogniser, one file at a time; what was once heard is read from the store. */
export function createSpeechSource({ audio, recogniser, store }: SpeechParts): SpeechSource {
  const source = speechSource(recogniser.name);
  const serial = createSerial();
  return {
    source,
    transcribe: (media, spans, languages, events = {}, signal) =>
      serial(async (): Promise<Transcript> => {
        const { spans: parts, notes } = resolveScope(spans, media.durationMs, media.path);
        const done = (found: Pick<Transcript, "cues" | "outcome" | "language">): Transcript => ({
          ...found,
          source,
          warnings: [...notes, ...(found.outcome === "speech" ? [] : [WHY[found.outcome]])],
        });
        if (media.audio.length === 0) return done({ cues: [], outcome: "no-sound" });

        const whole = [{ startMs: 0, endMs: media.durationMs }];
        const keyOf = (of: typeof parts): string => transcriptKey({ video: media.digest, recogniser: recogniser.digest, languages, spans: of });
        const kept = await store?.get(keyOf(parts));
        throwIfAborted(signal);
        if (kept !== undefined) {
          if (kept.cues.length > 0) events.onCues?.(kept.cues);
          return done(kept);
        }
        // Of a part, the transcript of the whole knows all.
        const all = await store?.get(keyOf(whole));
        throwIfAborted(signal);
        if (all !== undefined && all.outcome !== "no-sound") {
          const cues = all.cues.filter((cue) => parts.some(({ startMs, endMs }) => cue.startMs < endMs && cue.endMs > startMs));
          const outcome = cues.length > 0 ? "speech" : all.outcome === "silence" ? "silence" : "no-speech";
          if (cues.length > 0) events.onCues?.(cues);
          return done({ ...all, cues, outcome });
        }

        const heard = await listen(media.path, parts, { audio, recogniser, languages }, events, signal);
        const outcome: SpeechOutcome = !heard.sound ? "no-sound" : heard.cues.length > 0 ? "speech" : heard.loud ? "no-speech" : "silence";
        const { cues, language } = heard;
        const found = { cues, outcome, ...(language === undefined ? {} : { language }) };
        await store?.set(keyOf(parts), found);
        return done(found);
      }, signal),
  };
}
