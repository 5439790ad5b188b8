import type { Span } from "../../../server/src/format/time.js";

/** What the editor keeps for the page while it is hidden, and over a reload. */
export interface Memory {
  /** Of the video that the time belongs to. */
  key: string;
  timeMs: number;
  /** The part of it that is played over and over. */
  loop?: Span | undefined;
  /** Address of the document, and whether it shows in cells: for a page that comes back after a reload. */
  document: string;
  cells: boolean;
  /** Where the item begins in the document that the cursor is in: a cursor that the editor brings back has not moved. */
  cursor?: number | undefined;
  captions: boolean;
  sound: boolean;
  follow: boolean;
}

/** Whatever was kept, field by field. */
export function restored(kept: unknown): Memory {
  const { key, timeMs, loop, document, cells, cursor, captions, sound, follow } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<Record<keyof Memory, unknown>>;
  return {
    key: typeof key === "string" ? key : "",
    timeMs: isTime(timeMs) ? timeMs : 0,
    loop: isSpan(loop) ? { startMs: loop.startMs, endMs: loop.endMs } : undefined,
    document: typeof document === "string" ? document : "",
    cells: cells !== false,
    cursor: typeof cursor === "number" ? cursor : undefined,
    captions: captions !== false,
    sound: sound !== false,
    follow: follow !== false,
  };
}

function isTime(ms: unknown): ms is number {
  return typeof ms === "number" && ms >= 0 && Number.isFinite(ms);
}

function isSpan(kept: unknown): kept is Span {
  const { startMs, endMs } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<Record<keyof Span, unknown>>;
  return isTime(startMs) && isTime(endMs) && endMs > startMs;
}
