import type { TextDocument } from "vscode-languageserver-textdocument";
import { parse, readNotebook, reparse, type Notebook } from "../format/index.js";

/** Files that somebody works on at once. */
const MAX_BASES = 8;

/**
 * Parses each version of a document once, and of a new version only what changed. Of closed documents
 * no more is kept than the last form of a few, until others take their place.
 */
export class ParsedNotebooks {
  readonly #known = new WeakMap<TextDocument, { readonly version: number; readonly notebook: Notebook }>();
  /** By URI: cells come as a new document of the same name at every change. */
  readonly #bases = new Map<string, Notebook>();

  of(document: TextDocument): Notebook {
    const known = this.#known.get(document);
    if (known?.version === document.version) return known.notebook;
    const { uri } = document;
    const text = document.getText();
    const base = known?.notebook ?? this.#bases.get(uri);
    const notebook = readNotebook(base === undefined ? parse(text) : reparse(base.document, text));
    this.#known.set(document, { version: document.version, notebook });
    this.#bases.delete(uri);
    this.#bases.set(uri, notebook);
    for (const oldest of this.#bases.keys()) {
      if (this.#bases.size <= MAX_BASES) break;
      this.#bases.delete(oldest);
    }
    return notebook;
  }
}
