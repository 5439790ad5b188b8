/**
 * The product's libraries against the trainer's: the same two clips through torch (the reference,
 * written by tools/micro/export.py --fixtures, with the matrices rounded as the files hold them) and
 * through onnxruntime-node and node-llama-cpp. Retraining exports both together.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createComposer } from "../../server/src/engine/compose/registry.js";
import { fillSlots, promptRenderer } from "../../server/src/engine/interleave.js";
import type { Frame, Matrix, Piece } from "../../server/src/engine/ports.js";
import { fromFloat16Bits } from "../../server/src/runtime/llama/float16.js";
import { openPack, type RuntimePack } from "../../server/src/runtime/packs/openPack.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

interface Reference {
  readonly files: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  /** The id that stands for a visual position. */
  readonly visual: number;
  /** The id that ends an answer. */
  readonly stop: number;
  readonly clips: readonly { readonly times: readonly string[]; readonly cues: Readonly<Record<string, readonly string[]>> }[];
  readonly questions: readonly {
    readonly clip: number;
    readonly question: string;
    readonly prompt: readonly number[];
    readonly output: readonly number[];
    readonly text: string;
  }[];
  readonly tokenizer: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

/** Absolute; float32 sums in another order. Measured on x86-64: 4e-7. */
const VISION_TOLERANCE = 1e-4;
/** The same, one matrix later. Measured: 1e-6. */
const EMBEDS_TOLERANCE = 1e-4;
/**
 * llama.cpp multiplies Q8_0 matrices by activations that it rounds to Q8_0 as well, and keeps keys
 * and values in F16; torch does neither. Root mean square of the difference as a share of the
 * standard deviation of the logits. Measured: 0.011 to 0.014 with random weights, 0.006 to
 * 0.035 with half-trained ones (0.15 at most for a single logit).
 */
const LOGITS_TOLERANCE = 0.1;
/**
 * Along the reference's greedy answers, each of its tokens must be the product's choice too, or be
 * behind it by no more than this share of the standard deviation of the logits: the reference then
 * hesitated between the two. Measured: 0.05 at most, with random weights, which hesitate most.
 */
const HESITATION = 0.3;

/** Most tokens of a reference answer. */
const LIMIT = 32;

const folder = join(repoRoot, "test/fixtures/micro-reference");
const read = (name: string): Buffer => readFileSync(join(folder, name));
const floats = (name: string): Float32Array => new Float32Array(new Uint8Array(read(name)).buffer);

function milliseconds(clock: string): number {
  return clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return rootMeanSquare(values.map((v) => v - mean));
}

function farthest(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe("the embedded model against its trainer", () => {
  const temp = tempFolder(after);
  let reference: Reference;
  let pack: RuntimePack;
  const clips: { readonly features: Float32Array; readonly segments: readonly Matrix[]; readonly prefix: readonly Piece[] }[] = [];

  before(async () => {
    reference = JSON.parse(read("reference.json").toString("utf8")) as Reference;
    pack = await openPack(join(repoRoot, "server/models/micro"), { threads: 1, tempRoot: temp });
    const pixels = read("frames.u8");
    const { width, height } = pack.encoder.input;
    const size = width * height * 3;
    const composer = createComposer(pack.spec.composer, pack.encoder);
    let at = 0;
    for (const clip of reference.clips) {
      const frames: Frame[] = clip.times.map((time) => ({ timeMs: milliseconds(time), width, height, rgb: pixels.subarray(at, (at += size)) }));
      const features = await pack.encoder.encode(frames);
      const segments = await Promise.all((await composer.compose(features, {})).map((each) => pack.projectors.visual!.project(each.tokens)));
      const layout = promptRenderer(pack.spec.prompt).prefix(
        frames.map((frame, i) => ({ timeMs: frame.timeMs, cues: (clip.cues[i] ?? []).map((text) => ({ text })) })),
        composer.outline(frames.length),
      );
      clips.push({ features: features.data, segments, prefix: fillSlots(layout, segments) });
    }
    assert.equal(at, pixels.length);
  });
  after(() => pack?.dispose());

  const question = (text: string): readonly Piece[] => promptRenderer(pack.spec.prompt).question(text);

  it("sees the same features", () => {
    const expected = floats("vision.f32");
    const size = expected.length / clips.length;
    clips.forEach((clip, i) => {
      const difference = farthest(clip.features.subarray(0, size), expected.subarray(i * size, (i + 1) * size));
      assert.ok(difference <= VISION_TOLERANCE, `clip ${i}: ${difference}`);
    });
  });

  it("projects the same embeddings", () => {
    const expected = floats("embeds.f32");
    const size = expected.length / clips.length;
    clips.forEach((clip, i) => {
      const difference = farthest(clip.segments[0]!.data, expected.subarray(i * size, (i + 1) * size));
      assert.ok(difference <= EMBEDS_TOLERANCE, `clip ${i}: ${difference}`);
    });
  });

  it("cuts text into the same tokens", () => {
    for (const { text, ids } of reference.tokenizer) {
      assert.deepEqual(pack.language.tokens([{ kind: "text", text }]), ids, JSON.stringify(text));
    }
  });

  it("reads the same prompt", () => {
    for (const each of reference.questions) {
      const tokens = pack.language.tokens([...clips[each.clip]!.prefix, ...question(each.question)]);
      const ordinary = reference.files["logits.f16"]!.shape[1]!;
      assert.deepEqual(tokens.map((token) => (token >= ordinary ? reference.visual : token)), each.prompt, each.question);
    }
  });

  it("gives the first token of each answer the same logits", async () => {
    const bytes = read("logits.f16");
    const session = await pack.language.session();
    const ordinary = reference.files["logits.f16"]!.shape[1]!;
    for (const [n, each] of reference.questions.entries()) {
      await session.setPrefix(clips[each.clip]!.prefix);
      const got = (await session.logits(question(each.question))).subarray(0, ordinary);
      const expected = Float32Array.from({ length: ordinary }, (_, i) => fromFloat16Bits(bytes.readUInt16LE((n * ordinary + i) * 2)));
      const off = rootMeanSquare(expected.map((v, i) => v - got[i]!)) / deviation(expected);
      assert.ok(off <= LOGITS_TOLERANCE, `${each.question}: ${off}`);
    }
    await session.dispose();
  });

  it("chooses the same words, to the end of each answer", async () => {
    const session = await pack.language.session();
    const ordinary = reference.files["logits.f16"]!.shape[1]!;
    for (const each of reference.questions) {
      await session.setPrefix(clips[each.clip]!.prefix);
      const ended = each.output.length < LIMIT;
      const words = ended ? [...each.output, reference.stop] : each.output;
      for (const [k, word] of words.entries()) {
        const logits = (await session.logits(question(each.question), words.slice(0, k))).subarray(0, ordinary);
        const gap = (logits.reduce((a, b) => Math.max(a, b)) - logits[word]!) / deviation(logits);
        assert.ok(gap <= HESITATION, `${each.question} word ${k}: ${gap}`);
      }
      const answer = await session.generate(question(each.question), { temperature: 0, seed: 0, maxTokens: LIMIT, repetitionPenalty: 1 });
      if (ended && answer.text === each.text) assert.equal(answer.stop, "end");
    }
    await session.dispose();
  });
});
