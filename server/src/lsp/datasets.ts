/** Handlers of the messages about datasets. */
import type { CancellationToken } from "vscode-languageserver/node";
import { basename } from "node:path";
import { Agreement, Evaluation, ExportNotebooks, ImportDataset, Survey, type AgreementPartial, type AgreementResult, type EvaluationPartial, type EvaluationResult, type ExportPartial, type ExportResult, type ImportPartial, type ImportResult, type SurveyResult } from "../protocol/datasets.js";
import { decode } from "../protocol/schema.js";
import { signalOf } from "./errors.js";
import type { Backend, EvaluatedRun, NotebookSource } from "./ports.js";
import { partialResults, type ProgressSink } from "./progress.js";
import { filePath } from "./uris.js";

export async function importDataset(connection: ProgressSink, { datasets }: Backend, params: unknown, token: CancellationToken): Promise<ImportResult> {
  const { partialResultToken, files, videos, out, ...wanted } = decode(ImportDataset.params, params, ImportDataset.method);
  const send = partialResults<ImportPartial>(connection, partialResultToken);
  return datasets.importDataset({ ...wanted, files: files.map(filePath), out: filePath(out), ...(videos === undefined ? {} : { videos: filePath(videos) }) }, (records) => send({ records }), signalOf(token));
}

export async function exportNotebooks(connection: ProgressSink, { datasets }: Backend, params: unknown, token: CancellationToken): Promise<ExportResult> {
  const { partialResultToken, notebooks, out, ...wanted } = decode(ExportNotebooks.params, params, ExportNotebooks.method);
  const send = partialResults<ExportPartial>(connection, partialResultToken);
  return datasets.exportNotebooks({ ...wanted, out: filePath(out), notebooks: notebooks.map(sourceOf) }, (done) => send({ notebooks: done }), signalOf(token));
}

export async function survey({ datasets }: Backend, params: unknown, token: CancellationToken): Promise<SurveyResult> {
  const { notebooks, freshness } = decode(Survey.params, params, Survey.method);
  const found = await datasets.survey(notebooks.map(sourceOf), freshness, signalOf(token));
  return { notebooks: found.map((one, i) => ({ ...one, notebook: notebooks[i]?.notebook ?? "" })) };
}

export async function agreement(connection: ProgressSink, { datasets }: Backend, params: unknown, token: CancellationToken): Promise<AgreementResult> {
  const { notebooks, partialResultToken } = decode(Agreement.params, params, Agreement.method);
  const send = partialResults<AgreementPartial>(connection, partialResultToken);
  const { voted, ...figures } = await datasets.agreement(notebooks.map(sourceOf), (done) => send({ notebooks: done }), signalOf(token));
  return { ...figures, voted: voted.map((one) => ({ ...one, notebook: notebooks[one.notebook]?.notebook ?? "" })) };
}

export async function evaluation(connection: ProgressSink, { datasets }: Backend, params: unknown, token: CancellationToken): Promise<EvaluationResult> {
  const { runs, partialResultToken } = decode(Evaluation.params, params, Evaluation.method);
  const read = runs.map((run): EvaluatedRun =>
    run.kind === "report" ? { kind: "report", folder: filePath(run.folder) } : { kind: "notebooks", notebooks: run.notebooks.map((one) => ({ ...sourceOf(one), key: one.notebook })), model: run.model },
  );
  return datasets.evaluation(read, partialResults<EvaluationPartial>(connection, partialResultToken), signalOf(token));
}

function sourceOf({ notebook, text }: { readonly notebook: string; readonly text?: string }): NotebookSource {
  const path = filePath(notebook);
  return { path, name: basename(path), ...(text === undefined ? {} : { text }) };
}
