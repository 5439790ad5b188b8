/**
 * LLaVA-OneVision from the catalogue to the answer: files of the published names and layouts, with small random
 * weights, are pulled from a hub of this test's own, converted, prepared, loaded and asked. Pixels, pooling,
 * tokens and logits are compared with the published rules, read and computed here in another way.
 */
import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { convertLanguage } from "../../server/src/runtime/llama/convert/language.js";
import { fromFloat16Bits, toFloat16Bits } from "../../server/src/runtime/llama/float16.js";
import { readCatalogue, type CatalogueEntry } from "../../server/src/runtime/packs/catalogue.js";
import { readManifest } from "../../server/src/runtime/packs/manifest.js";
import { openPack, type RuntimePack } from "../../server/src/runtime/packs/openPack.js";
import { LLAVA_ONEVISION_FRAME, llavaOnevisionFiles, llavaOnevisionVision } from "../../tools/fixtures/llavaOnevision.js";
import { writeSafetensors } from "../../tools/fixtures/safetensors.js";
import { pillowBicubic } from "../support/bicubic.js";
import { vqa } from "../support/cli.js";
import { vqaError } from "../support/errors.js";
import { logitsOf } from "../support/ggufLogits.js";
import { givenTo, pullInto } from "../support/pulled.js";
import { qwen2Logits } from "../support/qwen2.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const video = join(repoRoot, "media/demo/shapes.mp4");
const SHAPE = { width: 128, heads: 2, keyValueHeads: 1, hidden: 192, layers: 2 } as const;
const { width } = SHAPE;
const { size, patch, side } = LLAVA_ONEVISION_FRAME;
/** The turns of transformers' conversion script for this model, for a user who gives a video and a text. */
const CHAT_TEMPLATE =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n'}}{% for content in message['content'] | selectattr('type', 'equalto', 'video') %}{{ '<video>\n' }}{% endfor %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] }}{% endfor %}{{'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

