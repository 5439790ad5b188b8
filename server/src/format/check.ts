/** Mistakes that show only when the whole file is looked at. */
import { CONTEXTS, parseSampling } from "./header.js";
import { lineAt } from "./lines.js";
import { isIntact, type Notebook, type Question } from "./questions.js";
import type { Problem, ProblemCode, Range } from "./tree.js";

/** All problems of a notebook, those of syntax included, in order of place. */
export function diagnose(notebook: Notebook): readonly Problem[] {
  const { document } = notebook;
  const problems: Problem[] = [];
  const report: Report = (code, severity, range, message) => {
    problems.push({ code, severity, message, start: range.start, end: range.end, line: lineAt(document.lineStarts, range.start) + 1 });
  };
  checkHeader(notebook, report);
  checkIds(notebook, report);
  for (const question of notebook.questions) checkQuestion(question, report);
  for (const orphan of notebook.orphans) {
    report("without-question", "error", headOf(orphan), "An answer stands below its question; there is none above this one.");
  }
  checkRuns(notebook, report);
  return [...document.problems, ...problems].sort((a, b) => a.start - b.start);
}

type Report = (code: ProblemCode, severity: Problem["severity"], range: Range, message: string) => void;

function checkHeader(notebook: Notebook, report: Report): void {
  const { document, header, questions } = notebook;
  const first = document.blocks.find((block) => block.kind !== "blank");
  if (first === undefined) return;
  if (document.header === undefined) {
    report("missing-header", "warning", headOf(first), "A notebook starts with `VQA 1`, then `video: path of the video` and a blank line.");
  } else if (header.videos.length === 0 && questions.length > 0) {
    report("missing-video", "warning", headOf(document.header), "The header names no video: add a line `video: path of the video`.");
  }
  const seen = new Set<string>();
  for (const { key, value } of header.entries) {
    if (SINGLE.has(key.text) && seen.has(key.text)) report("duplicate-key", "warning", key, `\`${key.text}\` is given twice; the first one counts.`);
    seen.add(key.text);
    if (key.text === "sampling" && parseSampling(value.text) === undefined) {
      report("bad-sampling", "error", value, "Sampling is written `uniform 16`, `segment 4`, `scenes 16`, `fps 1` or `fps 1 max 32`, with ` keyframe` behind it or without.");
    }
    if (key.text === "context" && !CONTEXTS.some((context) => context === value.text)) {
      report("bad-context", "error", value, `The context is one of: ${CONTEXTS.join(", ")}.`);
    }
  }
}

const SINGLE: ReadonlySet<string> = new Set(["model", "sampling", "context"]);

function checkIds(notebook: Notebook, report: Report): void {
  const seen = new Set<string>();
  for (const { block } of notebook.questions) {
    if (block.id === undefined) continue;
    if (seen.has(block.id.text)) report("duplicate-id", "error", block.id, `Another question is called \`${block.id.text}\`.`);
    seen.add(block.id.text);
  }
}

function checkQuestion(question: Question, report: Report): void {
  const { block, choices, gold } = question;
  if (question.text === "") report("empty-question", "error", headOf(block), "The question has no text.");
  const seen = new Set<string>();
  for (const choice of choices) {
    if (choice.text === "") report("empty-choice", "error", choice, "The choice has no text.");
    else if (seen.has(choice.text)) report("duplicate-choice", "warning", choice, "The same choice stands above.");
    seen.add(choice.text);
  }
  const [only] = choices;
  if (only !== undefined && choices.length === 1) report("few-choices", "warning", only, "A multiple choice needs at least two choices.");
  const second = choices[gold[1] ?? -1];
  if (second !== undefined) {
    report("several-gold", "warning", second, `${gold.length} choices are marked as right; an answer is right when it is any of them.`);
  }
}

function checkRuns(notebook: Notebook, report: Report): void {
  const { document, runs } = notebook;
  const names = new Set(runs.map((run) => run.run8.text));
  const used = new Set<string>();
  for (const block of document.blocks) {
    if (block.kind !== "model") continue;
    used.add(block.run8.text);
    if (!names.has(block.run8.text)) {
      report("run-missing", "warning", block.run8, `There is no \`RUN ${block.run8.text}\` in this file: how the answer was made is not known. Ask again.`);
    }
  }
  const seen = new Set<string>();
  for (const run of runs) {
    const id = run.run8;
    if (seen.has(id.text)) report("run-duplicate", "warning", id, "The same run stands above.");
    seen.add(id.text);
    if (!used.has(id.text)) report("run-unused", "warning", id, "No answer refers to this run; it can be removed.");
    if (!isIntact(run)) report("run-altered", "warning", id, "This record does not match its id: it was edited, or damaged in a merge. Ask again.");
  }
}

/** The first line of a block. */
function headOf(block: { readonly start: number; readonly raw: string }): Range {
  const length = block.raw.search(/[\r\n]/);
  return { start: block.start, end: block.start + (length === -1 ? block.raw.length : length) };
}
