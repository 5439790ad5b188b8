/** What lies inside of what: headings hold segments, and both hold questions with their answers. */
import type { HeadingBlock, Notebook, Question, SegmentBlock } from "../format/index.js";
import { contentOf } from "./places.js";

export type OutlineNode = { readonly start: number; readonly end: number; readonly children: readonly OutlineNode[] } & (
  | { readonly kind: "section"; readonly block: HeadingBlock }
  | { readonly kind: "segment"; readonly block: SegmentBlock }
  | { readonly kind: "question"; readonly question: Question }
);

interface Open {
  readonly node: OutlineNode & { end: number; children: OutlineNode[] };
  /** 1 to 6 for headings, 7 for segments. */
  readonly level: number;
}

/** The whole document in one pass. Records of runs stand at its end and belong to no section. */
export function outlineOf({ document, questions }: Notebook): readonly OutlineNode[] {
  const roots: OutlineNode[] = [];
  const open: Open[] = [];
  const byBlock = new Map(questions.map((question) => [question.block, question] as const));
  const add = (node: OutlineNode): void => void (open.at(-1)?.node.children ?? roots).push(node);
  const begin = (node: Open["node"], level: number): void => {
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    add(node);
    open.push({ node, level });
  };
  for (const block of document.blocks) {
    if (block.kind === "blank" || block.kind === "run" || block.kind === "header") continue;
    const { start, end } = contentOf(block);
    if (block.kind === "heading") begin({ kind: "section", block, start, end, children: [] }, block.level);
    else if (block.kind === "segment") begin({ kind: "segment", block, start, end, children: [] }, 7);
    else if (block.kind === "question") {
      const question = byBlock.get(block);
      if (question !== undefined) add({ kind: "question", question, start, end: questionEnd(question), children: [] });
    }
    for (const { node } of open) node.end = Math.max(node.end, end);
  }
  return roots;
}

/** Where the last answer to a question ends. */
export function questionEnd({ block, references, answers }: Question): number {
  return Math.max(...[block, ...references.map((r) => r.block), ...answers.map((a) => a.block)].map((b) => contentOf(b).end));
}
