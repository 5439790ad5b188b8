/**
 * "Ask" in the text view: the answer appears behind its question while it comes, with a lens to stop it.
 * Nothing is written before it is whole, and then as one step that can be undone.
 */
import * as vscode from "vscode";
import { AskCommand } from "../../server/src/protocol/commands.js";
import { decode } from "../../server/src/protocol/schema.js";
import { sentences, showError } from "../errors.js";
import type { Server } from "../languageClient.js";
import { stageText } from "../stages.js";
import { questionEnds, reduceStreams, shownText, type Streams } from "./streams.js";

interface Asking {
  readonly document: vscode.TextDocument;
  readonly cancel: vscode.CancellationTokenSource;
  streams: Streams;
}

/** As often as a screen shows it. */
const PAINT_EVERY_MS = 30;

export class InlineAnswers implements vscode.Disposable, vscode.CodeLensProvider {
  readonly #asking = new Set<Asking>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #decoration = vscode.window.createTextEditorDecorationType({ after: { color: new vscode.ThemeColor("editorGhostText.foreground"), margin: "0 0 0 2ch" }, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
  readonly #disposables: vscode.Disposable[];
  #ends: { readonly document: vscode.TextDocument; readonly version: number; readonly ends: readonly number[] } | undefined;
  #painting: NodeJS.Timeout | undefined;

  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(private readonly server: Server) {
    this.#disposables = [
      this.#changed,
      this.#decoration,
      vscode.languages.registerCodeLensProvider([{ language: "vqa", scheme: "file" }, { language: "vqa", scheme: "untitled" }], this),
      vscode.commands.registerCommand("vqa.stopAnswers", (uri: unknown) => this.#stop(uri)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#stop(document.uri.toString())),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#paintSoon()),
    ];
  }

  /** Answers the questions of an open text. @param argument that of the command `vqa.ask` */
  async ask(argument: unknown): Promise<void> {
    const { textDocument, questions, model } = decode(AskCommand.argument, argument, AskCommand.command);
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === textDocument.uri);
    if (document === undefined) return;
    const asking: Asking = { document, cancel: new vscode.CancellationTokenSource(), streams: [] };
    this.#asking.add(asking);
    this.#tell();
    try {
      const version = document.version;
      const done = await this.server.run(
        { textDocument: { uri: textDocument.uri }, text: document.getText(), questions, ...(model === undefined ? {} : { model }) },
        (partial) => {
          const before = asking.streams.length;
          asking.streams = reduceStreams(asking.streams, partial);
          if (asking.streams.length !== before) this.#changed.fire();
          this.#paintSoon();
        },
        asking.cancel.token,
      );
      const error = done.results.find((result) => result.error !== undefined && result.error.code !== "cancelled")?.error;
      if (error !== undefined) void vscode.window.showErrorMessage(sentences(error));
      if (done.edits.length === 0) return;
      // What came before a stop is whole, and stays.
      if (document.isClosed || document.version !== version || !(await this.#store(document, done.edits))) {
        void vscode.window.showWarningMessage(vscode.l10n.t("The text was changed while it was being answered: the answers were not stored. Ask again."));
      }
    } catch (thrown) {
      showError(thrown);
    } finally {
      this.#asking.delete(asking);
      asking.cancel.dispose();
      this.#tell();
    }
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return [...this.#asking].filter((asking) => asking.document === document).flatMap(({ streams }) => {
      const running = streams.at(-1);
      const end = running === undefined ? undefined : this.#endsOf(document)[running.question];
      const at = document.positionAt(end ?? 0);
      return [new vscode.CodeLens(new vscode.Range(at.line, 0, at.line, at.character), { title: `$(stop-circle) ${vscode.l10n.t("Stop")}`, command: "vqa.stopAnswers", arguments: [document.uri.toString()] })];
    });
  }

  dispose(): void {
    clearTimeout(this.#painting);
    for (const { cancel } of this.#asking) cancel.cancel();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #store({ uri }: vscode.TextDocument, edits: readonly { readonly range: { readonly start: { readonly line: number; readonly character: number }; readonly end: { readonly line: number; readonly character: number } }; readonly newText: string }[]): Promise<boolean> {
    const edit = new vscode.WorkspaceEdit();
    for (const { range: { start, end }, newText } of edits) edit.replace(uri, new vscode.Range(start.line, start.character, end.line, end.character), newText);
    return vscode.workspace.applyEdit(edit);
  }

  /** @param uri of one document; all without one */
  #stop(uri: unknown): void {
    for (const { document, cancel } of this.#asking) if (typeof uri !== "string" || document.uri.toString() === uri) cancel.cancel();
  }

  #tell(): void {
    void vscode.commands.executeCommand("setContext", "vqa.answering", this.#asking.size > 0);
    this.#changed.fire();
    this.#paintSoon();
  }

  #paintSoon(): void {
    this.#painting ??= setTimeout(() => {
      this.#painting = undefined;
      for (const editor of vscode.window.visibleTextEditors) if (editor.document.languageId === "vqa") editor.setDecorations(this.#decoration, this.#shownIn(editor.document));
    }, PAINT_EVERY_MS);
  }

  #shownIn(document: vscode.TextDocument): vscode.DecorationOptions[] {
    const streams = [...this.#asking].filter((asking) => asking.document === document).flatMap((asking) => asking.streams);
    if (streams.length === 0) return [];
    const ends = this.#endsOf(document);
    return streams.flatMap((stream) => {
      const [end, contentText] = [ends[stream.question], shownText(stream, stageText)];
      if (end === undefined || contentText === undefined) return [];
      const at = document.positionAt(end);
      return [{ range: new vscode.Range(at, at), renderOptions: { after: { contentText } } }];
    });
  }

  /** Of the text as it is now: questions move while somebody types. */
  #endsOf(document: vscode.TextDocument): readonly number[] {
    const { version } = document;
    if (this.#ends?.document !== document || this.#ends.version !== version) this.#ends = { document, version, ends: questionEnds(document.getText()) };
    return this.#ends.ends;
  }
}
