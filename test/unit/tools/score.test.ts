import assert from "node:assert/strict";
import { insertTable, markdown } from "../../../tools/eval/markdown.js";
import { printTable } from "../../../tools/eval/print.js";
import { tabulate, wilson, type Result } from "../../../tools/eval/score.js";

describe("the Wilson interval", () => {
  it("agrees with published values", () => {
    // Newcombe 1998, Statistics in Medicine 17, table I: method 3.
    for (const [r, n, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]] as const) {
      const [a, b] = wilson(r, n);
      assert.ok(Math.abs(a - low) < 5e-5 && Math.abs(b - high) < 5e-5, `${r}/${n}: ${a} ${b}`);
    }
  });

  it("knows nothing without questions", () => assert.deepEqual(wilson(0, 0), [0, 1]));
});

describe("the table", () => {
  const many = (type: Result["type"], split: Result["split"], right: number, n: number): Result[] => Array.from({ length: n }, (_, i) => ({ type, split, right: i < right }));
  const results = [
    ...many("colour", "seen", 98, 100),
    ...many("shape", "seen", 98, 100),
    ...many("colour", "held-out", 85, 100),
    ...many("shape", "held-out", 83, 100),
    ...many("when", "seen", 8, 10),
  ];

  it("adds up types, splits and groups", () => {
    const { types, groups, all, drop } = tabulate(results);
    assert.equal(types.find((row) => row.name === "colour")?.seen.accuracy, 0.98);
    assert.deepEqual(groups.map((row) => row.seen.n).filter((n) => n > 0), [200, 10]);
    assert.deepEqual([all.seen.right, all.heldOut.right], [204, 168]);
    assert.ok(Math.abs(drop - 0.14) < 1e-9);
  });

  it("says what was reached and what was not", () => {
    const text = printTable(tabulate(results));
    assert.match(text, /colour and shape of an object .* wanted 97 %: reached/);
    assert.match(text, /when something appears .* wanted 85 %: MISSED/);
    assert.match(text, /unseen combinations: 14\.0 points lower, at most 10 wanted: MISSED/);
    assert.match(text, /colour +98\.0 % \[93, 99\] +98\/100 +85\.0 %/);
  });

  it("is put between the marks of a document, again and again", () => {
    const table = markdown(tabulate(results), { digest: "ab".repeat(32), clips: 3, questions: results.length, seed: "0" });
    assert.match(table, /\| colour and shape of an object \| 98\.0 % \[95, 99\] 196\/200 \| 84\.0 % /);
    const document = "before\n<!-- eval:begin -->\nold\n<!-- eval:end -->\nafter\n";
    const once = insertTable(document, table);
    assert.ok(once.startsWith("before\n") && once.endsWith("after\n") && !once.includes("old"));
    assert.equal(insertTable(once, table), once);
    assert.throws(() => insertTable("no marks", table), /no place/);
  });
});
