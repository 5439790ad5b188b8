/** What the renderer and the extension say to each other. Both ends check what they get. */

/** Renderer to extension, when somebody opens what an answer saw. */
export interface FramesWanted {
  readonly type: "frames-wanted";
  /** Of the renderer's choosing; comes back with the pictures. */
  readonly id: number;
  readonly timesMs: readonly number[];
}

/** Extension to renderer, once for each `frames-wanted`. */
export interface FramesShown {
  readonly type: "frames-shown";
  readonly id: number;
  /** In the order of the times; empty when they cannot be had. */
  readonly pictures: readonly PictureData[];
}

export interface PictureData {
  readonly timeMs: number;
  readonly width: number;
  readonly height: number;
  /** Red, green and blue bytes in base64. */
  readonly rgb: string;
}

export function isFramesWanted(value: unknown): value is FramesWanted {
  const { type, id, timesMs } = (value ?? {}) as Partial<FramesWanted>;
  return type === "frames-wanted" && Number.isSafeInteger(id) && Array.isArray(timesMs) && timesMs.length <= 128 && timesMs.every((time) => Number.isFinite(time));
}

export function isFramesShown(value: unknown): value is FramesShown {
  const { type, id, pictures } = (value ?? {}) as Partial<FramesShown>;
  return type === "frames-shown" && Number.isSafeInteger(id) && Array.isArray(pictures);
}
