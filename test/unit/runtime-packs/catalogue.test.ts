import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { catalogued, parseEntry, readCatalogue } from "../../../server/src/runtime/packs/catalogue.js";
import { Hub } from "../../../server/src/runtime/packs/download/hub.js";
import { parseHead } from "../../../server/src/runtime/packs/head.js";
import { listPacks } from "../../../server/src/runtime/packs/installed.js";
import { pullPack } from "../../../server/src/runtime/packs/pull.js";
import { PackStore } from "../../../server/src/runtime/packs/store.js";
import { vqaError } from "../../support/errors.js";
import { HubServer } from "../../support/hubServer.js";
import { repoRoot } from "../../support/repo.js";
import { tempFolder } from "../../support/tempFolder.js";

type Json = Record<string, unknown>;
const models = join(repoRoot, "server/models");
const read = (...parts: string[]): Json => JSON.parse(readFileSync(join(models, ...parts), "utf8")) as Json;
const ajv = new Ajv2020({ allErrors: true });
const entryFits = ajv.compile(read("vqa-catalogue.schema.json"));
const packFits = ajv.compile(read("vqa-model.schema.json"));

describe("the catalogue", () => {
  const root = tempFolder(after);
  const names = readdirSync(join(models, "catalogue"));

  for (const name of names) {
    it(`${name} fits its published schema, and its manifest that of packs`, () => {
      const entry = read("catalogue", name);
      assert.ok(entryFits(entry), JSON.stringify(entryFits.errors));
      const parsed = parseEntry(JSON.stringify(entry), name);
      assert.equal(`${parsed.id}.json`, name);
      const file = { path: "language-00001-of-00002.gguf", bytes: 1, sha256: "0".repeat(64) };
      const { manifest, prepare } = parsed;
      const language = prepare === undefined ? {} : { language: { ...(manifest["language"] as Json), file: file.path, width: (manifest["encoder"] as Json)["width"], slots: { first: 9, count: prepare.slots } } };
      const pack = { schemaVersion: 1, id: parsed.id, name: parsed.name, version: parsed.version, licence: "x", source: "x", ...manifest, ...language, files: [...parsed.files, ...(prepare === undefined ? [] : [file]), ...(prepare?.convert?.newline ? [prepare.convert.newline] : [])].map(({ path }) => ({ ...file, path })) };
      parseHead(JSON.stringify(pack), name);
      if (prepare !== undefined) assert.ok(packFits(pack), JSON.stringify(packFits.errors));
    });
  }

  it("has the models that it should", async () => {
    const ids = (await readCatalogue()).map(({ id }) => id);
    for (const id of ["smolvlm2-256m-video-instruct", "smolvlm2-500m-video-instruct", "llava-onevision-qwen2-0.5b-ov", "whisper-tiny", "whisper-base", "all-minilm-l6-v2"]) assert.ok(ids.includes(id), id);
    await assert.rejects(catalogued("no-such"), vqaError("model-missing", "no-such"));
  });

  it("refuses what its schema refuses: paths that lead away, unknown ids, wrong digests", () => {
    const good = read("catalogue", "whisper-tiny.json");
    const files = good["files"] as Json[];
    const bad: Json[] = [
      { ...good, id: "../x" },
      { ...good, files: [{ ...files[0], path: "../config.json" }] },
      { ...good, files: [{ ...files[0], path: "/etc/passwd" }] },
      { ...good, files: [{ ...files[0], file: "a/../../b" }] },
      { ...good, files: [{ ...files[0], sha256: "ABC" }] },
      { ...good, schemaVersion: 2 },
      { ...good, manifest: [] },
    ];
    for (const entry of bad) {
      assert.equal(entryFits(entry), false);
      assert.throws(() => parseEntry(JSON.stringify(entry), "bad.json"), vqaError("model-damaged", "bad.json"));
    }
    assert.throws(() => parseEntry(JSON.stringify({ ...good, files: [files[0], files[0]] }), "bad.json"), vqaError("model-damaged", "different paths"));
    assert.throws(() => parseEntry(JSON.stringify({ ...good, prepare: { source: "x.gguf", stem: "x", slots: 1 } }), "bad.json"), vqaError("model-damaged", "prepare.source"));
  });

  it("brings packs of speech and of sentences, which answer no questions", async () => {
    for (const id of ["whisper-base", "all-minilm-l6-v2"]) {
      const entry = await catalogued(id);
      const hub = await HubServer.start();
      for (const { repo, file } of entry.files) hub.add(repo, file, Buffer.from(`content of ${file}`), file.endsWith(".onnx"));
      const client = new Hub({ endpoint: hub.endpoint });
      const store = new PackStore(join(root, id));
      try {
        await pullPack({ entry, store, hub: client });
      } finally {
        await client.close();
        await hub.stop();
      }
      const pack = (await listPacks({ models: store.folder })).find((each) => each.id === id);
      assert.deepEqual([pack?.state, pack?.composers, pack?.licence], ["ready", [], "Apache-2.0"]);
      assert.equal((await store.verify(id)).files, entry.files.length);
      const folder = id.startsWith("whisper") ? "speech" : "embedder";
      for (const { file } of entry.files) assert.equal(readFileSync(join(store.folder, id, folder, file), "utf8"), `content of ${file}`);
    }
  });

  it("the embedded pack fits the published schema of packs", () => {
    assert.ok(packFits(read("micro", "vqa-model.json")), JSON.stringify(packFits.errors));
    assert.equal(packFits({ ...read("micro", "vqa-model.json"), files: [{ path: "../x", bytes: 1, sha256: "0".repeat(64) }] }), false);
  });
});
