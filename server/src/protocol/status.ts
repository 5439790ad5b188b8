/** Messages about the server itself, and about what the user is doing. */
import type { Message } from "./message.js";
import { between, named, object, oneOf, optional, string, text, whole, type TypeOf } from "./schema.js";
import { ErrorSchema } from "./values.js";

const WorkerPhaseSchema = oneOf("stopped", "starting", "ready", "stopping", "backoff", "unavailable", "closed");

export const StatusSchema = named(
  "Status",
  object({
    server: string,
    protocol: whole(1),
    model: string,
    worker: object({
      phase: WorkerPhaseSchema,
      pid: optional(whole(1)),
      /** How often a worker was started since the server began. */
      starts: whole(0),
      /** Why the last worker ended, when it did not end well. */
      lastFailure: optional(ErrorSchema),
    }),
    /** Questions that wait, and those that are being answered now. */
    waiting: whole(0),
    running: whole(0),
  }),
);

export const GetStatus = {
  method: "vqa/status",
  kind: "request",
  direction: "client to server",
  when: "To learn what the server is doing. Starts no worker.",
  params: object({}),
  result: StatusSchema,
  errors: [],
} as const satisfies Message;

export const StatusChanged = {
  method: "vqa/statusChanged",
  kind: "notification",
  direction: "server to client",
  when: "Whenever the worker starts, is ready, ends, or the number of waiting or running questions changes.",
  params: StatusSchema,
  errors: [],
} as const satisfies Message;

export const Playhead = {
  method: "vqa/playhead",
  kind: "notification",
  direction: "client to server",
  when: "When a video is paused, moved or played on, a few times a second at most: completion offers the time first. Without a time the player was closed.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    timeMs: optional(between(0, Number.MAX_SAFE_INTEGER)),
  }),
  errors: [],
} as const satisfies Message;

export const Stop = {
  method: "vqa/stop",
  kind: "request",
  direction: "client to server",
  when: "To stop every question that waits or runs; each ends with `cancelled`, by force after a second at the latest.",
  params: object({}),
  result: object({ stopped: whole(0) }),
  errors: [],
} as const satisfies Message;

export const Restart = {
  method: "vqa/restart",
  kind: "request",
  direction: "client to server",
  when: "To end the worker now, failing what runs, and to forget that earlier starts failed. The next question starts a new one.",
  params: object({}),
  result: object({}),
  errors: [],
} as const satisfies Message;

export type Status = TypeOf<typeof StatusSchema>;
