/**
 * What a person decides about a question, as text edits on the source that was parsed: an answer of
 * theirs, the right choice, a machine's answer that goes. A machine's answer that is accepted stays
 * where it is; what a person says stands beside it, in lines of its own. Only what the person's own
 * hand has written before, under the same name, is ever replaced.
 */
import { choiceOf, formatChoice } from "./choices.js";
import { blockEdits, type TextEdit } from "./edits.js";
import { FormatError } from "./errors.js";
import { printWithBody } from "./print.js";
import type { MachineAnswer, Notebook, Question } from "./questions.js";

/** No person has answered it: there is no marked choice, and no answer with words. */
export function isUnanswered({ gold, references }: Pick<Question, "gold" | "references">): boolean {
  return gold.length === 0 && references.every(({ text }) => text === "");
}

/** Whether a name can stand in `A author:`. */
export function isAuthor(name: string): boolean {
  return /^[^\s:]+$/.test(name);
}

/**
 * Writes what a person answers. Of a multiple choice the choice is marked: without an author it alone is
 * then right; under a name it is marked where no choice is, and written as `A name: (B) text` besides.
 * Otherwise it is an `A` line below those that are there; an author's second answer takes the place of
 * the first.
 *
 * Throws FormatError: `foreign-question`, `invalid-value` for an answer that is none of the choices, an
 * empty one or a name that cannot be written.
 */
export function answerAs(notebook: Notebook, question: Question, answer: string, author?: string): TextEdit[] {
  const { edits, refuse } = begin(notebook, question);
  if (author !== undefined && !isAuthor(author)) refuse(`"${author}" cannot be the name of an annotator.`, "Use one word without a colon.");
  const text = answer.trim();
  if (text === "") refuse("The answer is empty.", "Write an answer.");
  const { choices, references, gold, block } = question;
  const index = choices.length === 0 ? undefined : choiceOf(text, choices.map((choice) => choice.text));
  if (choices.length > 0 && index === undefined) refuse(`"${text}" is none of the choices.`, "Choose one of them.");
  if (index !== undefined && (author === undefined || gold.length === 0)) mark(edits, question, index);
  if (index !== undefined && author === undefined) return edits.all();
  const words = index === undefined ? text : formatChoice(index, choices[index]?.text ?? "");
  const own = references.filter((reference) => reference.author === author);
  if (own.some((reference) => reference.text === words)) return edits.all();
  const printed = printWithBody(author === undefined ? "A:" : `A ${author}:`, words, notebook.document.eol);
  // Without a name nobody knows whose it is: it stays.
  const before = author === undefined ? own.find((reference) => reference.text === "") : own[0];
  if (before !== undefined) edits.replace(before.block, printed);
  else edits.after(references.at(-1)?.block ?? block, printed);
  return edits.all();
}

/**
 * Writes what is right where annotators differ: marks the choice, or writes an `A` line without a name
 * above theirs, which stay. Errors as {@link answerAs}.
 */
export function adjudicate(notebook: Notebook, question: Question, answer: string): TextEdit[] {
  if (question.choices.length > 0) return answerAs(notebook, question, answer);
  const { edits } = begin(notebook, question);
  const text = answer.trim();
  const settled = question.references.find(({ author, text: words }) => author === undefined && words !== "");
  if (settled?.text === text || text === "") return text === "" ? answerAs(notebook, question, answer) : [];
  const printed = printWithBody("A:", text, notebook.document.eol);
  if (settled !== undefined) edits.replace(settled.block, printed);
  else edits.after(question.block, printed);
  return edits.all();
}

/** Removes a machine's answer, and the record of its run when no other answer refers to it. */
export function removeAnswer(notebook: Notebook, question: Question, answer: MachineAnswer): TextEdit[] {
  const { edits, refuse } = begin(notebook, question);
  if (!question.answers.includes(answer)) refuse("The answer is not of this question.", "Parse the text again and look it up anew.");
  edits.remove(answer.block);
  const others = notebook.questions.flatMap(({ answers }) => answers).filter((other) => other !== answer);
  const orphaned = notebook.runs.filter(({ run8 }) => run8.text === answer.run8 && !others.some((other) => other.run8 === answer.run8) && !notebook.orphans.some((block) => block.kind === "model" && block.run8.text === answer.run8));
  for (const run of orphaned) edits.remove(run);
  return edits.all();
}

function begin(notebook: Notebook, question: Question): { readonly edits: ReturnType<typeof blockEdits>; readonly refuse: (message: string, next: string) => never } {
  if (!notebook.questions.includes(question)) throw new FormatError("foreign-question", "The question is not of this notebook.", "Parse the text again and look the question up anew.");
  return {
    edits: blockEdits(notebook.document),
    refuse: (message, next) => {
      throw new FormatError("invalid-value", message, next);
    },
  };
}

/** One choice is right, and no other. A mark is one character: what stands around it stays. */
function mark(edits: ReturnType<typeof blockEdits>, { choices }: Question, index: number): void {
  choices.forEach((choice, i) => {
    if (choice.gold !== (i === index)) edits.inLine(choice, /^([ \t]*-[ \t]*\[)[^\]]*(?=\])/, i === index ? "x" : " ");
  });
}
