import type { DeviceSetting } from "../../engine/hardware/devices.js";
import type { Found } from "../../protocol/hardware.js";

/** Looked at one after the other; what ends the process is left out by the next one. */
export type Step = "system" | "graphics" | "decoder" | "folders" | `language ${string}` | `encoders ${string}` | "choice" | "models";

export interface ExamineOptions {
  readonly device: DeviceSetting;
  readonly contextSize?: number | undefined;
  readonly ffmpegPath?: string | undefined;
  readonly cacheFolder: string;
  readonly modelsFolder: string;
  /** A pack that the user set by hand. */
  readonly ownPack?: string | undefined;
}

export interface Start {
  readonly type: "start";
  readonly steps: readonly Step[];
  readonly options: ExamineOptions;
}

export type Part = Partial<Omit<Found, "language" | "encoders">> & { readonly languageDevice?: Found["language"][number]; readonly encoderDevice?: Found["encoders"][number] };

export type FromExaminer = { readonly type: "begin"; readonly step: Step } | { readonly type: "found"; readonly step: Step; readonly part: Part } | { readonly type: "done" };
