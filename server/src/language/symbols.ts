/** The outline of a notebook, and the search for headings, segments and questions over all of them. */
import type { DocumentSymbol, SymbolKind, WorkspaceSymbol } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { formatScope, type Notebook, type Question, type SegmentBlock } from "../format/index.js";
import type { ParsedNotebooks } from "./notebooks.js";
import { outlineOf, type OutlineNode } from "./outline.js";
import { headOf, rangeOf } from "./places.js";
import { orElse, type LanguagePorts } from "./ports.js";

/** LSP's numbers: Namespace, Event, Function. */
const KIND: Readonly<Record<OutlineNode["kind"], SymbolKind>> = { section: 3, segment: 24, question: 12 };

/** An editor's list is of no use beyond this. */
const MAX_FOUND = 500;

export function documentSymbols(document: TextDocument, notebook: Notebook): DocumentSymbol[] {
  const symbol = (node: OutlineNode): DocumentSymbol => {
    const { name, detail } = described(node);
    return {
      name,
      ...(detail === "" ? {} : { detail }),
      kind: KIND[node.kind],
      range: rangeOf(document, node),
      selectionRange: rangeOf(document, headOf(blockOf(node))),
      children: node.children.map(symbol),
    };
  };
  return outlineOf(notebook).map(symbol);
}

/** Those whose name holds the letters of `query` in their order, whatever their case. */
export async function workspaceSymbols(query: string, ports: LanguagePorts, notebooks: ParsedNotebooks, signal?: AbortSignal): Promise<WorkspaceSymbol[]> {
  const found: WorkspaceSymbol[] = [];
  const uris = await orElse(ports.logger, [], () => ports.workspace.notebooks(signal));
  for (const uri of uris) {
    if (signal?.aborted) return [];
    const document = await orElse(ports.logger, undefined, () => ports.workspace.read(uri, signal));
    if (document === undefined) continue;
    const visit = (node: OutlineNode, container: string): void => {
      const { name } = described(node);
      if (found.length < MAX_FOUND && matches(query, name)) {
        const range = rangeOf(document, headOf(blockOf(node)));
        found.push({ name, kind: KIND[node.kind], location: { uri, range }, ...(container === "" ? {} : { containerName: container }) });
      }
      node.children.forEach((child) => visit(child, name));
    };
    outlineOf(notebooks.of(document)).forEach((node) => visit(node, ""));
  }
  return signal?.aborted ? [] : found;
}

function described(node: OutlineNode): { name: string; detail: string } {
  switch (node.kind) {
    case "section":
      return { name: node.block.text || "(no title)", detail: "" };
    case "segment":
      return segment(node.block);
    case "question":
      return question(node.question);
  }
}

function segment({ scope, lines }: SegmentBlock): { name: string; detail: string } {
  const detail = scope.spans === undefined ? "" : formatScope(scope.spans);
  return { name: lines[0]?.text.trim() || detail || "(segment)", detail };
}

function question({ id, text, block, scope }: Question): { name: string; detail: string } {
  const first = text.split("\n", 1)[0]?.trim() ?? "";
  const name = block.id === undefined ? first || id : `${id}: ${first}`;
  return { name, detail: scope.spans.length === 0 ? "" : formatScope(scope.spans) };
}

function blockOf(node: OutlineNode): Parameters<typeof headOf>[0] {
  return node.kind === "question" ? node.question.block : node.block;
}

function matches(query: string, name: string): boolean {
  const wanted = query.toLowerCase();
  let at = 0;
  for (const letter of name.toLowerCase()) {
    if (letter === wanted.slice(at, at + letter.length)) at += letter.length;
  }
  return at >= wanted.length;
}
