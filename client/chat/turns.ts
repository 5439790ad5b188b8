/** What a chat is made of. The guards are for what comes back from storage and over the line to the panel. */
import { array, named, number, object, oneOf, optional, string, text, whole, type TypeOf } from "../../server/src/protocol/schema.js";
import { CueSchema, ProgressSchema, SpanSchema } from "../../server/src/protocol/values.js";

export const VideoSchema = object({
  /** A file: URI. */
  uri: text,
  name: text,
});
export type Video = TypeOf<typeof VideoSchema>;

export const FailureSchema = object({ code: string, message: string, next: string });
export type Failure = TypeOf<typeof FailureSchema>;

/** What an answer was made from. Times of frames, never their pixels. */
export const EvidenceSchema = object({
  frameTimesMs: array(number, 10_000),
  cues: array(CueSchema, 10_000),
  notes: array(string, 1000),
  model: string,
  totalMs: number,
});
export type Evidence = TypeOf<typeof EvidenceSchema>;

export const TurnSchema = named(
  "Turn",
  object({
    /** Unique within a conversation. */
    id: whole(1),
    question: text,
    /** Parts of the video that were asked about; empty means all of it. */
    scope: array(SpanSchema, 1000),
    status: oneOf("running", "answered", "stopped", "failed"),
    /** The answer, or as much of it as there is. */
    text: string,
    /** While it runs and nothing was said yet. */
    progress: optional(ProgressSchema),
    evidence: optional(EvidenceSchema),
    error: optional(FailureSchema),
  }),
);
export type Turn = TypeOf<typeof TurnSchema>;

/** Longer histories nobody scrolls through, and every change of one is stored whole. */
export const MAX_TURNS = 50;
