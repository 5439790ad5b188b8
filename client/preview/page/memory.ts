/** What the editor keeps for the page while it is hidden, and over a reload. */
export interface Memory {
  /** Of the video that the time belongs to. */
  key: string;
  timeMs: number;
  /** Address of the document, and whether it shows in cells: for a page that comes back after a reload. */
  document: string;
  cells: boolean;
  captions: boolean;
  sound: boolean;
  follow: boolean;
}

/** Whatever was kept, field by field. */
export function restored(kept: unknown): Memory {
  const { key, timeMs, document, cells, captions, sound, follow } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<Record<keyof Memory, unknown>>;
  return {
    key: typeof key === "string" ? key : "",
    timeMs: typeof timeMs === "number" && timeMs >= 0 && Number.isFinite(timeMs) ? timeMs : 0,
    document: typeof document === "string" ? document : "",
    cells: cells !== false,
    captions: captions !== false,
    sound: sound !== false,
    follow: follow !== false,
  };
}
