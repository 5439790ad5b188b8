/** Growing a selection: word, line, block, question with its answers, segment, section, document. */
import type { SelectionRange } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Notebook, Range } from "../format/index.js";
import { outlineOf, type OutlineNode } from "./outline.js";
import { blockAt, contentOf, holds, lineAround, rangeOf } from "./places.js";

export function selectionRanges(document: TextDocument, notebook: Notebook, offsets: readonly number[]): SelectionRange[] {
  const outline = outlineOf(notebook);
  return offsets.map((offset) => {
    const ranges = around(notebook, outline, offset);
    let selection: SelectionRange | undefined;
    for (const range of ranges) selection = { range: rangeOf(document, range), ...(selection === undefined ? {} : { parent: selection }) };
    return selection ?? { range: rangeOf(document, { start: offset, end: offset }) };
  });
}

/** From the outside to the inside, each a true part of the one before. */
function around({ document }: Notebook, outline: readonly OutlineNode[], offset: number): Range[] {
  const { source } = document;
  const ranges: Range[] = [{ start: 0, end: source.length }];
  const add = (range: Range): void => {
    const last = ranges.at(-1);
    if (last === undefined || !holds(range, offset)) return;
    const inside = last.start <= range.start && range.end <= last.end;
    if (inside && (last.start < range.start || range.end < last.end)) ranges.push(range);
  };
  let nodes = outline;
  for (;;) {
    const node = nodes.find((candidate) => holds(candidate, offset));
    if (node === undefined) break;
    add(node);
    nodes = node.children;
  }
  const block = blockAt(document, offset);
  if (block !== undefined && block.kind !== "blank") add(contentOf(block));
  const line = lineAround(source, offset);
  add(line);
  add(trimmed(source, line));
  add(wordAround(source, line, offset));
  return ranges;
}

function trimmed(source: string, { start, end }: Range): Range {
  const text = source.slice(start, end);
  const lead = text.length - text.trimStart().length;
  return { start: start + lead, end: Math.max(start + lead, end - (text.length - text.trimEnd().length)) };
}

/** Times and paths count as one word. */
function wordAround(source: string, line: Range, offset: number): Range {
  for (const match of source.slice(line.start, line.end).matchAll(/\d+(?::\d+)+(?:\.\d+)?|[\p{L}\p{N}\p{M}_./'-]+/gu)) {
    const start = line.start + match.index;
    const end = start + match[0].length;
    if (start <= offset && offset <= end) return { start, end };
  }
  return { start: offset, end: offset };
}
