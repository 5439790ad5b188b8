/** Code actions: quick fixes for the diagnostics of a range, and a few rewrites. */
import type { CodeAction, Diagnostic } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { applyEdits, diagnose, formatScope, parse, VERSION, type Block, type Notebook, type Problem, type QuestionBlock, type Range, type TextEdit } from "../format/index.js";
import { fixesOf, scopeInsertion } from "./fixes.js";
import { ASK, type Commands } from "./lenses.js";
import { isVideoName } from "./media.js";
import { blockIndexAt, headOf, lspEdit, touches } from "./places.js";
import { orElse, type LanguagePorts } from "./ports.js";
import { folderOf } from "./uris.js";

export interface ActionOptions {
  readonly commands: Commands;
  /** Kinds that the client asked for: `quickfix`, `refactor.rewrite` …; all when absent. */
  readonly only?: readonly string[];
  /** What the client shows in the range: fixes carry the diagnostic that they solve. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** A menu with more fixes than these is no help, and each is tried on the whole text. */
const MAX_PROBLEMS = 20;

export async function codeActions(document: TextDocument, notebook: Notebook, part: Range, options: ActionOptions, ports: LanguagePorts, signal?: AbortSignal): Promise<CodeAction[]> {
  const wants = (kind: string): boolean => options.only === undefined || options.only.some((asked) => kind === asked || kind.startsWith(`${asked}.`));
  const actions: CodeAction[] = [];
  const edit = (edits: readonly TextEdit[]): NonNullable<CodeAction["edit"]> => ({ changes: { [document.uri]: edits.map((one) => lspEdit(document, one)) } });
  if (wants("quickfix")) {
    for (const problem of diagnose(notebook).filter((one) => touches(one, part)).slice(0, MAX_PROBLEMS)) {
      const diagnostics = shownFor(document, problem, options.diagnostics);
      for (const { title, edits, preferred } of fixesOf(notebook, problem)) {
        actions.push({ title, kind: "quickfix", diagnostics, edit: edit(edits), ...(preferred === true ? { isPreferred: true } : {}) });
      }
      const again = askAgain(document, notebook, problem, options.commands);
      if (again !== undefined) actions.push({ ...again, kind: "quickfix", diagnostics });
      if (problem.code === "missing-video") {
        for (const { title, edits } of await videoFixes(document, notebook, ports, signal)) actions.push({ title, kind: "quickfix", diagnostics, edit: edit(edits) });
        if (signal?.aborted) return [];
      }
    }
  }
  if (wants("refactor.rewrite")) {
    for (const { title, edits } of rewrites(notebook, part)) actions.push({ title, kind: "refactor.rewrite", edit: edit(edits) });
  }
  return actions;
}

/** The client's own object where it has one, so that it can tell which squiggle goes. */
function shownFor(document: TextDocument, problem: Problem, diagnostics: readonly Diagnostic[] = []): Diagnostic[] {
  return diagnostics.filter(({ code, range }) => code === problem.code && document.offsetAt(range.start) === problem.start && document.offsetAt(range.end) === problem.end);
}

function askAgain(document: TextDocument, notebook: Notebook, problem: Problem, commands: Commands): Pick<CodeAction, "title" | "command"> | undefined {
  if (!commands.has(ASK) || (problem.code !== "run-missing" && problem.code !== "run-altered" && problem.code !== "bad-provenance-id")) return undefined;
  const { uri, version } = document;
  const block = notebook.document.blocks[blockIndexAt(notebook.document, problem.start)];
  const run8 = block?.kind === "run" || block?.kind === "model" ? block.run8.text : undefined;
  const about = notebook.questions.filter(({ answers, obstacle }) => obstacle === undefined && answers.some((a) => (block?.kind === "model" ? a.block === block : a.run8 === run8)));
  if (about.length === 0) return undefined;
  const title = about.length === 1 ? "Ask again" : `Ask these ${about.length} questions again`;
  return { title, command: { title, command: ASK, arguments: [{ textDocument: { uri, version }, questions: about.map(({ ordinal }) => ordinal - 1) }] } };
}

async function videoFixes(document: TextDocument, { document: tree }: Notebook, { workspace, logger }: LanguagePorts, signal?: AbortSignal): Promise<{ title: string; edits: TextEdit[] }[]> {
  const { header } = tree;
  if (header === undefined) return [];
  const entries = await orElse(logger, [], () => workspace.list(folderOf(document.uri), signal));
  const { end } = headOf(header);
  return entries
    .filter(({ name, kind }) => kind === "file" && isVideoName(name) && name.trim() === name && !/[\r\n]/.test(name))
    .slice(0, 5)
    .map(({ name }) => ({ title: `Add video: ${name}`, edits: [{ start: end, end, newText: `${tree.eol}video: ${name}` }] }));
}

interface Rewrite {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

function rewrites(notebook: Notebook, part: Range): Rewrite[] {
  const { blocks } = notebook.document;
  const index = blockIndexAt(notebook.document, part.start);
  const block = blocks[index];
  if (block?.kind === "header") {
    const conversion = convertVtt(notebook);
    return conversion === undefined ? [] : [conversion];
  }
  if (block?.kind !== "question") return [];
  return scopeRewrites(notebook, block, index);
}

function scopeRewrites(notebook: Notebook, block: QuestionBlock, index: number): Rewrite[] {
  const { blocks } = notebook.document;
  const found: Rewrite[] = [];
  const scopeOf = notebook.questions.find((question) => question.block === block)?.scope;
  if (scopeOf?.origin === "segment") {
    const [first] = scopeOf.spans;
    if (scopeOf.spans.length === 1 && first !== undefined) {
      found.push({ title: `Write the segment's scope into the question`, edits: [scopeInsertion(notebook.document, block, first.startMs, first.endMs)] });
    }
  }
  for (const [step, where] of [[-1, "above"], [1, "below"]] as const) {
    const cue = nearestCue(blocks, index, step);
    if (cue === undefined || cue.endMs < cue.startMs) continue;
    found.push({
      title: `Set the scope from the cue ${where}: ${formatScope([cue])}`,
      edits: [scopeInsertion(notebook.document, block, cue.startMs, cue.endMs)],
    });
  }
  return found;
}

function nearestCue(blocks: readonly Block[], from: number, step: 1 | -1): Extract<Block, { kind: "cue" }> | undefined {
  for (let i = from + step; i >= 0 && i < blocks.length; i += step) {
    const block = blocks[i];
    if (block?.kind === "heading") return undefined;
    if (block?.kind === "cue") return block;
  }
  return undefined;
}

/**
 * The header of a WebVTT file becomes a notebook's. WebVTT's notes need no indent and a notebook's
 * do, so theirs is added; where the file would then read as something else, it is not offered.
 */
function convertVtt({ document }: Notebook): Rewrite | undefined {
  const { header, source, blocks, eol } = document;
  if (header?.syntax !== "webvtt") return undefined;
  const { start, end } = headOf(header);
  const title = source.slice(start + 6, end).replace(/^[ \t]*-?[ \t]*/, "").trim();
  const edits: TextEdit[] = [{ start, end, newText: `VQA ${VERSION}${title === "" ? "" : `${eol}title: ${title}`}` }];
  for (const block of blocks) {
    if (block.kind !== "note") continue;
    for (const line of block.lines.slice(1)) if (line.text.trim() !== "") edits.push({ start: line.start, end: line.start, newText: "  " });
  }
  const before = blocks.filter(({ kind }) => kind !== "blank");
  const after = parse(applyEdits(source, edits));
  const same = after.problems.length === document.problems.length && shape(after.blocks) === shape(before);
  return same ? { title: "Make this a notebook", edits } : undefined;
}

function shape(blocks: readonly Block[]): string {
  const parts = blocks.flatMap((block) => {
    if (block.kind === "blank") return [];
    if (block.kind === "header") return ["header"];
    return [block.kind === "note" ? block.lines.map(({ text }) => text.trim()).join("\n") : block.kind + block.raw.trim()];
  });
  return JSON.stringify(parts);
}