describe("LLaVA-OneVision from the catalogue", function () {
  this.timeout(240_000);
  const folder = tempFolder(after);
  const models = join(folder, "models");
  const vision = llavaOnevisionVision(width);
  const published = llavaOnevisionFiles(SHAPE);
  const half = (name: string): Float32Array => Float32Array.from(published.tensors.get(name)!.values, (value) => fromFloat16Bits(toFloat16Bits(value)));
  let entry: CatalogueEntry;
  let pack: RuntimePack;
  let media: Media;

  before(async () => {
    const real = (await readCatalogue()).find(({ id }) => id === "llava-onevision-qwen2-0.5b-ov")!;
    // All is the published entry's but the width of the small weights.
    const manifest = { ...real.manifest, encoder: { ...(real.manifest["encoder"] as object), width }, parts: { newline: { file: "newline.f32", width } } };
    entry = { ...real, manifest };
    const { repo } = real.files[0]!;
    await pullInto(models, entry, (hub) => {
      hub.add(repo, "onnx/vision_encoder.onnx", vision.file);
      hub.add(repo, "model.safetensors", published.safetensors);
      hub.add(repo, "config.json", Buffer.from(published.config), false);
      hub.add(repo, "tokenizer.json", Buffer.from(published.tokenizer), false);
    });
    pack = await openPack(join(models, entry.id), { threads: 1, tempRoot: folder });
    media = await openMedia({ threads: 1 });
  });
  after(() => pack?.dispose());

  const asked = (question: string, frames: number) => givenTo(pack, media, { video, question, frames, subtitles: "off", decode: { maxTokens: 3 } });

  it("gives the published processor's tokens, 196 a frame and one to end the video", async () => {
    const { language } = await readManifest(join(models, entry.id));
    const mark = pack.language.tokens([{ kind: "template", text: "<video>" }]);
    assert.equal(mark.length, 1);
    for (const frames of [1, 3]) {
      const question = "Who opens the door?";
      const { pieces } = await asked(question, frames);
      const count = frames * 196 + 1;
      const chat = new Template(CHAT_TEMPLATE).render({ messages: [{ role: "user", content: [{ type: "video" }, { type: "text", text: question }] }], add_generation_prompt: true });
      const want = pack.language.tokens([{ kind: "template", text: chat.replace("<video>", "<video>".repeat(count)) }]);
      let next = 0;
      const placed = want.map((token) => (token === mark[0] ? language.slots.first + next++ : token));
      assert.equal(next, count);
      assert.deepEqual(pack.language.tokens(pieces), placed);
    }
  });

  it("gives the language model the pooled tokens of the pixels, and the line mark", async () => {
    const { pieces, timesMs } = await asked("What?", 2);
    const seen = pieces.flatMap((piece) => (piece.kind === "visual" ? [piece.embeddings] : []));
    assert.deepEqual(seen.map(({ rows }) => rows), [196, 196, 1]);
    const pictures = await media.frames.frames({ path: video, timesMs, width: size, height: size, resize: "squash", mode: "exact" });
    for (const [t, picture] of pictures.entries()) {
      for (const token of [0, 13, 20, 97, 195]) {
        for (const channel of [0, 60, 127]) {
          const want = pooled(picture.rgb, token, channel);
          assert.ok(Math.abs(seen[t]!.data[token * width + channel]! - want) < 2e-3, `frame ${t}, token ${token}, ${channel}: ${want}`);
        }
      }
    }
    const mark = half("image_newline");
    assert.deepEqual([...seen[2]!.data], [...mark]);
  });

  it("scales frames as the published processor does, within what another bicubic filter makes of them", async () => {
    const { video: stream, durationMs } = await media.frames.probe(video);
    const { width: w, height: h } = stream!;
    const times = [0.2, 0.7].map((part) => part * durationMs);
    const ask = (width: number, height: number) => media.frames.frames({ path: video, timesMs: times, width, height, resize: "squash", mode: "exact" });
    const [whole, ours] = [await ask(w, h), await ask(size, size)];
    for (const [t, frame] of ours.entries()) {
      const published = pillowBicubic(whole[t]!.rgb, [w, h], [size, size]);
      const error = Math.sqrt(frame.rgb.reduce((sum, v, i) => sum + (v - published[i]!) ** 2, 0) / published.length);
      assert.ok(error < 1, `root mean square difference of ${error.toFixed(2)} of 255`);
    }
  });

  /** A pooled token as a weighted sum over all 729: a tent of width 1 around the point that it is taken at. */
  const pooled = (rgb: Uint8Array, token: number, channel: number): number => {
    const tent = (index: number): number[] => {
      const at = Math.max(0, (index + 0.5) * (27 / 14) - 0.5);
      return Array.from({ length: side }, (_, cell) => Math.max(0, 1 - Math.abs(at - cell)));
    };
    const [down, across] = [tent(Math.floor(token / 14)), tent(token % 14)];
    let sum = 0;
    down.forEach((v, y) => across.forEach((u, x) => void (v * u > 0 && (sum += v * u * feature(rgb, y, x, channel)))));
    return sum;
  };

  /** The convolution of the fixture's encoder by its definition, of pixels between -1 and 1. */
  const feature = (rgb: Uint8Array, row: number, column: number, channel: number): number => {
    let sum = vision.bias[channel]!;
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < patch; y++) {
        for (let x = 0; x < patch; x++) {
          const value = rgb[((row * patch + y) * size + column * patch + x) * 3 + c]!;
          sum += (value / 127.5 - 1) * vision.kernel[((channel * 3 + c) * patch + y) * patch + x]!;
        }
      }
    }
    return sum;
  };

  describe("its language model, made of safetensors", () => {
    const path = (name: string): string => join(folder, name);
    const convert = async (safetensors: Buffer, config = published.config, into = "converted.gguf") => {
      writeFileSync(path("model.safetensors"), safetensors);
      writeFileSync(path("config.json"), config);
      writeFileSync(path("tokenizer.json"), published.tokenizer);
      await convertLanguage({ weights: path("model.safetensors"), config: path("config.json"), tokenizer: path("tokenizer.json"), into: path(into) });
      return path(into);
    };
    const tokens = [5, 70, 33, 120, 7, 200, 9, 260];
    const rows = published.tensors.get("language_model.model.embed_tokens.weight")!.shape[0]!;
    // llama.cpp keeps keys and values as float16: differences of 1e-3 are its own.
    const reference = (precision: (name: string) => Float32Array): number[] =>
      qwen2Logits({ tensor: (name) => precision(`language_model.model.${name}`), ...SHAPE, theta: 1e6, epsilon: 1e-6, vocabulary: rows }, tokens);
    const near = (got: Float32Array, want: readonly number[], most: number): void => {
      assert.equal(got.length, want.length);
      const spread = Math.sqrt(want.reduce((sum, v) => sum + v * v, 0) / want.length);
      const worst = want.reduce((largest, v, i) => Math.max(largest, Math.abs(v - got[i]!)), 0) / spread;
      assert.ok(worst < most, `largest difference ${worst} of the spread`);
    };

    it("says what Qwen2 says by its definition", async () => {
      near(await logitsOf(await convert(published.safetensors), tokens), reference(half), 5e-3);
    });

    it("of float32 and bfloat16, too, and with names of newer versions", async () => {
      const all = [...published.tensors.values()];
      const exact = reference((name) => published.tensors.get(name)!.values);
      near(await logitsOf(await convert(writeSafetensors(all, "F32"), undefined, "f32.gguf"), tokens), exact, 5e-3);
      const newer = all.map((tensor) => ({ ...tensor, name: tensor.name.replace("language_model.model.", "model.language_model.") }));
      near(await logitsOf(await convert(writeSafetensors(newer, "BF16"), undefined, "bf16.gguf"), tokens), exact, 0.1);
    });

    it("is refused when its tokenizer has no token that ends a turn", async () => {
      const config = JSON.parse(published.config) as { text_config: object };
      const none = { ...config, text_config: { ...config.text_config, eos_token_id: undefined } };
      const tokenizer = published.tokenizer.replace("<|im_end|>", "<|other|>");
      writeFileSync(path("model.safetensors"), published.safetensors);
      writeFileSync(path("config.json"), JSON.stringify(none));
      writeFileSync(path("tokenizer.json"), tokenizer);
      await assert.rejects(convertLanguage({ weights: path("model.safetensors"), config: path("config.json"), tokenizer: path("tokenizer.json"), into: path("no.gguf") }), vqaError("model-damaged", "<|im_end|>"));
    });

    it("is refused when it is another family, lacks a tensor or is cut short, and leaves nothing behind", async () => {
      const other = JSON.stringify({ ...JSON.parse(published.config), text_config: { model_type: "mamba" } });
      await assert.rejects(convert(published.safetensors, other, "no.gguf"), vqaError("model-unsupported", "mamba"));
      const lacking = [...published.tensors.values()].filter(({ name }) => !name.endsWith("layers.1.mlp.up_proj.weight"));
      await assert.rejects(convert(writeSafetensors(lacking), undefined, "no.gguf"), vqaError("model-damaged", "layers.1.mlp.up_proj.weight"));
      await assert.rejects(convert(published.safetensors.subarray(0, -10), undefined, "no.gguf"), vqaError("model-damaged", "model.safetensors"));
      await assert.rejects(convert(Buffer.from("{}"), undefined, "no.gguf"), vqaError("model-damaged", "model.safetensors"));
      assert.throws(() => readFileSync(path("no.gguf")));
    });
  });

  it("answers on the command line", async () => {
    const { code, stdout, stderr } = await vqa(["ask", video, "What?", "--model", entry.id, "--frames", "2", "--max-tokens", "3", "--threads", "1", "--json"], { env: { VQA_MODELS: models } });
    assert.equal(code, 0, stderr);
    const answer = JSON.parse(stdout) as { provenance: { modelId: string; frameTimesMs: number[] } };
    assert.equal(answer.provenance.modelId, entry.id);
    assert.equal(answer.provenance.frameTimesMs.length, 2);
  });
});
