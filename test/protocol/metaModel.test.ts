/**
 * A session that uses every feature. Each message of the server is held against the published meta
 * model, or against the table of our own messages, by the client itself; see `../support/lspClient.ts`.
 */
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeAction, Position } from "vscode-languageserver-types";
import { TextDocument } from "vscode-languageserver-textdocument";
import { LspClient } from "../support/lspClient.js";
import { metaModel } from "../support/metaModel.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const CAPABILITIES = {
  textDocument: {
    completion: { completionItem: { snippetSupport: true } },
    hover: { contentFormat: ["markdown"] },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
    rename: { prepareSupport: true },
    diagnostic: {},
    inlineCompletion: {},
  },
  workspace: { workspaceFolders: true, codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true }, workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } },
  window: { workDoneProgress: true },
  notebookDocument: { synchronization: {} },
  experimental: { vqa: { commands: ["vqa.play"] } },
};
const TEXT = "VQA 1\nvideo: shapes.mp4\n\n# Codes\n\n@ 0:01..0:04 a code\n\nQ q1: What is the code?\n  - [ ] 472\n  - [x] 473\n\nQ q1: What is the code?\n\nQ q3: And then?\n\nNOTE see q3\n";
const SRT = "1\n00:00:01,000 --> 00:00:02,000\none\n\n1\n00:00:01,900 --> 00:00:04,000\ntwo\n";

