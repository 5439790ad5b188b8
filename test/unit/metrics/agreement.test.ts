import assert from "node:assert/strict";
import { cohenKappa, fleissKappa, krippendorffAlpha, meanAgreement, pairAgreement, type Ratings } from "../../../server/src/engine/metrics/agreement.js";

const near = (actual: number | undefined, expected: number, digits = 3): void => assert.equal(actual?.toFixed(digits), expected.toFixed(digits));

/** A table of counts of two raters, both yes, first yes and second no, and so on, as pairs. */
const table = (yy: number, yn: number, ny: number, nn: number): (readonly [string, string])[] =>
  ([["y", "y", yy], ["y", "n", yn], ["n", "y", ny], ["n", "n", nn]] as const).flatMap(([a, b, n]) => Array.from({ length: n }, () => [a, b] as const));

/** Rows of raters, one letter a judgement and a dot for none, as items. */
const columns = (...raters: readonly string[]): Ratings => [...(raters[0] ?? "")].map((_, i) => raters.map((row) => (row[i] === "." ? undefined : row[i])));

describe("Cohen's kappa", () => {
  it("is that of well-known tables", () => {
    near(cohenKappa(table(20, 5, 10, 15)), 0.4);
    near(cohenKappa(table(45, 15, 25, 15)), 0.1304, 4);
    near(cohenKappa(table(25, 35, 5, 35)), 0.2593, 4);
  });

  it("is 1 for perfect agreement, 0 for chance, less for worse, and nothing where all is one category", () => {
    near(cohenKappa(table(7, 0, 0, 3)), 1);
    near(cohenKappa(table(25, 25, 25, 25)), 0);
    near(cohenKappa(table(0, 5, 5, 0)), -1);
    assert.equal(cohenKappa(table(9, 0, 0, 0)), undefined);
    assert.equal(cohenKappa([["a", undefined], [undefined, "b"]]), undefined);
  });
});

describe("Fleiss' kappa", () => {
  // Fourteen raters put ten subjects into five categories.
  const counts = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]];
  const items = counts.map((row) => row.flatMap((n, category) => Array.from({ length: n }, () => String(category))));

  it("is that of the worked example of fourteen raters", () => {
    near(pairAgreement(items[1] ?? []), 0.253);
    near(meanAgreement(items), 0.378);
    near(fleissKappa(items), 0.21, 2);
  });

  it("wants equally many ratings for each item", () => {
    assert.equal(fleissKappa([["a", "b"], ["a", undefined]]), undefined);
    assert.equal(fleissKappa([["a"], ["b"]]), undefined);
    assert.equal(fleissKappa([]), undefined);
  });
});

describe("Krippendorff's alpha", () => {
  it("is that of the paper's worked examples", () => {
    near(krippendorffAlpha(columns("0100000010", "1110010000")), 0.095);
    near(krippendorffAlpha(columns("aabbdcccedda", "babbbccceddd")), 0.692);
    near(krippendorffAlpha(columns("123321412...", "1233224125.3", ".3332342251.", "12332441251.")), 0.743);
  });

  it("leaves out what one alone has judged, and is nothing where all is one category", () => {
    assert.equal(krippendorffAlpha([["a", undefined], [undefined, "b"]]), undefined);
    assert.equal(krippendorffAlpha(columns("aaa", "aaa")), undefined);
    near(krippendorffAlpha([["a", "a"], ["b", "b"], ["c", undefined]]), 1);
  });
});
