import { strict as assert } from "node:assert";
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DecodeOptions, Piece } from "../../server/src/engine/ports.js";
import { openLlamaModel, type LlamaLanguageModel } from "../../server/src/runtime/llama/model.js";
import type { LlamaSession } from "../../server/src/runtime/llama/session.js";
import { vqaError } from "../support/errors.js";
import { random } from "../support/random.js";
import { tempFolder } from "../support/tempFolder.js";
import { TINY, tinyGguf } from "../support/tinyGguf.js";

const { width, contextSize, slots } = TINY;
const GREEDY: DecodeOptions = { temperature: 0, seed: 0, maxTokens: 16, repetitionPenalty: 1 };

/** Embeddings that stand for a video; the seed is the video. */
function video(seed: number, rows = 12): Piece {
  const next = random(seed);
  const data = Float32Array.from({ length: rows * width }, () => (next() - 0.5) * 4);
  return { kind: "visual", embeddings: { rows, width, data } };
}
const zeros = (rows = 12): Piece => ({ kind: "visual", embeddings: { rows, width, data: new Float32Array(rows * width) } });
const template = (text: string): Piece => ({ kind: "template", text });
const text = (value: string): Piece => ({ kind: "text", text: value });
const prefixOf = (seed: number): Piece[] => [template("<s>"), text("time "), video(seed), text(" cue")];
const QUESTION = [text(" what?")];

