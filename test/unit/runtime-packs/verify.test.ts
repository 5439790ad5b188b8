import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packDigest, verifyFiles } from "../../../server/src/runtime/packs/verify.js";
import { locatePack } from "../../../server/src/runtime/packs/locate.js";
import { vqaError } from "../../support/errors.js";
import { tempFolder } from "../../support/tempFolder.js";

const sha = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

describe("pack files", () => {
  const folder = tempFolder(after);
  const content = { "a.onnx": "aaaa", "sub/b.gguf": "bb" };
  const files = Object.entries(content).map(([path, data]) => ({ path, bytes: data.length, sha256: sha(data) }));
  beforeEach(() => {
    mkdirSync(join(folder, "sub"), { recursive: true });
    for (const [path, data] of Object.entries(content)) writeFileSync(join(folder, path), data);
  });

  it("pass when they are what the manifest says", () => verifyFiles(folder, files));

  it("fail by name when missing, longer, shorter or changed", async () => {
    const file = join(folder, "sub/b.gguf");
    rmSync(file);
    await assert.rejects(verifyFiles(folder, files), vqaError("model-missing", file));
    for (const data of ["bbb", "b", "", "bc"]) {
      writeFileSync(file, data);
      await assert.rejects(verifyFiles(folder, files), vqaError("model-damaged", file));
    }
    rmSync(file);
    mkdirSync(file);
    await assert.rejects(verifyFiles(folder, files), vqaError("model-damaged", file));
    rmSync(file, { recursive: true });
  });

  it("can be stopped", () => assert.rejects(verifyFiles(folder, files, AbortSignal.abort()), vqaError("cancelled")));

  it("make the digest with the settings they are run with, whatever their order", () => {
    const settings = { preprocess: { mean: [0, 1] }, encoder: {}, projector: {}, language: { width: 8 } };
    const written = '{"encoder":{},"language":{"width":8},"preprocess":{"mean":[0,1]},"projector":{}}';
    const expected = sha(`a.onnx ${sha("aaaa")}\nsub/b.gguf ${sha("bb")}\n${written}\n`);
    assert.equal(packDigest({ files, ...settings }), expected);
    assert.equal(packDigest({ files: [...files].reverse(), ...settings }), expected);
    assert.notEqual(packDigest({ files: [{ ...files[0]!, sha256: sha("x") }, files[1]!], ...settings }), expected);
    assert.notEqual(packDigest({ files, ...settings, preprocess: { mean: [1, 1] } }), expected);
  });

  it("are found by a pack's name or folder", () => {
    assert.equal(locatePack(folder), folder);
    assert.throws(() => locatePack("no-such"), vqaError("model-missing", "no-such"));
    assert.throws(() => locatePack("../micro"), vqaError("model-missing"));
  });
});
