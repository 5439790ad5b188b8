import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import type { CodeAction, CodeLens, CompletionItem, DocumentLink, DocumentSymbol, FoldingRange, Hover, InlayHint, Location, Position, SelectionRange, SemanticTokens, SymbolInformation, TextEdit, WorkspaceEdit, WorkspaceSymbol } from "vscode-languageserver-types";
import { TextDocument } from "vscode-languageserver-textdocument";
import { LspClient, refusal } from "../support/lspClient.js";
import { tempFolder } from "../support/tempFolder.js";

const RUN = "RUN dbf3dd46\r\n  date: 2026-10-23T10:11:12Z\r\n  model: micro\r\n  decode: temperature=0\r\n";
const text = `\ufeffVQA 1\r\nvideo: clips/𝄞.mp4\r\n\r\n# Clefs\r\n\r\n@0:01..0:09   𝄞 and 𝄢\r\n\r\nQ 𝄞: Which?\r\n  - [x] treble\r\n  - [ ] bass\r\nM dbf3dd46 0123456789ab: (A) treble\r\n\r\n${RUN}`;

const CAPABILITIES = {
  textDocument: {
    completion: { completionItem: { snippetSupport: true } },
    hover: { contentFormat: ["markdown", "plaintext"] },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
    rename: { prepareSupport: true },
    diagnostic: {},
  },
  workspace: { workspaceFolders: true },
  experimental: { vqa: { commands: ["vqa.play", "vqa.format-the-disk"] } },
};

