import { strict as assert } from "node:assert";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Piece } from "../../server/src/engine/ports.js";
import { openPack, type RuntimePack } from "../../server/src/runtime/packs/openPack.js";
import { vqaError } from "../support/errors.js";
import { random } from "../support/random.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const micro = join(repoRoot, "server/models/micro");

describe("the embedded pack", () => {
  const folder = tempFolder(after);
  let pack: RuntimePack;
  before(async () => void (pack = await openPack(micro, { threads: 1, tempRoot: folder })));
  after(() => pack?.dispose());

  it("opens with its rows written while it is loaded", () => {
    assert.equal(pack.spec.id, "micro");
    assert.match(pack.spec.digest, /^[0-9a-f]{64}$/);
    assert.equal(pack.language.liveSlots, true);
    assert.equal(pack.projectors.visual!.width, pack.language.width);
    assert.equal(pack.projectors.visual!.inputWidth, pack.encoder.width * (pack.spec.composer as { merge: number }).merge);
  });

  it("finds its control tokens in templates, and only there", () => {
    const { begin, end } = pack.spec.prompt;
    const one = (text: string): number => pack.language.countTokens([{ kind: "template", text }]);
    assert.equal(one("<s>"), 1);
    assert.equal(one("</s>"), 1);
    assert.ok(one(begin) < pack.language.countTokens([{ kind: "text", text: begin }]));
    assert.ok(one(end.replace("{question}", "")) < pack.language.countTokens([{ kind: "text", text: end.replace("{question}", "") }]));
  });

  it("looks: other pixels give other features, and other features other logits", async () => {
    const { width, height } = pack.encoder.input;
    const next = random(3);
    const noise = { timeMs: 0, width, height, rgb: Uint8Array.from({ length: width * height * 3 }, () => next() * 256) };
    const grey = { ...noise, rgb: new Uint8Array(width * height * 3).fill(128) };
    const features = await pack.encoder.encode([noise, grey]);
    const half = features.data.length / 2;
    assert.ok(features.data.subarray(0, half).some((v, i) => Math.abs(v - features.data[half + i]!) > 1e-2));
    const session = await pack.language.session();
    const logits: Float32Array[] = [];
    for (const part of [features.data.subarray(0, half), features.data.subarray(half)]) {
      // Rows of the right width are enough here: the composer has its own tests.
      const rows = part.length / pack.projectors.visual!.inputWidth;
      const visual: Piece = { kind: "visual", embeddings: await pack.projectors.visual!.project({ rows, width: pack.projectors.visual!.inputWidth, data: part.slice() }) };
      await session.setPrefix([{ kind: "template", text: pack.spec.prompt.begin }, visual]);
      logits.push(await session.logits([{ kind: "text", text: "?" }]));
    }
    assert.ok(logits[0]!.some((v, i) => Math.abs(v - logits[1]![i]!) > 1e-2));
    await session.dispose();
  });
});

describe("a system with a language model of its own", () => {
  const folder = tempFolder(after);
  const copy = join(folder, "pack");
  let pack: RuntimePack;
  before(async () => {
    cpSync(micro, copy, { recursive: true, dereference: true });
    const file = join(copy, "vqa-model.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { language: object; systems: object[]; files: { path: string }[] };
    cpSync(join(copy, "language.gguf"), join(copy, "own.gguf"));
    const own = manifest.files.find(({ path }) => path === "language.gguf")!;
    manifest.files.push({ ...own, path: "own.gguf" });
    const composer = { name: "minigpt4-video", merge: 4 };
    manifest.systems.push({ name: "minigpt4-video/own", composer, language: { ...manifest.language, file: "own.gguf", contextSize: 1024 } }, { name: "minigpt4-video/shared", composer });
    writeFileSync(file, JSON.stringify(manifest));
    pack = await openPack(copy, { threads: 1, tempRoot: folder });
  });
  after(() => pack?.dispose());

  it("loads it beside the pack's, with its own context and its own identity; without one it shares the pack's", async () => {
    const own = await pack.system("minigpt4-video/own");
    const shared = await pack.system("minigpt4-video/shared");
    assert.notEqual(own.language, pack.language);
    assert.deepEqual([own.language.contextSize, pack.language.contextSize], [1024, 2048]);
    assert.equal(shared.language, pack.language);
    assert.notEqual(own.spec.digest, pack.spec.digest);
    assert.equal(own.encoder, pack.encoder, "the encoder is still shared");
    const session = await own.language.session();
    await session.setPrefix([{ kind: "template", text: own.spec.prompt.begin }]);
    const [score] = await session.score([{ kind: "text", text: "?" }], [" red"]);
    assert.ok(score!.logProb < 0, "it runs");
    await session.dispose();
  });

  it("is refused with its file when it does not fit", async () => {
    const file = join(copy, "vqa-model.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { systems: { name: string; language?: { width: number } }[] };
    const broken = { ...manifest, systems: manifest.systems.map((each) => (each.language ? { ...each, language: { ...each.language, width: 64 } } : each)) };
    writeFileSync(file, JSON.stringify(broken));
    await assert.rejects(openPack(copy, { threads: 1, tempRoot: folder }), vqaError("model-damaged", "width"));
    writeFileSync(file, JSON.stringify(manifest));
  });
});

describe("damaged packs", () => {
  const folder = tempFolder(after);
  const copy = join(folder, "pack");
  beforeEach(() => {
    rmSync(copy, { recursive: true, force: true });
    cpSync(micro, copy, { recursive: true, dereference: true });
  });
  const open = (signal?: AbortSignal): Promise<RuntimePack> => openPack(copy, { threads: 1, tempRoot: folder }, signal);

  for (const name of ["vision.onnx", "projector.onnx", "language.gguf"]) {
    it(`${name}: a flipped bit, a lost end and a missing file each have their error`, async () => {
      const file = join(copy, name);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
      await assert.rejects(open(), vqaError("model-damaged", file));
      truncateSync(file, bytes.length - 1);
      await assert.rejects(open(), vqaError("model-damaged", file));
      rmSync(file);
      await assert.rejects(open(), vqaError("model-missing", file));
    });
  }

  it("the manifest: missing, broken, or of another model", async () => {
    const file = join(copy, "vqa-model.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { encoder: { input: string }; language: { slots: { first: number } } };
    manifest.encoder.input = "other";
    writeFileSync(file, JSON.stringify(manifest));
    await assert.rejects(open(), vqaError("model-unsupported", "vision.onnx"));
    manifest.encoder.input = "pixel_values";
    manifest.language.slots.first = 1e6;
    writeFileSync(file, JSON.stringify(manifest));
    await assert.rejects(open(), vqaError("model-unsupported", "language.gguf"));
    writeFileSync(file, "{}");
    await assert.rejects(open(), vqaError("model-damaged", file));
    rmSync(file);
    await assert.rejects(open(), vqaError("model-missing", file));
    mkdirSync(join(folder, "empty"), { recursive: true });
    await assert.rejects(openPack(join(folder, "empty")), vqaError("model-missing", "vqa-model.json"));
    await assert.rejects(openPack("no-such-model"), vqaError("model-missing", "no-such-model"));
  });

  it("opening can be stopped at any moment, and nothing stays behind", async () => {
    await assert.rejects(open(AbortSignal.abort()), vqaError("cancelled"));
    for (const wait of [0, 5, 15, 30, 60]) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), wait);
      // Opened before the stop came, on a fast machine: that is an open pack like any other.
      await open(stop.signal).then((pack) => pack.dispose(), vqaError("cancelled"));
      clearTimeout(timer);
      assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith("vqa-slots-")), []);
    }
  });
});
