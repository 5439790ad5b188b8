import assert from "node:assert/strict";
import { answerData, answerMarkdown, escapeMarkdown } from "../../../client/notebook/answers.js";
import { answersAfter, planCell, questionsOfCells, withCaption } from "../../../client/notebook/plan.js";
import { parse, readNotebook, setAnswers, toCells, type Cell, type Cells } from "../../../server/src/format/index.js";
import { TextDocument } from "vscode-languageserver-textdocument";

const SOURCE = "VQA 1\nvideo: a.mp4\n\n@ 00:01..00:02 label\n\nQ: One?\n\nNOTE x\n\nQ: Two?\n  - [ ] a\n  - [x] b\n\nsomething\n";

function open(source = SOURCE, change: (source: string, i: number) => string = (s) => s): Cells {
  const { cells, origin } = toCells(parse(source));
  return { origin, cells: cells.map((cell: Cell, i) => ({ ...cell, source: change(cell.source, i) })) };
}

describe("what a cell asks for", () => {
  it("is its question, by its number in the notebook as it is now", () => {
    const job = planCell(open(SOURCE, (s, i) => (i === 2 ? "Q: in between?" : s)), 3);
    assert.ok(job.type === "question");
    assert.deepEqual([job.question, job.choices], [1, ["a", "b"]]);
    assert.equal(readNotebook(parse(job.text)).questions[job.question]?.text, "Two?");
  });

  it("is a caption of a segment, and nothing of other lines", () => {
    assert.deepEqual(planCell(open(), 0), { type: "segment", text: SOURCE, scope: [{ startMs: 1000, endMs: 2000 }] });
    assert.deepEqual(planCell(open(), 4), { type: "nothing", why: "no-question" });
    assert.deepEqual(planCell(open(SOURCE, (s, i) => (i === 0 ? "@ 00:99 label" : s)), 0), { type: "nothing", why: "bad-scope" });
    assert.deepEqual(planCell(open(SOURCE, (s, i) => (i === 1 ? "Q: a\nQ: b" : s)), 1), { type: "nothing", why: "several-questions" });
  });

  it("is known for all cells at once", () => {
    assert.deepEqual(questionsOfCells(open()).numbers, [undefined, 0, undefined, 1, undefined]);
  });
});

describe("answers after a run", () => {
  for (const [name, source] of [
    ["LF", SOURCE],
    ["CRLF and BOM", `\ufeff${SOURCE.replaceAll("\n", "\r\n")}`],
    ["no final newline", SOURCE.trimEnd()],
  ] as const) {
    it(`are read from the server's edits: ${name}`, () => {
      const notebook = readNotebook(parse(source));
      const question = notebook.questions[1];
      assert.ok(question !== undefined);
      const edits = setAnswers(notebook, [{ question, run: { model: "m" }, in12: "0123456789ab", text: "(B) b" }]);
      const document = TextDocument.create("file:///a.vqa", "vqa", 0, source);
      const ranges = edits.map(({ start, end, newText }) => ({ range: { start: document.positionAt(start), end: document.positionAt(end) }, newText }));
      const [answer, ...more] = answersAfter(source, 1, ranges);
      assert.deepEqual(more, []);
      assert.match(answer?.raw ?? "", /^M [0-9a-f]{8} 0123456789ab: \(B\) b\r?\n$/);
      assert.match(answer?.run ?? "", /^RUN [0-9a-f]{8}\r?\n {2}model: m/);
    });
  }
});

describe("an answer as an output", () => {
  const answer = { raw: "M 11111111 222222222222 t=812ms p=0.91: (B) a\n  b\n", run: "RUN 11111111\n  date: 2026-01-01T00:00:00Z\n  model: m\n" };

  it("holds what the file holds", () => {
    assert.deepEqual(answerData(answer), {
      text: "(B) a\nb",
      inputs: "222222222222",
      raw: answer.raw,
      model: "m",
      date: "2026-01-01T00:00:00Z",
      fields: { t: "812ms", p: "0.91" },
      run: { date: "2026-01-01T00:00:00Z", model: "m" },
    });
    assert.match(answerMarkdown(answerData(answer)), /^\\\(B\\\) a {2}\nb\n\n\*m · 812 ms · p \\= 0\\\.91\*$/);
  });

  it("lets no markup of a model through", () => {
    assert.doesNotMatch(escapeMarkdown("![x](https://a.b/c.png) <img src=x> [l](u) `c` # h"), /(?<!\\)[[\]()<>`#!]/);
  });
});

describe("a proposed caption", () => {
  it("becomes the label of a segment without one, and stands below one otherwise", () => {
    assert.equal(withCaption("@ 00:01..00:02", "A cat\nsleeps."), "@ 00:01..00:02 A cat\n  sleeps.");
    assert.equal(withCaption("@ 00:01..00:02 label\n  more\n", "A cat."), "@ 00:01..00:02 label\n  more\n  A cat.");
  });
});
