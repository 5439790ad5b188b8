/** What the tools are called with. The guards are those behind the JSON schemas of package.json: models send anything. */
import { object, optional, text, type TypeOf } from "../../server/src/protocol/schema.js";

const video = {
  /** A path, relative to a folder of the workspace or absolute; the video that is open when absent. */
  video: optional(text),
  /** As in a notebook: "00:05..00:10". All of the video when absent. */
  range: optional(text),
} as const;

export const AskInput = object({ question: text, ...video });
export const CaptionInput = object(video);
export const FindInput = object({ what: text, ...video });

export type AskInput = TypeOf<typeof AskInput>;
export type CaptionInput = TypeOf<typeof CaptionInput>;
export type FindInput = TypeOf<typeof FindInput>;
