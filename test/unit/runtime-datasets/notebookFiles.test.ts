import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, lstatSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNotebookFile, writeNotebookFile } from "../../../server/src/runtime/datasets/notebookFiles.js";
import type { VqaError } from "../../../server/src/engine/errors.js";

describe("notebook files", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "vqa-files-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const read = (name: string): ReturnType<typeof readNotebookFile> => readNotebookFile(name, at(name));

  it("keep every byte that is not changed, and their mode", async () => {
    const odd = Buffer.from("\ufeffVQA 1\r\n\u0000Q: ünï\r");
    writeFileSync(at("a.vqa"), odd);
    if (process.platform !== "win32") chmodSync(at("a.vqa"), 0o640);
    const file = await read("a.vqa");
    await writeNotebookFile(file, `${file.source}x`);
    assert.deepEqual(readFileSync(at("a.vqa")), Buffer.concat([odd, Buffer.from("x")]));
    if (process.platform !== "win32") assert.equal(statSync(at("a.vqa")).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder), ["a.vqa"]);
  });

  it("are not written over another's change, and nothing is left behind", async () => {
    writeFileSync(at("a.vqa"), "VQA 1\n");
    const file = await read("a.vqa");
    writeFileSync(at("a.vqa"), "VQA 1\n\n# Mine\n");
    await assert.rejects(writeNotebookFile(file, "VQA 1\n\nM"), (error: VqaError) => error.code === "notebook-changed");
    assert.equal(readFileSync(at("a.vqa"), "utf8"), "VQA 1\n\n# Mine\n");
    assert.deepEqual(readdirSync(folder), ["a.vqa"]);
  });

  it("stay links when they are links", async function () {
    if (process.platform === "win32") this.skip();
    writeFileSync(at("a.vqa"), "VQA 1\n");
    symlinkSync("a.vqa", at("link.vqa"));
    await writeNotebookFile(await read("link.vqa"), "VQA 1\n\n");
    assert.ok(lstatSync(at("link.vqa")).isSymbolicLink());
    assert.equal(readFileSync(at("a.vqa"), "utf8"), "VQA 1\n\n");
  });

  it("are named when they cannot be read or are gone", async () => {
    await assert.rejects(read("none.vqa"), (error: VqaError) => error.code === "notebook-unreadable" && /none\.vqa.*does not exist/.test(error.message));
    writeFileSync(at("bytes.vqa"), Buffer.from([0xff]));
    await assert.rejects(read("bytes.vqa"), (error: VqaError) => error.code === "notebook-unreadable" && /UTF-8/.test(error.message));
    writeFileSync(at("a.vqa"), "VQA 1\n");
    const file = await read("a.vqa");
    rmSync(at("a.vqa"));
    await assert.rejects(writeNotebookFile(file, "x"), (error: VqaError) => error.code === "notebook-unreadable");
    assert.deepEqual(readdirSync(folder), ["bytes.vqa"]);
  });
});
