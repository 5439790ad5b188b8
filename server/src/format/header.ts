/** What the header says. Unknown keys are kept and can be asked for. */
import type { Document, Entry } from "./tree.js";

/**
 * `uniform`: that many frames, evenly spread. `segment`: that many of each part of the scope. `scenes`:
 * that many, spread over the scenes. `fps`: so many a second.
 */
export const SAMPLING_WORDS = ["uniform", "fps", "segment", "scenes"] as const;

export interface Sampling {
  readonly strategy: (typeof SAMPLING_WORDS)[number];
  /** At least 1; with `fps` the most, undefined where only the model limits them. */
  readonly frames?: number;
  /** With `fps`: frames a second, above 0. */
  readonly rate?: number;
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

  /** `sampling: uniform 16`, `fps 1 max 32`, `scenes 16 keyframe`. Undefined when it is absent or unreadable. */
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
  const [, counted, count, rate, most, mode] = SAMPLING.exec(value) ?? [];
  const common = { mode: mode === "keyframe" ? ("keyframe" as const) : ("exact" as const) };
  if (counted !== undefined) return { strategy: counted as Sampling["strategy"], frames: Number(count), ...common };
  if (rate === undefined || !(Number(rate) > 0)) return undefined;
  return { strategy: "fps", rate: Number(rate), ...(most === undefined ? {} : { frames: Number(most) }), ...common };
}

const SAMPLING = /^(?:(uniform|segment|scenes)[ \t]+([1-9]\d{0,5})|fps[ \t]+(\d{1,3}(?:\.\d{1,6})?)(?:[ \t]+max[ \t]+([1-9]\d{0,5}))?)(?:[ \t]+(exact|keyframe))?$/;

/** As a header has it; the mode is named only when it is `keyframe`. */
export function formatSampling({ strategy, frames, rate, mode }: Sampling): string {
  const count = strategy === "fps" ? `${rate}${frames === undefined ? "" : ` max ${frames}`}` : frames;
  return `${strategy} ${count}${mode === "keyframe" ? " keyframe" : ""}`;
}
