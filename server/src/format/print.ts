/**
 * From the tree back to text. An unedited tree gives the bytes it was read from, because every block
 * keeps its own source; new blocks are written by the functions below.
 */
import type { Document, Eol } from "./tree.js";

/** The text of a document. */
export function print(document: Pick<Document, "bom" | "blocks">): string {
  const parts: string[] = document.bom ? ["\ufeff"] : [];
  for (const block of document.blocks) parts.push(block.raw);
  return parts.join("");
}

const INDENT = "  ";

/**
 * Writes `text` after `head` so that a parse gives it back: the first line beside the head, the
 * others indented. Any text survives, except that all line terminators become the file's.
 */
export function printWithBody(head: string, text: string, eol: Eol): string {
  const lines = text.split(/\r\n|\r|\n/);
  const first = lines[0] ?? "";
  let last = lines.length - 1;
  while (last > 0 && lines[last] === "") last--;
  // An empty line inside needs no indent; at the end only its indent tells it from a separator.
  const body = lines.slice(1).map((line, i) => (line === "" && i + 1 < last ? "" : INDENT + line));
  return [first === "" ? head : `${head} ${first}`, ...body].join(eol);
}

/** `head` with one indented `key: value` line an entry. */
export function printEntries(head: string, entries: readonly (readonly [key: string, value: string])[], eol: Eol): string {
  return [head, ...entries.map(([key, value]) => INDENT + printEntry(key, value))].join(eol);
}

export function printEntry(key: string, value: string): string {
  return value === "" ? `${key}:` : `${key}: ${value}`;
}
