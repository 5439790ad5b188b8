/** Against worked examples that were published, and against what other programs compute. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bleu, bleuCounts } from "../../../server/src/engine/metrics/bleu.js";
import { cider } from "../../../server/src/engine/metrics/cider.js";
import { bestOverlap, merged, overlap } from "../../../server/src/engine/metrics/grounding.js";
import { bootstrap, bootstrapMean, wilson } from "../../../server/src/engine/metrics/intervals.js";
import { aligned, meteor } from "../../../server/src/engine/metrics/meteor.js";
import { mcNemar, pairedBootstrap, signTest } from "../../../server/src/engine/metrics/paired.js";
import { rougeL } from "../../../server/src/engine/metrics/rouge.js";
import { captionWords } from "../../../server/src/engine/metrics/words.js";
import { repoRoot } from "../../support/repo.js";

interface Reference {
  readonly sets: readonly { readonly items: readonly { readonly candidate: string; readonly references: readonly string[] }[]; readonly bleu: readonly number[]; readonly rougeL: readonly number[]; readonly meteor: readonly number[]; readonly cider: readonly number[]; readonly ciderD: readonly number[] }[];
  readonly signTests: readonly { readonly a: number; readonly b: number; readonly p: number }[];
  readonly wilson: readonly { readonly k: number; readonly n: number; readonly interval: readonly [number, number] }[];
}

const reference = JSON.parse(readFileSync(join(repoRoot, "test/fixtures/metrics/reference.json"), "utf8")) as Reference;
const w = (text: string): string[] => text.split(" ");
const near = (is: number, wanted: number, within = 1e-9): void => assert.ok(Math.abs(is - wanted) <= within, `${is} is not ${wanted}`);

describe("words of captions", () => {
  for (const [text, words] of [
    ["A man is running.", "a man is running"],
    ["He isn't here, they'll say: \"no\"!", "he is n't here they 'll say no"],
    ["The dog’s T-shirt cost 3.50, or 1,000?", "the dog 's t-shirt cost 3.50 or 1,000"],
    ["end.Next a...b", "end next a b"],
    ["猫が走る cat猫", "猫 が 走 る cat 猫"],
    ["  ", ""],
  ] as const) {
    it(`of ${JSON.stringify(text)}`, () => assert.equal(captionWords(text).join(" "), words));
  }
});

describe("BLEU", () => {
  it("gives the precisions of Papineni et al. 2002, examples 1 and 2", () => {
    const references = reference.sets[1]!.items[0]!.references.map(w);
    const one = bleuCounts(w("it is a guide to action which ensures that the military always obeys the commands of the party"), references);
    const two = bleuCounts(w("it is to insure the troops forever hearing the activity guidebook that party direct"), references);
    assert.deepEqual([one.matched[0], one.total[0], one.matched[1], one.total[1]], [17, 18, 10, 17]);
    assert.deepEqual([two.matched[0], two.total[0], two.matched[1], two.total[1]], [8, 14, 1, 13]);
    const clipped = bleuCounts(w("the the the the the the the"), [w("the cat is on the mat"), w("there is a cat on the mat")]);
    assert.deepEqual([clipped.matched[0], clipped.total[0], clipped.matched[1]], [2, 7, 0]);
  });

  it("is that of sacreBLEU over a corpus", () => {
    for (const { items, bleu: wanted } of reference.sets) {
      const scores = bleu(items.map(({ candidate, references }) => bleuCounts(w(candidate), references.map(w))));
      scores.forEach((score, i) => near(score, wanted[i] as number));
    }
  });

  it("is 1 for a reference itself, and 0 for nothing and for other words", () => {
    assert.deepEqual(bleu([bleuCounts(w("a b c d e"), [w("a b c d e")])]), [1, 1, 1, 1]);
    assert.deepEqual(bleu([bleuCounts([], [w("a b")])]), [0, 0, 0, 0]);
    assert.deepEqual(bleu([bleuCounts(w("x y z u"), [w("a b")])]), [0, 0, 0, 0]);
  });
});

describe("ROUGE-L", () => {
  it("gives the values of Lin 2004, section 3.1, where recall and precision weigh the same", () => {
    const gold = [w("police killed the gunman")];
    assert.deepEqual([rougeL(w("police kill the gunman"), gold, 1), rougeL(w("the gunman kill police"), gold, 1)], [0.75, 0.5]);
  });

  it("is that of the formula with COCO's weight", () => {
    for (const { items, rougeL: wanted } of reference.sets) items.forEach(({ candidate, references }, i) => near(rougeL(w(candidate), references.map(w)), wanted[i] as number));
  });
});

describe("the METEOR-like score", () => {
  it("counts the chunks of Banerjee and Lavie 2005, section 2", () => {
    assert.deepEqual(aligned(w("the president spoke to the audience"), w("the president then spoke to the audience")), { matches: 6, chunks: 2 });
  });

  it("is that of the best of all alignments", () => {
    for (const { items, meteor: wanted } of reference.sets) items.forEach(({ candidate, references }, i) => near(meteor(w(candidate), references.map(w)), wanted[i] as number));
  });

  it("takes words of one stem for one another, after equal words", () => {
    assert.deepEqual(aligned(w("dogs running"), w("dog runs")), { matches: 2, chunks: 1 });
    assert.deepEqual(aligned(w("runs run"), w("run runs")), { matches: 2, chunks: 2 });
    assert.equal(meteor([], [w("a")]), 0);
  });
});

describe("CIDEr", () => {
  it("and CIDEr-D are what the formulas of Vedantam et al. 2015 give", () => {
    for (const { items, cider: plain, ciderD } of reference.sets) {
      const scores = cider(items.map(({ candidate, references }) => ({ candidate: w(candidate), references: references.map(w) })));
      scores.cider.forEach((score, i) => near(score, plain[i] as number));
      scores.ciderD.forEach((score, i) => near(score, ciderD[i] as number));
    }
  });

  it("is 10 for the only reference, where words tell items apart", () => {
    const items = [{ candidate: w("a red car drives fast"), references: [w("a red car drives fast")] }, { candidate: w("x"), references: [w("two dogs sleep")] }];
    near(cider(items).cider[0] as number, 10);
    near(cider(items).ciderD[0] as number, 10);
    assert.deepEqual([cider(items).cider[1], cider([]).cider], [0, []]);
  });
});

describe("temporal overlap", () => {
  const s = (startMs: number, endMs: number) => ({ startMs, endMs });

  it("is intersection over union, and over what was predicted", () => {
    assert.deepEqual(overlap([s(0, 10)], [s(5, 20)]), { iou: 0.25, iop: 0.5 });
    assert.deepEqual(overlap([s(0, 4), s(2, 6), s(6, 10)], [s(0, 10)]), { iou: 1, iop: 1 });
    assert.deepEqual(overlap([s(0, 1)], [s(1, 2)]), { iou: 0, iop: 0 });
    assert.deepEqual(overlap([], [s(1, 2)]), { iou: 0, iop: 0 });
    assert.deepEqual(overlap([s(3, 3)], [s(3, 3)]), { iou: 0, iop: 0 });
    assert.deepEqual(merged([s(5, 6), s(0, 2), s(1, 3), s(4, 4)]), [s(0, 3), s(5, 6)]);
  });

  it("of several right parts takes the best one", () => {
    assert.deepEqual(bestOverlap([s(0, 10)], [s(5, 20), s(0, 8)]), { iou: 0.8, iop: 0.8 });
    assert.deepEqual(bestOverlap([s(0, 10)], []), { iou: 0, iop: 0 });
  });
});

describe("intervals", () => {
  it("of Wilson are those of Newcombe 1998, table I", () => {
    for (const [k, n, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]] as const) {
      const [a, b] = wilson(k, n);
      near(a, low, 5e-5);
      near(b, high, 5e-5);
    }
    for (const { k, n, interval } of reference.wilson) wilson(k, n).forEach((bound, i) => near(bound, interval[i as 0 | 1], 1e-9));
    assert.deepEqual(wilson(0, 0), [0, 1]);
  });

  it("of the bootstrap are those of the normal distribution for a large sample", () => {
    // 400 of 1000: standard error sqrt(0.4 * 0.6 / 1000).
    const values = Array.from({ length: 1000 }, (_, i) => (i % 5 < 2 ? 1 : 0));
    const [low, high] = bootstrapMean(values, 7, 4000);
    const error = Math.sqrt(0.24 / 1000);
    near(low, 0.4 - 1.96 * error, 0.003);
    near(high, 0.4 + 1.96 * error, 0.003);
    assert.deepEqual(bootstrapMean(values, 7, 100), bootstrapMean(values, 7, 100));
    assert.notDeepEqual(bootstrapMean(values, 8, 100), bootstrapMean(values, 7, 100));
    assert.deepEqual(bootstrapMean([3, 3, 3]), [3, 3]);
    assert.deepEqual(bootstrap(0, () => 1), [NaN, NaN]);
  });
});

describe("comparing two runs", () => {
  it("by McNemar's exact test gives the p of the binomial distribution", () => {
    for (const { a, b, p } of reference.signTests) near(signTest(a, b), p, 1e-9);
    const pairs = [[true, true], [true, false], [false, true], [false, true], [false, false]] as const;
    assert.deepEqual(mcNemar(pairs), { first: 1, second: 2, p: 1 });
    assert.equal(mcNemar([]).p, 1);
  });

  it("by the paired bootstrap finds a difference that is there, and none that is not", () => {
    const better = Array.from({ length: 200 }, (_, i) => [i % 2, i % 10 === 0 ? 1 : i % 2 === 0 && i % 3 === 0 ? 1 : i % 2] as const);
    const found = pairedBootstrap(better, 3);
    assert.ok(found.p < 0.01 && found.interval[0] > 0 && found.difference > 0.1, JSON.stringify(found));
    const same = pairedBootstrap(Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? [1, 0] : i % 4 === 1 ? [0, 1] : [1, 1]) as [number, number]), 3);
    assert.ok(same.p > 0.5 && same.interval[0] < 0 && same.interval[1] > 0, JSON.stringify(same));
    assert.equal(pairedBootstrap([[1, 1]]).p, 1);
  });
});
