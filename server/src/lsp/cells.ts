/** The notebooks that an editor holds as cells: their texts, and what it kept of the file beside them. */
import { NotebookDocuments, TextDocuments, type ClientCapabilities, type Connection, type ServerCapabilities } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { isCellsOrigin } from "../format/index.js";
import type { NotebookCells } from "../language/service.js";

/** While somebody types, other cells need not follow every letter. */
const REST_MS = 300;

export class CellDocuments {
  readonly #texts = new TextDocuments(TextDocument);
  readonly #notebooks = new NotebookDocuments(this.#texts);
  /** What was said of a notebook since its last change: thousands of cells need not be gathered for each request. */
  readonly #snapshots = new Map<string, { readonly version: number; readonly cells: NotebookCells }>();

  /** Nothing for a client without notebooks. Headings and notes are asked for too: they end scopes. */
  capabilities({ notebookDocument }: ClientCapabilities): Pick<ServerCapabilities, "notebookDocumentSync"> {
    if (notebookDocument === undefined) return {};
    const cells = ["vqa", "vqa-cues", "markdown"].map((language) => ({ language }));
    return { notebookDocumentSync: { notebookSelector: [{ notebook: { pattern: "**/*.vqa" }, cells }] } };
  }

  get(uri: string): TextDocument | undefined {
    return this.#notebooks.cellTextDocuments.get(uri);
  }

  /** Told all cells of a notebook that was opened or changed, and those that are gone. Returns the way to end it. */
  onDidChange(listener: (changed: readonly string[], gone: readonly string[]) => void): () => void {
    const uris = ({ cells }: { readonly cells: readonly { readonly document: string }[] }): string[] => cells.map(({ document }) => document);
    const listening = [
      this.#notebooks.onDidOpen((notebook) => listener(uris(notebook), [])),
      this.#notebooks.onDidChange(({ notebookDocument, cells }) => listener(uris(notebookDocument), (cells?.removed ?? []).map(({ document }) => document))),
      this.#notebooks.onDidClose((notebook) => listener([], uris(notebook))),
    ];
    return () => listening.forEach((one) => one.dispose());
  }

  /** Undefined for a document that is no cell. */
  notebookOf({ uri }: TextDocument): NotebookCells | undefined {
    const notebook = this.#notebooks.findNotebookDocumentForCell(uri);
    if (notebook === undefined) return undefined;
    const known = this.#snapshots.get(notebook.uri);
    // Cells that only change places are told of by no event.
    if (known?.version === notebook.version) return known.cells;
    // Under which key the editor's side keeps it is its own business.
    const origin = Object.values((notebook.metadata ?? {}) as Readonly<Record<string, unknown>>).find(isCellsOrigin);
    const snapshot: NotebookCells = {
      uri: notebook.uri,
      header: origin?.header ?? "",
      runs: origin?.runs ?? [],
      cells: notebook.cells.flatMap((cell) => this.get(cell.document) ?? []),
    };
    this.#snapshots.set(notebook.uri, { version: notebook.version, cells: snapshot });
    return snapshot;
  }

  listen(connection: Connection): void {
    const changed = ({ uri }: { readonly uri: string }): void => void this.#snapshots.delete(uri);
    this.#notebooks.onDidOpen(changed);
    this.#notebooks.onDidChange(({ notebookDocument }) => changed(notebookDocument));
    this.#notebooks.onDidClose(changed);
    this.#notebooks.listen(connection);
  }

  /** Call once the client is initialized. A change of one cell changes the scope that others show. */
  follow(connection: Connection, { workspace }: ClientCapabilities): void {
    if (workspace?.inlayHint?.refreshSupport !== true) return;
    let waiting: NodeJS.Timeout | undefined;
    this.#notebooks.onDidChange(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => void connection.languages.inlayHint.refresh().catch(() => undefined), REST_MS).unref();
    });
  }
}
