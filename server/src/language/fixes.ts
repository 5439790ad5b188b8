/** Quick fixes: for each problem the edits that put it right, and nothing where only a person can. */
import { applyEdits, choiceLetter, CONTEXTS, diagnose, formatScope, formatTime, parse, readNotebook, VERSION, type Block, type Document, type Notebook, type Problem, type QuestionBlock, type Range, type TextEdit } from "../format/index.js";
import { freeId } from "./ids.js";
import { lenientScope, lenientTiming } from "./lenientTime.js";
import { blockAt, blockIndexAt, contentOf, headOf, lineAround, timesIn } from "./places.js";

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** The fix that is meant nearly always. */
  readonly preferred?: boolean;
}

/**
 * Fixes of a problem that `diagnose` found in this notebook, best first. Each was tried: one that
 * would leave the problem, or make an answer of a person something else, is not offered.
 */
export function fixesOf(notebook: Notebook, problem: Problem): readonly Fix[] {
  const count = (of: Notebook): number => diagnose(of).filter(({ code }) => code === problem.code).length;
  const answers = (of: Notebook): string => JSON.stringify(of.document.blocks.flatMap((block) => (block.kind === "reference" ? [block.raw.trimEnd()] : [])));
  const before = { count: count(notebook), answers: answers(notebook) };
  return candidates(notebook, problem).filter(({ edits }) => {
    const after = readNotebook(parse(applyEdits(notebook.document.source, edits)));
    return count(after) < before.count && answers(after) === before.answers;
  });
}

