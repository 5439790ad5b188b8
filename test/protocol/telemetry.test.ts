import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFiles } from "../support/layers.js";
import { vqa } from "../support/cli.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

describe("telemetry of libraries", function () {
  this.timeout(60_000);
  const root = tempFolder(after);

  it("is off: a question leaves no number of the machine and no log of events behind", async () => {
    const [cache, temporary] = [join(root, "cache"), join(root, "tmp")];
    for (const each of [cache, temporary]) mkdirSync(each);
    // onnxruntime is silent on build servers by itself.
    const env = { CI: undefined, GITHUB_ACTIONS: undefined, ORT_DISABLE_TELEMETRY: undefined, XDG_CACHE_HOME: cache, TMPDIR: temporary };
    const { code, stderr } = await vqa(["ask", join(repoRoot, "test/fixtures/twins/red-circle.mp4"), "What colour is the object?"], { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(temporary), []);
    assert.deepEqual(readdirSync(cache).filter((name) => name !== "vqa"), []);
  });

  it("stays off: onnxruntime is loaded through one file, which switches it off first", () => {
    const doors = sourceFiles(repoRoot).filter((file) => file.startsWith("server/src/") && /^(?:import|export) (?!type).*from "onnxruntime-node"/m.test(readFileSync(join(repoRoot, file), "utf8")));
    assert.deepEqual(doors, ["server/src/runtime/onnx/library.ts"]);
  });
});
