import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CancellationTokenSource, ProgressType } from "vscode-jsonrpc/node";
import { applyEdits } from "../../server/src/format/index.js";
import type { AskPartial, RunPartial, RunResult } from "../../server/src/protocol/asking.js";
import type { Status } from "../../server/src/protocol/status.js";
import type { Answer, MediaInfo } from "../../server/src/protocol/values.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { gone, until } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";

const video = join(repoRoot, "media/demo/shapes.mp4");
const uri = pathToFileURL(join(repoRoot, "media/demo/unsaved.vqa")).href;
const notebook = "VQA 1\nvideo: shapes.mp4\n\nQ q1: What is the code?\nA: 472\n\nQ q2 @00:00..00:08: Where is the green star?\n  - [ ] top left\n  - [x] top right\n";
const posix = process.platform !== "win32";

describe("language server", function () {
  this.timeout(120_000);
  let client: LspClient;
  afterEach(async () => {
    await client.kill();
  });

  /** Asks, and calls `during` with every partial result. */
  const ask = (question: string, during: (partial: AskPartial) => void = () => undefined, token = new CancellationTokenSource().token): Promise<Answer> => {
    const partialResultToken = `partial ${question}`;
    client.connection.onProgress(new ProgressType<AskPartial>(), partialResultToken, during);
    return client.request<Answer>("vqa/ask", { request: { video, question }, partialResultToken }, token);
  };
  const status = (): Promise<Status> => client.request<Status>("vqa/status", {});
  /** The worker's process, once it works on a question. */
  const workerAtWork = async (): Promise<number> => {
    for (;;) {
      const { worker, running } = await status();
      if (running > 0 && worker.pid !== undefined) return worker.pid;
    }
  };
  /** A worker that is frozen is in the middle of its answer for certain. */
  const freeze = async (asked: Promise<unknown>): Promise<number> => {
    asked.catch(() => undefined);
    const pid = await workerAtWork();
    process.kill(pid, "SIGSTOP");
    return pid;
  };

  describe("life", () => {
    it("introduces itself, shuts down and exits with 0", async () => {
      client = LspClient.stdio();
      const { capabilities, serverInfo } = await client.initialize();
      assert.equal(serverInfo.name, "vqa");
      assert.deepEqual(capabilities["experimental"], { vqa: { protocol: 1 } });
      assert.deepEqual(await client.shutdown(), { code: 0, signal: null });
    });

    it("exits with 1 when it was not shut down before, or when its client is gone", async () => {
      client = LspClient.stdio();
      await client.initialize();
      await client.notify("exit", undefined);
      assert.equal((await client.exited).code, 1);
      client = LspClient.stdio();
      await client.initialize();
      client.hangUp();
      assert.equal((await client.exited).code, 1);
    });

    it("refuses requests before initialize and after shutdown", async () => {
      client = LspClient.stdio();
      assert.equal((await refusal(status())).rpc, -32002);
      await client.initialize();
      await client.request("shutdown", undefined);
      assert.equal((await refusal(status())).rpc, -32600);
    });

    it("refuses options that it does not understand", async () => {
      client = LspClient.stdio();
      const { rpc, message } = await refusal(client.initialize({}, { threads: "many" }));
      assert.equal(rpc, -32602);
      assert.match(message, /threads/);
    });

    it("speaks over node's channel too", async () => {
      client = LspClient.ipc();
      await client.initialize();
      assert.equal((await status()).worker.phase, "stopped");
      assert.equal((await client.shutdown()).code, 0);
    });

    it("prints what code prints to standard error, never among the messages", async () => {
      const print = 'console.log("noise one"); process.stdout.write("noise two\\n");';
      const noise = `process.stdin.once("newListener", () => setTimeout(() => { ${print} }, 50));`;
      client = LspClient.stdio({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(noise)}` });
      await client.initialize();
      await until(() => client.log.includes("noise one") && client.log.includes("noise two"), { what: "both noises in the log" });
      assert.equal((await status()).worker.starts, 0);
    });
  });

  describe("diagnostics", () => {
    const broken = "VQA 1\nvideo: a.mp4\n\nQ q1 @9:99: What?\nA: x\n";

    it("are pushed to a client that cannot pull, and follow its edits", async () => {
      client = LspClient.stdio();
      const { capabilities } = await client.initialize();
      assert.equal(capabilities["diagnosticProvider"], undefined);
      await client.open(uri, broken);
      const [found] = await until(() => client.pushed.get(uri), { what: "diagnostics" });
      assert.equal(found?.code, "bad-time");
      assert.deepEqual(found?.range, { start: { line: 3, character: 6 }, end: { line: 3, character: 10 } });
      // Only what was typed is sent: "9:99" becomes "00:09".
      await client.notify("textDocument/didChange", { textDocument: { uri, version: 2 }, contentChanges: [{ range: found.range, text: "00:09" }] });
      await until(() => client.pushed.get(uri)?.length === 0, { what: "diagnostics to be taken back" });
      await client.notify("textDocument/didClose", { textDocument: { uri } });
    });

    it("are pulled where the client can", async () => {
      client = LspClient.stdio();
      const { capabilities } = await client.initialize({ textDocument: { diagnostic: {} } });
      assert.ok(capabilities["diagnosticProvider"]);
      await client.open(uri, broken);
      const report = await client.request<{ items: { code: string }[] }>("textDocument/diagnostic", { textDocument: { uri } });
      assert.deepEqual(report.items.map(({ code }) => code), ["bad-time"]);
      assert.equal(client.pushed.size, 0);
    });
  });

  describe("questions", () => {
    beforeEach(async () => {
      client = LspClient.stdio();
      await client.initialize();
    });

    it("are answered by the embedded model, word by word", async () => {
      let text = "";
      const stages = new Set<string>();
      const answer = await ask("What is the code?", (partial) => {
        if (partial.kind === "text") text += partial.text;
        else stages.add(partial.progress.stage);
      });
      assert.equal(text.trim(), answer.text);
      assert.equal(answer.provenance.modelId, "micro");
      assert.ok(answer.provenance.frameTimesMs.length > 1);
      assert.deepEqual([...stages].slice(0, 3), ["probe", "load", "subtitles"]);
      const { worker, running } = await status();
      assert.deepEqual([worker.phase, worker.starts, running], ["ready", 1, 0]);
    });

    it("with a bar in the editor", async () => {
      const seen: { kind: string; title?: string }[] = [];
      client.connection.onProgress(new ProgressType<{ kind: string }>(), "bar", (value) => void seen.push(value));
      await client.request("vqa/ask", { request: { video: pathToFileURL(video).href, question: "What?" }, workDoneToken: "bar" });
      assert.equal(seen[0]?.title, "What?");
      assert.equal(seen.at(-1)?.kind, "end");
    });

    it("are refused when they make no sense", async () => {
      const bad = await refusal(client.request("vqa/ask", { request: { video, question: "What?", frames: 0 } }));
      assert.equal(bad.rpc, -32602);
      assert.match(bad.message, /request\.frames/);
      const elsewhere = await refusal(client.request("vqa/ask", { request: { video: "https://example.org/a.mp4", question: "What?" } }));
      assert.equal(elsewhere.error?.code, "invalid-request");
    });

    it("end with the typed error of the engine", async () => {
      const { rpc, error } = await refusal(client.request("vqa/ask", { request: { video: `${video}.gone`, question: "What?" } }));
      assert.equal(rpc, -32803);
      assert.equal(error?.code, "video-not-found");
      assert.match(error.message, /shapes\.mp4\.gone/);
      assert.notEqual(error.next, "");
    });

    it("can be cancelled", async () => {
      const source = new CancellationTokenSource();
      const { rpc, error } = await refusal(ask("What is the code?", () => source.cancel(), source.token));
      assert.equal(rpc, -32800);
      assert.equal(error?.code, "cancelled");
      assert.equal((await ask("What do they eat?")).provenance.modelId, "micro");
    });

    it("can be cancelled when the worker does not react: it is killed, and the next one answers", async function () {
      if (!posix) this.skip();
      const source = new CancellationTokenSource();
      const asked = ask("What is the code?", undefined, source.token);
      const pid = await freeze(asked);
      source.cancel();
      assert.equal((await refusal(asked)).error?.code, "cancelled");
      await gone(pid);
      await ask("What do they eat?");
      assert.equal((await status()).worker.starts, 2);
    });

    it("fail with a typed error when the worker is killed under them, and the next one is answered", async function () {
      if (!posix) this.skip();
      const asked = ask("What is the code?");
      const pid = await freeze(asked);
      process.kill(pid, "SIGKILL");
      const { error } = await refusal(asked);
      assert.equal(error?.code, "worker-crashed");
      assert.equal(error.data["signal"], "SIGKILL");
      assert.notEqual(error.next, "");
      assert.equal((await status()).worker.lastFailure?.code, "worker-crashed");
      assert.ok((await ask("What do they eat?")).text !== undefined);
    });

    it("all end with vqa/stop", async function () {
      if (!posix) this.skip();
      const asked = [ask("What is the code?"), ask("What do they eat?")];
      asked.forEach((each) => each.catch(() => undefined));
      await freeze(asked[0]!);
      assert.deepEqual(await client.request("vqa/stop", {}), { stopped: 2 });
      for (const each of asked) assert.equal((await refusal(each)).error?.code, "cancelled");
    });

    it("do not keep a probe waiting", async () => {
      const media = await client.request<MediaInfo>("vqa/probe", { video: pathToFileURL(video).href });
      assert.equal(media.path, video);
      assert.equal(media.video?.codec, "h264");
    });

    it("are announced by changes of the status", async () => {
      const phases: string[] = [];
      client.connection.onNotification("vqa/statusChanged", ({ worker }: Status) => {
        if (phases.at(-1) !== worker.phase) phases.push(worker.phase);
      });
      await ask("What is the code?");
      await client.request("vqa/restart", {});
      await until(() => phases.at(-1) === "stopped", { what: "the worker to be told as stopped" });
      assert.deepEqual(phases, ["starting", "ready", "stopping", "stopped"]);
    });
  });

  describe("notebooks", () => {
    const applied: { uri: string; version: number | null; edits: RunResult["edits"] }[] = [];

    beforeEach(async () => {
      client = LspClient.stdio();
      applied.length = 0;
      client.connection.onRequest("workspace/applyEdit", ({ edit }) => {
        for (const { textDocument, edits } of edit.documentChanges) applied.push({ ...textDocument, edits });
        return { applied: true };
      });
      await client.initialize({ workspace: { workspaceEdit: { documentChanges: true }, applyEdit: true } });
      await client.open(uri, notebook);
    });

    const answered = (edits: RunResult["edits"]): string => {
      const lines = notebook.split("\n");
      const offset = ({ line, character }: { line: number; character: number }): number => lines.slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + character;
      return applyEdits(notebook, edits.map(({ range, newText }) => ({ start: offset(range.start), end: offset(range.end), newText })));
    };

    it("are answered question by question, and nothing is applied", async () => {
      const partials: RunPartial[] = [];
      client.connection.onProgress(new ProgressType<RunPartial>(), "run", (partial) => void partials.push(partial));
      const result = await client.request<RunResult>("vqa/run", { textDocument: { uri, version: 1 }, questions: "all", partialResultToken: "run" });
      assert.deepEqual(partials.flatMap((p) => (p.kind === "started" || p.kind === "finished" ? [p.kind] : [])), ["started", "finished", "started", "finished"]);
      assert.deepEqual(result.results.map(({ id, error }) => [id, error]), [["q1", undefined], ["q2", undefined]]);
      assert.equal(result.score.graded, 2);
      assert.ok(["top left", "top right"].includes(result.results[1]?.answer?.text ?? ""));
      assert.equal(applied.length, 0);
      const text = answered(result.edits);
      assert.deepEqual(text.split("\n").filter((line) => !/^(M|RUN) |^  [a-z0-9.]+: /.test(line)).join("\n").trimEnd(), notebook.trimEnd());
      assert.equal(text.match(/^M /gm)?.length, 2);
    });

    it("are answered only where it is asked for", async () => {
      const { results } = await client.request<RunResult>("vqa/run", { textDocument: { uri }, questions: [1] });
      assert.deepEqual(results.map(({ question }) => question), [1]);
      const { error } = await refusal(client.request("vqa/run", { textDocument: { uri }, questions: [7] }));
      assert.equal(error?.code, "notebook-unreadable");
    });

    it("are refused when they are not open, or are not what the client believes", async () => {
      assert.equal((await refusal(client.request("vqa/run", { textDocument: { uri: `${uri}2` }, questions: "all" }))).error?.code, "invalid-request");
      const { rpc } = await refusal(client.request("vqa/run", { textDocument: { uri, version: 0 }, questions: "all" }));
      assert.equal(rpc, -32801);
    });

    it("keep the answers of a run that is stopped", async () => {
      const many = `${uri}many`;
      await client.open(many, `VQA 1\nvideo: shapes.mp4\n\n${"Q: What is the code?\n\n".repeat(200)}`);
      const source = new CancellationTokenSource();
      client.connection.onProgress(new ProgressType<RunPartial>(), "run", ({ kind }) => {
        if (kind === "finished") source.cancel();
      });
      const { stopped, results, edits } = await client.request<RunResult>("vqa/run", { textDocument: { uri: many }, questions: "all", partialResultToken: "run" }, source.token);
      assert.equal(stopped, true);
      const answers = results.filter(({ answer }) => answer !== undefined).length;
      assert.ok(answers > 0 && answers < 200, `${answers} answers`);
      assert.equal(edits.flatMap(({ newText }) => newText.match(/^M /gm) ?? []).length, answers);
    });

    it("get their answers from the command vqa.ask as one edit of the version that was read", async () => {
      const result = await client.request<{ applied: boolean }>("workspace/executeCommand", {
        command: "vqa.ask",
        arguments: [{ textDocument: { uri, version: 1 }, questions: [0] }],
      });
      assert.equal(result.applied, true);
      assert.equal(applied.length, 1);
      assert.deepEqual([applied[0]!.uri, applied[0]!.version], [uri, 1]);
      assert.match(answered(applied[0]!.edits), /Q q1: What is the code\?\nA: 472\nM [0-9a-f]{8} [0-9a-f]{12} /);
    });

    it("do not get them when the document changed meanwhile", async () => {
      const asked = client.request("workspace/executeCommand", { command: "vqa.ask", arguments: [{ textDocument: { uri }, questions: [0] }] });
      await client.notify("textDocument/didChange", {
        textDocument: { uri, version: 2 },
        contentChanges: [{ range: { start: { line: 0, character: 5 }, end: { line: 0, character: 5 } }, text: "\nmodel: micro" }],
      });
      const { rpc, error } = await refusal(asked);
      assert.equal(rpc, -32801);
      assert.equal(error?.code, "notebook-changed");
      assert.equal((error.data["results"] as unknown[]).length, 1, "the answer itself is not lost");
      assert.equal(applied.length, 0);
    });

    it("refuse a command that does not exist, or without its argument", async () => {
      assert.equal((await refusal(client.request("workspace/executeCommand", { command: "vqa.fly", arguments: [] }))).error?.code, "invalid-request");
      assert.equal((await refusal(client.request("workspace/executeCommand", { command: "vqa.ask" }))).rpc, -32602);
    });
  });

  describe("processes", () => {
    it("keep native code out of the server", async function () {
      if (!existsSync("/proc/self/maps")) this.skip();
      client = LspClient.stdio();
      await client.initialize();
      await ask("What is the code?");
      const native = /onnxruntime|llama|ggml|node-av|\.node$/im;
      const maps = (pid: number): string => readFileSync(`/proc/${pid}/maps`, "utf8");
      assert.match(maps((await status()).worker.pid!), native, "the worker shows what to look for");
      assert.doesNotMatch(maps(client.pid), native);
    });

    for (const [how, end] of [
      ["shut down", (c: LspClient) => c.shutdown()],
      ["killed", (c: LspClient) => c.kill()],
      ["left by its client", (c: LspClient) => (c.hangUp(), c.exited)],
    ] as const) {
      it(`leave nothing behind when the server is ${how}`, async () => {
        client = LspClient.stdio();
        await client.initialize();
        await ask("What is the code?");
        const pid = (await status()).worker.pid!;
        await end(client);
        await gone(pid);
      });
    }
  });
});
