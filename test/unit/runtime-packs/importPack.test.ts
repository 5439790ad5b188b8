import { strict as assert } from "node:assert";
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEntry } from "../../../server/src/runtime/packs/catalogue.js";
import { importFiles, importPack } from "../../../server/src/runtime/packs/importPack.js";
import { readManifest } from "../../../server/src/runtime/packs/manifest.js";
import { expectSpace } from "../../../server/src/runtime/packs/space.js";
import { PackStore } from "../../../server/src/runtime/packs/store.js";
import { verifyFiles } from "../../../server/src/runtime/packs/verify.js";
import { fixtureGguf } from "../../../tools/fixtures/gguf/generate.js";
import { vqaError } from "../../support/errors.js";
import { plainManifest, plainPack } from "../../support/plainPack.js";
import { repoRoot } from "../../support/repo.js";
import { tempFolder } from "../../support/tempFolder.js";

const micro = join(repoRoot, "server/models/micro");
const posix = process.platform !== "win32";

describe("importing a pack", () => {
  const root = tempFolder(after);
  let n = 0;
  let store: PackStore;
  let source: string;
  beforeEach(() => {
    const base = join(root, String(n++));
    store = new PackStore(join(base, "models"));
    source = join(base, "source");
    plainPack(micro, source);
    rename("copied");
  });
  const rename = (id: string): void => {
    const file = join(source, "vqa-model.json");
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), id }));
  };
  const checkNothing = (): void => assert.deepEqual(existsSync(store.folder) ? readdirSync(store.folder).filter((name) => !name.startsWith(".")) : [], []);

  it("copies what the manifest names, and nothing else", async () => {
    writeFileSync(join(source, "private.txt"), "not of the pack");
    assert.equal(await importPack(source, store), "copied");
    const folder = join(store.folder, "copied");
    await verifyFiles(folder, (await readManifest(folder)).files);
    assert.deepEqual(readdirSync(folder).includes("private.txt"), false);
    assert.deepEqual(await store.verify("copied"), { files: 3, bytes: (await readManifest(folder)).files.reduce((sum, { bytes }) => sum + bytes, 0) });
  });

  it("refuses damage before it copies anything", async () => {
    appendFileSync(join(source, "projector.onnx"), "x");
    await assert.rejects(importPack(source, store), vqaError("model-damaged", "projector.onnx"));
    checkNothing();
  });

  it("refuses ids that are no folder names", async () => {
    for (const id of ["../up", "A", "a/b", "con", ".hidden"]) {
      rename(id);
      await assert.rejects(importPack(source, store), vqaError("invalid-request"));
    }
    checkNothing();
  });

  it("refuses paths that lead out of the pack", async () => {
    const file = join(source, "vqa-model.json");
    for (const path of ["../vision.onnx", "/etc/passwd", "a/../../b", "C:\\x", "a\\..\\b", "", ".", "a//b", "\u0000"]) {
      const manifest = plainManifest(micro);
      manifest["id"] = "hostile";
      manifest.files.push({ ...manifest.files[0]!, path });
      writeFileSync(file, JSON.stringify(manifest));
      await assert.rejects(importPack(source, store), vqaError("model-damaged", "files[3].path"));
    }
    checkNothing();
  });

  (posix ? it : it.skip)("refuses links that lead out of the pack, and takes those that stay in it", async () => {
    const file = join(source, "vision.onnx");
    renameSync(file, join(source, "real.onnx"));
    symlinkSync("real.onnx", file);
    await importPack(source, store);
    await store.remove("copied");
    const outside = join(root, `outside-${n}.onnx`);
    renameSync(join(source, "real.onnx"), outside);
    rmSync(file);
    symlinkSync(outside, file);
    await assert.rejects(importPack(source, store), vqaError("model-damaged", "leads out of the pack"));
    const elsewhere = join(root, `elsewhere-${n}`);
    mkdirSync(elsewhere);
    rmSync(file);
    renameSync(outside, join(elsewhere, "vision.onnx"));
    symlinkSync(elsewhere, join(source, "sub"));
    const manifest = JSON.parse(readFileSync(join(source, "vqa-model.json"), "utf8")) as { encoder: { file: string }; files: { path: string }[] };
    manifest.files.find(({ path }) => path === "vision.onnx")!.path = manifest.encoder.file = "sub/vision.onnx";
    writeFileSync(join(source, "vqa-model.json"), JSON.stringify(manifest));
    await assert.rejects(importPack(source, store), vqaError("model-damaged", "leads out of the pack"));
    checkNothing();
  });

  it("makes a pack of published files, with the language model prepared and every file pinned", async () => {
    const { files: _, language: __, ...manifest } = plainManifest(micro);
    const published = join(root, `published-${n}`);
    mkdirSync(join(published, "onnx"), { recursive: true });
    for (const name of ["vision.onnx", "projector.onnx"]) cpSync(join(micro, name), join(published, "onnx", name));
    writeFileSync(join(published, "Model-Q8_0.gguf"), fixtureGguf({ architecture: "llama", type: 8, tied: true, shape: { width: 192, heads: 3, keyValueHeads: 3 } })[0]!);
    const entry = parseEntry(
      JSON.stringify({
        schemaVersion: 1, id: "from-files", name: "From files", version: "1", summary: "x", licences: [{ part: "all", spdx: "MIT", source: "x" }], facts: [],
        files: [...["vision", "projector"].map((name) => ({ path: `${name}.onnx`, repo: "a/b", revision: "main", file: `onnx/${name}.onnx` })), { path: "original.gguf", repo: "a/b-GGUF", revision: "main", file: "Model-Q8_0.gguf" }],
        prepare: { source: "original.gguf", stem: "language", slots: 512 },
        manifest: { ...manifest, language: { contextSize: 512 } },
      }),
      "test",
    );
    assert.equal(await importFiles(entry, published, store), "from-files");
    const folder = join(store.folder, "from-files");
    assert.deepEqual(readdirSync(folder).sort(), ["language-00001-of-00002.gguf", "language-00002-of-00002.gguf", "language.undo.gguf", "projector.onnx", "vision.onnx", "vqa-model.json"]);
    const { language, files } = await readManifest(folder);
    assert.deepEqual(language.slots, { first: 273, count: 512 });
    assert.equal(language.width, 192);
    await verifyFiles(folder, files);
    rmSync(join(published, "onnx/vision.onnx"));
    await assert.rejects(importFiles(entry, published, store), vqaError("model-missing", "onnx/vision.onnx"));
    const pinned = { ...entry, files: entry.files.map((file) => ({ ...file, sha256: "0".repeat(64) })) };
    cpSync(join(micro, "vision.onnx"), join(published, "vision.onnx"));
    await assert.rejects(importFiles(pinned, published, store), vqaError("model-damaged", "not the published"));
    await verifyFiles(folder, files);
  });

  it("asks the disk first", async () => {
    await expectSpace(root, 1);
    await assert.rejects(expectSpace(root, 1e18), vqaError("limit-exceeded", "1000000000.00 GB"));
  });
});
