import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answerState,
  applyEdits,
  formatScope,
  formatTime,
  inputId,
  parse,
  parseScope,
  parseTime,
  print,
  pruneRuns,
  readNotebook,
  runId,
  runLookup,
  setAnswers,
  setHeader,
  type AnswerInputs,
  type Document,
  type RunRecord,
} from "../../server/src/format/index.js";
import { answerText, eol, hex, line, questionText, runRecord, text } from "./vqaTexts.js";

/** What a text becomes in a file: one kind of line terminator, no halves of surrogate pairs. */
const asStored = (value: string): string => value.replace(/\p{Surrogate}/gu, "\ufffd").replace(/\r\n?/g, "\n");

const opts = { numRuns: 1500 };

/** Files whose version is not ours are refused, which the unit tests show. */
const writable = ({ header }: Document): boolean => header?.syntax !== "vqa" || header.version === 1;

function assertCovers(document: Document): void {
  let at = document.bom ? 1 : 0;
  for (const block of document.blocks) {
    assert.equal(block.start, at);
    assert.ok(block.end > block.start);
    assert.equal(block.raw, document.source.slice(block.start, block.end));
    assert.equal(document.lineStarts[block.line - 1], block.start);
    at = block.end;
  }
  assert.equal(at, document.source.length);
}

describe("parse and print", () => {
  it("give back any string", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (source) => assert.equal(print(parse(source)), source)), opts);
  });

  it("give back any text made of syntax, and its blocks cover it", () => {
    fc.assert(
      fc.property(text, (source) => {
        const document = parse(source);
        assert.equal(print(document), source);
        assertCovers(document);
        for (const problem of document.problems) assert.ok(problem.start <= problem.end && problem.end <= source.length);
      }),
      opts,
    );
  });

  it("read the same under another line terminator", () => {
    fc.assert(
      fc.property(fc.array(line.filter((l) => !/[\r\n]/.test(l)), { maxLength: 14 }), eol, (lines, other) => {
        const kinds = (source: string): unknown => parse(source).blocks.map((block) => [block.kind, block.line]);
        assert.deepEqual(kinds(lines.join(other)), kinds(lines.join("\n")));
      }),
      opts,
    );
  });
});

describe("answers", () => {
  const scenario = fc.record({ source: questionText, answers: fc.array(fc.record({ run: runRecord, in12: hex(12), text: answerText, pick: fc.nat() }), { minLength: 1, maxLength: 3 }) });

  /** One answer a question and model at most. */
  function plan(source: string, wanted: readonly { run: RunRecord; in12: string; text: string; pick: number }[]) {
    const notebook = readNotebook(parse(source));
    const { questions } = notebook;
    fc.pre(writable(notebook.document));
    const seen = new Set<string>();
    const answers = wanted.flatMap(({ pick, ...rest }) => {
      const question = questions[pick % questions.length];
      const key = `${question?.ordinal} ${rest.run["model"]}`;
      if (question === undefined || seen.has(key)) return [];
      seen.add(key);
      return [{ question, ...rest }];
    });
    return { notebook, answers };
  }

  it("are read back exactly, and all other blocks stay as they were", () => {
    let answered = 0;
    fc.assert(
      fc.property(scenario, ({ source, answers: wanted }) => {
        const { notebook, answers } = plan(source, wanted);
        fc.pre(answers.length > 0);
        answered += answers.length;
        const after = readNotebook(parse(applyEdits(source, setAnswers(notebook, answers))));
        const lookup = runLookup(after);
        for (const { question, run, in12, text: given } of answers) {
          const id = runId(Object.entries(run));
          const found = after.questions[question.ordinal - 1]?.answers.filter((a) => a.run8 === id && a.in12 === in12);
          assert.deepEqual(found?.map((a) => a.text), [asStored(given)]);
          assert.ok(found?.every((a) => answerState(a, in12, lookup) === "fresh"));
        }
        // Apart from M, RUN and separators every block is what it was, in the same order.
        const rest = (document: Document): string[] =>
          document.blocks.filter(({ kind }) => kind !== "model" && kind !== "run" && kind !== "blank").map((block) => block.raw.replace(/[\r\n]+$/, ""));
        const before = rest(notebook.document);
        assert.deepEqual(rest(after.document), before);
        // Answers of other questions, and of other models, stay.
        notebook.questions.forEach((question, i) => {
          const models = new Set(answers.filter((a) => a.question === question).map((a) => a.run["model"]));
          const kept = question.answers.filter((a) => {
            const model = notebook.runsById.get(a.run8)?.entries.find((e) => e.key.text === "model")?.value.text;
            return model === undefined || !models.has(model);
          });
          const texts = after.questions[i]?.answers.map((a) => a.block.raw.trimEnd()) ?? [];
          for (const a of kept) {
            if (answers.some((b) => b.question === question && runId(Object.entries(b.run)) === a.run8)) continue;
            assert.ok(texts.includes(a.block.raw.trimEnd()), a.block.raw);
          }
        });
      }),
      { numRuns: 3000 },
    );
    assert.ok(answered > 500, `only ${answered} answers were tried`);
  });

  it("given again change no byte", () => {
    fc.assert(
      fc.property(scenario, ({ source, answers: wanted }) => {
        const first = plan(source, wanted);
        fc.pre(first.answers.length > 0);
        const once = applyEdits(source, setAnswers(first.notebook, first.answers));
        const second = plan(once, wanted);
        assert.deepEqual(setAnswers(second.notebook, second.answers), []);
      }),
      opts,
    );
  });

  it("given anew by the same models keep the number of answers", () => {
    fc.assert(
      fc.property(scenario, answerText, hex(12), ({ source, answers: wanted }, other, in12) => {
        const first = plan(source, wanted);
        fc.pre(first.answers.length > 0);
        const once = applyEdits(source, setAnswers(first.notebook, first.answers));
        const second = plan(once, wanted.map((a) => ({ ...a, text: other, in12 })));
        const twice = readNotebook(parse(applyEdits(once, setAnswers(second.notebook, second.answers))));
        assert.deepEqual(
          twice.questions.map((q) => q.answers.length),
          second.notebook.questions.map((q) => q.answers.length),
        );
      }),
      opts,
    );
  });

  it("keep their runs when those that nobody uses are removed", () => {
    fc.assert(
      fc.property(scenario, ({ source, answers: wanted }) => {
        const { notebook, answers } = plan(source, wanted);
        const before = readNotebook(parse(applyEdits(source, setAnswers(notebook, answers))));
        const after = readNotebook(parse(applyEdits(before.document.source, pruneRuns(before))));
        const shape = (n: typeof before): unknown => n.questions.map((q) => [q.text, q.references.map((r) => r.text), q.answers.map((a) => a.text)]);
        assert.deepEqual(shape(after), shape(before));
        for (const { answers: given } of after.questions) for (const a of given) assert.equal(after.runsById.has(a.run8), before.runsById.has(a.run8));
        assert.deepEqual(pruneRuns(after), []);
      }),
      opts,
    );
  });
});

