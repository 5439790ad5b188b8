/** Carries out what a cell asks for: its question, a caption of its segment, or subtitles of what is said in its times. */
import * as vscode from "vscode";
import type { Progress } from "../../server/src/protocol/values.js";
import type { Server } from "../languageClient.js";
import { answerData } from "./answers.js";
import { heardText, withHeard } from "./cueCells.js";
import { answerOutput, cellsOfNotebook } from "./notebookData.js";
import { answersAfter, planCell, type Job } from "./plan.js";
import type { Failure, Result } from "./results.js";
import { videoOf } from "./video.js";

export interface Asking {
  readonly server: Pick<Server, "ask" | "run" | "transcribe">;
  /** Whom to ask; undefined when the notebook's header says it. */
  readonly model: string | undefined;
  /** Told what comes before the end: more of the text, or how far it is. */
  readonly report: { text(more: string): void; progress(progress: Progress): void };
  readonly token: vscode.CancellationToken;
}

/** Said under the header's model when a segment is run. */
const CAPTION_QUESTION = "What happens?";

/** Throws what the server throws. */
export async function carryOut(cell: vscode.NotebookCell, asking: Asking): Promise<Result> {
  const job = planCell(cellsOfNotebook(cell.notebook), cell.index);
  const refusal = refuse(job, cell.notebook);
  if (refusal !== undefined) return { type: "failed", error: refusal };
  if (job.type === "question") return ask(job, cell.notebook, asking);
  if (job.type === "segment") return caption(job, cell.notebook, asking);
  if (job.type === "cues") return listen(job, cell, asking);
  return { type: "stopped" };
}

/** Writes down what is said, for somebody to look at. A pack of questions need not have ears: the server knows which one has. */
async function listen({ range }: Job & { type: "cues" }, { notebook, document }: vscode.NotebookCell, { server, report, token }: Asking): Promise<Result> {
  const video = videoOf(notebook);
  if (video === undefined) return { type: "failed", error: noVideo() };
  const { cues, notes } = await server.transcribe(
    { video, scope: [range] },
    (partial) => {
      if (partial.kind === "cues") report.text(`${heardText(partial.cues)}\n`);
      else report.progress(partial.progress);
    },
    token,
  );
  return token.isCancellationRequested ? { type: "stopped" } : { type: "heard", cues: withHeard(document.getText(), cues).added, notes };
}

async function ask(job: Job & { type: "question" }, { uri }: vscode.NotebookDocument, { server, model, report, token }: Asking): Promise<Result> {
  const { text, question, choices } = job;
  const done = await server.run(
    { textDocument: { uri: uri.toString() }, text, questions: [question], ...(model === undefined ? {} : { model }) },
    (partial) => {
      if (partial.kind === "text") report.text(partial.text);
      else if (partial.kind === "progress") report.progress(partial.progress);
    },
    token,
  );
  const [result] = done.results;
  if (done.stopped || result === undefined || token.isCancellationRequested) return { type: "stopped" };
  if (result.error !== undefined) return result.error.code === "cancelled" ? { type: "stopped" } : { type: "failed", error: result.error };
  const before = new Set(answersAfter(text, question, []).map(({ raw }) => raw));
  const after = answersAfter(text, question, done.edits);
  const fresh = after.filter(({ raw }) => !before.has(raw));
  const { answer } = result;
  return {
    type: "answered",
    outputs: after.map((stored) => {
      const now = answer !== undefined && (fresh.includes(stored) || (fresh.length === 0 && after.length === 1)) ? { answer, choices } : undefined;
      return answerOutput(stored, answerData(stored, now));
    }),
  };
}

async function caption({ scope, text }: Job & { type: "segment" }, notebook: vscode.NotebookDocument, { server, model, report, token }: Asking): Promise<Result> {
  const video = videoOf(notebook);
  if (video === undefined) return { type: "failed", error: noVideo() };
  const answer = await server.ask(
    { request: { video, question: CAPTION_QUESTION, scope }, under: { textDocument: { uri: notebook.uri.toString() }, text }, ...(model === undefined ? {} : { model }) },
    (partial) => {
      if (partial.kind === "text") report.text(partial.text);
      else report.progress(partial.progress);
    },
    token,
  );
  return answer.stop === "stopped" ? { type: "stopped" } : { type: "proposed", caption: answer.text };
}

function refuse(job: Job, { uri }: vscode.NotebookDocument): Failure | undefined {
  const refusal = (message: string, next: string): Failure => ({ code: "invalid-request", message, next });
  if (uri.scheme === "untitled") return refusal(vscode.l10n.t("The notebook has no file yet."), vscode.l10n.t("Save it, then run the cell again."));
  if (uri.scheme !== "file") return refusal(vscode.l10n.t("Videos of this folder cannot be read here."), vscode.l10n.t("Open the notebook from a folder of this machine."));
  if (job.type !== "nothing") return undefined;
  switch (job.why) {
    case "no-question":
      return refusal(vscode.l10n.t("There is no question in this cell."), vscode.l10n.t("Begin it with `Q:`, or with `@` and times for a segment."));
    case "several-questions":
      return refusal(vscode.l10n.t("There are several questions in this cell."), vscode.l10n.t("Write each one in a cell of its own."));
    case "no-times":
      return refusal(vscode.l10n.t("There are no times in this cell."), vscode.l10n.t("Write the part to listen to like 00:01.000 --> 00:09.000."));
    case "bad-scope":
      return refusal(vscode.l10n.t("The times of this segment cannot be read."), vscode.l10n.t("Write them like 00:01..00:02.500."));
  }
}

function noVideo(): Failure {
  return { code: "notebook-unreadable", message: vscode.l10n.t("The notebook names no video."), next: vscode.l10n.t('Open it as text and add a line "video: path/to/clip.mp4" to its header.') };
}
