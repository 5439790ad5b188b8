/** What the renderer and the extension say to each other. Both ends check what they get. */
import { array, number, object, oneOf, optional, record, string, tagged, text, whole, type TypeOf } from "../../server/src/protocol/schema.js";
import { CueSchema, EvidenceSchema, MAX_PICTURES, PictureSchema } from "../../server/src/protocol/values.js";

/** Of the renderer's choosing; comes back with what it asked for. */
const id = whole(0);

/** Renderer to extension. */
export const FromRendererSchema = tagged("type", {
  /** Once, before anything else: what the renderer says in the editor's language. Answered by `words`. */
  hello: object({}),
  /** Somebody opened what an answer saw. Answered by `frames`. */
  framesWanted: object({ id, timesMs: array(number, MAX_PICTURES) }),
  /** Somebody opened a stored answer, of which the file holds a hash only. Answered by `seen`. */
  seenWanted: object({ id, inputs: text }),
  /** Somebody wants to know what counted in an answer. Answered by `weighed`. */
  weighWanted: object({ id, inputs: text }),
  /** Nobody waits for the weighing of that id any more. */
  weighStop: object({ id }),
  /** Somebody wants to see or hear that part of the video; one without a length is a picture. */
  jump: object({ startMs: number, endMs: number }),
  /** A person decides about a stored answer, which `raw` is the line of. */
  accept: object({ raw: text }),
  reject: object({ raw: text }),
});

/** Extension to renderer. */
export const ToRendererSchema = tagged("type", {
  /** `language` is that of numbers, such as `de`. */
  words: object({ words: record(string), language: text }),
  /** In the order of the times; empty when they cannot be had. */
  frames: object({ id, pictures: array(PictureSchema, MAX_PICTURES) }),
  seen: object({
    id,
    /** Absent when nobody knows any more; `why` says so then. */
    seen: optional(object({ mode: oneOf("exact", "keyframe"), frameTimesMs: array(number, 100_000), cues: array(CueSchema, 100_000), notes: array(string) })),
    why: optional(string),
  }),
  weighed: object({
    id,
    /** The heaviest first. Absent when it could not be found out; `why` says so then. */
    evidence: optional(array(EvidenceSchema, 1000)),
    why: optional(string),
  }),
});

export type FromRenderer = TypeOf<typeof FromRendererSchema>;
export type ToRenderer = TypeOf<typeof ToRendererSchema>;
