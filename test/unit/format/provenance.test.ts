import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { answerState, canonicalJson, FormatError, inputId, parse, readNotebook, runId, runLookup, staleness, type AnswerInputs } from "../../../server/src/format/index.js";

/** The definition once more, with another library and the canonical form written out. */
const hash = (text: string, digits: number): string => createHash("sha256").update(text, "utf8").digest("hex").slice(0, digits);

const inputs: AnswerInputs = {
  video: "aa".repeat(32),
  scope: [{ startMs: 0, endMs: 1500 }],
  question: "Où est le chat ?",
  choices: ["ici", "là"],
  cues: [{ startMs: 100, endMs: 900, text: "Miaou." }],
  sampling: { strategy: "uniform", frames: 16 },
  model: "bb".repeat(32),
  prompt: "p1",
};

describe("the id of inputs", () => {
  it("is the hash of their canonical form", () => {
    const canonical =
      `{"choices":["ici","là"],"cues":[[100,900,"Miaou."]],"model":"${"bb".repeat(32)}","prompt":"p1","question":"Où est le chat ?",` +
      `"sampling":{"frames":16,"strategy":"uniform"},"scope":[[0,1500]],"video":"${"aa".repeat(32)}"}`;
    assert.equal(inputId(inputs), hash(`vqa-input-1\n${canonical}`, 12));
  });

  const changes: { readonly [K in keyof AnswerInputs]: AnswerInputs[K] } = {
    video: "ab".repeat(32),
    scope: [{ startMs: 0, endMs: 1501 }],
    question: "Où est le chien ?",
    choices: ["là", "ici"],
    cues: [],
    sampling: { strategy: "uniform", frames: 15 },
    model: "bc".repeat(32),
    prompt: "p2",
  };
  for (const [key, value] of Object.entries(changes)) {
    it(`changes with the ${key}`, () => assert.notEqual(inputId({ ...inputs, [key]: value }), inputId(inputs)));
  }

  it("does not depend on line terminators or blanks at the ends", () => {
    assert.equal(inputId({ ...inputs, question: " a\r\nb " }), inputId({ ...inputs, question: "a\nb" }));
  });

  it("does not mistake one part for another", () => {
    assert.notEqual(inputId({ ...inputs, choices: ["a,b"] }), inputId({ ...inputs, choices: ["a", "b"] }));
  });

  it("refuses what has no canonical form", () => {
    assert.throws(() => inputId({ ...inputs, sampling: NaN }), (e: unknown) => e instanceof FormatError && e.code === "invalid-value");
  });
});

describe("canonical JSON", () => {
  it("sorts keys at every depth and drops what is not there", () => {
    assert.equal(canonicalJson({ b: [{ z: null, a: -0 }], a: "\u2028é", c: undefined as never }), '{"a":"\u2028é","b":[{"a":0,"z":null}]}');
  });
});

describe("the id of a run", () => {
  it("is the hash of its entries, sorted", () => {
    assert.equal(runId([["model", "m"], ["decode", "seed=1"]]), hash('vqa-run-1\n[["decode","seed=1"],["model","m"]]', 8));
  });
  it("does not depend on the date", () => assert.equal(runId([["date", "today"], ["model", "m"]]), runId([["model", "m"]])));
  it("depends on the order of repeated keys", () => assert.notEqual(runId([["a", "1"], ["a", "2"]]), runId([["a", "2"], ["a", "1"]])));
});

describe("staleness", () => {
  const run8 = runId([["model", "m"]]);
  const now = "0123456789ab";
  const before = "ba9876543210";
  /** `answers`: the M lines; `run`: the value of the RUN's `model`. */
  const check = (expected: string, title: string, answers: readonly string[], run: string | undefined): void => {
    it(`${title}: ${expected}`, () => {
      const record = run === undefined ? "" : `\nRUN ${run8}\n  date: today\n  model: ${run}\n`;
      const notebook = readNotebook(parse(`VQA 1\n\nQ: a\n${answers.map((line) => `${line}\n`).join("")}${record}`));
      const [question] = notebook.questions;
      assert.ok(question !== undefined);
      assert.equal(staleness(question, now, runLookup(notebook)), expected);
    });
  };
  check("unanswered", "no answer of a machine", ["A: b"], "m");
  check("fresh", "the same inputs and an intact run", [`M ${run8} ${now}: b`], "m");
  check("stale", "other inputs", [`M ${run8} ${before}: b`], "m");
  check("tampered", "a run that was edited", [`M ${run8} ${now}: b`], "other");
  check("tampered", "a run that is gone", [`M ${run8} ${now}: b`], undefined);
  check("fresh", "a fresh answer beside others", [`M 00000000 ${now}: b`, `M ${run8} ${before}: b`, `M ${run8} ${now}: b`], "m");
  check("tampered", "a tampered answer beside a stale one", [`M ${run8} ${before}: b`, `M 00000000 ${now}: b`], "m");

  it("of one answer", () => {
    const lookup = (id: string) => (id === run8 ? ([["model", "m"]] as const) : undefined);
    assert.equal(answerState({ run8, in12: now }, now, lookup), "fresh");
    assert.equal(answerState({ run8, in12: before }, now, lookup), "stale");
    assert.equal(answerState({ run8: "00000000", in12: now }, now, lookup), "tampered");
  });
});
