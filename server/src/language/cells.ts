/**
 * The language features for cells of a notebook editor: each is asked of the whole notebook, and what
 * it says of the cell comes back in the cell's own places.
 */
import type { CodeAction, CodeLens, CompletionItem, Diagnostic, DocumentSymbol, FoldingRange, Position, Range, SelectionRange, TextEdit, WorkspaceEdit } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { PLAY } from "./lenses.js";
import type { CaptionService } from "./captions/captionService.js";
import type { LanguageService } from "./contract.js";
import { WholesOfCells, type NotebookCells, type WholeOfCells } from "./wholeOfCells.js";

/**
 * A cell of cues is changed by itself; which video it is about, and where nothing is said yet, stands in
 * the whole notebook.
 */
function cellCaptions(captions: CaptionService, wholeOf: (document: TextDocument) => TextDocument): CaptionService {
  return {
    shift: (...given) => captions.shift(...given),
    scale: (...given) => captions.scale(...given),
    renumber: (...given) => captions.renumber(...given),
    video: (document, signal) => captions.video(wholeOf(document), signal),
    windows: (document, ...rest) => captions.windows(wholeOf(document), ...rest),
    apart: (document, made) => captions.apart(wholeOf(document), made),
    insert: (...given) => captions.insert(...given),
    emptyCue: (...given) => captions.emptyCue(...given),
    cueText: (...given) => captions.cueText(...given),
  };
}

/** The notebook that a document is a cell of; undefined for a document that is none. */
export type NotebookOf = (document: TextDocument) => NotebookCells | undefined;

