import assert from "node:assert/strict";
import fc from "fast-check";
import { formatNamed, FORMATS, Losses, parse, recognise, type ConvertRecord, type DatasetFormat, type Fields, type QuestionRecord, type VideoNotes } from "../../server/src/format/index.js";
import { printAll, readText, source, readAll, through, writeAll } from "../support/convert.js";
import * as any from "./convertRecords.js";

const named = (name: string): DatasetFormat => formatNamed(name) ?? assert.fail(`no format ${name}`);
const notesOf = (records: readonly ConvertRecord[], video = "clip"): VideoNotes => ({ source: "clip.vqa", video, records });

describe("records as a notebook", () => {
  /** Headings that were put in so that no question inherits a scope. */
  const withoutOwn = (records: readonly ConvertRecord[]): ConvertRecord[] => records.filter((record) => !(record.kind === "heading" && record.text === "Questions"));
  const kept = (records: readonly ConvertRecord[]): readonly ConvertRecord[] => {
    // A run that some answer brings along is known to all answers of the notebook.
    const runs = new Map(records.flatMap((record) => (record.kind === "question" ? record.answers.flatMap(({ run8, run }) => (run === undefined ? [] : [[run8, run] as const])) : [])));
    return records.map((record) => (record.kind === "question" ? { ...record, answers: record.answers.map((answer) => ({ ...answer, run: runs.get(answer.run8) })) } : record));
  };

  it("parse back to the same records, and nothing is lost", () => {
    fc.assert(
      fc.property(any.records, (records) => {
        const losses = new Losses();
        const text = printAll(records, losses);
        const read = readText(text, losses);
        assert.deepEqual(withoutOwn(read.records), kept(records));
        assert.deepEqual(losses.list(), []);
      }),
      { numRuns: 400 },
    );
  });

  it("whatever they hold, parse to as many blocks, or say what was lost", () => {
    fc.assert(
      fc.property(fc.array(any.anyRecord, { maxLength: 6 }), (records) => {
        const losses = new Losses();
        const text = printAll(records, losses);
        const read = withoutOwn(readText(text).records);
        const lost = losses.list().filter(({ code }) => ["segments", "cue-time", "styles"].includes(code)).reduce((sum, { count }) => sum + count, 0);
        assert.equal(read.length + lost, records.length);
        assert.deepEqual(parse(text).blocks.filter((block) => block.kind === "opaque" && block.resembles !== "style" && block.resembles !== "region"), []);
        // What came through once comes through again.
        const again = new Losses();
        assert.deepEqual(withoutOwn(readText(printAll(read, again)).records), read);
        assert.deepEqual(again.list(), []);
      }),
      { numRuns: 400 },
    );
  });
});

