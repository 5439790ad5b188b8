/** What the pickers of models say. Without the editor, so that it can be tested. */
import type { ModelInfo, OfferedModel, PullProgress } from "../../server/src/protocol/models.js";
import { decimalSize } from "../sizes.js";
import type { Translate } from "../words.js";

export interface PickedModel {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** Those that are not there yet first. */
export function offers(models: readonly OfferedModel[], t: Translate): PickedModel[] {
  const rank = ({ installed }: OfferedModel): number => (installed ? 1 : 0);
  return [...models]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ id, name, summary, licences, gated, installed }) => ({
      id,
      label: name,
      description: [installed ? t("installed") : undefined, gated ? t("needs a sign-in") : undefined, [...new Set(licences.map(({ spdx }) => spdx))].join(", ")].filter((part) => part !== undefined).join(" · "),
      detail: summary,
    }));
}

export function removable(models: readonly ModelInfo[], language: string): PickedModel[] {
  return models
    .filter(({ origin }) => origin === "installed")
    .map(({ id, name, version, bytes, problem }) => ({ id, label: name, description: [version, decimalSize(bytes, language)].filter((part) => part !== "").join(" · "), detail: problem?.message ?? id }));
}

/** How much of the whole is done, 0 to 100: downloading is most of the work. */
export function percentage({ stage, fraction = 0 }: PullProgress): number {
  return Math.round(stage === "download" ? fraction * 90 : stage === "prepare" ? 90 + fraction * 10 : 0);
}

export function progressText({ stage, bytes, total }: PullProgress, t: Translate): string {
  if (stage === "wait") return t("Another window downloads it …");
  if (stage === "look") return t("Asking the hub …");
  if (stage === "prepare") return t("Preparing …");
  return total === undefined ? t("Downloading …") : t("{0} of {1}", decimalSize(bytes ?? 0, t.language), decimalSize(total, t.language));
}