function candidates(notebook: Notebook, problem: Problem): readonly Fix[] {
  const { document } = notebook;
  const { source, eol } = document;
  const block = blockAt(document, problem.start);
  const written = source.slice(problem.start, problem.end);
  const replace = (title: string, newText: string): Fix[] => [{ title, edits: [{ start: problem.start, end: problem.end, newText }], preferred: true }];
  const removal = (title: string): Fix[] => [{ title, edits: [lineRemoval(document, problem)] }];
  switch (problem.code) {
    case "bad-time":
    case "end-before-start":
      return timeFixes(notebook, block, problem, written);
    case "duplicate-id": {
      const id = freeId(notebook, written);
      return replace(`Rename to ${id}`, id);
    }
    case "bad-version":
      return block?.kind === "header" && block.version === undefined ? replace(`Write VQA ${VERSION}`, `VQA ${VERSION}`) : [];
    case "header-not-closed":
      return [{ title: "Put a blank line before it", edits: [{ start: problem.start, end: problem.start, newText: eol }], preferred: true }];
    case "keyword-in-cue": {
      const isId = block?.kind === "cue" && problem.start < block.timing.start;
      // Directly above another timing line it would only become the id of the next cue.
      const follower = document.blocks[blockIndexAt(document, problem.start) + 1];
      const isLast = follower?.kind === "cue" && contentOf(block ?? follower).end === problem.end;
      const places = [...(isId ? [] : [problem.start]), ...(isId || isLast ? [problem.end] : [])];
      const where = places.length > 1 ? "blank lines around" : isId ? "a blank line after" : "a blank line before";
      return [{ title: `Put ${where} it`, edits: places.map((at) => ({ start: at, end: at, newText: eol })), preferred: true }];
    }
    case "missing-header": {
      const start = document.bom ? 1 : 0;
      return [{ title: "Add the header", edits: [{ start, end: start, newText: `VQA ${VERSION}${eol}video: ${eol}${eol}` }], preferred: true }];
    }
    case "bad-sampling": {
      const frames = /[1-9]\d{0,5}/.exec(written)?.[0] ?? "16";
      return replace(`Write uniform ${frames}`, `uniform ${frames}`);
    }
    case "bad-context":
      return CONTEXTS.map((context) => ({ title: `Write ${context}`, edits: [{ start: problem.start, end: problem.end, newText: context }] }));
    case "duplicate-key":
      return removal("Remove this line");
    case "empty-choice":
    case "duplicate-choice":
      return removal("Remove this choice");
    case "several-gold":
      return goldFixes(block, source);
    case "choice-outside-question":
      return indentFix(document, problem);
    case "bad-question": {
      const [, head = "", rest = ""] = /^(Q[ \t]+[^\s:@#][^\s:]*)[ \t]+(\S.*)$/.exec(written) ?? [];
      return head === "" ? [] : replace("Put a colon after the id", `${head}: ${rest}`);
    }
    case "unknown-line":
      return block === undefined ? [] : [noteFix(document, block)];
    case "bad-model":
    case "bad-provenance-id":
      return [];
    case "without-question":
    case "run-missing":
      // Its record cannot be made up, so the answer goes; a person's answer is the person's to remove.
      return block?.kind === "model" ? [{ title: "Remove this answer", edits: [blockRemoval(document, block)] }] : [];
    case "run-unused":
      return block === undefined ? [] : [{ title: "Remove this run", edits: [blockRemoval(document, block)], preferred: true }];
    case "run-duplicate":
      return block === undefined || !isCopy(notebook, block) ? [] : [{ title: "Remove this copy", edits: [blockRemoval(document, block)], preferred: true }];
    default:
      return [];
  }
}

function timeFixes(notebook: Notebook, block: Block | undefined, problem: Problem, written: string): Fix[] {
  const swapped = problem.code === "end-before-start";
  if (block?.kind === "cue") {
    const [from, to] = timesIn(notebook.document.source, block.timing);
    if (from === undefined || to === undefined) return [];
    const edits = [
      { start: from.start, end: from.end, newText: formatTime(to.ms) },
      { start: to.start, end: to.end, newText: formatTime(from.ms) },
    ];
    return [{ title: "Swap start and end", edits, preferred: true }];
  }
  const right = block?.kind === "opaque" ? lenientTiming(written) : lenientScope(written);
  if (right === undefined || right === written) return [];
  return [{ title: swapped ? "Swap start and end" : `Write ${right.trim()}`, edits: [{ start: problem.start, end: problem.end, newText: right }], preferred: true }];
}

/** One fix a marked choice: it stays the only one. */
function goldFixes(block: Block | undefined, source: string): Fix[] {
  if (block?.kind !== "question") return [];
  const gold = block.choices.filter((choice) => choice.gold);
  return gold.map((kept) => ({
    title: `Keep only (${choiceLetter(block.choices.indexOf(kept))}) as right`,
    edits: gold.filter((choice) => choice !== kept).map((choice) => {
      const mark = source.indexOf("[", choice.start) + 1;
      return { start: mark, end: mark + 1, newText: " " };
    }),
  }));
}

/** Only where the lines would then belong to a question: an indent under something else makes another mistake. */
function indentFix(document: Document, problem: Problem): Fix[] {
  const index = blockIndexAt(document, problem.start);
  let above = index - 1;
  while (document.blocks[above]?.kind === "blank") above--;
  const block = document.blocks[index];
  if (block?.kind !== "opaque" || document.blocks[above]?.kind !== "question") return [];
  const edits = linesOf(document, contentOf(block)).map(({ start, end }) => {
    const indent = /^[ \t]*/.exec(document.source.slice(start, end))?.[0].length ?? 0;
    return { start, end: start + indent, newText: "  " };
  });
  return [{ title: "Indent: a choice of the question above", edits, preferred: true }];
}

function noteFix(document: Document, block: Block): Fix {
  const [first, ...rest] = linesOf(document, contentOf(block));
  const at = first?.start ?? block.start;
  const after = document.blocks[document.blocks.indexOf(block) + 1];
  // In WebVTT a note goes on to the next empty line.
  const apart = document.header?.syntax === "webvtt" && after !== undefined && after.kind !== "blank";
  return {
    title: "Make it a NOTE",
    edits: [
      { start: at, end: at, newText: "NOTE " },
      ...rest.map(({ start }) => ({ start, end: start, newText: "  " })),
      ...(apart ? [{ start: block.end, end: block.end, newText: document.eol }] : []),
    ],
  };
}

function isCopy({ runs }: Notebook, block: Block): boolean {
  const others = runs.filter((run) => block.kind === "run" && run !== block && run.run8.text === block.run8.text);
  return others.some((run) => block.kind === "run" && JSON.stringify(run.entries.map(pair)) === JSON.stringify(block.entries.map(pair)));
}

function pair({ key, value }: { readonly key: { readonly text: string }; readonly value: { readonly text: string } }): readonly [string, string] {
  return [key.text, value.text];
}

/** The lines that a range touches. */
function linesOf(document: Document, { start, end }: Range): Range[] {
  const lines: Range[] = [];
  for (const at of document.lineStarts) if (at >= start && at < end) lines.push(lineAround(document.source, at));
  return lines;
}

/** The line of a place with its terminator, or with the one before it where it is the last. */
function lineRemoval({ source }: Document, place: Range): TextEdit {
  const { start, end } = lineAround(source, place.start);
  const after = /^(?:\r\n|\r|\n)/.exec(source.slice(end, end + 2))?.[0].length ?? 0;
  const before = after > 0 ? 0 : (/(?:\r\n|\r|\n)$/.exec(source.slice(Math.max(0, start - 2), start))?.[0].length ?? 0);
  return { start: start - before, end: end + after, newText: "" };
}

/** A block that is alone between blank lines takes the ones above with it; what is around stays apart. */
function blockRemoval(document: Document, block: Block): TextEdit {
  const index = document.blocks.indexOf(block);
  const before = document.blocks[index - 1];
  const after = document.blocks[index + 1];
  const alone = before?.kind === "blank" && (after === undefined || after.kind === "blank");
  const edit = { start: alone ? before.start : block.start, end: block.end, newText: "" };
  const kinds = (blocks: readonly Block[]): string => blocks.filter(({ kind }) => kind !== "blank").map(({ kind, raw }) => kind + raw.trim()).join("\n");
  const result = parse(document.source.slice(0, edit.start) + document.source.slice(edit.end));
  const rest = document.blocks.filter((other) => other !== block);
  // Where its neighbours would become one, its line stays empty.
  return kinds(result.blocks) === kinds(rest) ? edit : { ...contentOf(block), newText: "" };
}

/** The scope of a question, written into its head. */
export function scopeInsertion({ source }: Document, question: QuestionBlock, startMs: number, endMs: number): TextEdit {
  const written = ` @${formatScope([{ startMs, endMs }])}`;
  if (question.scope !== undefined) return { start: question.scope.start, end: question.scope.end, newText: written.slice(2) };
  const at = question.id?.end ?? question.start + 1;
  const head = headOf(question);
  const colon = source.indexOf(":", at);
  // A scope wants a blank behind its colon; without one there the colon would be a part of the text.
  const tail = colon + 1 < head.end && !/[ \t]/.test(source[colon + 1] ?? "") ? ": " : ":";
  return { start: at, end: colon + 1, newText: written + tail };
}
