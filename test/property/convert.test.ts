import assert from "node:assert/strict";
import fc from "fast-check";
import { formatNamed, FORMATS, Losses, parse, recognise, type ConvertRecord, type DatasetFormat, type VideoNotes } from "../../server/src/format/index.js";
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
  srt: fc.array(any.cue.map((cue) => ({ ...cue, id: undefined, settings: "" })), { maxLength: 6 }).map(byStart),
  jsonl: any.records,
};

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
          assert.deepEqual(found.map(({ record }) => record), records);
          for (const { video } of found) assert.equal(video, format.oneVideo ? undefined : "clip");
          assert.deepEqual(losses.list(), []);
          const files = await writeAll(format, [notesOf(records)]);
          if (records.length > 0) for (const [part, text] of Object.entries(files)) assert.equal(recognise(text, part).name, name);
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
