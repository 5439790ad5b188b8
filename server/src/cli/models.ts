/** `vqa models …`: one command with commands of its own. */
import { usageError, type Args, type CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { listModels } from "./modelsList.js";
import { importModel, pullModel, removeModel, showCatalogue, verifyModels } from "./modelsStore.js";
import { prepareModel, restoreModel } from "./modelsPrepare.js";

type Action = (invocation: Invocation, operands: readonly string[]) => Promise<number>;

const ACTIONS: Readonly<Record<string, { readonly usage: string; readonly run: Action }>> = {
  list: { usage: "list                 the models that are on this machine", run: listModels },
  catalogue: { usage: "catalogue            the models that can be downloaded", run: showCatalogue },
  pull: { usage: "pull NAME            downloads a model of the catalogue, goes on where it was stopped, and checks every file", run: pullModel },
  import: { usage: "import DIR           takes over a pack's folder;  import NAME DIR  makes one from published files that are here", run: importModel },
  verify: { usage: "verify [NAME...]     reads every file again and compares it with the manifest", run: verifyModels },
  remove: { usage: "remove NAME          deletes an installed model", run: removeModel },
  prepare: { usage: "prepare FILE.gguf    gives a language model visual slots; a model in several files is named by its first", run: prepareModel },
  restore: { usage: "restore FILE.gguf    gives the original of a prepared model back, byte for byte", run: restoreModel },
};

export const MODELS: CommandSpec = {
  name: "models",
  arguments: `<${Object.keys(ACTIONS).join("|")}> [options]`,
  summary: "Model packs of this machine.",
  options: {
    dir: { value: "DIR", help: "folder of installed models; VQA_MODELS, or the user's data folder, otherwise" },
    catalogue: { value: "DIR", help: "pull, import: a catalogue of your own, in place of the program's" },
    again: { help: "pull: download what is there already" },
    mirror: { value: "URL", help: "pull: another hub with the same files; HF_ENDPOINT otherwise" },
    proxy: { value: "URL", help: "pull: HTTP_PROXY and HTTPS_PROXY otherwise" },
    "token-stdin": { help: "pull: read the hub's access token from standard input; HF_TOKEN otherwise" },
    out: { value: "DIR", help: "prepare, restore: folder for the result; that of the file otherwise" },
    slots: { value: "N", help: "prepare: most visual positions of a prompt (default 3072)" },
    rows: { value: "TYPE", help: "prepare: token embeddings as f32, f16, or auto: exactly, unless that takes more than 512 MB" },
    ...JSON_OPTION,
  },
  notes: `Actions:\n${Object.values(ACTIONS).map(({ usage }) => `  ${usage}`).join("\n")}`,
};

export async function models(invocation: Invocation): Promise<number> {
  const { action, operands } = actionOf(invocation.args);
  return ACTIONS[action]!.run(invocation, operands);
}

function actionOf(args: Args): { readonly action: string; readonly operands: readonly string[] } {
  const [action, ...operands] = args.positionals;
  const known = Object.keys(ACTIONS).join(", ");
  if (action === undefined) throw usageError(`What about models? Use one of ${known}.`, MODELS.name);
  if (!Object.hasOwn(ACTIONS, action)) throw usageError(`There is no \`vqa models ${action}\`: use one of ${known}.`, MODELS.name);
  return { action, operands };
}
