/**
 * The only door of the language features: functions of documents, without a connection, a file
 * system or native code. One file a feature.
 *
 * The signal comes last everywhere and is looked at after every wait. An aborted call returns
 * nothing: an empty list, or undefined.
 */
import { codeActions } from "./actions.js";
import { CaptionFeatures } from "./captions/captionService.js";
import { withSubtitles } from "./captions/subtitleFiles.js";
import { completion } from "./completion.js";
import type { LanguageService } from "./contract.js";
import { diagnostics } from "./diagnostics.js";
import { foldingRanges } from "./folding.js";
import { formatting } from "./formatting.js";
import { inlayHints } from "./hints.js";
import { hover } from "./hover.js";
import { definition, documentHighlights, prepareRename, references, rename } from "./ids.js";
import { codeLenses } from "./lenses.js";
import { documentLinks } from "./links.js";
import { ParsedNotebooks } from "./notebooks.js";
import { lspEdit, offsetsOf } from "./places.js";
import { NO_PORTS, type LanguagePorts } from "./ports.js";
import { selectionRanges } from "./selection.js";
import { documentSymbols, workspaceSymbols } from "./symbols.js";
import { semanticTokens } from "./tokens.js";

export { withCells, type NotebookOf } from "./cells.js";
export type { NotebookCells } from "./wholeOfCells.js";
export { COMPLETION_TRIGGERS } from "./completion.js";
export { localised, sayFor } from "./locale/localised.js";
export { LanguageError } from "./errors.js";
export { ACCEPT, ASK, PLAY, REJECT } from "./lenses.js";
export { TOKEN_LEGEND } from "./tokens.js";
export { DESCRIBE } from "./captions/captionService.js";
export { NETFLIX_ENGLISH, type CaptionStyle } from "./captions/style.js";
export type { ActionOptions } from "./actions.js";
export type { CaptionService } from "./captions/captionService.js";
export type { LanguageService } from "./contract.js";
export type { CompletionOptions } from "./completion.js";
export type { HoverOptions } from "./hover.js";
export type { Commands } from "./lenses.js";
export type { CurrentInput, FolderEntry, LanguagePorts, Logger, MediaInfo, Subtitle, Workspace } from "./ports.js";

export function createLanguageService(given: Partial<LanguagePorts> = {}): LanguageService {
  const ports: LanguagePorts = { ...NO_PORTS, ...given };
  const notebooks = new ParsedNotebooks();
  return withSubtitles({
    diagnostics: (document, signal) => (signal?.aborted ? [] : diagnostics(document, notebooks.of(document))),
    completion: async (document, position, options, signal) =>
      signal?.aborted ? { isIncomplete: false, items: [] } : completion(document, notebooks, document.offsetAt(position), options, ports, signal),
    hover: async (document, position, options, signal) =>
      signal?.aborted ? undefined : hover(document, notebooks, document.offsetAt(position), options, ports, signal),
    documentSymbols: (document, signal) => (signal?.aborted ? [] : documentSymbols(document, notebooks.of(document))),
    workspaceSymbols: async (query, signal) => (signal?.aborted ? [] : workspaceSymbols(query, ports, notebooks, signal)),
    foldingRanges: (document, signal) => (signal?.aborted ? [] : foldingRanges(document, notebooks.of(document))),
    semanticTokens: (document, range, signal) =>
      signal?.aborted ? { data: [] } : semanticTokens(notebooks.of(document), range && offsetsOf(document, range)),
    codeLenses: async (document, commands, signal) => (signal?.aborted ? [] : codeLenses(document, notebooks.of(document), commands, ports, signal)),
    inlayHints: (document, range, signal) => (signal?.aborted ? [] : inlayHints(document, notebooks.of(document), offsetsOf(document, range))),
    documentLinks: async (document, signal) => (signal?.aborted ? [] : documentLinks(document, notebooks.of(document), ports, signal)),
    definition: (document, position, signal) => (signal?.aborted ? [] : definition(document, notebooks.of(document), document.offsetAt(position))),
    references: (document, position, includeDeclaration, signal) =>
      signal?.aborted ? [] : references(document, notebooks.of(document), document.offsetAt(position), includeDeclaration),
    documentHighlights: (document, position, signal) => (signal?.aborted ? [] : documentHighlights(document, notebooks.of(document), document.offsetAt(position))),
    prepareRename: (document, position, signal) => (signal?.aborted ? undefined : prepareRename(document, notebooks.of(document), document.offsetAt(position))),
    rename: (document, position, newName, signal) => {
      if (signal?.aborted) return undefined;
      const edits = rename(document, notebooks.of(document), document.offsetAt(position), newName);
      return edits === undefined ? undefined : { changes: { [document.uri]: edits } };
    },
    formatting: (document, range, signal) =>
      signal?.aborted ? [] : formatting(notebooks.of(document), range && offsetsOf(document, range)).map((edit) => lspEdit(document, edit)),
    codeActions: async (document, range, options, signal) =>
      signal?.aborted ? [] : codeActions(document, notebooks.of(document), offsetsOf(document, range), options, ports, signal),
    selectionRanges: (document, positions, signal) =>
      signal?.aborted ? [] : selectionRanges(document, notebooks.of(document), positions.map((position) => document.offsetAt(position))),
  }, new CaptionFeatures(notebooks, ports));
}
