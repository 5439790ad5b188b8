import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CancellationTokenSource, ProgressType } from "vscode-jsonrpc/node";
import type { EvidenceResult, RunResult } from "../../server/src/protocol/asking.js";
import type { CatalogueResult, ModelsResult, PullProgress, PullResult } from "../../server/src/protocol/models.js";
import type { Answer } from "../../server/src/protocol/values.js";
import { fixtureGguf } from "../../tools/fixtures/gguf/generate.js";
import { vqa } from "../support/cli.js";
import { microOnHub } from "../support/fixturePack.js";
import { HubServer } from "../support/hubServer.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { until } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";

const micro = join(repoRoot, "server/models/micro");

describe("models of this machine", function () {
  this.timeout(60_000);
  let models: string;
  before(() => {
    models = mkdtempSync(join(tmpdir(), "vqa-models-"));
    cpSync(micro, join(models, "copy"), { recursive: true });
  });
  after(() => rmSync(models, { recursive: true, force: true }));

  it("are listed on the command line, for people and for machines", async () => {
    const people = await vqa(["models", "list"], { env: { VQA_MODELS: models } });
    assert.equal(people.code, 0, people.stderr);
    assert.match(people.stdout, /^model .*state$/m);
    assert.match(people.stdout, /^micro +\d+\.\d+\.\d+ +embedded +\d+\.\d MB +MIT +minigpt4-video.* ready$/m);
    assert.match(people.stdout, /^copy +\d+\.\d+\.\d+ +installed .* ready$/m);
    const machines = await vqa(["models", "list", "--json", "--dir", models]);
    const { folder, models: listed } = JSON.parse(machines.stdout) as ModelsResult;
    assert.equal(folder, models);
    assert.deepEqual(listed.map(({ id, origin }) => [id, origin]), [["micro", "embedded"], ["copy", "installed"]]);
  });

  it("are refused with what to type when the action is unknown or missing", async () => {
    for (const args of [["models"], ["models", "eat"], ["models", "list", "micro"]]) {
      const { code, stdout, stderr } = await vqa(args);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^vqa: .+\n {5}Run `vqa models --help`/);
    }
  });

  it("an installed one answers by its name", async () => {
    const { code, stdout, stderr } = await vqa(["ask", join(repoRoot, "media/demo/shapes.mp4"), "What is the code?", "--model", "copy", "--threads", "1", "--json"], { env: { VQA_MODELS: models } });
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as { model: string }).model, join(models, "copy"));
  });

  it("a language model gets visual slots, and its original back", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vqa-prepare-"));
    const source = join(folder, "plain.gguf");
    writeFileSync(source, fixtureGguf({ architecture: "qwen2", type: 8, tied: true })[0]!);
    const { code, stdout, stderr } = await vqa(["models", "prepare", source, "--slots", "64", "--out", join(folder, "prepared")]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /plain-00001-of-00002\.gguf .*\n.*plain-00002-of-00002\.gguf .*\n.*plain\.undo\.gguf/);
    assert.match(stdout, /^64 visual slots, token ids 261 to 324 \(qwen2\)$/m);
    assert.match(stdout, /^token embeddings kept exactly, as F32$/m);
    const back = await vqa(["models", "restore", join(folder, "prepared/plain-00001-of-00002.gguf"), "--json"]);
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(readFileSync(join(folder, "prepared/plain.gguf")), readFileSync(source));
    const refused = await vqa(["models", "prepare", join(folder, "prepared/plain-00001-of-00002.gguf")]);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /visual slots already/);
    rmSync(folder, { recursive: true });
  });

  it("one of a catalogue is pulled from a hub, verified, asked and removed", async () => {
    const hub = await HubServer.start();
    const folder = mkdtempSync(join(tmpdir(), "vqa-pull-"));
    try {
      const entry = microOnHub(hub);
      mkdirSync(join(folder, "catalogue"));
      writeFileSync(join(folder, "catalogue/one.json"), JSON.stringify(entry));
      const env = { VQA_MODELS: join(folder, "models"), HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_secret" };
      hub.gated.set("authors/micro", "hf_secret");
      const catalogue = ["--catalogue", join(folder, "catalogue")];
      assert.match((await vqa(["models", "catalogue", ...catalogue])).stdout, /^ +on-the-hub +A copy of the embedded model\.\n +MIT$/m);
      const pulled = await vqa(["models", "pull", "on-the-hub", ...catalogue], { env });
      assert.equal(pulled.code, 0, pulled.stderr);
      assert.match(pulled.stdout, /--model on-the-hub/);
      assert.doesNotMatch(pulled.stdout + pulled.stderr, /hf_secret/);
      const verified = await vqa(["models", "verify"], { env });
      assert.match(verified.stdout, /^on-the-hub: 4 files, 6\.1 MB, as the manifest says$/m);
      writeFileSync(join(folder, "models/on-the-hub/README.md"), "# a cArd\n");
      const damaged = await vqa(["models", "verify", "on-the-hub"], { env });
      assert.equal(damaged.code, 4);
      assert.match(damaged.stderr, /README\.md differs/);
      assert.equal((await vqa(["models", "pull", "on-the-hub", "--again", "--json", ...catalogue], { env })).code, 0);
      assert.equal((await vqa(["models", "remove", "on-the-hub"], { env })).code, 0);
      assert.equal((await vqa(["models", "remove", "on-the-hub"], { env })).code, 4);
      const refused = await vqa(["models", "pull", "on-the-hub", ...catalogue], { env: { ...env, HF_TOKEN: "" } });
      assert.equal(refused.code, 4);
      assert.match(refused.stderr, /signed in only .*\n.*HF_TOKEN/);
    } finally {
      await hub.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it("one that is nowhere is missed by its name", async () => {
    const { code, stderr } = await vqa(["ask", join(repoRoot, "media/demo/shapes.mp4"), "What?", "--model", "absent"], { env: { VQA_MODELS: models } });
    assert.equal(code, 4);
    assert.match(stderr, /There is no model "absent".*\n.*vqa models list/);
  });

  it("the server offers, pulls with progress, stops and removes them", async () => {
    const hub = await HubServer.start();
    const folder = mkdtempSync(join(tmpdir(), "vqa-lsp-pull-"));
    const entry = microOnHub(hub);
    writeFileSync(join(folder, "one.json"), JSON.stringify(entry));
    const client = LspClient.stdio({ VQA_CATALOGUE: folder });
    try {
      await client.initialize({}, { threads: 1, modelsDir: join(folder, "models"), modelHub: hub.endpoint });
      const offered = await client.request<CatalogueResult>("vqa/catalogue", {});
      assert.equal(offered.hub, new URL(hub.endpoint).host);
      assert.deepEqual(offered.models.map(({ id, installed }) => [id, installed]), [["on-the-hub", false]]);
      hub.gated.set("authors/micro", "hf_secret");
      assert.equal((await refusal(client.request("vqa/pullModel", { id: "on-the-hub" }))).error?.code, "download-refused");
      hub.fault("authors/micro/onnx/vision.onnx", { kind: "stall", after: 1000 });
      const stop = new CancellationTokenSource();
      const stalled = client.request("vqa/pullModel", { id: "on-the-hub", token: "hf_secret" }, stop.token);
      await until(() => hub.gets("vision.onnx").some(({ host }) => host === "storage"), { what: "the file to be asked of the storage" });
      stop.cancel();
      assert.equal((await refusal(stalled)).error?.code, "cancelled");
      const seen: PullProgress[] = [];
      client.connection.onProgress(new ProgressType<PullProgress>(), "pull", (progress) => void seen.push(progress));
      const { fresh } = await client.request<PullResult>("vqa/pullModel", { id: "on-the-hub", token: "hf_secret", partialResultToken: "pull" });
      assert.equal(fresh, true);
      assert.deepEqual([...new Set(seen.map(({ stage }) => stage))], ["look", "download"]);
      assert.ok(seen.length <= 103);
      assert.deepEqual((await client.request<ModelsResult>("vqa/models", {})).models.map(({ id }) => id), ["micro", "on-the-hub"]);
      await client.request("vqa/removeModel", { id: "on-the-hub" });
      assert.deepEqual((await client.request<ModelsResult>("vqa/models", {})).models.map(({ id }) => id), ["micro"]);
      assert.equal((await refusal(client.request("vqa/removeModel", { id: "../x" }))).error?.code, "invalid-request");
      assert.doesNotMatch(client.log, /hf_secret/);
    } finally {
      await client.kill();
      await hub.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it("one in the client's folder is found under the name in a notebook's header, by every message about that notebook", async () => {
    const client = LspClient.stdio();
    try {
      await client.initialize({}, { threads: 1, modelsDir: models });
      const textDocument = { uri: pathToFileURL(join(repoRoot, "media/demo/unsaved.vqa")).href };
      const about = { textDocument, text: "VQA 1\nvideo: shapes.mp4\nmodel: copy\n\nQ q1: What is the code?\n" };
      assert.match((await client.request<EvidenceResult>("vqa/evidence", { ...about, question: 0 })).inputs, /^[0-9a-f]{12}$/);
      const request = { video: join(repoRoot, "media/demo/shapes.mp4"), question: "What is the code?" };
      assert.equal((await client.request<Answer>("vqa/ask", { request, under: about })).stop, "end");
      const { results } = await client.request<RunResult>("vqa/run", { ...about, questions: "all" });
      assert.deepEqual(results.map(({ error, answer }) => error ?? answer?.stop), ["end"]);
    } finally {
      await client.kill();
    }
  });

  it("are listed by the server, without a worker", async () => {
    const client = LspClient.stdio();
    try {
      await client.initialize({}, { threads: 1, modelsDir: models });
      const result = await client.request<ModelsResult>("vqa/models", {});
      assert.equal(result.folder, models);
      assert.deepEqual(result.models.map(({ id, state }) => [id, state]), [["micro", "ready"], ["copy", "ready"]]);
      const { worker } = await client.request<{ worker: { starts: number } }>("vqa/status", {});
      assert.equal(worker.starts, 0);
    } finally {
      await client.kill();
    }
  });
});