/** The methods that each advertised capability promises, with the params that a client would send. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  completionProvider: ["textDocument/completion"],
  hoverProvider: ["textDocument/hover"],
  documentSymbolProvider: ["textDocument/documentSymbol"],
  workspaceSymbolProvider: ["workspace/symbol"],
  foldingRangeProvider: ["textDocument/foldingRange"],
  semanticTokensProvider: ["textDocument/semanticTokens/full", "textDocument/semanticTokens/range"],
  codeLensProvider: ["textDocument/codeLens"],
  inlayHintProvider: ["textDocument/inlayHint"],
  documentLinkProvider: ["textDocument/documentLink"],
  definitionProvider: ["textDocument/definition"],
  referencesProvider: ["textDocument/references"],
  documentHighlightProvider: ["textDocument/documentHighlight"],
  renameProvider: ["textDocument/rename", "textDocument/prepareRename"],
  documentFormattingProvider: ["textDocument/formatting"],
  documentRangeFormattingProvider: ["textDocument/rangeFormatting"],
  selectionRangeProvider: ["textDocument/selectionRange"],
  codeActionProvider: ["textDocument/codeAction"],
  diagnosticProvider: ["textDocument/diagnostic"],
};

describe("language features over stdio", function () {
  this.timeout(60_000);
  let client: LspClient;
  const folder = tempFolder(after);
  let uri: string;
  let document: TextDocument;
  let capabilities: Record<string, unknown>;

  before(() => {
    mkdirSync(join(folder, "notes/clips"), { recursive: true });
    mkdirSync(join(folder, "outside"));
    writeFileSync(join(folder, "notes/clips/𝄞.mp4"), "");
    writeFileSync(join(folder, "notes/clips/𝄞.vtt"), "WEBVTT\n\n00:02.000 --> 00:03.000\nfrom beside\n");
    writeFileSync(join(folder, "outside/secret.mp4"), "");
    symlinkSync(join(folder, "outside"), join(folder, "notes/way-out"), "junction");
    writeFileSync(join(folder, "notes/other.vqa"), "# Staves\n");
    uri = pathToFileURL(join(folder, "notes/clefs.vqa")).href;
    document = TextDocument.create(uri, "vqa", 1, text);
  });

  async function start(given: object = CAPABILITIES): Promise<void> {
    client = LspClient.stdio();
    const workspaceFolders = [{ uri: pathToFileURL(join(folder, "notes")).href, name: "notes" }];
    const result = await client.request<{ capabilities: Record<string, unknown> }>("initialize", { processId: process.pid, rootUri: null, workspaceFolders, capabilities: given });
    capabilities = result.capabilities;
    await client.notify("initialized", {});
    await client.open(uri, text);
  }

  const position = (mark: string): Position => document.positionAt(text.indexOf(mark));
  const whole = () => ({ start: { line: 0, character: 0 }, end: document.positionAt(text.length) });
  const about = <R>(method: string, more: object = {}): Promise<R> => client.request<R>(`textDocument/${method}`, { textDocument: { uri }, ...more });
  const said = (range: Location["range"]): string => document.getText(range);

  describe("for a client that can do all", () => {
    before(() => start());
    after(async () => {
      assert.deepEqual(await client.shutdown(), { code: 0, signal: null });
      await client.kill();
    });

    it("advertises what it answers, and answers what it advertises", async () => {
      const providers = Object.keys(capabilities).filter((key) => key.endsWith("Provider") && key !== "executeCommandProvider");
      assert.deepEqual(providers.sort(), Object.keys(METHODS).sort());
      for (const method of Object.values(METHODS).flat()) {
        const params = { textDocument: { uri }, position: { line: 0, character: 0 }, positions: [], range: whole(), context: { includeDeclaration: true, diagnostics: [] }, options: { tabSize: 2, insertSpaces: true }, newName: "x", query: "" };
        await client.request(method, params);
      }
    });

    it("completes, with times that come from the file beside the video", async () => {
      const edited = text.replace("Q 𝄞:", "Q 𝄞 @:");
      await client.notify("textDocument/didChange", { textDocument: { uri, version: 2 }, contentChanges: [{ text: edited }] });
      const changed = TextDocument.create(uri, "vqa", 2, edited);
      const { items } = await about<{ items: CompletionItem[] }>("completion", { position: changed.positionAt(edited.indexOf("@:") + 1) });
      await client.notify("textDocument/didChange", { textDocument: { uri, version: 3 }, contentChanges: [{ text }] });
      const item = items.find(({ label }) => label === "00:00:03.000");
      assert.equal(item?.detail, "end of “from beside”");
      assert.ok(items.some(({ label }) => label === "00:00:09.000"));
      assert.ok(item.textEdit !== undefined && "range" in item.textEdit);
      assert.ok(TextDocument.applyEdits(changed, [item.textEdit]).includes("Q 𝄞 @00:00:03.000: Which?"));
    });

    it("completes with the time of the playhead first, as long as there is a player", async () => {
      const video = pathToFileURL(join(folder, "notes/clips/𝄞.mp4")).href;
      const first = async (timeMs: unknown): Promise<string | undefined> => {
        await client.notify("vqa/playhead", { video, timeMs });
        const { items } = await about<{ items: CompletionItem[] }>("completion", { position: document.positionAt(text.indexOf("0:01") + 4) });
        return items[0]?.detail;
      };
      assert.equal(await first(4_200.4), "the playhead");
      assert.equal(await first("soon"), "the playhead");
      assert.notEqual(await first(undefined), "the playhead");
    });

    it("lists files of the workspace, and nothing outside of it", async () => {
      const other = pathToFileURL(join(folder, "notes/paths.vqa")).href;
      const offered = async (value: string): Promise<string[]> => {
        await client.open(other, `VQA 1\nvideo: ${value}`);
        const { items } = await client.request<{ items: CompletionItem[] }>("textDocument/completion", { textDocument: { uri: other }, position: { line: 1, character: 7 + value.length } });
        await client.notify("textDocument/didClose", { textDocument: { uri: other } });
        return items.map(({ label }) => label);
      };
      assert.deepEqual(await offered("clips/"), ["𝄞.mp4"]);
      assert.deepEqual(await offered("../"), ["../"]);
      assert.deepEqual(await offered("../outside/"), []);
      assert.deepEqual(await offered("way-out/"), []);
    });

    it("hovers, and says which moment it is", async () => {
      const hover = await about<Hover>("hover", { position: position("0:01") });
      assert.ok(hover.range !== undefined);
      assert.equal(said(hover.range), "0:01");
      assert.equal(await about("hover", { position: { line: 2, character: 0 } }), null);
    });

    it("outlines, folds and colours", async () => {
      const [clefs] = await about<DocumentSymbol[]>("documentSymbol");
      assert.equal(clefs?.children?.[0]?.children?.[0]?.name, "𝄞: Which?");
      assert.ok((await about<FoldingRange[]>("foldingRange")).some(({ startLine, endLine }) => startLine === 7 && endLine === 10));
      const full = await about<SemanticTokens>("semanticTokens/full");
      assert.deepEqual(full.data.slice(0, 5), [0, 1, 3, 0, 0]);
      const part = await about<SemanticTokens>("semanticTokens/range", { range: { start: position("Q 𝄞"), end: position("Which") } });
      assert.deepEqual(part.data.slice(0, 10), [7, 0, 1, 0, 0, 0, 2, 2, 2, 1]);
    });

    it("finds symbols of files that are not open", async () => {
      const found = await client.request<WorkspaceSymbol[]>("workspace/symbol", { query: "stav" });
      assert.deepEqual(found.map(({ name, location }) => [name, location.uri]), [["Staves", pathToFileURL(join(folder, "notes/other.vqa")).href]]);
    });

    it("shows lenses for commands that somebody carries out", async () => {
      const lenses = await about<CodeLens[]>("codeLens");
      assert.deepEqual(lenses.map(({ command }) => command?.title), ["Ask new and stale", "Ask all", "Play", "Ask again"]);
      assert.deepEqual([...new Set(lenses.map(({ command }) => command?.command))], ["vqa.ask", "vqa.play"]);
    });

    it("hints, links, and leads from answers to their run", async () => {
      const hints = await about<InlayHint[]>("inlayHint", { range: whole() });
      assert.deepEqual(hints.map(({ label }) => label), ["@00:00:01.000..00:00:09.000", "✓"]);
      const links = await about<DocumentLink[]>("documentLink");
      assert.deepEqual(links.map(({ range }) => said(range)), ["clips/𝄞.mp4"]);
      const at = position("dbf3dd46 0123");
      const places = await about<Location[]>("definition", { position: at });
      assert.deepEqual(places.map(({ range }) => range.start.line), [12]);
      assert.equal((await about<Location[]>("references", { position: at, context: { includeDeclaration: true } })).length, 2);
      assert.equal((await about<unknown[]>("documentHighlight", { position: at })).length, 2);
    });

    it("renames, and refuses with a reason", async () => {
      const at = position("𝄞: Which");
      assert.deepEqual(await about("prepareRename", { position: at }), { range: { start: { line: 7, character: 2 }, end: { line: 7, character: 4 } }, placeholder: "𝄞" });
      const edit = await about<WorkspaceEdit>("rename", { position: at, newName: "clef" });
      assert.ok(TextDocument.applyEdits(document, edit.changes?.[uri] ?? []).includes("\r\nQ clef: Which?\r\n"));
      const { rpc, message } = await refusal(about("rename", { position: position("dbf3dd46 0123"), newName: "00000000" }));
      assert.equal(rpc, -32803);
      assert.match(message, /made from what its record says/);
    });

    it("formats without a change to text or line ends", async () => {
      const options = { tabSize: 2, insertSpaces: true };
      const formatted = TextDocument.applyEdits(document, await about<TextEdit[]>("formatting", { options }));
      assert.equal(formatted, text.replace("@0:01..0:09   ", "@ 00:00:01.000..00:00:09.000 "));
      assert.deepEqual(await about("rangeFormatting", { range: { start: position("Q 𝄞"), end: position("Which") }, options }), []);
    });

    it("acts, and grows selections", async () => {
      const start = position("Q 𝄞");
      const actions = await about<CodeAction[]>("codeAction", { range: { start, end: start }, context: { diagnostics: [] } });
      assert.deepEqual(actions.map(({ title }) => title), ["Write the segment's scope into the question"]);
      const [selection] = await about<SelectionRange[]>("selectionRange", { positions: [position("treble")] });
      assert.ok(selection !== undefined);
      assert.equal(said(selection.range), "treble");
    });

    it("answers for documents that are not open, and goes on after senseless requests", async () => {
      const nowhere = { textDocument: { uri: "untitled:nowhere" }, position: { line: 9, character: 9 } };
      assert.equal(await client.request("textDocument/hover", nowhere), null);
      assert.deepEqual(await client.request("textDocument/definition", nowhere), []);
      assert.equal(await about("hover", { position: { line: 999, character: 999 } }), null);
      await refusal(client.request("textDocument/hover", { textDocument: { uri } }));
      assert.notEqual(await about("hover", { position: position("0:01") }), null);
    });

    it("ends requests that were cancelled as such, and no others", async () => {
      const source = new CancellationTokenSource();
      const end = (asked: Promise<unknown>): Promise<unknown> => asked.then(Array.isArray, async () => (await refusal(asked)).rpc);
      // Many, because the first may be answered before the server hears that it is no longer wanted.
      const cancelled = Array.from({ length: 50 }, () => end(client.request("workspace/symbol", { query: "" }, source.token)));
      const kept = end(client.request("workspace/symbol", { query: "" }));
      source.cancel();
      const ends = new Set(await Promise.all(cancelled));
      assert.ok(ends.has(-32800), "none was cancelled");
      ends.delete(true);
      assert.deepEqual([...ends], [-32800]);
      assert.equal(await kept, true);
    });

    it("starts no worker for any of this", async () => {
      assert.deepEqual((await client.request<{ worker: { starts: number } }>("vqa/status", {})).worker.starts, 0);
    });
  });

  describe("for a client with notebooks", () => {
    const cellUri = (index: number): string => `vscode-notebook-cell:${uri.slice("file:".length)}#${index}`;
    const cells = [
      ["markdown", "# Clefs"],
      ["vqa", "@0:01..0:09 𝄞"],
      ["vqa", "Q q1: a"],
      ["vqa", "Q q1: b"],
    ] as const;
    const ofCell = <R>(method: string, index: number, more: object = {}): Promise<R> => client.request<R>(`textDocument/${method}`, { textDocument: { uri: cellUri(index) }, ...more });
    const codes = async (index: number): Promise<string[]> => (await ofCell<{ items: { code: string }[] }>("diagnostic", index)).items.map(({ code }) => code);

    before(async () => {
      await start({ ...CAPABILITIES, workspace: { inlayHint: { refreshSupport: true } }, notebookDocument: { synchronization: {} } });
      const origin = { bom: false, eol: "\n", webvtt: false, header: "VQA 1\nvideo: clips/𝄞.mp4\n", lead: [], tail: [], runs: [] };
      await client.notify("notebookDocument/didOpen", {
        notebookDocument: { uri: pathToFileURL(join(folder, "notes/cells.vqa")).href, notebookType: "vqa", version: 1, metadata: { kept: origin }, cells: cells.map(([language], i) => ({ kind: language === "vqa" ? 2 : 1, document: cellUri(i) })) },
        cellTextDocuments: cells.map(([languageId, source], i) => ({ uri: cellUri(i), languageId, version: 1, text: source })),
      });
    });
    after(() => client.kill());

    it("asks for the cells of .vqa files, and says that one may change what is wrong in another", () => {
      assert.deepEqual(capabilities["diagnosticProvider"], { identifier: "vqa", interFileDependencies: true, workspaceDiagnostics: false });
      assert.deepEqual(capabilities["notebookDocumentSync"], { notebookSelector: [{ notebook: { pattern: "**/*.vqa" }, cells: [{ language: "vqa" }, { language: "vqa-cues" }, { language: "markdown" }] }] });
    });

    it("knows a cell's place in the notebook, and follows changes", async () => {
      assert.deepEqual(await Promise.all([0, 1, 2, 3].map(codes)), [[], [], [], ["duplicate-id"]]);
      const hints = await ofCell<InlayHint[]>("inlayHint", 2, { range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } } });
      assert.deepEqual(hints.map(({ label, position: at }) => [label, at]), [["@00:00:01.000..00:00:09.000", { line: 0, character: 4 }]]);
      const edits = await ofCell<TextEdit[]>("formatting", 1, { options: { tabSize: 2, insertSpaces: true } });
      assert.equal(TextDocument.applyEdits(TextDocument.create(cellUri(1), "vqa", 1, cells[1][1]), edits), "@ 00:00:01.000..00:00:09.000 𝄞");
      const refreshed = new Promise<void>((resolve) => client.connection.onRequest("workspace/inlayHint/refresh", () => (resolve(), null)));
      const change = { cells: { textContent: [{ document: { uri: cellUri(2), version: 2 }, changes: [{ range: { start: { line: 0, character: 2 }, end: { line: 0, character: 4 } }, text: "q0" }] }] } };
      await client.notify("notebookDocument/didChange", { notebookDocument: { uri: pathToFileURL(join(folder, "notes/cells.vqa")).href, version: 2 }, change });
      assert.deepEqual(await codes(3), []);
      await refreshed;
    });
  });

  describe("for cells in a client that is told of diagnostics", () => {
    const cellUri = (index: number): string => `vscode-notebook-cell:/notes/pushed.vqa#${index}`;
    const notebook = pathToFileURL(join(folder, "notes/pushed.vqa")).href;
    after(() => client.kill());
    const pushed = async (index: number, codes: readonly string[]): Promise<void> => {
      for (;;) {
        if (JSON.stringify((client.pushed.get(cellUri(index)) ?? []).map(({ code }) => code)) === JSON.stringify(codes)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    it("pushes those of each cell, of others that a change touches, and takes them back", async () => {
      await start({ notebookDocument: { synchronization: {} } });
      assert.equal(capabilities["diagnosticProvider"], undefined);
      const sources = ["Q q1: a", "Q q1: b", "Q q2: c"];
      await client.notify("notebookDocument/didOpen", {
        notebookDocument: { uri: notebook, notebookType: "vqa-notebook", version: 1, metadata: {}, cells: sources.map((_, i) => ({ kind: 2, document: cellUri(i) })) },
        cellTextDocuments: sources.map((text, i) => ({ uri: cellUri(i), languageId: "vqa", version: 1, text })),
      });
      await pushed(1, ["duplicate-id"]);
      assert.ok(!client.pushed.has(cellUri(2)), "a cell with nothing to say hears nothing");
      const change = { cells: { textContent: [{ document: { uri: cellUri(0), version: 2 }, changes: [{ range: { start: { line: 0, character: 2 }, end: { line: 0, character: 4 } }, text: "q2" }] }] } };
      await client.notify("notebookDocument/didChange", { notebookDocument: { uri: notebook, version: 2 }, change });
      await pushed(1, []);
      await pushed(2, ["duplicate-id"]);
      await client.notify("notebookDocument/didClose", { notebookDocument: { uri: notebook }, cellTextDocuments: sources.map((_, i) => ({ uri: cellUri(i) })) });
      await pushed(2, []);
    });
  });

  describe("for a client that can do little", () => {
    before(() => start({}));
    after(() => client.kill());

    it("offers no actions and no preparation, and names nothing flat or rendered that it cannot take", async () => {
      assert.equal(capabilities["codeActionProvider"], undefined);
      assert.equal(capabilities["renameProvider"], true);
      const symbols = await about<SymbolInformation[]>("documentSymbol");
      assert.deepEqual(symbols.map(({ name, containerName, location }) => [name, containerName, location.range.start.line]), [
        ["Clefs", undefined, 3],
        ["𝄞 and 𝄢", "Clefs", 5],
        ["𝄞: Which?", "𝄞 and 𝄢", 7],
      ]);
      const { contents } = await about<{ contents: { kind: string; value: string } }>("hover", { position: position("0:01") });
      assert.equal(contents.kind, "plaintext");
      assert.doesNotMatch(contents.value, /\*\*/);
      const lenses = await about<CodeLens[]>("codeLens");
      assert.ok(lenses.length > 0 && lenses.every(({ command }) => command?.command === "vqa.ask"));
    });
  });
});
