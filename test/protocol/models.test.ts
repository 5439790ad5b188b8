import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelsResult } from "../../server/src/protocol/models.js";
import { fixtureGguf } from "../../tools/fixtures/gguf/generate.js";
import { vqa } from "../support/cli.js";
import { LspClient } from "../support/lspClient.js";
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
    assert.match(people.stdout, /^micro +0\.1\.0 +embedded +6\.1 MB +MIT +minigpt4-video.* ready$/m);
    assert.match(people.stdout, /^copy +0\.1\.0 +installed .* ready$/m);
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

  it("one that is nowhere is missed by its name", async () => {
    const { code, stderr } = await vqa(["ask", join(repoRoot, "media/demo/shapes.mp4"), "What?", "--model", "absent"], { env: { VQA_MODELS: models } });
    assert.equal(code, 4);
    assert.match(stderr, /There is no model "absent".*\n.*vqa models list/);
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
