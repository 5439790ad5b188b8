import assert from "node:assert/strict";
import {
  applyEdits,
  FormatError,
  parse,
  print,
  pruneRuns,
  readNotebook,
  runId,
  setAnswer,
  setAnswers,
  setHeader,
  setRun,
  type FormatErrorCode,
  type Notebook,
  type RunRecord,
  type TextEdit,
} from "../../../server/src/format/index.js";

const read = (text: string): Notebook => readNotebook(parse(text));
const idOf = (run: RunRecord): string => runId(Object.entries(run));
const IN = "0123456789ab";
const RUN: RunRecord = { date: "today", model: "m", "model.sha256": "aa" };
const NEWER: RunRecord = { date: "tomorrow", model: "m", "model.sha256": "bb" };
const OTHER: RunRecord = { model: "n" };
const record = (run: RunRecord): string => `RUN ${idOf(run)}\n${Object.entries(run).map(([k, v]) => `  ${k}: ${v}\n`).join("")}`;

const refuses = (code: FormatErrorCode, work: () => unknown): void => {
  assert.throws(work, (e: unknown) => e instanceof FormatError && e.code === code && e.next !== "");
};

/** Applies the edits that `work` makes on `input`. */
function edited(input: string, work: (notebook: Notebook) => TextEdit[]): string {
  return applyEdits(input, work(read(input)));
}

/** Answers the first question. */
function answer(input: string, text: string, run: RunRecord = RUN): string {
  return edited(input, (notebook) => {
    const [question] = notebook.questions;
    assert.ok(question !== undefined);
    return setAnswer(notebook, { question, run, in12: IN, text });
  });
}

const M = `M ${idOf(RUN)} ${IN}:`;
const HEAD = "VQA 1\nvideo: v\n\n";

describe("an answer", () => {
  const check = (title: string, input: string, text: string, expected: string, run: RunRecord = RUN): void => {
    it(title, () => assert.equal(answer(HEAD + input, text, run), HEAD + expected));
  };
  check("goes below its question, its run to the end", "Q: a\n\nNOTE b\n", "c", `Q: a\n${M} c\n\nNOTE b\n\n${record(RUN)}`);
  check("goes below the body of its question", "Q: a\n  - [ ] b\n\n  - [ ] c\nQ: d\n", "c", `Q: a\n  - [ ] b\n\n  - [ ] c\n${M} c\nQ: d\n\n${record(RUN)}`);
  check("goes below people's answers", "Q: a\nA: b\n\nA: c\n\nQ: d\n", "e", `Q: a\nA: b\n\nA: c\n${M} e\n\nQ: d\n\n${record(RUN)}`);
  check("ends the file with a line terminator once a run follows", "Q: a", "b", `Q: a\n${M} b\n\n${record(RUN)}`);
  check("indents further lines", "Q: a\n", "b\nQ: c\n\n  d", `Q: a\n${M} b\n  Q: c\n\n    d\n\n${record(RUN)}`);
  check("keeps empty lines at its end", "Q: a\n", "b\n\n", `Q: a\n${M} b\n  \n  \n\n${record(RUN)}`);
  check("may be empty", "Q: a\n", "", `Q: a\n${M}\n\n${record(RUN)}`);
  check("stays clear of a timing line", "Q: a\n  b\n00:01 --> 00:02\nc\n", "d", `Q: a\n  b\n${M} d\n\n00:01 --> 00:02\nc\n\n${record(RUN)}`);
  check("replaces that of the same run", `Q: a\n${M} b\n  c\nA: d\n\n${record(RUN)}`, "e", `Q: a\n${M} e\nA: d\n\n${record(RUN)}`);
  check("replaces that of an older version of the model", `Q: a\n${M} b\n\n${record(RUN)}`, "c", `Q: a\nM ${idOf(NEWER)} ${IN}: c\n\n${record(RUN)}\n${record(NEWER)}`, NEWER);
  check("stands beside that of another model", `Q: a\n${M} b\n\n${record(RUN)}`, "c", `Q: a\n${M} b\nM ${idOf(OTHER)} ${IN}: c\n\n${record(RUN)}\n${record(OTHER)}`, OTHER);
  check("leaves one whose run is gone", `Q: a\nM 00000000 ${IN}: b\n`, "c", `Q: a\nM 00000000 ${IN}: b\n${M} c\n\n${record(RUN)}`);
  check("removes a second one of the same model", `Q: a\n${M} b\n${M} c\nQ: d\n\n${record(RUN)}`, "e", `Q: a\n${M} e\nQ: d\n\n${record(RUN)}`);
  check("keeps what it removes from joining a cue", `Q: a\n${M} b\nA: x\n${M} c\n  d\n00:01 --> 00:02\n\n${record(RUN)}`, "e", `Q: a\n${M} e\nA: x\n\n00:01 --> 00:02\n\n${record(RUN)}`);
  check("that is the same from other inputs is written anew", `Q: a\nM ${idOf(RUN)} ba9876543210: b\n\n${record(RUN)}`, "b", `Q: a\n${M} b\n\n${record(RUN)}`);
  check("that is the same changes nothing", `Q: a\nM ${idOf(RUN)} ${IN} t=5ms: b\n\n${record(RUN)}`, "b", `Q: a\nM ${idOf(RUN)} ${IN} t=5ms: b\n\n${record(RUN)}`);
  check("of another day changes nothing", `Q: a\n${M} b\n\n${record(RUN)}`, "b", `Q: a\n${M} b\n\n${record(RUN)}`, { ...RUN, date: "later" });
  check("puts an altered run right", `Q: a\n${M} b\n\nRUN ${idOf(RUN)}\n  model: lies\n\nNOTE c\n`, "b", `Q: a\n${M} b\n\n${record(RUN)}\nNOTE c\n`);
  check("finds the end after blank lines", "Q: a\n\n\n", "b", `Q: a\n${M} b\n\n\n${record(RUN)}`);

  it("takes the line terminators of the file", () => {
    assert.equal(answer("VQA 1\r\n\r\nQ: a\r\n", "b\nc"), `VQA 1\r\n\r\nQ: a\r\n${M} b\r\n  c\r\n\r\n${record(RUN).replaceAll("\n", "\r\n")}`);
  });

  it("carries its fields", () => {
    const input = `${HEAD}Q: a\n`;
    const out = edited(input, (notebook) => {
      const [question] = notebook.questions;
      assert.ok(question !== undefined);
      return setAnswer(notebook, { question, run: RUN, in12: IN, fields: { t: "812ms", at: "00:01.5" }, text: "b" });
    });
    assert.ok(out.includes(`Q: a\nM ${idOf(RUN)} ${IN} t=812ms at=00:01.5: b\n`), out);
  });

  it("of several questions are written at once", () => {
    const input = `${HEAD}Q: a\n\nQ: b`;
    const out = edited(input, (notebook) => setAnswers(notebook, notebook.questions.map((question) => ({ question, run: RUN, in12: IN, text: question.text.toUpperCase() }))));
    assert.equal(out, `${HEAD}Q: a\n${M} A\n\nQ: b\n${M} B\n\n${record(RUN)}`);
  });

  it("of several models are written at once", () => {
    const input = `${HEAD}Q: a\n`;
    const out = edited(input, (notebook) => setAnswers(notebook, [RUN, OTHER].flatMap((run) => notebook.questions.map((question) => ({ question, run, in12: IN, text: "b" })))));
    assert.equal(out, `${HEAD}Q: a\n${M} b\nM ${idOf(OTHER)} ${IN}: b\n\n${record(RUN)}\n${record(OTHER)}`);
  });
});