function farthest(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/**
 * The same expectations for both ways of showing embeddings to the model. Measured on Linux x86-64
 * with node-llama-cpp 3.22.1 on one thread: a fresh prefill, a reused prefix and the reload way give
 * the same logits, bit by bit.
 */
for (const useMmap of [true, false]) {
  describe(useMmap ? "language model, rows written while it is loaded" : "language model, reloaded for every video", () => {
    const folder = tempFolder(after);
    const file = join(folder, "tiny.gguf");
    let model: LlamaLanguageModel;
    let session: LlamaSession;
    const open = (more: object = {}): Promise<LlamaLanguageModel> =>
      openLlamaModel({ file, width, contextSize, slots, threads: 1, useMmap, tempRoot: folder, ...more });

    before(async () => {
      writeFileSync(file, tinyGguf(), { mode: 0o444 });
      model = await open();
    });
    after(() => model.dispose());
    beforeEach(async () => void (session = await model.session()));
    afterEach(() => session.dispose());

    /** What a session that never saw anything else says. */
    async function fresh<T>(seed: number, ask: (session: LlamaSession) => Promise<T>): Promise<T> {
      const other = await model.session();
      try {
        await other.setPrefix(prefixOf(seed));
        return await ask(other);
      } finally {
        await other.dispose();
      }
    }

    it("says which way it uses", () => {
      assert.equal(model.liveSlots, useMmap);
      assert.match(model.engine, useMmap ? /^node-llama-cpp \S+ \(cpu\)$/ : /^node-llama-cpp \S+ \(cpu\), slots by reloading$/);
    });

    it("gives every embedding its own effect: other videos and an empty one answer otherwise", async () => {
      const of = async (piece: Piece): Promise<Float32Array> => {
        await session.setPrefix([template("<s>"), piece, text(" cue")]);
        return session.logits(QUESTION);
      };
      const a = await of(video(1));
      assert.ok(farthest(a, await of(video(2))) > 0.1);
      assert.ok(farthest(a, await of(zeros())) > 0.1);
      const last = video(1) as Extract<Piece, { kind: "visual" }>;
      const data = Float32Array.from(last.embeddings.data);
      data[data.length - 1]! += 2;
      assert.ok(farthest(a, await of({ kind: "visual", embeddings: { ...last.embeddings, data } })) > 1e-3);
      assert.equal(farthest(a, await of(video(1))), 0, "the first video again");
    });

    it("reads a row as the embedding that it is: a copied token answers like the token", async () => {
      const bytes = readFileSync(file);
      const { readGgufHeader } = await import("../../server/src/runtime/llama/gguf.js");
      const { fromFloat16Bits } = await import("../../server/src/runtime/llama/float16.js");
      const at = readGgufHeader(file).tensors.get("token_embd.weight")!.offset;
      const tokens = model.tokens([text("xyz")]);
      assert.equal(tokens.length, 3);
      const data = Float32Array.from(
        tokens.flatMap((token) => Array.from({ length: width }, (_, i) => fromFloat16Bits(bytes.readUInt16LE(at + (token * width + i) * 2)))),
      );
      const asText = await session.logits([template("<s>"), text("xyz"), text("?")]);
      const asRows = await session.logits([template("<s>"), { kind: "visual", embeddings: { rows: 3, width, data } }, text("?")]);
      assert.equal(farthest(asText, asRows), 0);
    });

    it("asks again without evaluating the video again, and answers as a fresh prefill does", async () => {
      const first = await session.setPrefix(prefixOf(1));
      assert.equal(first.evaluated, first.positions);
      assert.equal(first.positions, model.countTokens(prefixOf(1)));
      const answers = [];
      for (let i = 0; i < 3; i++) {
        assert.equal((await session.setPrefix(prefixOf(1))).evaluated, 0);
        answers.push({ logits: await session.logits(QUESTION), text: (await session.generate(QUESTION, GREEDY)).text });
      }
      const expected = await fresh(1, async (other) => ({
        text: (await other.generate(QUESTION, GREEDY)).text,
        logits: await other.logits(QUESTION),
      }));
      for (const answer of answers) {
        assert.equal(farthest(answer.logits, expected.logits), 0);
        assert.equal(answer.text, expected.text);
      }
    });

    it("keeps what comes before the first change only", async () => {
      await session.setPrefix(prefixOf(1));
      const before = model.countTokens([template("<s>"), text("time ")]);
      const all = model.countTokens(prefixOf(2));
      const changed = await session.setPrefix(prefixOf(2));
      // A reloaded model has forgotten everything.
      assert.equal(changed.evaluated, useMmap ? all - before : all);
      assert.equal(farthest(await session.logits(QUESTION), await fresh(2, (other) => other.logits(QUESTION))), 0);
      const longer = await session.setPrefix([...prefixOf(2), text(" more")]);
      assert.equal(longer.evaluated, model.countTokens([text(" more")]));
      assert.equal((await session.setPrefix(prefixOf(2))).evaluated, 0, "a shorter one is cut");
    });

    it("lets two sessions hold two videos", async () => {
      const other = await model.session();
      await session.setPrefix(prefixOf(1));
      await other.setPrefix(prefixOf(2));
      const [a, b] = await Promise.all([session.logits(QUESTION), other.logits(QUESTION)]);
      const again = await session.logits([...QUESTION, video(5, 3), text("!")]);
      assert.equal(farthest(a, await fresh(1, (s) => s.logits(QUESTION))), 0);
      assert.equal(farthest(b, await fresh(2, (s) => s.logits(QUESTION))), 0);
      assert.equal(farthest(again, await fresh(1, (s) => s.logits([...QUESTION, video(5, 3), text("!")]))), 0);
      await other.dispose();
    });

    it("streams what it returns", async () => {
      await session.setPrefix(prefixOf(3));
      const deltas: string[] = [];
      const answer = await session.generate(QUESTION, GREEDY, (delta) => deltas.push(delta));
      assert.equal(deltas.join(""), answer.text);
      assert.ok(deltas.length > 1);
      assert.ok(answer.tokens <= GREEDY.maxTokens && answer.firstTokenMs <= answer.totalMs);
    });

    it("stops when told, says so, and answers the next question as if nothing had been", async () => {
      await session.setPrefix(prefixOf(1));
      const expected = await session.generate(QUESTION, GREEDY);
      const stop = new AbortController();
      const seen: string[] = [];
      const stopped = await session.generate(
        QUESTION,
        GREEDY,
        (delta) => {
          seen.push(delta);
          if (seen.length === 2) stop.abort();
        },
        stop.signal,
      );
      assert.equal(stopped.stop, "stopped");
      assert.ok(stopped.tokens < expected.tokens);
      assert.ok(expected.text.startsWith(stopped.text));
      assert.equal((await session.generate(QUESTION, GREEDY)).text, expected.text);
      assert.equal((await session.setPrefix(prefixOf(1))).evaluated, 0);

      await assert.rejects(session.generate(QUESTION, GREEDY, undefined, AbortSignal.abort()), vqaError("cancelled"));
      await assert.rejects(session.setPrefix(prefixOf(2), AbortSignal.abort()), vqaError("cancelled"));
      assert.equal((await session.generate(QUESTION, GREEDY)).text, expected.text, "the old prefix stays");
    });

    it("can be stopped between two batches of a long prefix", async () => {
      const long = [template("<s>"), text("x".repeat(400))];
      await session.setPrefix(prefixOf(1));
      const stop = new AbortController();
      const evaluating = session.setPrefix(long, stop.signal);
      setImmediate(() => stop.abort());
      await assert.rejects(evaluating, vqaError("cancelled"));
      const whole = await session.setPrefix(long);
      assert.ok(whole.evaluated <= whole.positions);
      const logits = await session.logits(QUESTION);
      const other = await model.session();
      await other.setPrefix(long);
      assert.ok(farthest(logits, await other.logits(QUESTION)) < 1e-2);
      await other.dispose();
    });

    it("repeats itself for a seed, and not for another", async () => {
      await session.setPrefix(prefixOf(1));
      const warm = { ...GREEDY, temperature: 1.5, maxTokens: 24 };
      const say = async (seed: number): Promise<string> => (await session.generate(QUESTION, { ...warm, seed })).text;
      const first = await say(7);
      assert.equal(await say(7), first);
      const others = new Set([await say(8), await say(9), await say(10)]);
      assert.ok(others.size > 1 || !others.has(first));
    });

    it("never says a slot, however much the model would like to", async () => {
      const loud = join(folder, "loud.gguf");
      writeFileSync(loud, tinyGguf({ loudSlots: true }));
      const eager = await open({ file: loud });
      const talk = await eager.session();
      await talk.setPrefix(prefixOf(1));
      const logits = await talk.logits(QUESTION);
      const favourite = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
      assert.ok(favourite >= slots.first, "the model must want to say a slot");
      for (const temperature of [0, 1, 20]) {
        const answer = await talk.generate(QUESTION, { ...GREEDY, temperature, seed: 3, maxTokens: 64 });
        // A slot has no text; every other token is at least a quarter of a character.
        assert.ok([...answer.text].length * 4 + 4 >= answer.tokens, `${answer.tokens} tokens for "${answer.text}"`);
      }
      const [score] = await talk.score(QUESTION, ["x"]);
      assert.ok(score!.logProb > -20, "slots take no share of the probability");
      await eager.dispose();
    });

    it("punishes repetition when asked", async () => {
      await session.setPrefix(prefixOf(1));
      const distinct = async (repetitionPenalty: number): Promise<number> =>
        new Set(model.tokens([text((await session.generate(QUESTION, { ...GREEDY, maxTokens: 40, repetitionPenalty })).text)])).size;
      assert.ok((await distinct(1.8)) > (await distinct(1)));
    });

    it("refuses what does not fit before it evaluates anything", async () => {
      await session.setPrefix(prefixOf(1));
      const huge = [text("x".repeat(contextSize))];
      const overflow = vqaError("context-overflow", "room for");
      await assert.rejects(session.setPrefix(huge), overflow);
      await assert.rejects(session.generate(huge, GREEDY), overflow);
      await assert.rejects(session.score(QUESTION, ["y".repeat(contextSize)]), overflow);
      await assert.rejects(session.setPrefix([video(1, slots.count + 1)]), vqaError("context-overflow", "visual"));
      assert.equal((await session.setPrefix(prefixOf(1))).evaluated, 0);
    });

    it("fills the context to its end and stops there", async () => {
      const room = contextSize - 2;
      const prefix = [template("<s>"), text("x".repeat(room - 5))];
      await session.setPrefix(prefix);
      const answer = await session.generate([text("????")], { ...GREEDY, maxTokens: 100 });
      assert.equal(model.countTokens([...prefix, text("????")]), room);
      assert.ok(answer.tokens <= 1);
      await assert.rejects(session.generate([text("?????")], GREEDY), vqaError("context-overflow"));
      await session.setPrefix([template("<s>"), text("x".repeat(room - 20))]);
      const longer = await session.generate([text("????")], { ...GREEDY, maxTokens: 100 });
      assert.ok(longer.stop === "end" || longer.tokens === 16, `${longer.tokens} tokens, ${longer.stop}`);
      assert.equal((await session.setPrefix([template("<s>"), text("x".repeat(room - 20))])).evaluated, 0);
    });

    it("scores continuations as the chain of its own log-probabilities", async () => {
      await session.setPrefix(prefixOf(1));
      const continuations = [" red", " blue", "x", "", " red"];
      const scores = await session.score(QUESTION, continuations);
      for (const [i, continuation] of continuations.entries()) {
        const tokens = model.tokens([text(continuation)]);
        assert.equal(scores[i]!.tokens, tokens.length);
        let expected = 0;
        for (let k = 0; k < tokens.length; k++) {
          // Byte tokens of ASCII text: the first k of them are the first k characters' tokens.
          const sofar = continuation.slice(0, k);
          const logits = await session.logits([...QUESTION, ...(sofar === "" ? [] : [text(sofar)])]);
          const ordinary = logits.subarray(0, slots.first);
          const most = ordinary.reduce((a, b) => Math.max(a, b));
          const sum = ordinary.reduce((total, logit) => total + Math.exp(logit - most), 0);
          expected += logits[tokens[k]!]! - most - Math.log(sum);
        }
        assert.ok(Math.abs(scores[i]!.logProb - expected) < 1e-3, `${continuation}: ${scores[i]!.logProb} is not ${expected}`);
      }
      assert.equal(scores[0]!.logProb, scores[4]!.logProb);
      assert.equal((await session.setPrefix(prefixOf(1))).evaluated, 0);
    });

    it("leaves no file behind", async () => {
      const before = readdirSync(folder).length;
      const other = await open();
      assert.equal(readdirSync(folder).length, before + 1);
      await other.dispose();
      assert.equal(readdirSync(folder).length, before);
    });
  });
}

describe("a reload that fails", () => {
  const folder = tempFolder(after);
  it("is an error for this video, and the next one works", async () => {
    const file = join(folder, "tiny.gguf");
    writeFileSync(file, tinyGguf());
    const model = await openLlamaModel({ file, width, contextSize, slots, threads: 1, useMmap: false, tempRoot: folder });
    const session = await model.session();
    await session.setPrefix(prefixOf(1));
    const expected = await session.logits(QUESTION);
    renameSync(file, `${file}.away`);
    await assert.rejects(session.setPrefix(prefixOf(2)), vqaError("limit-exceeded", "tiny.gguf"));
    assert.equal(farthest(await session.logits([template("<s>")]), await session.logits([template("<s>")])), 0);
    renameSync(`${file}.away`, file);
    await session.setPrefix(prefixOf(1));
    assert.equal(farthest(await session.logits(QUESTION), expected), 0);
    await model.dispose();
  });
});

describe("language model files", () => {
  const folder = tempFolder(after);
  const open = (file: string, more: object = {}): Promise<LlamaLanguageModel> =>
    openLlamaModel({ file, width, contextSize, slots, threads: 1, tempRoot: folder, ...more });

  it("take F32 rows as well", async () => {
    const file = join(folder, "f32.gguf");
    writeFileSync(file, tinyGguf({ rowType: "F32" }));
    const model = await open(file);
    assert.equal(model.liveSlots, true);
    const session = await model.session();
    await session.setPrefix(prefixOf(1));
    const a = await session.logits(QUESTION);
    await session.setPrefix(prefixOf(2));
    assert.ok(farthest(a, await session.logits(QUESTION)) > 0.1);
    await model.dispose();
  });

  it("that are missing, damaged or of another shape give typed errors and leave nothing behind", async () => {
    const good = tinyGguf();
    const file = join(folder, "damaged.gguf");
    await assert.rejects(open(join(folder, "absent.gguf")), vqaError("model-missing", "absent.gguf"));
    writeFileSync(file, good.subarray(0, good.length / 2));
    await assert.rejects(open(file), vqaError("model-damaged", "damaged.gguf"));
    writeFileSync(file, good);
    await assert.rejects(open(file, { width: width * 2 }), vqaError("model-unsupported", "wide"));
    // A tensor that llama.cpp needs under another name: the header is fine, the model is not.
    const renamed = Buffer.from(good);
    renamed.write("blk.0.attn_x", renamed.indexOf("blk.0.attn_q"));
    writeFileSync(file, renamed);
    await assert.rejects(open(file), vqaError("model-unsupported", "damaged.gguf"));
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith("vqa-slots-")), []);
  });

  it("open is stopped by its signal", async () => {
    const file = join(folder, "stop.gguf");
    writeFileSync(file, tinyGguf());
    await assert.rejects(openLlamaModel({ file, width, contextSize, slots, threads: 1, tempRoot: folder }, AbortSignal.abort()), vqaError("cancelled"));
  });

  it("end answers at a stop text, which is not shown", async () => {
    const file = join(folder, "stop.gguf");
    writeFileSync(file, tinyGguf());
    const plain = await open(file);
    const session = await plain.session();
    await session.setPrefix(prefixOf(3));
    const whole = (await session.generate(QUESTION, GREEDY)).text;
    await plain.dispose();
    const stop = [...whole].slice(3, 5).join("");
    const model = await open(file, { stop: [stop, "</s>"] });
    const other = await model.session();
    await other.setPrefix(prefixOf(3));
    const answer = await other.generate(QUESTION, GREEDY);
    assert.equal(answer.stop, "end");
    assert.equal(answer.text, whole.slice(0, whole.indexOf(stop)));
    await model.dispose();
  });
});
