/** Colours that need the parse: what a line is, whether an answer's record is whole. */
import type { SemanticTokens, SemanticTokensLegend } from "vscode-languageserver-types";
import { isIntact, type Block, type Entry, type Notebook, type Range } from "../format/index.js";
import { isRecorded } from "./freshness.js";
import { headOf, timedPart, timesIn, touches } from "./places.js";

const TYPES = ["keyword", "namespace", "variable", "number", "operator", "property", "string", "comment", "enumMember", "parameter"] as const;
const MODIFIERS = ["declaration", "readonly", "deprecated"] as const;

type Type = (typeof TYPES)[number];
type Modifier = (typeof MODIFIERS)[number];

export const TOKEN_LEGEND: SemanticTokensLegend = { tokenTypes: [...TYPES], tokenModifiers: [...MODIFIERS] };

interface Token extends Range {
  readonly type: Type;
  readonly modifiers: readonly Modifier[];
}

/** Tokens of the blocks that touch `part`, or of all. In order of place, none over the end of a line. */
export function semanticTokens(notebook: Notebook, part?: Range): SemanticTokens {
  const { lineStarts } = notebook.document;
  const data: number[] = [];
  let line = 0;
  let character = 0;
  let row = 0;
  for (const block of notebook.document.blocks) {
    if (part !== undefined && !touches(block, part)) continue;
    for (const { start, end, type, modifiers } of tokensOf(block, notebook)) {
      // Tokens come in order, so the line is never searched for.
      while ((lineStarts[row + 1] ?? Infinity) <= start) row++;
      // The first line starts at the BOM.
      const column = start - (row === 0 ? 0 : (lineStarts[row] ?? 0));
      const set = modifiers.reduce((bits, modifier) => bits | (1 << MODIFIERS.indexOf(modifier)), 0);
      data.push(row - line, row === line ? column - character : column, end - start, TYPES.indexOf(type), set);
      [line, character] = [row, column];
    }
  }
  return { data };
}

function tokensOf(block: Block, notebook: Notebook): Token[] {
  const found: Token[] = [];
  const { source } = notebook.document;
  const add = (type: Type, range: Range | undefined, ...modifiers: Modifier[]): void => {
    if (range !== undefined && range.end > range.start) found.push({ start: range.start, end: range.end, type, modifiers });
  };
  const mark = (length: number): void => add("keyword", { start: block.start, end: block.start + length });
  const entries = (all: readonly Entry[]): void => {
    for (const { key, value } of all) {
      add("property", key);
      add("string", value);
    }
  };
  const times = (): void => {
    const part = timedPart(block);
    if (part !== undefined) for (const time of timesIn(source, part)) add("number", time);
  };
  switch (block.kind) {
    case "header": {
      const head = headOf(block);
      const end = block.start + (block.syntax === "vqa" ? 3 : 6);
      mark(end - block.start);
      const version = /\d+/.exec(source.slice(end, head.end));
      if (version !== null && block.syntax === "vqa") add("number", { start: end + version.index, end: end + version.index + version[0].length });
      entries(block.entries);
      break;
    }
    case "heading":
      mark(block.level);
      add("namespace", textAfter(block, block.level), "declaration");
      break;
    case "segment":
      mark(1);
      times();
      break;
    case "question":
      mark(1);
      add("variable", block.id, "declaration");
      if (block.scope !== undefined) add("operator", { start: source.lastIndexOf("@", block.scope.start), end: source.lastIndexOf("@", block.scope.start) + 1 });
      times();
      for (const choice of block.choices) {
        const text = source.indexOf("]", choice.start) + 1;
        add("operator", { start: source.indexOf("-", choice.start), end: text });
        add("enumMember", { start: skip(source, text, choice.end), end: choice.end }, ...(choice.gold ? (["readonly"] as const) : []));
      }
      break;
    case "reference":
      mark(1);
      add("parameter", block.author);
      break;
    case "model": {
      mark(1);
      const altered: readonly Modifier[] = isRecorded(notebook, block.run8.text) ? [] : ["deprecated"];
      add("variable", block.run8, ...altered);
      add("number", block.in12);
      for (const { start, end, key } of block.fields) {
        add("property", { start, end: start + key.length });
        add("string", { start: start + key.length + 1, end });
      }
      for (const line of block.lines) add("string", line, "readonly", ...altered);
      break;
    }
    case "run":
      mark(3);
      add("variable", block.run8, "declaration", ...(isIntact(block) ? [] : (["deprecated"] as const)));
      entries(block.entries);
      break;
    case "note":
      add("comment", { start: block.start, end: block.start + 4 });
      for (const line of block.lines) add("comment", line);
      break;
    case "cue":
      add("variable", block.id, "declaration");
      times();
      break;
    case "blank":
    case "opaque":
      break;
  }
  return found;
}

function textAfter(block: Block, length: number): Range {
  const { end } = headOf(block);
  const start = block.start + length;
  return { start: start + (/^[ \t]*/.exec(block.raw.slice(length))?.[0].length ?? 0), end };
}

function skip(source: string, start: number, end: number): number {
  let at = start;
  while (at < end && (source[at] === " " || source[at] === "\t")) at++;
  return at;
}
