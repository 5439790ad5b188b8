/** What the text view knows while a model is in memory: stale answers, and frames in hovers. */
import assert from "node:assert/strict";
import { writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeLens, Hover } from "vscode-languageserver-types";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { RunResult } from "../../server/src/protocol/asking.js";
import { LspClient } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

describe("while a model is in memory", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  const uri = pathToFileURL(join(folder, "film.vqa")).href;
  let client: LspClient;
  let text = "VQA 1\nvideo: shapes.mp4\n\nQ q1: What is the code?\n";
  let version = 1;

  const lenses = async (): Promise<string[]> => (await client.request<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } })).flatMap(({ command }) => command?.title ?? []).filter((title) => /again/.test(title));
  const change = async (now: string): Promise<void> => {
    text = now;
    await client.notify("textDocument/didChange", { textDocument: { uri, version: ++version }, contentChanges: [{ text }] });
  };
  const hover = async (): Promise<string> => {
    const { contents } = await client.request<Hover>("textDocument/hover", { textDocument: { uri }, position: { line: text.slice(0, text.indexOf("00:0")).split("\n").length - 1, character: text.split("\n").find((line) => line.includes("00:0"))?.indexOf("00:0") ?? 0 } });
    return (contents as { value: string }).value;
  };

  before(async () => {
    for (const name of ["shapes.mp4", "shapes.srt"]) copyFileSync(join(repoRoot, "media/demo", name), join(folder, name));
    writeFileSync(join(folder, "film.vqa"), text);
    client = LspClient.stdio();
    await client.initialize({ textDocument: { hover: { contentFormat: ["markdown"] } }, workspace: { codeLens: { refreshSupport: true } } });
    await client.open(uri, text);
  });
  after(() => client.kill());

  it("a stored answer is fresh, stale once its question is another, and fresh again when that is taken back", async () => {
    const refreshed = new Promise<void>((resolve) => client.connection.onRequest("workspace/codeLens/refresh", () => (resolve(), null)));
    const { edits } = await client.request<RunResult>("vqa/run", { textDocument: { uri, version }, questions: "all" });
    await refreshed;
    await change(TextDocument.applyEdits(TextDocument.create(uri, "vqa", version, text), [...edits]));
    assert.match(text, /^M [0-9a-f]{8} /m);
    assert.deepEqual(await lenses(), ["Ask again"]);
    const asked = text;
    await change(text.replace("the code?", "the code there?"));
    assert.deepEqual(await lenses(), ["Ask again (stale)"]);
    await change(asked.replace("video: shapes.mp4", "video: shapes.mp4\ncontext: none"));
    assert.deepEqual(await lenses(), ["Ask again (stale)"]);
    await change(asked.replace("video: shapes.mp4", "video: shapes.mp4\ntemperature: 1"));
    assert.deepEqual(await lenses(), ["Ask again (stale)"], "decoded in another way");
    await change(asked);
    assert.deepEqual(await lenses(), ["Ask again"]);
  });

  it("a time shows its frame, small, and the worker is not asked for the same twice", async () => {
    await change(`${text.trimEnd()}\n\nQ q2 @00:02..00:04: What?\n`);
    const value = await hover();
    const picture = /!\[Frame at 00:00:02\.000\]\(data:image\/png;base64,([A-Za-z\d+/=]+)\)/.exec(value)?.[1];
    assert.ok(picture !== undefined, value.slice(0, 200));
    const bytes = Buffer.from(picture, "base64");
    assert.equal(bytes.subarray(1, 4).toString(), "PNG");
    assert.ok(bytes.readUInt32BE(16) <= 300 && bytes.readUInt32BE(16) > 100, `${bytes.readUInt32BE(16)} pixels wide`);
    assert.equal(await hover(), value);
  });

  it("nothing is known, and nothing started, when the model goes", async () => {
    await client.request("vqa/restart", {});
    const { worker } = await client.request<{ worker: { phase: string; starts: number } }>("vqa/status", {});
    await change(text.replace("the code?", "the code there?"));
    assert.deepEqual(await lenses(), ["Ask again"]);
    await change(text.replace("@00:02", "@00:03"));
    assert.doesNotMatch(await hover(), /data:/);
    assert.equal((await client.request<{ worker: { starts: number } }>("vqa/status", {})).worker.starts, worker.starts);
  });
});
