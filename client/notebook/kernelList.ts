/** Which kernels there are for the model packs of a machine. Pure. */
import type { ModelInfo } from "../../server/src/protocol/models.js";
import { REMOTE_MODEL } from "../../server/src/protocol/remote.js";
import { fixed } from "../numbers.js";

export interface KernelInfo {
  /** What questions are asked of: the name of a pack, or its folder. */
  readonly model: string;
  /** Of the editor's controller: letters, digits, dots and dashes. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
}

/** The model that comes with the extension. */
const EMBEDDED = "micro";

/** A kernel for each pack that answers questions and is whole; the embedded model's in any case, and first; that of an engine elsewhere last. */
export function kernelsOf(models: readonly ModelInfo[], language: string, remote?: RemoteKernel): readonly KernelInfo[] {
  const usable = models.filter(({ composers, state }) => composers.length > 0 && state === "ready").map((model) => kernelOf(model, language));
  const own = usable.find(({ model }) => model === EMBEDDED) ?? { model: EMBEDDED, id: idOf(EMBEDDED), label: EMBEDDED, description: "" };
  return [own, ...usable.filter(({ model }) => model !== own.model), ...(remote === undefined ? [] : [remote].map(elsewhere))];
}

/** An engine elsewhere; `warning` says in the user's language that frames go there. */
export interface RemoteKernel {
  readonly model: string;
  readonly host: string;
  readonly warning: string;
}

function elsewhere({ model, host, warning }: RemoteKernel): KernelInfo {
  return { model: REMOTE_MODEL, id: idOf(REMOTE_MODEL), label: model, description: host, detail: warning };
}

function kernelOf({ id, name, version, origin, folder, bytes, licence }: ModelInfo, language: string): KernelInfo {
  const model = origin === "folder" ? folder : id;
  return { model, id: idOf(model), label: name, description: `${id} ${version}`.trim(), detail: [sizeText(bytes, language), licence].filter((part) => part !== "").join(" \u00b7 ") };
}

function idOf(model: string): string {
  return `vqa.model.${model.replace(/[^A-Za-z0-9.-]/g, (character) => `_${character.codePointAt(0)?.toString(16) ?? ""}_`)}`;
}

function sizeText(bytes: number, language: string): string {
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : bytes < 1_000_000_000 ? `${Math.round(bytes / 1_000_000)} MB` : `${fixed(bytes / 1_000_000_000, 1, language)} GB`;
}
