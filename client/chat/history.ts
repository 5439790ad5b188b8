/** What was said about each video, as it is stored with the workspace. Pure. */
import { array, object, oneOf, type TypeOf } from "../../server/src/protocol/schema.js";
import { is } from "../../server/src/protocol/schema.js";
import { MAX_TURNS, TurnSchema, VideoSchema, type Turn, type Video } from "./turns.js";

const EntrySchema = object({ video: VideoSchema, turns: array(TurnSchema, MAX_TURNS) });
const HistorySchema = object({ version: oneOf(1), videos: array(EntrySchema) });

/** Videos with the one that was asked about last in front. */
export type History = TypeOf<typeof HistorySchema>;

const MAX_VIDEOS = 50;

export const NO_HISTORY: History = { version: 1, videos: [] };

/** The history, or an empty one in place of what is not one: storage outlives versions. */
export function readHistory(stored: unknown): History {
  return is(HistorySchema, stored) ? stored : NO_HISTORY;
}

export function recall({ videos }: History, uri: string): readonly Turn[] {
  return videos.find(({ video }) => video.uri === uri)?.turns ?? [];
}

/** The history with these turns for the video, or without the video when there are none. */
export function remember({ videos }: History, video: Video, turns: readonly Turn[]): History {
  const others = videos.filter((entry) => entry.video.uri !== video.uri);
  const ended = turns.filter(({ status }) => status !== "running").slice(-MAX_TURNS);
  return { version: 1, videos: (ended.length === 0 ? others : [{ video, turns: ended }, ...others]).slice(0, MAX_VIDEOS) };
}
