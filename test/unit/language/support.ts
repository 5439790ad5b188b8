/** Texts with marks, and a workspace in memory that counts what is looked at. */
import assert from "node:assert/strict";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Position, Range, TextEdit } from "vscode-languageserver-types";
import { createLanguageService, type FolderEntry, type LanguagePorts, type LanguageService, type Workspace } from "../../../server/src/language/service.js";

export const URI = "file:///home/ann/notes/kitchen.vqa";

export interface Marked {
  readonly document: TextDocument;
  /** Where `‸` stood. */
  readonly cursor: Position;
  /** From the first `‹` to the first `›`; the cursor where there are none. */
  readonly range: Range;
}

/** `‸` marks the cursor, `‹` and `›` a range; the document is the text without them. */
export function marked(text: string, uri = URI): Marked {
  const at = { "‸": 0, "‹": 0, "›": 0 };
  const plain = text.replace(/[‸‹›]/g, "");
  for (const mark of ["‸", "‹", "›"] as const) at[mark] = text.includes(mark) ? text.slice(0, text.indexOf(mark)).replace(/[‸‹›]/g, "").length : -1;
  const document = TextDocument.create(uri, "vqa", 1, plain);
  const cursor = document.positionAt(Math.max(0, at["‸"]));
  const range = at["‹"] === -1 ? { start: cursor, end: cursor } : { start: document.positionAt(at["‹"]), end: document.positionAt(at["›"]) };
  return { document, cursor, range };
}

/** A service with these ports. */
export function service(ports: Partial<LanguagePorts> = {}): LanguageService {
  return createLanguageService(ports);
}

/** The text between two positions. */
export function at(document: TextDocument, range: Range): string {
  return document.getText(range);
}

/** Applies edits after a look at their order: none overlaps another. */
export function applied(document: TextDocument, edits: readonly TextEdit[] | undefined): string {
  assert.ok(edits !== undefined, "there are no edits");
  const ordered = edits
    .map(({ range, newText }) => ({ start: document.offsetAt(range.start), end: document.offsetAt(range.end), newText }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  ordered.forEach((edit, i) => assert.ok(edit.start >= (ordered[i - 1]?.end ?? 0), `edits overlap at ${edit.start}`));
  return TextDocument.applyEdits(document, [...edits]);
}

/** Files in memory. `accesses` counts every look at them. */
export class MemoryWorkspace implements Workspace {
  readonly accesses = { notebooks: 0, read: 0, list: 0 };
  readonly #files: ReadonlyMap<string, TextDocument>;

  constructor(files: Readonly<Record<string, string>>) {
    this.#files = new Map(Object.entries(files).map(([uri, text]) => [uri, TextDocument.create(uri, "vqa", 1, text)]));
  }

  notebooks(): Promise<readonly string[]> {
    this.accesses.notebooks++;
    return Promise.resolve([...this.#files.keys()].filter((uri) => uri.endsWith(".vqa")));
  }

  read(uri: string): Promise<TextDocument | undefined> {
    this.accesses.read++;
    return Promise.resolve(this.#files.get(uri));
  }

  list(folder: string): Promise<readonly FolderEntry[]> {
    this.accesses.list++;
    const entries = new Map<string, FolderEntry>();
    for (const uri of this.#files.keys()) {
      if (!uri.startsWith(folder)) continue;
      const [name = "", ...below] = uri.slice(folder.length).split("/").map(decodeURIComponent);
      entries.set(name, { name, kind: below.length > 0 ? "folder" : "file" });
    }
    return Promise.resolve([...entries.values()]);
  }
}

/** A record that is what its id says. */
export const RUN = "RUN dbf3dd46\n  date: 2026-10-23T10:11:12Z\n  model: micro\n  decode: temperature=0\n";
