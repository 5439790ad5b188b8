/** Handlers of the messages about model packs. */
import type { CancellationToken } from "vscode-languageserver/node";
import { Catalogue, Models, PullModel, RemoveModel, type CatalogueResult, type ModelsResult, type PullProgress, type PullResult } from "../protocol/models.js";
import { decode } from "../protocol/schema.js";
import { signalOf } from "./errors.js";
import type { Backend } from "./ports.js";
import { partialResults, type ProgressSink } from "./progress.js";

export async function listModels({ models }: Backend, params: unknown, token: CancellationToken): Promise<ModelsResult> {
  decode(Models.params, params ?? {}, "params");
  return { folder: models.folder, models: await models.list(signalOf(token)) };
}

export function catalogue({ models }: Backend, params: unknown): Promise<CatalogueResult> {
  decode(Catalogue.params, params ?? {}, "params");
  return models.catalogue();
}

export function pullModel(connection: ProgressSink, { models }: Backend, params: unknown, token: CancellationToken): Promise<PullResult> {
  const { partialResultToken, ...wanted } = decode(PullModel.params, params, "params");
  const send = partialResults<PullProgress>(connection, partialResultToken);
  // A message for every piece that arrives would be thousands: a bar has a hundred steps.
  let last = "";
  return models.pull(
    wanted,
    (progress) => {
      const step = `${progress.stage} ${progress.fraction === undefined ? "" : Math.floor(progress.fraction * 100)}`;
      if (step !== last) send(progress);
      last = step;
    },
    signalOf(token),
  );
}

export async function removeModel(backend: Backend, params: unknown, token: CancellationToken): Promise<Record<string, never>> {
  const { id } = decode(RemoveModel.params, params, "params");
  backend.answerer.restart();
  await backend.models.remove(id, signalOf(token));
  return {};
}
