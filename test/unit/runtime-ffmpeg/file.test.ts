import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkFile, digestFile } from "../../../server/src/runtime/ffmpeg/file.js";
import { DEFAULT_LIMITS } from "../../../server/src/runtime/ffmpeg/limits.js";
import { vqaError } from "../../support/errors.js";
import { tempFolder } from "../../support/tempFolder.js";

describe("a file for a decoder", () => {
  const folder = tempFolder(after);
  const path = join(folder, "x.mp4");
  before(() => writeFileSync(path, "abc"));

  it("is named so that it can only be a file", async () => {
    const file = await checkFile(path, DEFAULT_LIMITS);
    assert.deepEqual([file.path, file.url, file.bytes], [path, `file:${path}`, 3]);
  });

  it("has the digest of its bytes", async () => {
    assert.equal(await digestFile(await checkFile(path, DEFAULT_LIMITS)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("may vanish before it is read", async () => {
    const file = await checkFile(path, DEFAULT_LIMITS);
    await assert.rejects(digestFile({ ...file, path: join(folder, "gone") }), vqaError("video-unreadable", "ENOENT"));
    await assert.rejects(digestFile(file, AbortSignal.abort()), vqaError("cancelled"));
  });
});
