/** Which evaluation is looked at: a report that was written, or the answers of notebooks under one model. */
import { basename } from "node:path";
import * as vscode from "vscode";
import type { Server } from "../languageClient.js";
import { askUnanswered, type Asked, type AskProgress, type CellRunner, type Summary } from "./bulkAsk.js";
import { EvaluationView, type Evaluated } from "./evaluation.js";
import { inputOf } from "./files.js";

export type Asking = (work: (progress: AskProgress, token: vscode.CancellationToken) => Promise<Summary>) => Promise<void>;

/** @param given reports, as folders or their eval.json; asked for without any */
export async function openReports(extension: vscode.Uri, server: Server, given: readonly vscode.Uri[]): Promise<void> {
  const reports = given.length > 0 ? given.slice(0, 2) : await pickReport();
  if (reports === undefined) return;
  const another = async (): Promise<Evaluated | undefined> => (await pickReport())?.map(reportOf)[0];
  new EvaluationView(extension, server, reports.map(reportOf), another);
}

export async function evaluateNotebooks(extension: vscode.Uri, server: Server, cells: CellRunner, files: readonly vscode.Uri[], asking: Asking): Promise<void> {
  const run = await pickModel(server, cells, files, asking);
  if (run === undefined) return;
  const another = async (): Promise<Evaluated | undefined> => {
    const [model, report] = [vscode.l10n.t("Another model on the same questions…"), vscode.l10n.t("A report of vqa eval…")];
    const picked = await vscode.window.showQuickPick([model, report], { title: vscode.l10n.t("Compare with") });
    if (picked === undefined) return undefined;
    return picked === model ? pickModel(server, cells, files, asking) : (await pickReport())?.map(reportOf)[0];
  };
  new EvaluationView(extension, server, [run], another);
}

function reportOf(uri: vscode.Uri): Evaluated {
  return { kind: "report", folder: uri.fsPath };
}

async function pickReport(): Promise<readonly vscode.Uri[] | undefined> {
  const picked = await vscode.window.showOpenDialog({ canSelectFiles: true, canSelectFolders: false, filters: { "eval.json": ["json"] }, openLabel: vscode.l10n.t("Open"), title: vscode.l10n.t("Choose the eval.json of an evaluation") });
  if (picked?.[0] === undefined || basename(picked[0].fsPath) === "eval.json") return picked;
  void vscode.window.showInformationMessage(vscode.l10n.t("Choose the file eval.json that vqa eval wrote."));
  return undefined;
}

/** The models that have answered, and those of this machine, which are asked what they have not answered yet. */
async function pickModel(server: Server, cells: CellRunner, files: readonly vscode.Uri[], asking: Asking): Promise<Evaluated | undefined> {
  const source = new vscode.CancellationTokenSource();
  const { runs } = await server.evaluation({ runs: [{ kind: "notebooks", notebooks: files.map(inputOf) }] }, () => undefined, source.token);
  const answered = runs[0]?.models ?? [];
  const { models } = await server.models();
  const able = models.filter(({ state, composers }) => state === "ready" && composers.length > 0);
  const items = [
    ...(answered.length === 0 ? [] : [{ label: vscode.l10n.t("The answers that are there"), description: answered.join(", "), names: undefined, ask: undefined }]),
    ...answered.map((name) => ({ label: name, description: vscode.l10n.t("its answers that are there"), names: [name], ask: undefined })),
    ...able.map(({ id, name, folder, origin }) => ({ label: vscode.l10n.t("Ask {0}", name), description: vscode.l10n.t("what it has not answered yet"), names: [id, name], ask: { model: origin === "folder" ? folder : id, names: [id, name] } satisfies Asked })),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Whose answers are evaluated?") });
  if (picked === undefined) return undefined;
  const { ask, names } = picked;
  if (ask !== undefined) await asking((progress, token) => askUnanswered(server, cells, files, progress, token, ask));
  const notebooks = files.map(inputOf);
  if (names === undefined) return { kind: "notebooks", notebooks };
  // Records name a model by its id.
  const found = await server.evaluation({ runs: [{ kind: "notebooks", notebooks }] }, () => undefined, source.token);
  const all = new Set([...answered, ...(found.runs[0]?.models ?? [])]);
  return { kind: "notebooks", notebooks, model: names.find((name) => all.has(name)) ?? names[0] ?? "" };
}
