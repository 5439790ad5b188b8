/** Generators of `.vqa` texts for the properties: mostly syntax, so that rules and exceptions meet. */
import fc from "fast-check";
import type { RunRecord } from "../../server/src/format/index.js";

export const eol = fc.constantFrom("\n", "\r\n", "\r");
export const hex = (digits: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits });

/** Few words that are mostly syntax, so that random lines meet the rules and their exceptions. */
export const fragment = fc.constantFrom(
  "VQA 1", "WEBVTT", "video: v", "#", "# h", "@ 00:01..00:02", "@ 00:01 x", "@ 00:99", "Q: a", "Q q1: a", "Q q1 @00:01: a", "Q @00:0x: b", "Q oops", "A: b", "A ann: b", "A oops b",
  "M 0123abcd 0123456789ab: c", "M 0123abcd 0123456789ab t=1ms: c", "M oops: c", "RUN 0123abcd", "RUN", "NOTE", "NOTE n", "STYLE", "REGION", "00:01 --> 00:02", "00:01 --> x",
  "  00:01 --> 00:02", "  - [ ] c", "  - [x] d", "- [ ] e", "  key: value", "  text", "\ttext", " one blank", "", "", "", " ", "  ", "\t", "prose", "a --> b", "key: value", "\u2028", "\ufeff",
);
export const line = fc.oneof({ weight: 6, arbitrary: fragment }, { weight: 1, arbitrary: fc.tuple(fragment, fragment).map((pair) => pair.join(" ")) }, { weight: 1, arbitrary: fc.string({ unit: "binary" }) });

/** A text of such lines, with or without BOM, header and final terminator, of one kind of terminator or mixed. */
export const textOf = (content: fc.Arbitrary<string[]>): fc.Arbitrary<string> =>
  fc
    .record({
      bom: fc.constantFrom("", "", "\ufeff"),
      head: fc.constantFrom("", "VQA 1\nvideo: v\n\n", "WEBVTT\n\n"),
      lines: content,
      eols: fc.oneof(eol.map((one) => [one]), fc.array(eol, { minLength: 1, maxLength: 5 })),
      end: fc.boolean(),
    })
    .map(({ bom, head, lines, eols, end }) => {
      const all = [...head.split("\n").slice(0, -1), ...lines];
      return bom + all.map((l, i) => (i + 1 < all.length || end ? l + (eols[i % eols.length] ?? "\n") : l)).join("");
    });
const someLines = fc.array(line, { maxLength: 14 });
export const text = textOf(someLines);
/** Most of these hold a question that can be answered. */
export const questionText = textOf(fc.tuple(someLines, fc.constantFrom("Q: a", "Q q1: a", "Q @00:01: a"), someLines).map(([before, q, after]) => [...before.slice(0, 7), q, ...after.slice(0, 8)]));

/** Answers of models, with what might break out of a block. */
export const answerText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.array(fc.oneof(fragment, fc.string({ unit: "binary" })), { maxLength: 6 }).chain((parts) => eol.map((separator) => parts.join(separator))),
);
export const runRecord: fc.Arbitrary<RunRecord> = fc.record({ date: fc.constantFrom("d1", "d2"), model: fc.constantFrom("m", "n"), "model.sha256": fc.constantFrom("aa", "bb"), decode: fc.constantFrom("", "seed=1") });
