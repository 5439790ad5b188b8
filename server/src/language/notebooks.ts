import type { TextDocument } from "vscode-languageserver-textdocument";
import { parse, readNotebook, type Notebook } from "../format/index.js";

/** Parses each version of a document once. Nothing is kept of documents that were closed. */
export class ParsedNotebooks {
  readonly #known = new WeakMap<TextDocument, { readonly version: number; readonly notebook: Notebook }>();

  of(document: TextDocument): Notebook {
    const known = this.#known.get(document);
    if (known?.version === document.version) return known.notebook;
    const notebook = readNotebook(parse(document.getText()));
    this.#known.set(document, { version: document.version, notebook });
    return notebook;
  }
}
