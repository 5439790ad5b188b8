/** Handlers of the messages about model packs. */
import type { CancellationToken } from "vscode-languageserver/node";
import { Models, type ModelsResult } from "../protocol/models.js";
import { decode } from "../protocol/schema.js";
import { signalOf } from "./errors.js";
import type { Backend } from "./ports.js";

export async function listModels({ models }: Backend, params: unknown, token: CancellationToken): Promise<ModelsResult> {
  decode(Models.params, params ?? {}, "params");
  return { folder: models.folder, models: await models.list(signalOf(token)) };
}