/** Records that the format holds whole, in the order in which it gives them back. */
const WHOLE: Readonly<Record<string, fc.Arbitrary<readonly ConvertRecord[]>>> = {
  webvtt: fc.array(fc.oneof<fc.Arbitrary<ConvertRecord>[]>(any.cue, fc.constantFrom("n", "two\nlines").map((text) => ({ kind: "note" as const, text }))), { maxLength: 6 }).map(byStart),
  "webvtt-styled": fc.tuple(fc.array(any.style, { maxLength: 2 }), fc.array(any.cue, { minLength: 1, maxLength: 4 }).map(byStart)).map(([styles, cues]) => [...styles, ...cues]),
  srt: fc.array(any.cue.map((cue) => ({ ...cue, id: undefined, settings: "" })), { maxLength: 6 }).map(byStart),
  jsonl: any.records,
  "activitynet-qa": fc.uniqueArray(open({ id: any.oneWord.map((id) => `clip_${id}`), answered: false }), { selector: ({ id }) => id, maxLength: 6 }),
  "activitynet-captions": fc
    .tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.array(fc.record({ kind: fc.constant("segment" as const), scope: fc.tuple(any.span), text: any.someText, fields: fc.constant({}) }), { maxLength: 5 }))
    .map(([duration, segments]) => [{ kind: "header" as const, entries: [["dataset.duration", String(duration / 1000)] as const] }, ...segments]),
  "video-chatgpt": fc.array(open({ id: fc.option(any.oneWord, { nil: undefined }) }), { maxLength: 5 }),
  "video-chatgpt-consistency": fc
    .array(fc.tuple(open({ id: fc.constant(undefined) }), any.words), { maxLength: 3 })
    .map((pairs) => pairs.flatMap(([one, second]) => [{ ...one, fields: { ...one.fields, consistency: 1 } }, { ...one, text: second, fields: { consistency: 2 } }])),
  "msvd-qa": fc.array(open({ id: any.oneWord }), { minLength: 1, maxLength: 5 }),
  "msrvtt-qa": fc.array(open({ id: fc.nat().map(String) }).map((question) => ({ ...question, fields: { ...question.fields, category_id: 3 } })), { maxLength: 5 }),
  "tgif-qa-choice": fc.array(choice({ id: any.oneWord, fields: fc.constantFrom({}, { key: "7" }) }), { maxLength: 4 }),
  "next-qa": fc.array(choice({ id: fc.nat().map(String), fields: fc.constantFrom({}, { type: "CH", width: "640" }) }), { maxLength: 4 }),
  "next-gqa": fc
    .tuple(fc.nat({ max: 9999 }), fc.uniqueArray(choice({ id: fc.nat().map(String), scope: true, spans: 3, fields: fc.constantFrom({}, { type: "CH" }) }), { minLength: 1, maxLength: 4, selector: ({ id }) => id }))
    .map(([duration, questions]) => [{ kind: "header" as const, entries: [["dataset.duration", String(duration)] as const] }, ...questions]),
  tvqa: fc.array(choice({ id: fc.nat().map(String), scope: true }), { minLength: 1, maxLength: 4 }),
  egoschema: fc.array(choice({ id: fc.constant(undefined) }), { minLength: 1, maxLength: 1 }),
  mvbench: fc.array(choice({ id: fc.constant(undefined), scope: true, count: { minLength: 1, maxLength: 6 }, gold: true }), { maxLength: 4 }),
  "video-mme": fc.array(choice({ id: any.oneWord, count: { minLength: 1, maxLength: 6 } }), { maxLength: 4 }),
  losslesscut: fc.array(
    fc.record({ kind: fc.constant("segment" as const), scope: fc.tuple(any.span.map(({ startMs, endMs }) => ({ startMs, endMs: endMs + 1 }))), text: any.someText, fields: fc.constant({}) }),
    { maxLength: 5 },
  ),
  elan: fc
    .array(fc.record({ kind: fc.constant("segment" as const), scope: fc.tuple(any.span), text: any.someText.map((text) => text.replace(/[^\t\n\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, "").trim()), fields: fc.record({ tier: fc.constantFrom("a", 'b "c" <d>') }) }), { maxLength: 5 })
    // Tier by tier, as the file has them.
    .map((segments) => [...segments].sort((a, b) => (a.fields.tier === b.fields.tier ? 0 : a.fields.tier === segments[0]?.fields.tier ? -1 : 1))),
  "next-oe": fc.array(
    fc.tuple(open({ id: fc.nat().map(String), table: true }), fc.option(any.words, { nil: undefined })).map(([question, second]) => ({
      ...question,
      references: [...question.references, ...(second === undefined ? [] : [{ author: undefined, text: second }])],
      fields: question.fields["type"] === undefined ? {} : { type: "CH" },
    })),
    { maxLength: 4 },
  ),
  "label-studio": fc
    .array(fc.record({ kind: fc.constant("segment" as const), scope: fc.tuple(any.span), text: any.someText, fields: fc.constantFrom({}, { from_name: "tier", completed_by: 7 }) }), { maxLength: 5 })
    // One annotator after the other, as the file has them.
    .map((segments) => [...segments].sort((a, b) => (a.fields === b.fields ? 0 : a.fields === segments[0]?.fields ? -1 : 1))),
  fiftyone: fc.array(fc.record({ kind: fc.constant("segment" as const), scope: fc.tuple(any.span), text: any.someText, fields: any.fields }), { maxLength: 5 }),
  "tgif-qa": fc.array(open({ id: any.oneWord, table: true }), { maxLength: 5 }),
};

/** A question with one answer in free words. */
function open({ id, answered = true, table = false }: { id: fc.Arbitrary<string | undefined>; answered?: boolean; table?: boolean }): fc.Arbitrary<QuestionRecord> {
  const reference = any.words.map((text) => ({ author: undefined, text }));
  return fc.record({
    kind: fc.constant("question" as const),
    id,
    text: any.words,
    scope: fc.constant([]),
    choices: fc.constant([]),
    references: answered ? fc.tuple(reference) : fc.array(reference, { maxLength: 1 }),
    answers: fc.constant([]),
    fields: table ? fc.constantFrom({}, { key: "7", type: "0" }) : any.fields,
  });
}

