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
declare const Worker: new (url: string) => ConstructorParameters<typeof LanguageClient>[2];
declare const URL: { createObjectURL(blob: object): string };
declare const Blob: new (parts: readonly Uint8Array[], options: { readonly type: string }) => object;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, new NotebookSerializer(), { transientOutputs: false }), registerViewCommands(), registerAnnotating());
  const worker = new Worker(await scriptAddress(vscode.Uri.joinPath(context.extensionUri, "dist/web/server.js")));
  const documentSelector = [{ language: "vqa" }, { language: "subrip" }, { language: "webvtt" }, ...["vqa", "vqa-cues"].map((language) => ({ notebook: NOTEBOOK_TYPE, language }))];
  const client = new LanguageClient("vqa", "VQA", worker, { documentSelector });
  context.subscriptions.push(client);
  await client.start();
}

/** An address that a browser can load: an extension that is installed on a remote machine has none of its own. */
async function scriptAddress(script: vscode.Uri): Promise<string> {
  if (/^https?$/.test(script.scheme)) return script.toString(true);
  return URL.createObjectURL(new Blob([await vscode.workspace.fs.readFile(script)], { type: "text/javascript" }));
}
