/**
 * The cells of a notebook editor as one document. A cell alone says little: its scope stands in a
 * segment above, its ids are unique in the file, its video is named in the header.
 */
import type { Location, Position, Range } from "vscode-languageserver-types";
import { TextDocument } from "vscode-languageserver-textdocument";

/** A notebook as its editor holds it. */
export interface NotebookCells {
  /** Of the file. */
  readonly uri: string;
  /** The header as it stands in the file; empty when it is not known. */
  readonly header: string;
  /** RUN blocks, which are no cells. */
  readonly runs: readonly string[];
  /** All cells, in order. Those whose language is `markdown` are headings and notes. */
  readonly cells: readonly TextDocument[];
}

interface Piece {
  readonly cell: TextDocument;
  /** Where the cell's text starts in the whole. */
  readonly start: number;
  readonly end: number;
}

export class WholeOfCells {
  readonly document: TextDocument;
  readonly #pieces = new Map<string, Piece>();
  readonly #inOrder: Piece[] = [];

  constructor({ uri, header, runs, cells }: NotebookCells, version: number) {
    const parts: string[] = [];
    let length = 0;
    const push = (text: string): void => {
      parts.push(text);
      length += text.length;
    };
    push(`${(header || "VQA 1").trimEnd()}\n\n`);
    for (const cell of cells) {
      const text = cell.getText();
      if (cell.languageId === "markdown") push(asBlock(text));
      else {
        const piece = { cell, start: length, end: length + text.length };
        this.#pieces.set(cell.uri, piece);
        this.#inOrder.push(piece);
        push(text);
      }
      // "\r" and "\n" would become one line end.
      push(text.endsWith("\r") ? " \n\n" : "\n\n");
    }
    for (const run of runs) push(`${run.trimEnd()}\n\n`);
    this.document = TextDocument.create(uri, "vqa", version, parts.join(""));
  }

  /** The cell as a range of the whole; undefined for a heading or note. */
  rangeOf(cell: TextDocument): Range | undefined {
    const piece = this.#pieces.get(cell.uri);
    return piece && { start: this.document.positionAt(piece.start), end: this.document.positionAt(piece.end) };
  }

  toWhole(cell: TextDocument, position: Position): Position | undefined {
    const piece = this.#pieces.get(cell.uri);
    return piece && this.document.positionAt(piece.start + cell.offsetAt(position));
  }

  /** Undefined for what does not lie in this cell from end to end. */
  toCell(cell: TextDocument, range: Range): Range | undefined {
    const piece = this.#pieces.get(cell.uri);
    return piece && this.#within(piece, range);
  }

  /** A part of the whole as a part of the cell that holds it. */
  locate(range: Range): Location | undefined {
    const at = this.document.offsetAt(range.start);
    // Pieces have blank lines between them: at most one holds a place.
    let [low, high] = [0, this.#inOrder.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#inOrder[middle]?.start ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const piece = this.#inOrder[low];
    const inside = piece && this.#within(piece, range);
    return piece && inside && { uri: piece.cell.uri, range: inside };
  }

  #within({ cell, start, end }: Piece, range: Range): Range | undefined {
    const [from, to] = [this.document.offsetAt(range.start), this.document.offsetAt(range.end)];
    if (from < start || to > end) return undefined;
    return { start: cell.positionAt(from - start), end: cell.positionAt(to - start) };
  }
}

/** Notebooks that somebody works on at once. */
const MAX_KNOWN = 8;

/** Keeps the whole of a notebook as long as none of its cells changes, so that it is parsed once. */
export class WholesOfCells {
  readonly #known = new Map<string, { readonly signature: string; readonly whole: WholeOfCells }>();
  /** Whoever gives the same object again says that nothing has changed. */
  readonly #same = new WeakMap<NotebookCells, WholeOfCells>();
  #version = 0;

  /** @param notebook not changed afterwards: neither the list nor the texts of its cells, as long as the same object is given */
  of(notebook: NotebookCells): WholeOfCells {
    const same = this.#same.get(notebook);
    if (same !== undefined) return same;
    const whole = this.#of(notebook);
    this.#same.set(notebook, whole);
    return whole;
  }

  #of(notebook: NotebookCells): WholeOfCells {
    const { uri, header, runs, cells } = notebook;
    const signature = JSON.stringify([header, runs, cells.map((cell) => [cell.uri, cell.languageId, cell.version])]);
    const known = this.#known.get(uri);
    if (known?.signature === signature) return known.whole;
    const whole = new WholeOfCells(notebook, ++this.#version);
    this.#known.delete(uri);
    this.#known.set(uri, { signature, whole });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
    return whole;
  }
}

/** A markup cell as the block that it is saved as. */
function asBlock(text: string): string {
  if (/^#{1,6}[ \t]+[^\r\n]*$/.test(text)) return text;
  return `NOTE\n${text.split(/\r\n|\r|\n/).map((line) => `  ${line}`).join("\n")}`;
}
