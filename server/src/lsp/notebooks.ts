/** vqa/run and the command vqa.ask: questions of an open document. */
import type { CancellationToken, ClientCapabilities, Connection, ProgressToken, TextDocuments, WorkspaceEdit } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { VqaError } from "../engine/errors.js";
import { Check, Evidence, Run, type CheckResult, type EvidenceResult, type QuestionResult, type RunPartial, type RunResult, type Selection } from "../protocol/asking.js";
import { AskCommand } from "../protocol/commands.js";
import { decode, type TypeOf } from "../protocol/schema.js";
import { signalOf } from "./errors.js";
import type { Backend } from "./ports.js";
import { partialResults, stageText, workDone, type ProgressSink } from "./progress.js";
import { filePath } from "./uris.js";

export type Documents = Pick<TextDocuments<TextDocument>, "get">;

interface What {
  readonly textDocument: { readonly uri: string; readonly version?: number };
  readonly text?: string;
  readonly questions: Selection;
  readonly model?: string;
  readonly partialResultToken?: ProgressToken;
  readonly workDoneToken?: ProgressToken;
}

export async function run(connection: ProgressSink, backend: Backend, documents: Documents, params: unknown, token: CancellationToken): Promise<RunResult> {
  return runDocument(connection, backend, documents, decode(Run.params, params, Run.method), signalOf(token));
}

export async function check(backend: Backend, documents: Documents, params: unknown, token: CancellationToken): Promise<CheckResult> {
  const { textDocument, text, freshness, model } = decode(Check.params, params, Check.method);
  const source = text ?? opened(documents, textDocument).getText();
  return backend.checkNotebook({ path: filePath(textDocument.uri), source }, { freshness, model }, signalOf(token));
}

export async function evidence(backend: Backend, documents: Documents, params: unknown, token: CancellationToken): Promise<EvidenceResult> {
  const { textDocument, text, question, model, weigh, onlyFor } = decode(Evidence.params, params, Evidence.method);
  const source = text ?? opened(documents, textDocument).getText();
  return backend.evidenceOf({ path: filePath(textDocument.uri), source }, { question, model, weigh, onlyFor }, signalOf(token));
}

export type AskCommandResult = TypeOf<typeof AskCommand.result>;

/** Stores the answers, unless the document is no longer the one that was read: nothing of the user's may be overwritten. */
export async function askCommand(
  connection: Pick<Connection, "workspace">,
  sink: ProgressSink,
  capabilities: ClientCapabilities,
  backend: Backend,
  documents: Documents,
  argument: unknown,
  workDoneToken: ProgressToken | undefined,
  token: CancellationToken,
): Promise<AskCommandResult> {
  const what = decode(AskCommand.argument, argument, AskCommand.command);
  const { uri } = what.textDocument;
  const done = await runDocument(sink, backend, documents, { ...what, ...(workDoneToken === undefined ? {} : { workDoneToken }) }, signalOf(token));
  const { results, score, stopped, edits, version } = done;
  if (edits.length === 0) return { results, score, stopped, applied: false };
  if (documents.get(uri)?.version !== version) throw changed(uri, results);
  const { applied, failureReason } = await connection.workspace.applyEdit({
    label: sink.say(results.length === 1 ? "Answer a question" : `Answer ${results.length} questions`),
    edit: workspaceEdit(capabilities, uri, version, edits),
  });
  if (!applied) throw changed(uri, results, failureReason);
  return { results, score, stopped, applied };
}

async function runDocument(connection: ProgressSink, backend: Backend, documents: Documents, what: What, signal: AbortSignal): Promise<RunResult> {
  const { uri } = what.textDocument;
  const document = what.text === undefined ? opened(documents, what.textDocument) : TextDocument.create(uri, "vqa", what.textDocument.version ?? 0, what.text);
  const [source, read] = [document.getText(), document.version];
  const partial = partialResults<RunPartial>(connection, what.partialResultToken);
  const bar = workDone(connection, what.workDoneToken, connection.say("Answering"));
  let asked = { question: 0, of: 1 };
  try {
    const { results, score, stopped, edits } = await backend.runNotebook(
      { path: filePath(uri), source },
      { questions: what.questions, model: what.model },
      {
        onStarted: (question, of) => {
          asked = { question, of };
          partial({ kind: "started", question, of });
        },
        onText: (question, text) => partial({ kind: "text", question, text }),
        onProgress: (question, progress) => {
          partial({ kind: "progress", question, progress });
          bar.report(asked.of > 1 ? `${asked.question + 1} of ${asked.of}: ${stageText(progress)}` : stageText(progress), progress.fraction);
        },
        onFinished: (result) => partial({ kind: "finished", result }),
      },
      signal,
    );
    // Open documents are changed in place: positions must be those of the text that was read.
    const positions = TextDocument.create(uri, document.languageId, read, source);
    return {
      results: [...results],
      score,
      stopped,
      edits: edits.map(({ start, end, newText }) => ({ range: { start: positions.positionAt(start), end: positions.positionAt(end) }, newText })),
      version: read,
    };
  } finally {
    bar.end();
  }
}

/** Error: it is not open, or not in this version any more. */
export function opened(documents: Documents, { uri, version }: What["textDocument"]): TextDocument {
  const document = documents.get(uri);
  if (document === undefined) throw new VqaError("invalid-request", `${uri} is not open in the editor.`, "Open the notebook, then ask again.", { data: { uri } });
  if (version !== undefined && version !== document.version) throw changed(uri, []);
  return document;
}

/** One undoable step. With a version where the client can check it: the answer to a race is a refusal there too. */
function workspaceEdit(capabilities: ClientCapabilities, uri: string, version: number, edits: RunResult["edits"]): WorkspaceEdit {
  if (capabilities.workspace?.workspaceEdit?.documentChanges !== true) return { changes: { [uri]: [...edits] } };
  return { documentChanges: [{ textDocument: { uri, version }, edits: [...edits] }] };
}

function changed(uri: string, results: readonly QuestionResult[], reason?: string): VqaError {
  return new VqaError(
    "notebook-changed",
    `${uri} was changed while it was being answered${reason === undefined ? "" : ` (${reason})`}: the answers were not stored.`,
    "Ask again.",
    // Not lost: whoever asked can still show them.
    { data: { uri, results } },
  );
}
