import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { icon } from "../../../tools/extension/icon.js";
import { contentsOf, faultsOf, MAX_BYTES } from "../../../tools/extension/inspect.js";
import { FILES as STAGED } from "../../../tools/extension/package.js";
import { repoRoot } from "../../support/repo.js";
import { tempFolder } from "../../support/tempFolder.js";

const GOOD = [
  "extension/package.json",
  "extension/package.nls.json",
  "extension/l10n/bundle.l10n.de.json",
  "extension/readme.md",
  "extension/LICENSE",
  "extension/THIRD-PARTY-NOTICES.md",
  "extension/media/icon.png",
  "extension/media/pictures/chat.png",
  "extension/dist/client/extension.cjs",
  "extension/dist/web/extension.js",
  "extension/dist/web/server.js",
  "extension/dist/server/main.js",
  "extension/dist/renderer/answer.js",
  "extension/syntaxes/vqa.tmLanguage.json",
  "extension/server/models/micro/language.gguf",
  "extension/dist/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node",
  "extension/dist/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64/llama-addon.node",
];

/** The manifest with its texts in English in their places. */
function manifestText(): string {
  const texts = JSON.parse(readFileSync(join(repoRoot, "package.nls.json"), "utf8")) as Record<string, string>;
  return readFileSync(join(repoRoot, "package.json"), "utf8").replace(/"%([\w.-]+)%"/g, (_, key: string) => JSON.stringify(texts[key]));
}

describe("a finished package", () => {
  it("has no fault when all that it needs is in it, and nothing else", () => {
    assert.deepEqual(faultsOf(GOOD, 37e6, "linux", "x64"), []);
  });

  it("has one for each thing that is missing, needless, foreign or too much", () => {
    for (const missing of GOOD.filter((name) => !name.endsWith("web/server.js") && !name.endsWith("web/extension.js"))) assert.equal(faultsOf(GOOD.filter((name) => name !== missing), 1, "linux", "x64").length, 1, missing);
    for (const name of ["extension/dist/client/extension.cjs.map", "extension/dist/node_modules/a/test/b.js", "extension/client/extension.js", "extension/dist/node_modules/a/binding.gyp"]) {
      assert.deepEqual(faultsOf([...GOOD, name], 1, "linux", "x64"), [`${name} is needless`]);
    }
    assert.equal(faultsOf(GOOD, 1, "darwin", "arm64").length, 1);
    assert.equal(faultsOf(GOOD, MAX_BYTES + 1, "linux", "x64").length, 1);
  });

  it("is read as the archive that it is", function () {
    const folder = tempFolder(after);
    mkdirSync(join(folder, "a"));
    writeFileSync(join(folder, "a", "b.txt"), "b");
    const file = join(folder, "x.vsix");
    const { status } = spawnSync("python3", ["-c", "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z: z.write(sys.argv[2], 'a/b.txt')", file, join(folder, "a", "b.txt")]);
    if (status !== 0) this.skip();
    const { names, bytes } = contentsOf(file);
    assert.deepEqual(names, ["a/b.txt"]);
    assert.ok(bytes > 20);
    assert.throws(() => contentsOf(join(folder, "a", "b.txt")), /no ZIP archive/);
  });

  it("has a walkthrough whose pictures are packed and whose buttons do something", () => {
    type Step = { id: string; description: string; media: { image: string; altText: string } };
    const { contributes } = JSON.parse(manifestText()) as { contributes: { walkthroughs: { steps: Step[] }[]; commands: { command: string }[] } };
    const ours = new Set(contributes.commands.map(({ command }) => command));
    const packed = readFileSync(join(repoRoot, ".vscodeignore"), "utf8").split("\n");
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    assert.ok(steps.length >= 4);
    for (const { id, description, media } of steps) {
      assert.ok(packed.includes(`!${media.image}`) && STAGED.includes(media.image), `${id}: ${media.image} is not in the package`);
      assert.equal(readFileSync(join(repoRoot, media.image)).subarray(1, 4).toString("latin1"), "PNG", media.image);
      assert.ok(media.altText.length > 20, id);
      const [, command] = /\(command:([\w.]+)\)/.exec(description) ?? [];
      assert.ok(command !== undefined && (ours.has(command) || command.startsWith("workbench.")), `${id}: ${command}`);
    }
  });

  it("has the icon that its script draws, and settings that all say what they do", () => {
    const manifest = JSON.parse(manifestText()) as { icon: string; contributes: { configuration: { properties: Record<string, { markdownDescription?: string }> }; commands: { title: string; category: string }[] } };
    assert.deepEqual(readFileSync(join(repoRoot, manifest.icon)), icon());
    for (const [name, { markdownDescription }] of Object.entries(manifest.contributes.configuration.properties)) assert.match(markdownDescription ?? "", /^[A-Z].{15,}\.$/s, name);
    for (const { title, category } of manifest.contributes.commands) assert.equal(category, "VQA", title);
  });
});
