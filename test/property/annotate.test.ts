import assert from "node:assert/strict";
import fc from "fast-check";
import { adjudicate, answerAs, applyEdits, choiceOf, FormatError, formatChoice, parse, readNotebook, removeAnswer, type Document, type Notebook, type Question, type TextEdit } from "../../server/src/format/index.js";
import { answerText, questionText } from "./vqaTexts.js";

/** Blocks of these kinds, without the blank lines around them. */
const blocks = (document: Document, ...without: readonly string[]): string[] => document.blocks.filter(({ kind }) => kind !== "blank" && !without.includes(kind)).map((block) => block.raw.replace(/[\r\n]+$/, ""));
const stored = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/\r\n?/g, "\n").trim();

/** The notebook after the edits; undefined where they were refused. */
function after(notebook: Notebook, work: () => TextEdit[]): Notebook | undefined {
  try {
    return readNotebook(parse(applyEdits(notebook.document.source, work())));
  } catch (thrown) {
    if (thrown instanceof FormatError && thrown.code !== "invalid-edit") return undefined;
    throw thrown;
  }
}

const pick = (notebook: Notebook, n: number): Question | undefined => notebook.questions[n % Math.max(1, notebook.questions.length)];

describe("what a person decides, in any text", () => {
  it("is read back, and nothing else is another thing than before", () => {
    let written = 0;
    fc.assert(
      fc.property(questionText, answerText, fc.constantFrom(undefined, "ann", "bo"), fc.nat(5), fc.boolean(), (source, given, author, n, settles) => {
        const notebook = readNotebook(parse(source));
        const question = pick(notebook, n);
        if (question === undefined) return;
        const texts = question.choices.map(({ text }) => text);
        const answer = texts.length > 0 && n % 2 === 0 ? formatChoice(0, texts[0] ?? "") : given;
        const now = after(notebook, () => (settles ? adjudicate(notebook, question, answer) : answerAs(notebook, question, answer, author)));
        if (now === undefined) return;
        written++;
        assert.deepEqual(blocks(now.document, "reference", "question"), blocks(notebook.document, "reference", "question"));
        assert.equal(now.questions.length, notebook.questions.length);
        const [then, others] = [now.questions[question.ordinal - 1], (all: readonly Question[]) => all.filter((_, i) => i !== question.ordinal - 1).map(({ block, references }) => [block.raw.trimEnd(), references.map((r) => r.block.raw.trimEnd())])];
        assert.deepEqual(others(now.questions), others(notebook.questions));
        assert.deepEqual(then?.choices.map(({ text }) => text), texts);
        const by = settles ? undefined : author;
        if (texts.length > 0 && by === undefined) assert.deepEqual(then?.gold, [choiceOf(answer.trim(), texts)]);
        else assert.ok(then?.references.some((r) => r.author === by && (texts.length > 0 ? choiceOf(r.text, texts) === choiceOf(answer.trim(), texts) : r.text === stored(answer))), JSON.stringify(then?.references.map((r) => [r.author, r.text])));
        // Nobody else's words are touched.
        const theirs = (q: Question | undefined): string[] => q?.references.filter((r) => r.author !== by).map((r) => r.block.raw.trimEnd()) ?? [];
        assert.deepEqual(theirs(then), theirs(question));
      }),
      { numRuns: 3000 },
    );
    assert.ok(written > 800, `only ${written} answers were tried`);
  });

  it("takes one answer of a model away, and nothing else", () => {
    let removed = 0;
    fc.assert(
      fc.property(questionText, fc.nat(5), fc.nat(5), (source, n, m) => {
        const notebook = readNotebook(parse(source));
        const question = pick(notebook, n);
        const answer = question?.answers[m % Math.max(1, question.answers.length)];
        if (question === undefined || answer === undefined) return;
        const now = after(notebook, () => removeAnswer(notebook, question, answer));
        if (now === undefined) return;
        removed++;
        assert.deepEqual(blocks(now.document, "model", "run"), blocks(notebook.document, "model", "run"));
        const left = (of: Notebook, without?: unknown): string[][] => of.questions.map(({ answers }) => answers.filter((each) => each !== without).map(({ block }) => block.raw.trimEnd()));
        assert.deepEqual(left(now), left(notebook, answer));
      }),
      { numRuns: 3000 },
    );
    assert.ok(removed > 150, `only ${removed} answers were removed`);
  });
});
