/** What can be folded: the header, sections, segments, questions with their answers, runs, runs of cues. */
import type { FoldingRange } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Notebook, Range } from "../format/index.js";
import { outlineOf, type OutlineNode } from "./outline.js";
import { contentOf } from "./places.js";

export function foldingRanges(document: TextDocument, notebook: Notebook): FoldingRange[] {
  const found = new Map<number, FoldingRange>();
  const add = ({ start, end }: Range, kind?: "comment"): void => {
    const startLine = document.positionAt(start).line;
    const endLine = document.positionAt(end).line;
    // Editors show one fold a line: the first one given, which is the one that holds more.
    if (endLine > startLine && !found.has(startLine)) {
      found.set(startLine, { startLine, endLine, ...(kind === undefined ? {} : { kind }) });
    }
  };
  const visit = (node: OutlineNode): void => {
    add(node);
    node.children.forEach(visit);
  };
  outlineOf(notebook).forEach(visit);
  let cues: { start: number; end: number } | undefined;
  for (const block of notebook.document.blocks) {
    if (block.kind === "cue") {
      const { start, end } = contentOf(block);
      cues = { start: cues?.start ?? start, end };
    } else if (block.kind !== "blank") {
      if (cues !== undefined) add(cues);
      cues = undefined;
      add(contentOf(block), block.kind === "note" ? "comment" : undefined);
    }
  }
  if (cues !== undefined) add(cues);
  return [...found.values()].sort((a, b) => a.startLine - b.startLine);
}
