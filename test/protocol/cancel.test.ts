/** Every request that the server answers can be cancelled: before it is begun, and while it waits for the worker. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import type { Message } from "../../server/src/protocol/message.js";
import { MESSAGES } from "../../server/src/protocol/messages.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { metaModel } from "../support/metaModel.js";
import { repoRoot } from "../support/repo.js";

const CANCELLED = -32800;
const NO_SUCH_METHOD = -32601;
/** The beginning and the end, and what the library answers with nothing though nobody announced it. */
const LEFT_OUT = ["initialize", "shutdown", "textDocument/willSaveWaitUntil"];
const CAPABILITIES = {
  textDocument: { diagnostic: {}, codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } }, rename: { prepareSupport: true }, inlineCompletion: {} },
  workspace: { workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } },
};
const TEXT = "VQA 1\nvideo: shapes.mp4\n\nQ q1: What is the code?\n";
const uri = pathToFileURL(join(repoRoot, "media/demo/unsaved.vqa")).href;
const video = join(repoRoot, "media/demo/shapes.mp4");
const srt = pathToFileURL(join(repoRoot, "media/demo/shapes.srt")).href;
const inside = { line: 3, character: 2 };

/** Params that any request of LSP about a document can be asked with. */
const ABOUT = {
  textDocument: { uri },
  position: inside,
  positions: [inside],
  range: { start: inside, end: inside },
  context: { includeDeclaration: true, diagnostics: [], triggerKind: 1 },
  options: { tabSize: 2, insertSpaces: true },
  newName: "x",
  query: "",
  command: "vqa.ask",
  arguments: [{ textDocument: { uri }, questions: "all" }],
};

/** What keeps the worker busy, or waits for it. */
const WORK: Readonly<Record<string, object>> = {
  "vqa/ask": { request: { video, question: "What is the code?" } },
  "vqa/run": { textDocument: { uri }, questions: "all" },
  "vqa/check": { textDocument: { uri }, text: `${TEXT}M dbf3dd46 0123456789ab: 472\n\nRUN dbf3dd46\n  date: 2026-10-23T10:11:12Z\n  model: micro\n  decode: temperature=0\n`, freshness: true },
  "vqa/evidence": { textDocument: { uri }, question: 0 },
  "vqa/probe": { video },
  "vqa/frames": { video, timesMs: [1000], width: 100 },
  "vqa/frameTimes": { video, fromMs: 0, toMs: 1000 },
  "vqa/waveform": { video, buckets: 10 },
  "vqa/proxy": { video, kind: "sound" },
  "vqa/scenes": { video },
  "vqa/sprites": { video, count: 4, width: 100 },
  "vqa/transcribe": { video },
  "vqa/index": { request: { video } },
};
/** These neither wait nor leave anything to stop. */
const AT_ONCE = ["vqa/cache", "vqa/clearCache", "vqa/status", "vqa/stop", "vqa/restart", "vqa/models", "vqa/catalogue", "vqa/pullModel", "vqa/removeModel"];
/** These work in the server itself, or in a process of their own: a worker that does not react is nothing to them. */
const ELSEWHERE = ["vqa/hardware", "vqa/import", "vqa/export", "vqa/survey", "vqa/agreement", "vqa/evaluation"];

const own = Object.values<Message>(MESSAGES).filter(({ kind, direction }) => kind === "request" && direction === "client to server").map(({ method }) => method);

describe("cancelling", function () {
  this.timeout(120_000);
  let client: LspClient;
  beforeEach(async () => {
    client = LspClient.stdio();
    await client.initialize(CAPABILITIES);
    await client.open(uri, TEXT);
  });
  afterEach(() => client.kill());

  /** How a request ends whose cancellation follows in the same breath. */
  const cancelledAtOnce = async (method: string): Promise<number | "answered"> => {
    const id = `cancel ${method}`;
    const ended = client.answerTo(id);
    client.writeTogether([{ id, method, params: { ...ABOUT, ...WORK[method] } }, { method: "$/cancelRequest", params: { id } }]);
    return (await ended).error?.code ?? "answered";
  };

  it("any request of ours or of LSP that is answered at all, before it is begun, ends it as cancelled", async () => {
    const asked = [...metaModel.requests.filter(({ messageDirection }) => messageDirection !== "serverToClient").map(({ method }) => method), ...own].filter((method) => !LEFT_OUT.includes(method));
    const ends = new Map<string, number | "answered">();
    for (const method of asked) ends.set(method, await cancelledAtOnce(method));
    const known = [...ends].filter(([, end]) => end !== NO_SUCH_METHOD);
    assert.deepEqual(known.filter(([, end]) => end !== CANCELLED), []);
    assert.deepEqual(own.filter((method) => ends.get(method) === NO_SUCH_METHOD), [], "a message of ours without a handler");
    assert.ok(known.length > 20 + own.length, `${known.length} handlers were found`);
    const { worker } = await client.request<{ worker: { starts: number } }>("vqa/status", {});
    assert.equal(worker.starts, 0, "none was begun");
  });

  it("is tried with every message of ours", () => {
    assert.deepEqual([...Object.keys(WORK), ...AT_ONCE, ...ELSEWHERE].sort(), [...own].sort());
  });

  it("a request that waits for a worker that does not react ends it all the same", async function () {
    if (process.platform === "win32") this.skip();
    for (const method of [...Object.keys(WORK), "workspace/executeCommand", "textDocument/inlineCompletion"]) {
      await client.request("vqa/probe", { video });
      const { worker } = await client.request<{ worker: { pid: number } }>("vqa/status", {});
      process.kill(worker.pid, "SIGSTOP");
      const source = new CancellationTokenSource();
      const params = method === "textDocument/inlineCompletion" ? { ...ABOUT, textDocument: { uri: srt }, position: { line: 2, character: 0 } } : { ...ABOUT, ...WORK[method] };
      if (method === "textDocument/inlineCompletion") await client.notify("textDocument/didOpen", { textDocument: { uri: srt, languageId: "subrip", version: 1, text: "1\n00:00:00,000 --> 00:00:04,000\n\n" } });
      const asked = client.request(method, params, source.token).then((result) => ((result as { stopped?: boolean }).stopped === true ? "stopped" : "answered"), async (thrown: unknown) => (await refusal(Promise.reject(thrown as Error))).rpc);
      // The request is at the worker when what was sent after it is answered.
      await client.request("vqa/status", {});
      source.cancel();
      // A run keeps the answers that it had.
      assert.equal(await asked, ["vqa/run", "workspace/executeCommand"].includes(method) ? "stopped" : CANCELLED, method);
      await client.request("vqa/restart", {});
    }
  });
});