describe("header keys", () => {
  it("hold what they were given, and nothing else changes", () => {
    const value = fc.string({ unit: "grapheme" }).filter((v) => !/[\r\n]/.test(v)).map((v) => v.trim());
    fc.assert(
      fc.property(text, fc.constantFrom("video", "model", "x-y.z"), fc.array(value, { minLength: 1, maxLength: 3 }), (source, key, values) => {
        const before = parse(source);
        fc.pre(writable(before));
        const after = parse(applyEdits(source, setHeader(before, key, values)));
        assert.deepEqual(readNotebook(after).header.all(key), values);
        const rest = (document: Document): string => document.source.slice(document.header?.end ?? (document.bom ? 1 : 0));
        assert.ok(rest(after).endsWith(rest(before)));
        const others = (document: Document): unknown => document.header?.entries.filter((e) => e.key.text !== key).map((e) => document.source.slice(e.start, e.end)) ?? [];
        assert.deepEqual(others(after), others(before));
        assert.deepEqual(setHeader(after, key, values), []);
      }),
      opts,
    );
  });
});

describe("times and scopes", () => {
  const ms = fc.integer({ min: 0, max: 999_999 * 3_600_000 });
  it("are read as they are written", () => {
    fc.assert(fc.property(ms, (time) => assert.equal(parseTime(formatTime(time)), time)));
    const span = fc.tuple(ms, ms).map(([a, b]) => ({ startMs: Math.min(a, b), endMs: Math.max(a, b) }));
    fc.assert(fc.property(fc.array(span, { minLength: 1, maxLength: 4 }), (spans) => assert.deepEqual(parseScope(formatScope(spans)), spans)));
  });
});

describe("provenance", () => {
  const span = fc.record({ startMs: fc.nat(), endMs: fc.nat() }, { noNullPrototype: true });
  const inputs: fc.Arbitrary<AnswerInputs> = fc.record({
    video: hex(64),
    scope: fc.array(span, { maxLength: 3 }),
    question: fc.string(),
    choices: fc.array(fc.string(), { maxLength: 4 }),
    cues: fc.array(fc.record({ startMs: fc.nat(), endMs: fc.nat(), text: fc.string() }, { noNullPrototype: true }), { maxLength: 4 }),
    // Inputs are JSON, which knows no prototypes.
    sampling: fc.record({ strategy: fc.constant("uniform"), frames: fc.nat() }, { noNullPrototype: true }),
    model: hex(64),
    prompt: fc.string(),
  });
  const reversed = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).reverse()) as T;

  it("does not depend on the order of keys, spans or cues", () => {
    fc.assert(
      fc.property(inputs, (i) => {
        const other = reversed({ ...i, scope: [...i.scope].reverse().map(reversed), cues: [...i.cues].reverse().map(reversed), sampling: reversed(i.sampling as object) as AnswerInputs["sampling"] });
        assert.equal(inputId(other), inputId(i));
      }),
    );
  });

  it("depends on every part", () => {
    fc.assert(
      fc.property(inputs, inputs, (a, b) => {
        for (const key of Object.keys(a) as (keyof AnswerInputs)[]) {
          const mixed = { ...a, [key]: b[key] };
          const same = inputId({ ...a, [key]: a[key] }) === inputId(mixed);
          // Equal ids only for parts that are equal up to order and blanks at the ends.
          if (same) assert.deepEqual(normal(mixed[key]), normal(a[key]), key);
        }
      }),
    );
  });

  it("of a run does not depend on the order of its keys", () => {
    fc.assert(fc.property(runRecord, (run) => assert.equal(runId(Object.entries(run).reverse()), runId(Object.entries(run)))));
  });

  function normal(value: unknown): unknown {
    if (typeof value === "string") return value.trim();
    if (!Array.isArray(value)) return value;
    const items = value.map((item: unknown) => JSON.stringify(item, (_, v: unknown) => (typeof v === "string" ? v.trim() : v)));
    return value.every((item) => typeof item === "object") ? items.sort() : items;
  }
});
