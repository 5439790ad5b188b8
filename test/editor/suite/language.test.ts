import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { closeAll, inBrowser, path, until } from "./support.js";

const TEXT = `VQA 1
video: shapes.mp4

# Start

@ 00:00..00:08 objects

Q count: How many are there?
A: 4

Q  where: Where is it?

NOTE see
  more
`;

async function open(name: string): Promise<vscode.TextDocument> {
  writeFileSync(path("demo", name), TEXT);
  await vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(path("demo", name)), "default");
  return until(() => vscode.window.activeTextEditor?.document.uri.fsPath === path("demo", name) && vscode.window.activeTextEditor.document);
}

/** Asks the editor until the language server has something to say. */
async function asked<T>(command: string, ...args: readonly unknown[]): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await vscode.commands.executeCommand<T | undefined>(command, ...args);
    if (found !== undefined && found !== null && (!Array.isArray(found) || found.length > 0)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing came of ${command}.`);
}

describe("language features in the editor", () => {
  afterEach(closeAll);

  it("outline, fold, link, find and rename in a text", async () => {
    const document = await open("language.vqa");
    const { uri } = document;
    const at = (needle: string): vscode.Position => document.positionAt(document.getText().indexOf(needle) + 1);
    const symbols = await asked<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", uri);
    const names = (all: readonly vscode.DocumentSymbol[]): string[] => all.flatMap(({ name, children }) => [name, ...names(children)]);
    assert.ok(["Start", "count", "where"].every((wanted) => names(symbols).some((name) => name.includes(wanted))), names(symbols).join(", "));
    assert.ok((await asked<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", uri)).length >= 2);
    const links = await asked<vscode.DocumentLink[]>("vscode.executeLinkProvider", uri);
    assert.equal(links[0]?.target?.fsPath, path("demo", "shapes.mp4"));
    assert.equal((await asked<vscode.Location[]>("vscode.executeReferenceProvider", uri, at("count:"))).length, 1);
    assert.equal((await asked<vscode.Location[]>("vscode.executeDefinitionProvider", uri, at("count:"))).length, 1);
    const found = await asked<vscode.SymbolInformation[]>("vscode.executeWorkspaceSymbolProvider", "where");
    assert.ok(found.some(({ location }) => location.uri.fsPath === uri.fsPath));
    const tokens = await asked<vscode.SemanticTokens>("vscode.provideDocumentSemanticTokens", uri);
    assert.ok(tokens.data.length > 0);
    const hints = await asked<vscode.InlayHint[]>("vscode.executeInlayHintProvider", uri, new vscode.Range(0, 0, document.lineCount, 0));
    assert.match(String(hints[0]?.label), /^@00:00:00\.000\.\.00:00:08\.000/);
    const selection = await asked<vscode.SelectionRange[]>("vscode.executeSelectionRangeProvider", uri, [at("How many")]);
    assert.ok(selection[0]?.parent !== undefined);
    const edit = await asked<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", uri, at("count:"), "number");
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.match(document.getText(), /^Q number: How many/m);
  });

  it("say what a time shows, with its picture, and format without touching the words", async () => {
    const document = await open("hovered.vqa");
    const line = document.getText().slice(0, document.getText().indexOf("@ 00:00")).split("\n").length - 1;
    const hovers = await asked<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, new vscode.Position(line, 10));
    const said = hovers.flatMap(({ contents }) => contents).map((part) => (typeof part === "string" ? part : part.value)).join("\n");
    assert.match(said, /00:00:08\.000[^]*Segment: objects/);
    // As a reader sees it.
    const editor = vscode.window.activeTextEditor as vscode.TextEditor;
    editor.selection = new vscode.Selection(line, 10, line, 10);
    await vscode.commands.executeCommand("editor.action.showHover");
    await inBrowser(async ({ page }) => page.locator(".monaco-hover", { hasText: "Segment: objects" }).first().waitFor({ timeout: 60_000 }), undefined);
    const edits = await asked<vscode.TextEdit[]>("vscode.executeFormatDocumentProvider", document.uri, { tabSize: 2, insertSpaces: true });
    const formatting = new vscode.WorkspaceEdit();
    formatting.set(document.uri, edits);
    assert.ok(await vscode.workspace.applyEdit(formatting));
    assert.equal(document.getText(), TEXT.replace("Q  where", "Q where").replace("@ 00:00..00:08", "@ 00:00:00.000..00:00:08.000"));
  });
});
