/** Messages about what is kept of videos. */
import type { Message } from "./message.js";
import { array, named, object, string, text, whole, type TypeOf } from "./schema.js";

export const CacheRoomSchema = named(
  "CacheRoom",
  object({
    /** Of its entries: "features", "proxies", "transcripts" and the like. */
    name: string,
    entries: whole(0),
    bytes: whole(0),
  }),
);
export type CacheRoom = TypeOf<typeof CacheRoomSchema>;

const result = object({
  /** Absolute path. */
  folder: text,
  /** Empty ones, too. */
  rooms: array(CacheRoomSchema),
});

export const Cache = {
  method: "vqa/cache",
  kind: "request",
  direction: "client to server",
  when: "To tell how much is kept of videos. Looks at names and sizes of files and starts no worker.",
  params: object({}),
  result,
  errors: [],
} as const satisfies Message;

export const ClearCache = {
  method: "vqa/clearCache",
  kind: "request",
  direction: "client to server",
  when:
    "When the user wants what is kept of videos to be removed: features, transcripts, summaries, copies, thumbnails and digests. All of it can be made again, and is when it " +
    "is needed. The result says what was removed. Models, notebooks and answers are not touched.",
  params: object({}),
  result,
  errors: [],
} as const satisfies Message;

export type CacheResult = TypeOf<typeof result>;
