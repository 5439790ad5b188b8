/** What the preview's page and the extension say to each other. Both ends check what they get. */
import { array, boolean, number, object, oneOf, optional, string, tagged, whole, between, type TypeOf } from "../../server/src/protocol/schema.js";

const ms = between(0, Number.MAX_SAFE_INTEGER);

/** Extension to page. */
export const ToPageSchema = tagged("type", {
  /** Another video, or the same one from another file; the time of the same one stays. */
  show: object({
    /** For the page's own memory: the same video has the same one. */
    key: string,
    /** An address that the page may load; none while there is nothing to play. */
    source: optional(string),
    title: string,
    /** What the preview is about, for whoever restores it. */
    document: string,
    cells: boolean,
    /** Frames a second, where it is known. */
    rate: optional(number),
    /** What the player's clock says at the first frame, where it is known: all other times count from there. */
    zeroMs: optional(ms),
  }),
  film: object({
    cues: array(object({ startMs: ms, endMs: ms, text: string })),
    items: array(object({ id: whole(0), kind: oneOf("segment", "question"), startMs: ms, endMs: ms, label: string, selected: boolean })),
    /** Where the item begins that the cursor is in, for whoever restores the preview. */
    cursor: optional(whole(0)),
  }),
  /** Go to the first; or play them one after the other, and stop. One without a length is a start without an end. */
  seek: object({ spans: array(object({ startMs: ms, endMs: ms })), play: boolean }),
  command: object({ name: oneOf("toggle", "back", "pause", "forward", "previousFrame", "nextFrame", "in", "out", "inAtCut", "outAtCut", "marker", "loop", "label"), label: optional(string) }),
  /** What was asked for by `frames`; nothing where the file does not tell. */
  frames: object({ timesMs: array(number, 4096), endMs: optional(ms) }),
  /** Pictures of the whole film, from left to right, in equal parts. */
  strip: object({ pictures: array(object({ width: whole(1, 1024), height: whole(1, 1024), rgb: string }), 128) }),
  /** How loud equal parts of the film are; none without sound. */
  wave: object({ peaks: array(between(0, 1), 4096) }),
  /** Said below the picture; an empty text takes it away. */
  notice: object({ text: string, fraction: optional(between(0, 1)), cancellable: boolean }),
});

/** Page to extension. */
export const FromPageSchema = tagged("type", {
  ready: object({}),
  focus: object({ focused: boolean }),
  playhead: object({ timeMs: ms, playing: boolean }),
  mark: object({ mark: oneOf("in", "out", "marker", "label"), timeMs: ms, label: optional(string), atCut: optional(boolean) }),
  /** When the frames around a time begin is wanted. */
  frames: object({ aroundMs: ms }),
  /** Somebody chose an item on the timeline. */
  choose: object({ id: whole(0) }),
  /** The editor cannot play the source. */
  unplayable: object({ why: string }),
  follow: object({ on: boolean }),
  cancel: object({}),
});

export type ToPage = TypeOf<typeof ToPageSchema>;
export type FromPage = TypeOf<typeof FromPageSchema>;
export type PageCommand = Extract<ToPage, { readonly type: "command" }>["name"];
export type PageItem = Extract<ToPage, { readonly type: "film" }>["items"][number];
