import assert from "node:assert/strict";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { VqaError } from "../../../server/src/engine/errors.js";
import { filePath } from "../../../server/src/lsp/uris.js";

describe("paths and URIs of clients", () => {
  it("are files of this machine", () => {
    const path = resolve("a clip #1 ü.mp4");
    assert.equal(filePath(path), path);
    assert.equal(filePath(pathToFileURL(path).href), path);
  });

  it("are refused when they are anything else", () => {
    for (const uri of ["clip.mp4", "https://example.org/a.mp4", "untitled:Untitled-1", "file://server/share%2Fa.mp4", "vscode-vfs://github/a/b", ""]) {
      assert.throws(() => filePath(uri), (error: VqaError) => error.code === "invalid-request" && error.message.startsWith(uri), uri);
    }
  });
});
