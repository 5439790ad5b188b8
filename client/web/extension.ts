/**
 * The extension in a browser without a machine behind it: the format and the language features.
 * Notebooks are read, edited and saved; nothing is asked, played or decoded there.
 */
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/browser";
import { registerAnnotating } from "../annotate/index.js";
import { registerViewCommands } from "../commands/view.js";
import { NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import { NotebookSerializer } from "../notebook/serializer.js";

/** The editor's web worker; the library of types for Node has none. */
declare const Worker: new (url: string) => ConstructorParameters<typeof LanguageClient>[3];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, new NotebookSerializer(), { transientOutputs: false }), registerViewCommands(), registerAnnotating());
  const worker = new Worker(vscode.Uri.joinPath(context.extensionUri, "dist/web/server.js").toString(true));
  const documentSelector = [{ language: "vqa" }, { language: "subrip" }, { language: "webvtt" }, ...["vqa", "vqa-cues"].map((language) => ({ notebook: NOTEBOOK_TYPE, language }))];
  const client = new LanguageClient("vqa", "VQA", { documentSelector }, worker);
  context.subscriptions.push(client);
  await client.start();
}
