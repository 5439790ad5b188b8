/**
 * Whisper and the sentence embedder from the catalogue, used by their ids: files of the published names and
 * layouts are pulled from a hub of this test's own and do their work beside another model. The weights are
 * those of the micro world, which lie in the published layouts, too.
 */
import { strict as assert } from "node:assert";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogued, type CatalogueEntry } from "../../server/src/runtime/packs/catalogue.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { vqa } from "../support/cli.js";
import { vqaError } from "../support/errors.js";
import { LspClient } from "../support/lspClient.js";
import { pullInto } from "../support/pulled.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const SPOKEN = join(repoRoot, "test/fixtures/speech/spoken.mp4");
const SAID = ["My name is Maria.", "We live in London.", "I like to eat soup."];
const embedded = join(repoRoot, "server/models");

describe("speech and sentence models by their ids", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  const models = join(folder, "models");
  const env = { VQA_MODELS: models };

  /** What lies in the published place of a file: the micro world's own, under its name there. */
  const content = (from: string, file: string): Buffer => {
    const source = [file, file.replace(".onnx", "_fp16.onnx")].map((name) => join(from, ...name.split("/"))).find((path) => existsSync(path));
    return source === undefined ? Buffer.from("{}") : readFileSync(source);
  };
  const pull = async (published: CatalogueEntry, from: string): Promise<void> => {
    // Sizes and checksums are those of the real weights.
    const entry = { ...published, files: published.files.map(({ bytes: _, sha256: __, ...file }) => file) };
    await pullInto(models, entry, (hub) => {
      for (const { repo, file } of entry.files) hub.add(repo, file, content(from, file), file.endsWith(".onnx"));
    });
  };

  before(async () => {
    for (const id of ["whisper-base", "whisper-tiny"]) await pull(await catalogued(id), join(embedded, "micro-speech"));
    const minilm = await catalogued("all-minilm-l6-v2");
    // All is the published entry's but the width of the small weights.
    await pull({ ...minilm, manifest: { embedder: { ...(minilm.manifest["embedder"] as object), width: 64 } } }, join(embedded, "micro/embedder"));
  });

  it("vqa transcribe writes down what is said with a model of speech alone", async () => {
    const { code, stdout, stderr } = await vqa(["transcribe", SPOKEN, "--model", "whisper-base", "--threads", "1", "--json"], { env });
    assert.equal(code, 0, stderr);
    const { cues, source } = JSON.parse(stdout) as { cues: { text: string }[]; source: string };
    assert.deepEqual(cues.map(({ text }) => text), SAID);
    assert.equal(source, "speech: whisper-base");
  });

  it("an answer rests on what the named model heard, and says so", async () => {
    const { code, stdout, stderr } = await vqa(["ask", SPOKEN, "What is the name?", "--speech", "whisper-base", "--embedder", "all-minilm-l6-v2", "--threads", "1", "--json"], { env });
    assert.equal(code, 0, stderr);
    const { text, provenance } = JSON.parse(stdout) as { text: string; provenance: { modelId: string; cueSource: string } };
    assert.deepEqual([text, provenance.modelId, provenance.cueSource], ["Maria", "micro", "speech: whisper-base"]);
  });

  it("the editor's server takes them from its settings", async () => {
    const client = LspClient.stdio();
    try {
      await client.initialize({}, { threads: 1, modelsDir: models, speechModel: "whisper-tiny" });
      const { source, cues } = await client.request<{ source: string; cues: { text: string }[] }>("vqa/transcribe", { video: SPOKEN });
      assert.equal(source, "speech: whisper-tiny");
      assert.deepEqual(cues.map(({ text }) => text), SAID);
    } finally {
      await client.kill();
    }
  });

  it("the embedder takes the place of the model's own: same files, same vectors, same identity", async () => {
    const micro = join(embedded, "micro");
    const pack = await openPack(micro, { threads: 1, tempRoot: folder, embedder: join(models, "all-minilm-l6-v2") });
    const own = await openPack(micro, { threads: 1, tempRoot: folder });
    try {
      const texts = ["a red circle appears", "what is said about soup?"];
      const [a, b] = [await pack.embedder!.embed(texts), await own.embedder!.embed(texts)];
      assert.equal(a.rows, 2);
      assert.deepEqual([...a.data], [...b.data]);
      // The same files are the same embedder, wherever they lie.
      assert.equal(pack.embedder!.digest, own.embedder!.digest);
    } finally {
      await pack.dispose();
      await own.dispose();
    }
  });

  it("say what is wrong: a model without the part, one that is not installed, one that was changed", async () => {
    const ask = (...args: string[]) => vqa(["ask", SPOKEN, "What is the name?", "--threads", "1", ...args], { env });
    const deaf = await ask("--speech", "all-minilm-l6-v2");
    assert.equal(deaf.code, 4);
    assert.match(deaf.stderr, /all-minilm-l6-v2" has no speech recogniser/);
    const absent = await ask("--speech", "whisper-huge");
    assert.equal(absent.code, 4);
    assert.match(absent.stderr, /whisper-huge/);
    const micro = join(embedded, "micro");
    await assert.rejects(openPack(micro, { threads: 1, embedder: join(models, "whisper-base") }), vqaError("model-unsupported", "no sentence embedder"));
    appendFileSync(join(models, "all-minilm-l6-v2/embedder/tokenizer.json"), " ");
    await assert.rejects(openPack(micro, { threads: 1, embedder: join(models, "all-minilm-l6-v2") }), vqaError("model-damaged", "tokenizer.json"));
  });
});
