/** What the header says. Unknown keys are kept and can be asked for. */
import type { Document, Entry } from "./tree.js";

export interface Sampling {
  readonly strategy: "uniform";
  /** At least 1. */
  readonly frames: number;
  /** `keyframe` takes the nearest keyframe before each time: cheaper, not exact. */
  readonly mode: "exact" | "keyframe";
}

/** `subtitles`: the cues around the frames go into the prompt. `none`: only the frames do. */
export const CONTEXTS = ["subtitles", "none"] as const;
export type Context = (typeof CONTEXTS)[number];

export class Header {
  constructor(readonly entries: readonly Entry[]) {}

  static of(document: Document): Header {
    return new Header(document.header?.entries ?? []);
  }

  /** All values of a key, in order, as written. */
  all(key: string): readonly string[] {
    return this.entries.filter((entry) => entry.key.text === key).map((entry) => entry.value.text);
  }

  /** The first value of a key. Undefined when it is absent or empty. */
  get(key: string): string | undefined {
    const value = this.all(key)[0];
    return value === "" ? undefined : value;
  }

  /** `video:` lines, as written: relative to the file that they stand in. */
  get videos(): readonly string[] {
    return this.all("video").filter((value) => value !== "");
  }

  get model(): string | undefined {
    return this.get("model");
  }

  /** `sampling: uniform 16` or `uniform 16 keyframe`. Undefined when it is absent or unreadable. */
  get sampling(): Sampling | undefined {
    const value = this.get("sampling");
    return value === undefined ? undefined : parseSampling(value);
  }

  /** `context: subtitles`. Undefined when it is absent or unknown. */
  get context(): Context | undefined {
    const value = this.get("context");
    return CONTEXTS.find((context) => context === value);
  }
}

export function parseSampling(value: string): Sampling | undefined {
  const [, frames, mode] = /^uniform[ \t]+([1-9]\d{0,5})(?:[ \t]+(exact|keyframe))?$/.exec(value) ?? [];
  if (frames === undefined) return undefined;
  return { strategy: "uniform", frames: Number(frames), mode: mode === "keyframe" ? "keyframe" : "exact" };
}