describe("a refused edit", () => {
  const notebook = read(`${HEAD}Q: a\n`);
  const [question] = notebook.questions;
  assert.ok(question !== undefined);
  const good = { question, run: RUN, in12: IN, text: "b" };

  it("is one of another notebook", () => refuses("foreign-question", () => setAnswer(read(`${HEAD}Q: a\n`), good)));
  it("is one with a malformed id", () => refuses("invalid-value", () => setAnswer(notebook, { ...good, in12: "xyz" })));
  it("is one whose field does not fit a line", () => {
    for (const value of ["a b", "a\nb", "a:"]) refuses("invalid-value", () => setAnswer(notebook, { ...good, fields: { t: value } }));
    refuses("invalid-value", () => setAnswer(notebook, { ...good, fields: { "a b": "c" } }));
  });
  it("is one whose run does not fit lines", () => {
    for (const value of ["a\nb", " a", "a "]) refuses("invalid-value", () => setRun(notebook, { model: value }));
    refuses("invalid-value", () => setRun(notebook, { "a:b": "c" }));
  });
  it("is two answers of one model to one question", () => refuses("invalid-edit", () => setAnswers(notebook, [good, { ...good, text: "c" }])));
  it("is any of a file of another version", () => {
    for (const version of ["2", "x", ""]) {
      const future = read(`VQA ${version}\n\nQ: a\n`);
      for (const q of future.questions) refuses("unsupported-version", () => setAnswer(future, { ...good, question: q }));
      refuses("unsupported-version", () => setRun(future, RUN));
      refuses("unsupported-version", () => pruneRuns(future));
      refuses("unsupported-version", () => setHeader(future.document, "model", ["m"]));
    }
  });
  it("is one that overlaps another or leaves the text", () => {
    refuses("invalid-edit", () => applyEdits("abc", [{ start: 0, end: 2, newText: "" }, { start: 1, end: 3, newText: "" }]));
    refuses("invalid-edit", () => applyEdits("abc", [{ start: 2, end: 4, newText: "" }]));
    refuses("invalid-edit", () => applyEdits("abc", [{ start: 2, end: 1, newText: "" }]));
  });
});

