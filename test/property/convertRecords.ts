/** Generators of records: what a notebook can hold without loss, and then anything at all. */
import fc from "fast-check";
import type { AnswerRecord, ConvertRecord, CueRecord, Fields, QuestionRecord, SegmentRecord, Span } from "../../server/src/format/index.js";
import { fragment, hex } from "./vqaTexts.js";

/** With ordinary objects, which strict equality wants. */
export const plain = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> => arbitrary.map((value) => structuredClone(value));

const wild = fc.oneof(fragment, fc.string({ unit: "binary" }), fc.constantFrom("..5 x", ", 00:01", "- [x] a", "fields {}", "a,b\t\"c\"", "=1", "ü — 語 🎬"));
const trimmed = (text: string): string => text.replace(/\p{Surrogate}/gu, "").replace(/\r\n?/g, "\n").trim();
export const oneLine = wild.map((text) => trimmed(text.replace(/[\r\n]+/g, " ")));
export const oneWord = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
/** Text of several lines; none but the first looks like a choice. */
export const someText = fc.array(wild, { maxLength: 4 }).map((lines) => trimmed(lines.filter((line, i) => i === 0 || !/^[ \t]*- \[/m.test(line)).join("\n")).replace(/\n[ \t]*- \[/g, "\n-["));
export const words = fc.oneof(someText, fc.lorem()).map((text) => (text === "" ? "what" : text));
const ms = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 400 * 3_600_000 }));
export const span: fc.Arbitrary<Span> = fc.tuple(ms, ms).map(([a, b]) => ({ startMs: Math.min(a, b), endMs: Math.max(a, b) }));
const json: fc.Arbitrary<Fields> = fc.dictionary(fc.stringMatching(/^x[a-z]{1,5}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 })), { maxKeys: 2 }).map((each) => ({ ...each }));
export const fields = fc.oneof(fc.constant({} as Fields), json);

const answer: fc.Arbitrary<AnswerRecord> = fc.record({
  run8: fc.constantFrom("0123abcd", "11111111"),
  in12: hex(12),
  fields: fc.constantFrom([], [["t", "812ms"]] as const, [["t", "1ms"], ["p", "0.91"]] as const),
  text: fc.oneof(wild, fc.array(wild, { maxLength: 3 }).map((lines) => lines.join("\n"))).map((text) => text.replace(/\p{Surrogate}/gu, "").replace(/\r\n?/g, "\n")),
  run: fc.constant(undefined),
}).map((each) => ({ ...each, run: each.run8 === "11111111" ? [["model", "m"], ["decode", "temperature=0"]] as const : undefined }));

const question: fc.Arbitrary<QuestionRecord> = fc.record({
  kind: fc.constant("question" as const),
  id: fc.option(fc.oneof(oneWord, oneLine.filter((id) => id !== "")), { nil: undefined }),
  text: someText,
  scope: fc.array(span, { maxLength: 2 }),
  choices: fc.array(fc.record({ text: oneLine, gold: fc.boolean() }), { maxLength: 3 }),
  references: fc.array(fc.record({ author: fc.option(oneWord, { nil: undefined }), text: someText }), { maxLength: 2 }),
  answers: fc.array(answer, { maxLength: 2 }),
  fields,
});

const segment: fc.Arbitrary<SegmentRecord> = fc.record({ kind: fc.constant("segment" as const), scope: fc.array(span, { minLength: 1, maxLength: 2 }), text: someText, fields });

/** Markup that both subtitle formats agree on. */
const cueLine = fc.constantFrom("Hello", "<i>two</i> words", "a &amp; b &lt; c", "<b>Bold</b>", "Q: is it?", "42", "NOTE x", "- dash", "ünï 語", "RUN 0123abcd", "@ 00:01", "{curly}", "1 > 0");
export const cue: fc.Arbitrary<CueRecord> = fc.record({
  kind: fc.constant("cue" as const),
  startMs: ms,
  length: fc.integer({ min: 1, max: 9999 }),
  id: fc.option(fc.oneof(oneWord, fc.constantFrom("Q1: x", "NOTE", "12", "a b")).filter((id) => !/^(NOTE|STYLE|REGION|WEBVTT)$/.test(id)), { nil: undefined }),
  settings: fc.constantFrom("", "align:start", "line:0 position:10%"),
  lines: fc.array(cueLine, { minLength: 1, maxLength: 3 }),
}).map(({ length, lines, ...cue }) => ({ ...cue, endMs: cue.startMs + length, text: lines.join("\n") }));

const note = fc.record({ kind: fc.constant("note" as const), text: fc.oneof(someText, fc.constant('fields {"a":1}')) });
const heading = fc.record({ kind: fc.constant("heading" as const), level: fc.integer({ min: 1, max: 6 }), text: oneLine });
export const style = fc.constantFrom("STYLE\n::cue(b) { color: red }", "REGION\nid:fred\nwidth:40%").map((text) => ({ kind: "style" as const, text }));

/** A question without a scope ends the segment above it, by a heading that is not among these. */
export const records: fc.Arbitrary<ConvertRecord[]> = plain(fc.array(fc.oneof<fc.Arbitrary<ConvertRecord>[]>(question, segment, cue, note, heading, style), { maxLength: 8 }));

/** Anything that the types allow. */
const anyText = fc.oneof(wild, fc.string({ unit: "binary" }), fc.array(wild, { maxLength: 4 }).map((lines) => lines.join("\n")));
const anySpan = fc.record({ startMs: fc.oneof(ms, fc.double(), fc.integer()), endMs: fc.oneof(ms, fc.double(), fc.integer()) });
const anyPairs = fc.array(fc.tuple(anyText, anyText), { maxLength: 2 });
export const anyRecord: fc.Arbitrary<ConvertRecord> = fc.oneof<fc.Arbitrary<ConvertRecord>[]>(
  fc.record({
    kind: fc.constant("question" as const),
    id: fc.option(anyText, { nil: undefined }),
    text: anyText,
    scope: fc.array(anySpan, { maxLength: 2 }),
    choices: fc.array(fc.record({ text: anyText, gold: fc.boolean() }), { maxLength: 6 }),
    references: fc.array(fc.record({ author: fc.option(anyText, { nil: undefined }), text: anyText }), { maxLength: 2 }),
    answers: fc.array(fc.record({ run8: fc.oneof(hex(8), anyText), in12: fc.oneof(hex(12), anyText), fields: anyPairs, text: anyText, run: fc.option(anyPairs, { nil: undefined }) }), { maxLength: 2 }),
    fields,
  }),
  fc.record({ kind: fc.constant("segment" as const), scope: fc.array(anySpan, { maxLength: 2 }), text: anyText, fields }),
  fc.record({ kind: fc.constant("cue" as const), startMs: fc.oneof(ms, fc.double()), endMs: fc.oneof(ms, fc.double()), id: fc.option(anyText, { nil: undefined }), settings: anyText, text: anyText }),
  fc.record({ kind: fc.constant("note" as const), text: anyText }),
  fc.record({ kind: fc.constant("heading" as const), level: fc.integer(), text: anyText }),
  fc.record({ kind: fc.constant("style" as const), text: anyText }),
);
