import { strict as assert } from "node:assert";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultModelsFolder, isPackId } from "../../../server/src/runtime/packs/home.js";
import { listPacks } from "../../../server/src/runtime/packs/installed.js";
import { modelFrom } from "../../../server/src/runtime/worker/notebook.js";
import { vqaError } from "../../support/errors.js";
import { plainManifest, plainPack } from "../../support/plainPack.js";
import { repoRoot } from "../../support/repo.js";
import { tempFolder } from "../../support/tempFolder.js";

const micro = join(repoRoot, "server/models/micro");

describe("installed packs", () => {
  const root = tempFolder(after);
  const models = join(root, "models");
  const install = (name: string, from = models): string => {
    const folder = join(from, name);
    plainPack(micro, folder);
    return folder;
  };
  beforeEach(() => {
    rmSync(models, { recursive: true, force: true });
    mkdirSync(models);
  });
  const listed = async (folder?: string): Promise<string[]> => (await listPacks({ models, folder })).map(({ id, origin, state }) => `${origin} ${id} ${state}`);

  it("come after the embedded one, by name, and before the folder that the user set", async () => {
    install("zebra");
    install("antelope");
    const elsewhere = install("own pack", root);
    assert.deepEqual(await listed(elsewhere), ["embedded micro ready", "installed antelope ready", "installed zebra ready", "folder micro ready"]);
    assert.deepEqual(await listed(join(models, "zebra")), ["embedded micro ready", "installed antelope ready", "installed zebra ready"]);
  });

  it("say what they are", async () => {
    const folder = install("one");
    const [, one] = await listPacks({ models });
    const { bytes, ...rest } = one!;
    assert.deepEqual(rest, { id: "one", name: "VQA micro", version: plainManifest(micro)["version"], origin: "installed", folder, composers: rest.composers, licence: "MIT", state: "ready" });
    assert.equal(rest.composers[0], "minigpt4-video");
    assert.equal(bytes, ["vision.onnx", "projector.onnx", "language.gguf"].reduce((sum, file) => sum + readFileSync(join(micro, file)).length, 0));
  });

  it("are listed as damaged, with the file that is wrong, when they are not whole", async () => {
    appendFileSync(join(install("longer"), "vision.onnx"), "x");
    rmSync(join(install("missing"), "projector.onnx"));
    writeFileSync(join(install("no-json"), "vqa-model.json"), "{");
    rmSync(join(install("nothing"), "vqa-model.json"));
    const problems = Object.fromEntries((await listPacks({ models })).map(({ id, state, problem }) => [id, [state, problem?.code, problem?.message ?? ""]]));
    const check = (id: string, code: string, file: string): void => {
      const [state, got, message] = problems[id]!;
      assert.deepEqual([state, got], ["damaged", code], id);
      assert.ok(message!.includes(join(models, id, file)), message);
    };
    check("longer", "model-damaged", "vision.onnx");
    check("missing", "model-missing", "projector.onnx");
    check("no-json", "model-damaged", "vqa-model.json");
    check("nothing", "model-missing", "vqa-model.json");
  });

  it("leave out what is no pack: files, hidden folders and names that no system takes", async () => {
    install(".incoming-one");
    install("With Blanks");
    writeFileSync(join(models, "file"), "");
    assert.deepEqual(await listed(), ["embedded micro ready"]);
  });

  it("need no folder, and can be stopped", async () => {
    rmSync(models, { recursive: true });
    assert.deepEqual(await listed(), ["embedded micro ready"]);
    await assert.rejects(listPacks({ models }, AbortSignal.abort()), vqaError("cancelled"));
  });

  it("are meant by their names; a path means a folder, and an unknown name stays one", () => {
    const one = install("one");
    mkdirSync(join(root, "two"), { recursive: true });
    const from = (name: string): string => modelFrom(name, root, models);
    assert.equal(from("micro"), "micro");
    assert.equal(from("one"), one);
    assert.equal(from("./one"), join(root, "one"));
    assert.equal(from("two"), join(root, "two"));
    assert.equal(from("three"), "three");
    assert.equal(from("../three"), join(root, "..", "three"));
    assert.equal(from(one), one);
  });
});

describe("the folder of models", () => {
  it("is the user's data folder, unless VQA_MODELS names another by an absolute path", () => {
    assert.equal(defaultModelsFolder({}, "linux", "/home/a"), "/home/a/.local/share/vqa/models");
    assert.equal(defaultModelsFolder({ XDG_DATA_HOME: "/data" }, "linux", "/home/a"), "/data/vqa/models");
    assert.equal(defaultModelsFolder({ XDG_DATA_HOME: "data" }, "linux", "/home/a"), "/home/a/.local/share/vqa/models");
    assert.equal(defaultModelsFolder({}, "darwin", "/Users/a"), "/Users/a/Library/Application Support/vqa/models");
    assert.equal(defaultModelsFolder({ LOCALAPPDATA: "C:\\L" }, "win32", "C:\\Users\\a"), "C:\\L\\vqa\\models");
    assert.equal(defaultModelsFolder({ VQA_MODELS: "/big/disk" }, "linux", "/home/a"), "/big/disk");
    assert.equal(defaultModelsFolder({ VQA_MODELS: "big" }, "linux", "/home/a"), "/home/a/.local/share/vqa/models");
  });

  it("takes names that every system takes", () => {
    for (const good of ["micro", "smolvlm2-256m-video-instruct", "a", "all-minilm-l6-v2", "v1.5_x"]) assert.ok(isPackId(good), good);
    for (const bad of ["", "..", ".hidden", "a/b", "a\\b", "A", "a b", "con", "nul.txt", "a.", "-a", "x".repeat(65), "ä"]) assert.ok(!isPackId(bad), bad);
  });
});