describe("runs", () => {
  it("are added once", () => {
    const once = edited(HEAD, (notebook) => setRun(notebook, RUN));
    assert.equal(once, HEAD + record(RUN));
    assert.equal(edited(once, (notebook) => setRun(notebook, RUN)), once);
  });

  const check = (title: string, input: string, expected: string): void => {
    it(title, () => assert.equal(edited(HEAD + input, pruneRuns), HEAD + expected));
  };
  check("that are used stay", `Q: a\n${M} b\n\n${record(RUN)}`, `Q: a\n${M} b\n\n${record(RUN)}`);
  check("at the end go with their separator", `Q: a\n\n${record(RUN)}\n${record(OTHER)}`, "Q: a\n");
  check("in the middle leave one separator", `Q: a\n${M} b\n\n${record(OTHER)}\n${record(RUN)}`, `Q: a\n${M} b\n\n${record(RUN)}`);
  check("that an unreadable answer names stay", `Q: a\nM ${idOf(RUN)}: b\n\n${record(RUN)}`, `Q: a\nM ${idOf(RUN)}: b\n\n${record(RUN)}`);
  check("leave lines apart whose terminators would become one", "Q: a\r\rRUN 00000000\n\nNOTE b\n", "Q: a\r\r\nNOTE b\n");
  check("do not join unknown lines", "Q: a\n\nb\nRUN 00000000\nc\n", "Q: a\n\nb\n\nc\n");
  check("do not leave a line above a timing line", `Q: a\n${record(RUN)}00:01 --> 00:02\nb\n`, `Q: a\n\n00:01 --> 00:02\nb\n`);
});

describe("a run in WebVTT above a line of blanks", () => {
  it("leaves the empty line that ends the note above", () => {
    const note = "WEBVTT\n\nNOTE n\n\n";
    assert.equal(edited(`${note}RUN 0123abcd\n \nQ: a\n`, pruneRuns), `${note} \nQ: a\n`);
  });
});

describe("a run below the header", () => {
  it("does not let the header take what follows it", () => {
    assert.equal(edited("VQA 1\nRUN 00000000\nkey: value\n", pruneRuns), "VQA 1\n\nkey: value\n");
  });
});

describe("a header key", () => {
  const check = (title: string, input: string, key: string, values: readonly string[], expected: string): void => {
    it(title, () => {
      const document = parse(input);
      const out = applyEdits(input, setHeader(document, key, values));
      assert.equal(out, expected);
      if (values.length > 0) assert.deepEqual(read(out).header.all(key), values.map((value) => value.trim()));
    });
  };
  check("is added", "VQA 1\nvideo: v\n\nQ: a\n", "model", ["m"], "VQA 1\nvideo: v\nmodel: m\n\nQ: a\n");
  check("is added to a header without end", "VQA 1", "model", ["m"], "VQA 1\nmodel: m");
  check("is changed where it stands", "VQA 1\nmodel:a \nvideo: v\n", "model", ["m"], "VQA 1\nmodel: m \nvideo: v\n");
  check("that is the same stays as written", "VQA 1\nmodel:   a\t\n", "model", [" a"], "VQA 1\nmodel:   a\t\n");
  check("takes several values", "VQA 1\nvideo: a\nmodel: m\n", "video", ["a", "b", "c"], "VQA 1\nvideo: a\nvideo: b\nvideo: c\nmodel: m\n");
  check("loses what is not wanted", "VQA 1\nvideo: a\nvideo: b\nvideo: c", "video", ["b"], "VQA 1\nvideo: b");
  check("is removed", "VQA 1\nmodel: m\nvideo: v\n\n", "model", [], "VQA 1\nvideo: v\n\n");
  check("makes a header", "Q: a\n", "video", ["v"], "VQA 1\nvideo: v\n\nQ: a\n");
  check("makes a header after the byte order mark", "\ufeff\nQ: a\n", "video", ["v"], "\ufeffVQA 1\nvideo: v\n\nQ: a\n");
  check("makes a header of an empty file", "", "video", ["v"], "VQA 1\nvideo: v\n");
  check("goes into a WebVTT header", "WEBVTT\n\n00:01 --> 00:02\na\n", "model", ["m"], "WEBVTT\nmodel: m\n\n00:01 --> 00:02\na\n");
  check("stays before a cue that ends the header", "WEBVTT\r\n00:01 --> 00:02\r\na\r\n", "model", ["m"], "WEBVTT\r\nmodel: m\r\n00:01 --> 00:02\r\na\r\n");

  it("is refused when it does not fit a line", () => {
    const document = parse("VQA 1\n");
    refuses("invalid-value", () => setHeader(document, "model", ["a\nb"]));
    refuses("invalid-value", () => setHeader(document, "a b", ["c"]));
    for (const key of ["Q", "A", "M"]) refuses("invalid-value", () => setHeader(document, key, ["c"]));
  });

  it("gives a text that prints as it is", () => {
    const out = applyEdits("VQA 1\n", setHeader(parse("VQA 1\n"), "model", ["m"]));
    assert.equal(print(parse(out)), out);
  });
});
