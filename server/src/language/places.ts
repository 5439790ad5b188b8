/** From the tree's offsets to the protocol's positions, and what stands at a place. */
import type { Range as LspRange, TextEdit as LspTextEdit } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { parseTime, type Block, type Document, type Range, type TextEdit } from "../format/index.js";

export function rangeOf(document: TextDocument, { start, end }: Range): LspRange {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function offsetsOf(document: TextDocument, range: LspRange): Range {
  return { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
}

export function lspEdit(document: TextDocument, { start, end, newText }: TextEdit): LspTextEdit {
  return { range: rangeOf(document, { start, end }), newText };
}

/** Both ends count: a cursor stands between two characters. */
export function holds({ start, end }: Range, offset: number): boolean {
  return start <= offset && offset <= end;
}

/** They share a character, or one is empty and touches the other. */
export function touches(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/**
 * Index of the block that holds a cursor at `offset`; -1 in an empty document, before the first block
 * and on the empty line after the last terminator.
 */
export function blockIndexAt(tree: Document, offset: number): number {
  const { blocks } = tree;
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((blocks[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const block = blocks[low];
  if (block === undefined || offset < block.start) return -1;
  return offset < block.end || /[^\r\n]$/.test(block.raw) ? low : -1;
}

export function blockAt(tree: Document, offset: number): Block | undefined {
  return tree.blocks[blockIndexAt(tree, offset)];
}

/** The first line of a block, its terminator excluded. */
export function headOf({ start, raw }: Pick<Block, "start" | "raw">): Range {
  const length = raw.search(/[\r\n]/);
  return { start, end: start + (length === -1 ? raw.length : length) };
}

/** A block without the terminator of its last line. */
export function contentOf({ start, raw }: Pick<Block, "start" | "raw">): Range {
  return { start, end: start + raw.replace(/(\r\n|\r|\n)$/, "").length };
}

/** The line around `offset`, its terminator excluded. */
export function lineAround(text: string, offset: number): Range {
  let start = offset;
  while (start > 0 && !isEol(text.charCodeAt(start - 1))) start--;
  if (start === 0 && text.charCodeAt(0) === 0xfeff && offset > 0) start = 1;
  let end = offset;
  while (end < text.length && !isEol(text.charCodeAt(end))) end++;
  return { start, end };
}

export interface TimeWord extends Range {
  readonly ms: number;
}

/** The times that are written in a part of a line, in order. */
export function timesIn(text: string, { start, end }: Range): TimeWord[] {
  return [...text.slice(start, end).matchAll(/\d[\d:]*(?:\.\d{1,3})?/g)].flatMap((match) => {
    const ms = parseTime(match[0]);
    return ms === undefined ? [] : [{ start: start + match.index, end: start + match.index + match[0].length, ms }];
  });
}

/** Where the times of a block stand; undefined when it has none. */
export function timedPart(block: Block): Range | undefined {
  if (block.kind === "cue") return block.timing;
  return block.kind === "segment" || block.kind === "question" ? block.scope : undefined;
}

function isEol(code: number): boolean {
  return code === 10 || code === 13;
}