/** The same service, which knows cells too. */
export function withCells(inner: LanguageService, notebookOf: NotebookOf): LanguageService {
  const wholes = new WholesOfCells();
  const view = (document: TextDocument): CellView | undefined => {
    const notebook = notebookOf(document);
    return notebook && new CellView(document, wholes.of(notebook));
  };
  return {
    captions: cellCaptions(inner.captions, (document) => view(document)?.whole ?? document),
    diagnostics: (document, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.diagnostics(document, signal);
      if (signal?.aborted) return [];
      return cell.diagnostics((whole) => inner.diagnostics(whole));
    },
    completion: async (document, position, options, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.completion(document, position, options, signal);
      const at = cell.inWhole(position);
      if (at === undefined) return { isIncomplete: false, items: [] };
      const list = await inner.completion(cell.whole, at, options, signal);
      return { ...list, items: list.items.flatMap((item) => cell.item(item)) };
    },
    hover: async (document, position, options, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.hover(document, position, options, signal);
      const at = cell.inWhole(position);
      const hover = at && (await inner.hover(cell.whole, at, options, signal));
      const range = hover?.range && cell.inCell(hover.range);
      return hover && range && { ...hover, range };
    },
    documentSymbols: (document, signal) => {
      const cell = view(document);
      return cell === undefined ? inner.documentSymbols(document, signal) : inner.documentSymbols(cell.whole, signal).flatMap((symbol) => cell.symbols(symbol));
    },
    workspaceSymbols: (query, signal) => inner.workspaceSymbols(query, signal),
    foldingRanges: (document, signal) => {
      const cell = view(document);
      return cell === undefined ? inner.foldingRanges(document, signal) : inner.foldingRanges(cell.whole, signal).flatMap((fold) => cell.fold(fold));
    },
    semanticTokens: (document, range, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.semanticTokens(document, range, signal);
      const part = range === undefined ? cell.range : cell.rangeInWhole(range);
      return part === undefined ? { data: [] } : { data: cell.tokens(inner.semanticTokens(cell.whole, part, signal).data) };
    },
    codeLenses: async (document, commands, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.codeLenses(document, commands, signal);
      // Cells have a run button of their own.
      const lenses = await inner.codeLenses(cell.whole, new Set([...commands].filter((command) => command === PLAY)), signal);
      return lenses.flatMap((lens): CodeLens[] => cell.ranged(lens));
    },
    inlayHints: (document, range, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.inlayHints(document, range, signal);
      const part = cell.rangeInWhole(range);
      if (part === undefined) return [];
      return inner.inlayHints(cell.whole, part, signal).flatMap(({ position, textEdits, ...rest }) => {
        const at = cell.inCell({ start: position, end: position });
        return at === undefined ? [] : [{ ...rest, position: at.start, ...(textEdits === undefined ? {} : { textEdits: textEdits.flatMap((edit) => cell.ranged(edit)) }) }];
      });
    },
    documentLinks: async (document, signal) => {
      const cell = view(document);
      return cell === undefined ? inner.documentLinks(document, signal) : (await inner.documentLinks(cell.whole, signal)).flatMap((link) => cell.ranged(link));
    },
    definition: (document, position, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.definition(document, position, signal);
      const at = cell.inWhole(position);
      return at === undefined ? [] : inner.definition(cell.whole, at, signal).flatMap(({ range }) => cell.anywhere(range) ?? []);
    },
    references: (document, position, includeDeclaration, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.references(document, position, includeDeclaration, signal);
      const at = cell.inWhole(position);
      return at === undefined ? [] : inner.references(cell.whole, at, includeDeclaration, signal).flatMap(({ range }) => cell.anywhere(range) ?? []);
    },
    documentHighlights: (document, position, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.documentHighlights(document, position, signal);
      const at = cell.inWhole(position);
      return at === undefined ? [] : inner.documentHighlights(cell.whole, at, signal).flatMap((one) => cell.ranged(one));
    },
    prepareRename: (document, position, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.prepareRename(document, position, signal);
      const at = cell.inWhole(position);
      const found = at && inner.prepareRename(cell.whole, at, signal);
      return found && cell.ranged(found)[0];
    },
    rename: (document, position, newName, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.rename(document, position, newName, signal);
      const at = cell.inWhole(position);
      return at && cell.edit(inner.rename(cell.whole, at, newName, signal));
    },
    formatting: (document, range, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.formatting(document, range, signal);
      const part = range === undefined ? cell.range : cell.rangeInWhole(range);
      return part === undefined ? [] : inner.formatting(cell.whole, part, signal).flatMap((edit) => cell.ranged(edit));
    },
    codeActions: async (document, range, options, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.codeActions(document, range, options, signal);
      const part = cell.rangeInWhole(range);
      if (part === undefined) return [];
      const diagnostics = (options.diagnostics ?? []).flatMap((one) => {
        const shown = cell.rangeInWhole(one.range);
        return shown === undefined ? [] : [{ ...one, range: shown }];
      });
      return (await inner.codeActions(cell.whole, part, { ...options, diagnostics, commands: new Set() }, signal)).flatMap((action) => cell.action(action));
    },
    selectionRanges: (document, positions, signal) => {
      const cell = view(document);
      if (cell === undefined) return inner.selectionRanges(document, positions, signal);
      return positions.flatMap((position) => {
        const at = cell.inWhole(position);
        const [chain] = at === undefined ? [] : inner.selectionRanges(cell.whole, [at], signal);
        return [cell.selection(chain) ?? { range: { start: position, end: position } }];
      });
    },
  };
}

/** What was found in a whole, by the cell that it is in. */
const found = new WeakMap<WholeOfCells, Map<string, Diagnostic[]>>();

/** One cell in its whole, with the ways between their places. */
class CellView {
  readonly #cell: TextDocument;
  readonly #whole: WholeOfCells;

  constructor(cell: TextDocument, whole: WholeOfCells) {
    this.#cell = cell;
    this.#whole = whole;
  }

  get whole(): TextDocument {
    return this.#whole.document;
  }

  /** The cell in the whole; undefined for a heading or note, of which nothing is asked. */
  get range(): Range | undefined {
    return this.#whole.rangeOf(this.#cell);
  }

