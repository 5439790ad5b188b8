import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PrivateFile, sweep, sweepAfter } from "../../../server/src/runtime/llama/privateFile.js";
import { vqaError } from "../../support/errors.js";
import { tempFolder } from "../../support/tempFolder.js";

describe("private model file", () => {
  const folder = tempFolder(after);
  const source = join(folder, "source.gguf");
  let root: string;
  let n = 0;
  before(() => writeFileSync(source, "weights", { mode: 0o444 }));
  beforeEach(() => mkdirSync((root = join(folder, `tmp${n++}`))));

  it("is a writable copy that nobody else can open, and goes away", async () => {
    const file = await PrivateFile.create([source], root);
    assert.equal(readFileSync(file.path, "utf8"), "weights");
    if (process.platform !== "win32") {
      assert.equal(statSync(dirname(file.path)).mode & 0o777, 0o700);
      assert.equal(statSync(file.path).mode & 0o777, 0o600);
    }
    writeFileSync(file.path, "changed");
    assert.equal(readFileSync(source, "utf8"), "weights");
    const old = file.path;
    await file.renew();
    assert.notEqual(file.path, old);
    assert.equal(readFileSync(file.path, "utf8"), "weights");
    assert.equal(existsSync(old), false);
    await file.dispose();
    assert.deepEqual(readdirSync(root), []);
  });

  it("copies the first file of a split model only, and names the others beside it", async () => {
    const shared = join(folder, "shared.gguf");
    writeFileSync(shared, "rest");
    const file = await PrivateFile.create([source, shared], root);
    const beside = join(dirname(file.path), "shared.gguf");
    assert.equal(readFileSync(beside, "utf8"), "rest");
    if (process.platform !== "win32") assert.equal(realpathSync(beside), realpathSync(shared));
    await file.renew();
    assert.deepEqual(readdirSync(dirname(file.path)).sort(), ["shared.gguf", "source.gguf"]);
    await file.dispose();
    assert.deepEqual(readdirSync(root), []);
    assert.equal(readFileSync(shared, "utf8"), "rest");
  });

  it("leaves nothing behind when the copy fails or is stopped", async () => {
    await assert.rejects(PrivateFile.create([join(folder, "absent")], root), vqaError("limit-exceeded", "absent"));
    await assert.rejects(PrivateFile.create([source], root, AbortSignal.abort()), vqaError("cancelled"));
    assert.deepEqual(readdirSync(root), []);
  });

  it("removes what dead processes left, and nothing else", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    for (const name of [`vqa-slots-${dead}-abc`, `vqa-slots-${process.pid}-abc`, "vqa-slots-x", "other"]) mkdirSync(join(root, name));
    await sweep(root);
    assert.deepEqual(readdirSync(root).sort(), ["other", `vqa-slots-${process.pid}-abc`, "vqa-slots-x"].sort());
    await sweep(join(root, "absent"));
  });

  it("is removed by whoever killed its process, and no other is", () => {
    for (const name of ["vqa-slots-4242-abc", "vqa-slots-4242-def", "vqa-slots-42421-abc", "other"]) mkdirSync(join(root, name, "0"), { recursive: true });
    sweepAfter(4242, root);
    assert.deepEqual(readdirSync(root).sort(), ["other", "vqa-slots-42421-abc"].sort());
    sweepAfter(4242, join(root, "absent"));
  });

  it("goes away when the process ends without disposing", () => {
    const module = new URL("../../../server/src/runtime/llama/privateFile.js", import.meta.url).href;
    const script = `const { PrivateFile } = await import(${JSON.stringify(module)});
      const f = await PrivateFile.create([${JSON.stringify(source)}], ${JSON.stringify(root)});
      console.log(f.path); process.exit(0);`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.equal(child.status, 0, child.stderr);
    assert.ok(child.stdout.includes("vqa-slots-"));
    assert.deepEqual(readdirSync(root), []);
  });
});
