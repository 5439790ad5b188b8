import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, reparse, type Document } from "../../server/src/format/index.js";
import { eol, fragment, line, text, textOf } from "./vqaTexts.js";

/** Long enough that most edits have untouched blocks on both sides. */
const longText = textOf(fc.array(line, { minLength: 20, maxLength: 90 }));

interface Change {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const inserted = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("", " ", "  ", "\n", "\r", "\r\n", "\n\n", "x", ":", "@", "0", "\ufeff") },
  { weight: 2, arbitrary: fragment },
  { weight: 2, arbitrary: fc.tuple(eol, fc.array(fragment, { maxLength: 5 }), eol).map(([before, lines, after]) => before + lines.join(after) + after) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
);
const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(), remove: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.nat({ max: 400 }) }), insert: inserted });

function changed(source: string, { at, remove, insert }: Change): string {
  const start = at % (source.length + 1);
  return source.slice(0, start) + insert + source.slice(start + remove);
}

/** Many edits one after the other: what one left behind is what the next begins with. */
function checkEdits(source: string, changes: readonly Change[]): void {
  let document: Document = parse(source);
  for (const one of changes) {
    const next = changed(document.source, one);
    const again = reparse(document, next);
    assert.deepEqual(again, parse(next), JSON.stringify({ before: document.source, one }));
    document = again;
  }
}

describe("parsing after an edit", () => {
  it("gives what parsing the whole gives, edit after edit, in long texts", () => {
    fc.assert(fc.property(longText, fc.array(change, { minLength: 1, maxLength: 6 }), checkEdits), { numRuns: 2500 });
  });

  it("does so at the edges of short texts", () => {
    fc.assert(fc.property(text, fc.array(change, { minLength: 1, maxLength: 4 }), checkEdits), { numRuns: 2500 });
  });

  it("does so from any text to any other", () => {
    fc.assert(fc.property(longText, longText, (before, after) => assert.deepEqual(reparse(parse(before), after), parse(after))), { numRuns: 500 });
  });

  it("keeps the blocks above the edit, and parses no more than a few", () => {
    const source = `VQA 1\nvideo: v.mp4\n\n${Array.from({ length: 3000 }, (_, i) => `Q q${i}: What?\nA: this\n\n`).join("")}`;
    const before = parse(source);
    const at = source.indexOf("q2000:");
    const after = reparse(before, `${source.slice(0, at)}x${source.slice(at)}`);
    const same = after.blocks.filter((block, i) => block === before.blocks[i]).length;
    const index = before.blocks.findIndex(({ start }) => start > at);
    assert.ok(same > index - 12, `${same} of ${index} blocks above are the same`);
    // The text of a moved word is not read again; only its place is new.
    assert.deepEqual(after, parse(after.source));
  });
});