describe("the server's messages", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  let client: LspClient;
  const at = (name: string): string => pathToFileURL(join(folder, name)).href;
  before(() => {
    for (const name of ["shapes.mp4", "shapes.srt"]) copyFileSync(join(repoRoot, "media/demo", name), join(folder, name));
    copyFileSync(join(folder, "shapes.mp4"), join(folder, "empty.mp4"));
    writeFileSync(join(folder, "other.vqa"), "# Others\n");
    client = LspClient.stdio();
  });
  after(() => client.kill());

  it("are as LSP's meta model and our own table define them, for all that is advertised", async () => {
    client.connection.onRequest("workspace/applyEdit", () => ({ applied: true }));
    for (const method of ["window/workDoneProgress/create", "workspace/codeLens/refresh", "workspace/inlayHint/refresh"]) client.connection.onRequest(method, () => null);
    const { capabilities } = await client.request<{ capabilities: Record<string, unknown> }>("initialize", {
      processId: process.pid, rootUri: null, workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "films" }], capabilities: CAPABILITIES, initializationOptions: { threads: 1 },
    });
    await client.notify("initialized", {});
    const uri = at("film.vqa");
    const document = TextDocument.create(uri, "vqa", 1, TEXT);
    await client.open(uri, TEXT);
    await client.notify("textDocument/didOpen", { textDocument: { uri: at("shapes.srt"), languageId: "subrip", version: 1, text: SRT } });
    await client.notify("textDocument/didOpen", { textDocument: { uri: at("empty.srt"), languageId: "subrip", version: 1, text: "1\n00:00:00,000 --> 00:00:04,000\n\n" } });

    const place = (mark: string): Position => document.positionAt(TEXT.indexOf(mark));
    const about = <R>(method: string, more: object = {}): Promise<R> => client.request<R>(`textDocument/${method}`, { textDocument: { uri }, ...more });
    const whole = { start: { line: 0, character: 0 }, end: document.positionAt(TEXT.length) };
    const options = { tabSize: 2, insertSpaces: true };
    await about("completion", { position: { line: 1, character: 7 } });
    await about("hover", { position: place("0:01") });
    for (const method of ["documentSymbol", "foldingRange", "semanticTokens/full", "codeLens", "documentLink", "diagnostic"]) await about(method);
    for (const method of ["semanticTokens/range", "inlayHint"]) await about(method, { range: whole });
    for (const method of ["definition", "documentHighlight", "prepareRename"]) await about(method, { position: place("q3: And") });
    await about("references", { position: place("q3: And"), context: { includeDeclaration: true } });
    await about("rename", { position: place("q3: And"), newName: "q4" });
    await about("formatting", { options });
    await about("rangeFormatting", { range: whole, options });
    await about("selectionRange", { positions: [place("code?")] });
    await about("codeAction", { range: { start: place("Q q1"), end: place("Q q1") }, context: { diagnostics: [] } });
    await client.request("workspace/symbol", { query: "oth" });

    const srt = { textDocument: { uri: at("shapes.srt") } };
    const { items } = await client.request<{ items: object[] }>("textDocument/diagnostic", srt);
    assert.ok(items.length > 0);
    const actions = await client.request<CodeAction[]>("textDocument/codeAction", { ...srt, range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } }, context: { diagnostics: items } });
    assert.ok(actions.length > 0);
    await client.request("textDocument/inlineCompletion", { textDocument: { uri: at("empty.srt") }, position: { line: 2, character: 0 }, context: { triggerKind: 1 } });

    await client.notify("notebookDocument/didOpen", {
      notebookDocument: { uri: at("cells.vqa"), notebookType: "vqa", version: 1, metadata: {}, cells: [{ kind: 2, document: "vscode-notebook-cell:/cells.vqa#0" }] },
      cellTextDocuments: [{ uri: "vscode-notebook-cell:/cells.vqa#0", languageId: "vqa", version: 1, text: "Q q1: a" }],
    });
    await client.notify("notebookDocument/didChange", { notebookDocument: { uri: at("cells.vqa"), version: 2 }, change: { cells: { textContent: [{ document: { uri: "vscode-notebook-cell:/cells.vqa#0", version: 2 }, changes: [{ text: "Q q1: b" }] }] } } });

    const command = (name: string, ...given: unknown[]): Promise<unknown> => client.request("workspace/executeCommand", { command: name, arguments: given, workDoneToken: name });
    await command("vqa.ask", { textDocument: { uri }, questions: [2] });
    await command("vqa.shiftCues", { ...srt, byMs: 100 });
    await command("vqa.scaleCues", { ...srt, first: { fromMs: 1000, toMs: 1000 }, second: { fromMs: 2000, toMs: 3000 } });
    await command("vqa.renumberCues", srt);
    await command("vqa.describeScenes", { ...srt, spans: [{ startMs: 5000, endMs: 6000 }] });

    const video = join(folder, "shapes.mp4");
    const asked: Readonly<Record<string, object>> = {
      "vqa/ask": { request: { video, question: "What?" }, partialResultToken: "ask", workDoneToken: "bar" },
      "vqa/run": { textDocument: { uri, version: 1 }, questions: [2], partialResultToken: "run" },
      "vqa/check": { textDocument: { uri }, freshness: true },
      "vqa/evidence": { textDocument: { uri }, question: 2 },
      "vqa/probe": { video },
      "vqa/frames": { video, timesMs: [1000], width: 64 },
      "vqa/waveform": { video, buckets: 8 },
      "vqa/scenes": { video, partialResultToken: "scenes" },
      "vqa/sprites": { video, count: 4, width: 64 },
      "vqa/models": {},
      "vqa/catalogue": {},
      "vqa/status": {},
      "vqa/stop": {},
    };
    for (const [method, params] of Object.entries(asked)) await client.request(method, params);

    const { seen } = client.check;
    const has = (path: string): boolean => path.split(".").reduce<unknown>((of, key) => (typeof of === "object" && of !== null ? (of as Record<string, unknown>)[key] : undefined), capabilities) !== undefined;
    const promised = metaModel.requests.filter(({ messageDirection, serverCapability }) => messageDirection === "clientToServer" && serverCapability !== undefined && has(serverCapability)).map(({ method }) => method);
    assert.ok(promised.length > 15, `${promised.length} are advertised`);
    const sentByServer = ["$/progress", "workspace/applyEdit", "window/workDoneProgress/create", "workspace/codeLens/refresh", "workspace/inlayHint/refresh", "vqa/statusChanged"];
    assert.deepEqual((capabilities["diagnosticProvider"] as { workspaceDiagnostics?: boolean }).workspaceDiagnostics, false);
    const empty = [...promised, ...Object.keys(asked), ...sentByServer].filter((method) => (seen.get(method) ?? 0) === 0);
    assert.deepEqual(empty.filter((method) => !NULL.includes(method)), [], "of these nothing was seen that could be wrong");
  });
});

/** Refreshes have no params, and diagnostics of the whole workspace are not given. */
const NULL = ["workspace/codeLens/refresh", "workspace/inlayHint/refresh", "workspace/diagnostic"];