  /** Asked of the whole once, and handed out to the cells: an editor asks for each of them. */
  diagnostics(ofWhole: (whole: TextDocument) => readonly Diagnostic[]): readonly Diagnostic[] {
    let byCell = found.get(this.#whole);
    if (byCell === undefined) {
      byCell = new Map<string, Diagnostic[]>();
      for (const one of ofWhole(this.whole)) {
        const place = this.anywhere(one.range);
        if (place === undefined) continue;
        const own = byCell.get(place.uri) ?? [];
        own.push({ ...one, range: place.range });
        byCell.set(place.uri, own);
      }
      found.set(this.#whole, byCell);
    }
    return byCell.get(this.#cell.uri) ?? [];
  }

  inWhole(position: Position): Position | undefined {
    return this.#whole.toWhole(this.#cell, position);
  }

  rangeInWhole({ start, end }: Range): Range | undefined {
    const [from, to] = [this.inWhole(start), this.inWhole(end)];
    return from && to && { start: from, end: to };
  }

  inCell(range: Range): Range | undefined {
    return this.#whole.toCell(this.#cell, range);
  }

  anywhere(range: Range): { uri: string; range: Range } | undefined {
    return this.#whole.locate(range);
  }

  /** What has a range, with that of the cell; nothing when it lies elsewhere. */
  ranged<T extends { range: Range }>(value: T): T[] {
    const range = this.inCell(value.range);
    return range === undefined ? [] : [{ ...value, range }];
  }

  item(item: CompletionItem): CompletionItem[] {
    const { textEdit } = item;
    if (textEdit === undefined || !("range" in textEdit)) return [item];
    return this.ranged(textEdit).map((edit) => ({ ...item, textEdit: edit }));
  }

  /** Symbols whose names stand in the cell; what reaches further is cut at its end. */
  symbols({ children = [], ...symbol }: DocumentSymbol): DocumentSymbol[] {
    const below = children.flatMap((child) => this.symbols(child));
    const selectionRange = this.inCell(symbol.selectionRange);
    const all = this.range;
    if (selectionRange === undefined || all === undefined) return below;
    const range = this.inCell({ start: symbol.selectionRange.start, end: earlier(symbol.range.end, all.end) }) ?? selectionRange;
    return [{ ...symbol, range, selectionRange, children: below }];
  }

  fold({ startLine, endLine, ...rest }: FoldingRange): FoldingRange[] {
    const all = this.range;
    if (all === undefined || startLine < all.start.line) return [];
    const end = Math.min(endLine, all.end.line);
    return end > startLine ? [{ ...rest, startLine: startLine - all.start.line, endLine: end - all.start.line }] : [];
  }

  /** Those of the cell's lines, counted from its first. */
  tokens(data: readonly number[]): number[] {
    const all = this.range;
    if (all === undefined) return [];
    const kept: number[] = [];
    let [line, character, last] = [0, 0, { line: all.start.line, character: 0 }];
    for (let i = 0; i < data.length; i += 5) {
      const [lines = 0, characters = 0, ...rest] = data.slice(i, i + 5);
      character = lines === 0 ? character + characters : characters;
      line += lines;
      if (line < all.start.line || line > all.end.line) continue;
      kept.push(line - last.line, line === last.line ? character - last.character : character, ...rest);
      last = { line, character };
    }
    return kept;
  }

  /** Edits of several cells, each under the cell's own name; undefined when one has no cell. */
  edit(edit: WorkspaceEdit | undefined): WorkspaceEdit | undefined {
    const edits = edit?.changes?.[this.whole.uri];
    if (edits === undefined) return undefined;
    const changes: Record<string, TextEdit[]> = {};
    for (const { range, newText } of edits) {
      const place = this.anywhere(range);
      if (place === undefined) return undefined;
      (changes[place.uri] ??= []).push({ range: place.range, newText });
    }
    return { changes };
  }

  action({ edit, diagnostics, ...action }: CodeAction): CodeAction[] {
    const own = this.edit(edit);
    if (own === undefined) return [];
    return [{ ...action, edit: own, ...(diagnostics === undefined ? {} : { diagnostics: diagnostics.flatMap((one) => this.ranged(one)) }) }];
  }

  selection(chain: SelectionRange | undefined): SelectionRange | undefined {
    const range = chain && this.inCell(chain.range);
    if (chain === undefined || range === undefined) return undefined;
    const parent = this.selection(chain.parent);
    return { range, ...(parent === undefined ? {} : { parent }) };
  }
}

function earlier(a: Position, b: Position): Position {
  return a.line < b.line || (a.line === b.line && a.character < b.character) ? a : b;
}
