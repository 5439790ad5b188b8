/** What the language features can be asked; `service.ts` makes one, others wrap it. */
import type {
  CodeAction,
  CodeLens,
  CompletionList,
  Diagnostic,
  DocumentHighlight,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  Position,
  Range,
  SelectionRange,
  SemanticTokens,
  TextEdit,
  WorkspaceEdit,
  WorkspaceSymbol,
} from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { ActionOptions } from "./actions.js";
import type { CaptionService } from "./captions/captionService.js";
import type { CompletionOptions } from "./completion.js";
import type { HoverOptions } from "./hover.js";
import type { Commands } from "./lenses.js";

export interface LanguageService {
  /** What is wrong in a notebook, in order of place. An aborted call returns nothing. */
  diagnostics(document: TextDocument, signal?: AbortSignal): readonly Diagnostic[];
  completion(document: TextDocument, position: Position, options: CompletionOptions, signal?: AbortSignal): Promise<CompletionList>;
  hover(document: TextDocument, position: Position, options: HoverOptions, signal?: AbortSignal): Promise<Hover | undefined>;
  /** Headings hold segments, and both hold questions. */
  documentSymbols(document: TextDocument, signal?: AbortSignal): DocumentSymbol[];
  workspaceSymbols(query: string, signal?: AbortSignal): Promise<WorkspaceSymbol[]>;
  /** In order of lines, at most one a line. */
  foldingRanges(document: TextDocument, signal?: AbortSignal): FoldingRange[];
  /** Of the whole document, or of the blocks that a range touches. Numbers are those of `TOKEN_LEGEND`. */
  semanticTokens(document: TextDocument, range: Range | undefined, signal?: AbortSignal): SemanticTokens;
  /** @param commands those that the client or the server carries out; no other is named */
  codeLenses(document: TextDocument, commands: Commands, signal?: AbortSignal): Promise<CodeLens[]>;
  inlayHints(document: TextDocument, range: Range, signal?: AbortSignal): InlayHint[];
  documentLinks(document: TextDocument, signal?: AbortSignal): Promise<DocumentLink[]>;
  definition(document: TextDocument, position: Position, signal?: AbortSignal): Location[];
  references(document: TextDocument, position: Position, includeDeclaration: boolean, signal?: AbortSignal): Location[];
  documentHighlights(document: TextDocument, position: Position, signal?: AbortSignal): DocumentHighlight[];
  /** Throws LanguageError on what must not be renamed. Undefined where there is nothing. */
  prepareRename(document: TextDocument, position: Position, signal?: AbortSignal): { range: Range; placeholder: string } | undefined;
  /** Throws LanguageError for a name that is taken or impossible. */
  rename(document: TextDocument, position: Position, newName: string, signal?: AbortSignal): WorkspaceEdit | undefined;
  /** Small edits that do not overlap; of the whole document, or of the blocks that a range touches. */
  formatting(document: TextDocument, range: Range | undefined, signal?: AbortSignal): TextEdit[];
  codeActions(document: TextDocument, range: Range, options: ActionOptions, signal?: AbortSignal): Promise<CodeAction[]>;
  /** One chain for each position, from the inside to the outside. */
  selectionRanges(document: TextDocument, positions: readonly Position[], signal?: AbortSignal): SelectionRange[];
  /** Edits of subtitles, in subtitle files too. */
  readonly captions: CaptionService;
}
