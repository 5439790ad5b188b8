import assert from "node:assert/strict";
import { adjudicate, answerAs, applyEdits, FormatError, isUnanswered, parse, readNotebook, removeAnswer, runId, type Notebook, type TextEdit } from "../../../server/src/format/index.js";

const HEAD = "VQA 1\nvideo: v\n\n";
const RUN8 = runId([["model", "m"]]);
const RUN = `RUN ${RUN8}\n  model: m\n`;
const M = `M ${RUN8} 0123456789ab: a knob of butter\n`;

function edited(input: string, work: (notebook: Notebook) => TextEdit[]): string {
  const source = HEAD + input;
  return applyEdits(source, work(readNotebook(parse(source)))).slice(HEAD.length);
}
const first = (notebook: Notebook): Notebook["questions"][number] => {
  const [question] = notebook.questions;
  assert.ok(question !== undefined);
  return question;
};
const refuses = (input: string, answer: string, author?: string): void => {
  assert.throws(() => edited(input, (notebook) => answerAs(notebook, first(notebook), answer, author)), (e: unknown) => e instanceof FormatError && e.code === "invalid-value");
};

describe("an answer of a person", () => {
  const check = (title: string, input: string, answer: string, expected: string, author?: string): void => {
    it(title, () => assert.equal(edited(input, (notebook) => answerAs(notebook, first(notebook), answer, author)), expected));
  };
  check("goes below the question and above the machine's, which stays", `Q: a\n${M}\n${RUN}`, " a knob of butter ", `Q: a\nA: a knob of butter\n${M}\n${RUN}`);
  check("goes below other people's, under a name", "Q: a\nA bo: b\n", "c", "Q: a\nA bo: b\nA ann: c\n", "ann");
  check("takes the place of the same person's earlier one, and of no other", "Q: a\nA bo: b\nA ann: c\nA: d\n", "e\nf", "Q: a\nA bo: b\nA ann: e\n  f\nA: d\n", "ann");
  check("without a name stands beside others without one", "Q: a\nA: b\n", "c", "Q: a\nA: b\nA: c\n");
  check("fills an empty line that waits for it", "Q: a\nA:\n", "c", "Q: a\nA: c\n");
  check("is not written twice", "Q: a\nA: b\n", "b", "Q: a\nA: b\n");
  check("keeps the file's line ends", "Q: a\r\n\r\nNOTE c\r\n\r\n", "b", "Q: a\r\nA: b\r\n\r\nNOTE c\r\n\r\n");
  check("marks a choice, and it alone", "Q: a\n  - [x] b\n  - [ ] c\n", "(B) c", "Q: a\n  - [ ] b\n  - [x] c\n");
  check("marks a choice where none is, and says who did", "Q: a\n\t- [ ] b\n\t- [ ]  c\n", "c", "Q: a\n\t- [ ] b\n\t- [x]  c\nA ann: (B) c\n", "ann");
  check("leaves a mark of somebody else", "Q: a\n  - [x] b\n  - [ ] c\nA bo: (A) b\n", "c", "Q: a\n  - [x] b\n  - [ ] c\nA bo: (A) b\nA ann: (B) c\n", "ann");
  check("stays clear of a timing line", "Q: a\n  b\n00:01 --> 00:02\nc\n", "d", "Q: a\n  b\nA: d\n\n00:01 --> 00:02\nc\n");

  it("is refused when it says nothing, is no choice, or nobody could be called so", () => {
    refuses("Q: a\n", "  ");
    refuses("Q: a\n  - [ ] b\n", "c");
    refuses("Q: a\n", "b", "ann b");
    refuses("Q: a\n", "b", "a:b");
  });

  it("belongs to its own notebook", () => {
    const [one, other] = [readNotebook(parse("Q: a\n")), readNotebook(parse("Q: a\n"))];
    assert.throws(() => answerAs(one, first(other), "b"), (e: unknown) => e instanceof FormatError && e.code === "foreign-question");
  });
});

describe("what is right where annotators differ", () => {
  const check = (title: string, input: string, answer: string, expected: string): void => {
    it(title, () => assert.equal(edited(input, (notebook) => adjudicate(notebook, first(notebook), answer)), expected));
  };
  check("stands above theirs, which stay", "Q: a\nA ann: b\nA bo: c\n", "b", "Q: a\nA: b\nA ann: b\nA bo: c\n");
  check("takes the place of what was right before", "Q: a\nA: x\nA ann: b\n", "b", "Q: a\nA: b\nA ann: b\n");
  check("is not written twice", "Q: a\nA: b\nA ann: c\n", "b", "Q: a\nA: b\nA ann: c\n");
  check("is a mark of a multiple choice", "Q: a\n  - [x] b\n  - [ ] c\nA ann: (A) b\nA bo: (B) c\n", "(B) c", "Q: a\n  - [ ] b\n  - [x] c\nA ann: (A) b\nA bo: (B) c\n");
});

describe("a machine's answer that goes", () => {
  const check = (title: string, input: string, expected: string): void => {
    it(title, () =>
      assert.equal(
        edited(input, (notebook) => {
          const question = first(notebook);
          const [answer] = question.answers;
          assert.ok(answer !== undefined);
          return removeAnswer(notebook, question, answer);
        }),
        expected,
      ));
  };
  check("takes its record along", `Q: a\nA: b\n${M}\n${RUN}`, "Q: a\nA: b\n");
  check("leaves a record that others refer to", `Q: a\n${M}\nQ: b\n${M}\n${RUN}`, `Q: a\n\nQ: b\n${M}\n${RUN}`);
  check("leaves what stands around it", `Q: a\n  b\n${M}  d\n00:01 --> 00:02\nc\n\n${RUN}`, "Q: a\n  b\n\n00:01 --> 00:02\nc\n");
});

describe("a question", () => {
  it("waits for a person as long as none has answered, whatever a machine said", () => {
    const waits = (text: string): boolean => isUnanswered(first(readNotebook(parse(text))));
    assert.deepEqual(["Q: a\n", `Q: a\n${M}`, "Q: a\nA:\n", "Q: a\n  - [ ] b\n"].map(waits), [true, true, true, true]);
    assert.deepEqual(["Q: a\nA: b\n", "Q: a\nA ann: b\n", "Q: a\n  - [x] b\n"].map(waits), [false, false, false]);
  });
});
