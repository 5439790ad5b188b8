import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeAction, Diagnostic, InlineCompletionItem, TextDocumentEdit, WorkspaceEdit } from "vscode-languageserver-types";
import { TextDocument } from "vscode-languageserver-textdocument";
import { readVtt } from "../../server/src/format/index.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const SRT = "1\n00:00:01,000 --> 00:00:02,000\none\n\n1\n00:00:01,900 --> 00:00:04,000\ntwo\n";
const CAPABILITIES = {
  textDocument: { diagnostic: {}, codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } }, inlineCompletion: {} },
  workspace: { workspaceFolders: true, workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } },
  window: { workDoneProgress: true },
};

describe("subtitles over stdio", function () {
  this.timeout(120_000);
  let client: LspClient;
  const folder = tempFolder(after);
  const uri = (name: string): string => pathToFileURL(join(folder, name)).href;
  /** What the server asked the editor to write, and whether the editor's user agrees. */
  let proposed: WorkspaceEdit[];
  let agrees: boolean;
  let onBar: (value: { kind: string; cancellable?: boolean }, token: unknown) => void;
  afterEach(async () => {
    await client.kill();
  });
  before(() => {
    copyFileSync(join(repoRoot, "media/demo/shapes.mp4"), join(folder, "shapes.mp4"));
    copyFileSync(join(repoRoot, "test/fixtures/speech/spoken.mp4"), join(folder, "spoken.mp4"));
  });

  async function start(capabilities: object = CAPABILITIES, options: object = { threads: 1 }): Promise<Record<string, unknown>> {
    client = LspClient.stdio();
    proposed = [];
    agrees = true;
    onBar = () => undefined;
    client.connection.onRequest("workspace/applyEdit", ({ edit }: { edit: WorkspaceEdit }) => {
      proposed.push(edit);
      return { applied: agrees };
    });
    client.connection.onRequest("window/workDoneProgress/create", ({ token }: { token: string }) => {
      client.connection.onNotification("$/progress", ({ token: of, value }: { token: string; value: { kind: string } }) => {
        if (of === token) onBar(value, token);
      });
      return null;
    });
    const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: "films" }];
    const result = await client.request<{ capabilities: Record<string, unknown> }>("initialize", { processId: process.pid, rootUri: null, workspaceFolders, capabilities, initializationOptions: options });
    await client.notify("initialized", {});
    return result.capabilities;
  }

  const open = async (name: string, languageId: string, text: string): Promise<TextDocument> => {
    await client.notify("textDocument/didOpen", { textDocument: { uri: uri(name), languageId, version: 1, text } });
    return TextDocument.create(uri(name), languageId, 1, text);
  };
  const command = <R>(name: string, argument: object): Promise<R> => client.request<R>("workspace/executeCommand", { command: name, arguments: [argument] });
  const diagnostics = async (name: string): Promise<Diagnostic[]> => (await client.request<{ items: Diagnostic[] }>("textDocument/diagnostic", { textDocument: { uri: uri(name) } })).items;
  const written = (document: TextDocument): string => TextDocument.applyEdits(document, (proposed.at(-1)?.documentChanges?.[0] as TextDocumentEdit).edits as never);

  it("checks a SubRip file, and its fix is an edit of a time", async () => {
    await start();
    const document = await open("a.srt", "subrip", SRT);
    const found = await diagnostics("a.srt");
    assert.deepEqual(found.map(({ code }) => code), ["cue-overlap"]);
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const actions = await client.request<CodeAction[]>("textDocument/codeAction", { textDocument: { uri: uri("a.srt") }, range, context: { diagnostics: found, only: ["quickfix"] } });
    const [first] = actions;
    assert.equal(TextDocument.applyEdits(document, first?.edit?.changes?.[uri("a.srt")] ?? []), SRT.replace("00:00:01,900", "00:00:02,083"), "to end the earlier one would make it too short");
  });

  it("takes its limits from the client, and can be switched off", async () => {
    await start(CAPABILITIES, { threads: 1, captions: { maxLineLength: 2, minGapMs: 0 } });
    await open("a.vtt", "webvtt", "WEBVTT\n\n00:01.000 --> 00:03.000\none\n");
    assert.deepEqual((await diagnostics("a.vtt")).map(({ code }) => code), ["cue-line-too-long"]);
    await client.kill();
    await start(CAPABILITIES, { threads: 1, captions: { check: false } });
    await open("a.srt", "subrip", SRT);
    assert.deepEqual(await diagnostics("a.srt"), []);
  });

  it("shifts, stretches and renumbers by edits that the client applies", async () => {
    await start();
    const textDocument = { uri: uri("a.srt"), version: 1 };
    const document = await open("a.srt", "subrip", SRT);
    await command("vqa.shiftCues", { textDocument, byMs: 500, range: { start: { line: 5, character: 0 }, end: { line: 6, character: 0 } } });
    assert.equal(written(document), SRT.replace("00:00:01,900 --> 00:00:04,000", "00:00:02,400 --> 00:00:04,500"));
    await command("vqa.scaleCues", { textDocument, first: { fromMs: 1000, toMs: 1000 }, second: { fromMs: 2000, toMs: 3000 } });
    assert.equal(written(document), SRT.replace("00:00:02,000", "00:00:03,000").replace("00:00:01,900 --> 00:00:04,000", "00:00:02,800 --> 00:00:07,000"));
    assert.deepEqual((await command<{ edits: object[] }>("vqa.renumberCues", { textDocument })).edits.length, 1);
    assert.equal(written(document), SRT.replace("\n\n1\n", "\n\n2\n"));
  });

  it("refuses what would be wrong, and writes nothing", async () => {
    await start();
    await open("a.srt", "subrip", SRT);
    const textDocument = { uri: uri("a.srt") };
    assert.equal((await refusal(command("vqa.shiftCues", { textDocument, byMs: -1001 }))).error?.code, "invalid-request");
    assert.equal((await refusal(command("vqa.shiftCues", { textDocument, byMs: "late" }))).error?.code, "invalid-request");
    assert.equal((await refusal(command("vqa.shiftCues", { textDocument: { ...textDocument, version: 7 }, byMs: 1 }))).error?.code, "notebook-changed");
    assert.equal((await refusal(command("vqa.describeScenes", { textDocument }))).error?.code, "video-not-found");
    assert.deepEqual(proposed, []);
  });

  it("proposes what is seen where nothing is said, to be confirmed, below a note of its origin", async () => {
    await start();
    const text = "WEBVTT\n\n00:01.000 --> 00:02.000\nspoken\n";
    const document = await open("shapes.vtt", "webvtt", text);
    const bars: string[] = [];
    onBar = ({ kind }) => void bars.push(kind);
    const result = await command<{ cues: { startMs: number; endMs: number; text: string }[]; applied: boolean; stopped: boolean }>("vqa.describeScenes", { textDocument: { uri: document.uri }, spans: [{ startMs: 0, endMs: 6000 }], windowMs: 4000 });
    assert.deepEqual([result.applied, result.stopped, result.cues.length], [true, false, 2]);
    const [edit] = proposed;
    assert.equal(edit?.changeAnnotations?.["proposal"]?.needsConfirmation, true);
    const change = edit.documentChanges?.[0] as TextDocumentEdit;
    assert.ok(change.edits.length > 0 && change.edits.every((one) => "annotationId" in one && one.annotationId === "proposal"));
    const after = readVtt(written(document));
    assert.deepEqual(after.blocks.flatMap((block) => (block.kind === "cue" ? [[block.startMs, block.endMs]] : [])), [[0, 917], [1000, 2000], [2083, 6000]]);
    assert.match(written(document), /NOTE The next cue was written by a model .*micro/);
    assert.ok(written(document).includes("00:01.000 --> 00:02.000\nspoken"));
    assert.deepEqual([bars[0], bars.at(-1)], ["begin", "end"]);
  });

  it("with listen it writes down what is said, and in brackets what is seen where nothing is said", async () => {
    await start();
    // What is there stays: the second sentence is not written a second time.
    const document = await open("spoken.vtt", "webvtt", "WEBVTT\n\n00:03.500 --> 00:05.000\nWritten by a person.\n");
    const { cues, applied } = await command<{ cues: { startMs: number; endMs: number; text: string }[]; applied: boolean }>("vqa.describeScenes", { textDocument: { uri: document.uri }, listen: true });
    assert.equal(applied, true);
    const said = cues.filter(({ text }) => !text.startsWith("["));
    const seen = cues.filter(({ text }) => text.startsWith("["));
    assert.deepEqual(said.map(({ text }) => text), ["My name is Maria.", "I like to eat soup."]);
    assert.ok(seen.length > 0 && seen.every(({ text }) => /^\[.+\]$/.test(text)), JSON.stringify(seen));
    const all = readVtt(written(document)).blocks.flatMap((block) => (block.kind === "cue" ? [block] : []));
    assert.equal(all.length, cues.length + 1);
    assert.ok(all.every(({ startMs }, i) => i === 0 || startMs >= all[i - 1]!.endMs), "in time order, and none over another");
    assert.match(written(document), /NOTE The next (?:cue was|\d+ cues were) written by models, in brackets what is seen: micro .*; the rest is what is said: speech: whisper-micro/);
  });

  it("keeps what was described when the bar is stopped, and nothing when its user declines", async () => {
    await start();
    const document = await open("shapes.srt", "subrip", "");
    let reports = 0;
    onBar = ({ kind }, token) => {
      if (kind === "report" && ++reports === 1) void client.notify("window/workDoneProgress/cancel", { token });
    };
    const stopped = await command<{ stopped: boolean; cues: object[] }>("vqa.describeScenes", { textDocument: { uri: document.uri }, windowMs: 1000 });
    assert.equal(stopped.stopped, true);
    onBar = () => undefined;
    agrees = false;
    const declined = await command<{ applied: boolean; cues: object[] }>("vqa.describeScenes", { textDocument: { uri: document.uri }, spans: [{ startMs: 0, endMs: 1000 }] });
    assert.deepEqual([declined.applied, declined.cues.length], [false, 1]);
  });

  it("applies nothing for a client that cannot ask, and offers no action there", async () => {
    const { workspace: _, ...without } = CAPABILITIES;
    await start(without);
    const document = await open("shapes.srt", "subrip", "1\n00:00:00,000 --> 00:00:01,000\nspoken\n");
    const result = await command<{ applied: boolean; edits: object[] }>("vqa.describeScenes", { textDocument: { uri: document.uri }, spans: [{ startMs: 2000, endMs: 3000 }] });
    assert.deepEqual([result.applied, result.edits.length, proposed.length], [false, 1, 0]);
    const actions = await client.request<CodeAction[]>("textDocument/codeAction", { textDocument: { uri: document.uri }, range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, context: { diagnostics: [] } });
    assert.deepEqual(actions, []);
  });

  it("marks the action as a model's, and its command does what it says", async () => {
    await start();
    const document = await open("shapes.srt", "subrip", "1\n00:00:00,000 --> 00:00:01,000\nspoken\n\n2\n00:00:03,000 --> 00:00:04,000\nlater\n");
    const [action] = await client.request<CodeAction[]>("textDocument/codeAction", { textDocument: { uri: document.uri }, range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, context: { diagnostics: [] } });
    assert.deepEqual(action?.tags, [1]);
    await client.request("workspace/executeCommand", action?.command);
    assert.match(written(document), /^1\n00:00:00,000 --> 00:00:01,000\nspoken\n\n2\n00:00:01,083 --> 00:00:02,917\n.+\n(?:.+\n)?\n3\n00:00:03,000 --> 00:00:04,000\nlater\n$/);
  });

  it("offers words for a cue that has only its time, and asks nobody unasked", async () => {
    const capabilities = await start();
    assert.equal(capabilities["inlineCompletionProvider"], true);
    await open("shapes.srt", "subrip", "1\n00:00:00,000 --> 00:00:04,000\n\n");
    const at = (line: number, triggerKind: number): Promise<InlineCompletionItem[]> =>
      client.request("textDocument/inlineCompletion", { textDocument: { uri: uri("shapes.srt") }, position: { line, character: 0 }, context: { triggerKind } });
    assert.deepEqual(await at(2, 2), [], "no model is started by typing");
    assert.equal((await client.request<{ worker: { starts: number } }>("vqa/status", {})).worker.starts, 0);
    const [item] = await at(2, 1);
    assert.ok(typeof item?.insertText === "string" && item.insertText.trim() !== "");
    assert.deepEqual(await at(2, 2), [item], "what is known is offered again");
    assert.deepEqual(await at(1, 1), []);
    assert.deepEqual(proposed, []);
  });
});
