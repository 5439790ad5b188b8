/** What the chat panel and the extension say to each other. Both ends check what they get. */
import { array, between, boolean, object, optional, string, tagged, text, whole, type TypeOf } from "../../server/src/protocol/schema.js";
import { EvidenceSchema as WeighedSchema, MAX_PICTURES, PictureSchema } from "../../server/src/protocol/values.js";
import { TurnSchema, VideoSchema } from "./turns.js";

/** Panel to extension. */
export const FromPanelSchema = tagged("type", {
  /** Once, when the page can show something. */
  ready: object({}),
  ask: object({ question: text, range: string }),
  stop: object({}),
  choose: object({}),
  copy: object({ turn: whole(1) }),
  insert: object({ turn: whole(1) }),
  /** Answered by `pictures`. */
  frames: object({ turn: whole(1) }),
  /** What counted in the turn's answer. Answered by `weighed`, unless it is stopped. */
  weigh: object({ turn: whole(1) }),
  weighStop: object({ turn: whole(1) }),
  /** In the preview, from this time on. */
  play: object({ timeMs: between(0, Number.MAX_SAFE_INTEGER) }),
});
export type FromPanel = TypeOf<typeof FromPanelSchema>;

/** Extension to panel. */
export const ToPanelSchema = tagged("type", {
  /** All that is to be shown, after every change. */
  state: object({ video: optional(VideoSchema), turns: array(TurnSchema), running: boolean }),
  /** In the order of the turn's frames; empty when they cannot be had. */
  pictures: object({ turn: whole(1), pictures: array(PictureSchema, MAX_PICTURES) }),
  weighed: object({ turn: whole(1), evidence: optional(array(WeighedSchema, 1000)), why: optional(string) }),
  /** The part of the video that is selected in the editor; empty without one. */
  offer: object({ range: string }),
  /** The range cannot be read: the question was not asked. */
  badRange: object({ message: string }),
  /** Said to whoever cannot see that something happened. */
  notice: object({ message: string }),
  /** The keyboard goes to the question. */
  focus: object({}),
});
export type ToPanel = TypeOf<typeof ToPanelSchema>;