/** A multiple choice with at most one right answer; five choices by default. */
function choice({ id, scope = false, spans = 1, count = { minLength: 5, maxLength: 5 }, fields = any.fields, gold = false }: {
  id: fc.Arbitrary<string | undefined>;
  scope?: boolean;
  spans?: number;
  count?: { minLength: number; maxLength: number };
  fields?: fc.Arbitrary<Fields>;
  gold?: boolean;
}): fc.Arbitrary<QuestionRecord> {
  const texts = fc.uniqueArray(fc.oneof(any.oneLine.filter((text) => text !== ""), any.oneWord), count);
  return fc.record({
    kind: fc.constant("question" as const),
    id,
    text: any.words,
    scope: scope ? fc.array(any.span, { maxLength: spans }) : fc.constant([]),
    choices: fc.tuple(texts, fc.nat({ max: gold ? count.minLength - 1 : count.maxLength })).map(([list, right]) => list.map((text, i) => ({ text, gold: i === right }))),
    references: fc.constant([]),
    answers: fc.constant([]),
    fields,
  });
}

const answered = (record: ConvertRecord): boolean => record.kind === "question" && record.references.length > 0;

/** Their records look the same as those of another format. */
const ALIKE: readonly string[] = ["msvd-qa"];

function byStart(records: readonly ConvertRecord[]): ConvertRecord[] {
  const starts = records.flatMap((record) => (record.kind === "cue" ? [record.startMs] : [])).sort((a, b) => a - b);
  let next = 0;
  return records.map((record) => {
    if (record.kind !== "cue") return record;
    const startMs = starts[next++] as number;
    return { ...record, startMs, endMs: startMs + (record.endMs - record.startMs) };
  });
}

describe("every format", () => {
  it("has a property", () => {
    assert.deepEqual(Object.keys(WHOLE).sort(), FORMATS.map((format) => format.name).sort());
  });

  for (const [name, whole] of Object.entries(WHOLE)) {
    const arbitrary = any.plain(whole);
    it(`${name} gives back what it can hold, and is recognised`, async () => {
      const format = named(name);
      await fc.assert(
        fc.asyncProperty(arbitrary, fc.integer({ min: 1, max: 40 }), async (records, chunk) => {
          const losses = new Losses();
          const found = await through(format, [notesOf(records)], losses, chunk);
          // Questions without an answer come after those that wait for none.
          const ordered = name === "activitynet-qa" ? [...records].sort((a, b) => Number(answered(b)) - Number(answered(a))) : records;
          assert.deepEqual(name === "activitynet-qa" ? found.map(({ record }) => record).sort((a, b) => Number(answered(b)) - Number(answered(a))) : found.map(({ record }) => record), ordered);
          for (const { video } of found) assert.equal(video, format.oneVideo ? undefined : "clip");
          assert.deepEqual(losses.list(), []);
          const files = await writeAll(format, [notesOf(records)]);
          if (records.length > 0) for (const [part, text] of Object.entries(files)) {
              // Nothing was there to write.
              if (/^[[{][}\]]\n$/.test(text)) continue;
              if (ALIKE.includes(name)) assert.throws(() => recognise(text, part), /could be of several formats/);
              else assert.equal(recognise(text, part).name, name.replace("-styled", ""));
            }
        }),
        { numRuns: 150 },
      );
    });

    it(`${name} writes any notebook so that all it wrote can be read`, async () => {
      const format = named(name);
      await fc.assert(
        fc.asyncProperty(fc.array(any.anyRecord, { maxLength: 6 }), async (records) => {
          // From a notebook, as the command has them.
          const read = readText(printAll(records));
          const files = await writeAll(format, [{ ...read, video: "clip" }]);
          const losses = new Losses();
          const sources = Object.entries(files).map(([part, text]) => source(`file${part}`, text));
          const found = await readAll(format, sources, losses);
          assert.deepEqual(losses.list().filter(({ code }) => code === "bad-record"), []);
          // And what was read goes through once more unchanged.
          const once = readText(printAll(found.map(({ record }) => record)));
          const twice = await through(format, [{ ...once, video: "clip" }]);
          assert.deepEqual(readText(printAll(twice.map(({ record }) => record))).records, once.records);
        }),
        { numRuns: 150 },
      );
    });
  }
});
