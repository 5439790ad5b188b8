/** The language service for subtitle files too: they are no notebooks, and only their cues are looked at. */
import type { LanguageService } from "../contract.js";
import { FIX_ALL, syntaxOf, type CaptionFeatures } from "./captionService.js";

/** The same service, which knows `.srt` and `.vtt`; in notebooks it looks at the cues as well. */
export function withSubtitles(inner: Omit<LanguageService, "captions">, captions: CaptionFeatures): LanguageService {
  const isFile = (document: Parameters<typeof syntaxOf>[0]): boolean => syntaxOf(document) !== "vqa";
  return {
    ...inner,
    captions,
    diagnostics: (document, signal) => {
      if (signal?.aborted) return [];
      const own = captions.diagnostics(document);
      return isFile(document) ? own : [...inner.diagnostics(document, signal), ...own];
    },
    codeActions: async (document, range, options, signal) => {
      if (signal?.aborted) return [];
      const wants = (kind: string): boolean => options.only === undefined || options.only.some((asked) => kind === asked || kind.startsWith(`${asked}.`));
      const own = [
        ...(wants("quickfix") ? captions.fixes(document, range, options.diagnostics) : []),
        // Only when it is asked for: it looks at the whole file.
        ...(options.only !== undefined && wants(FIX_ALL) ? captions.fixAll(document) : []),
        ...(wants("refactor.rewrite") ? captions.rewrites(document, range, options.commands) : []),
      ];
      return isFile(document) ? own : [...(await inner.codeActions(document, range, options, signal)), ...own];
    },
    completion: async (document, ...rest) => (isFile(document) ? { isIncomplete: false, items: [] } : inner.completion(document, ...rest)),
    hover: async (document, ...rest) => (isFile(document) ? undefined : inner.hover(document, ...rest)),
    documentSymbols: (document, signal) => (isFile(document) ? [] : inner.documentSymbols(document, signal)),
    foldingRanges: (document, signal) => (isFile(document) ? [] : inner.foldingRanges(document, signal)),
    semanticTokens: (document, range, signal) => (isFile(document) ? { data: [] } : inner.semanticTokens(document, range, signal)),
    codeLenses: async (document, commands, signal) => (isFile(document) ? [] : inner.codeLenses(document, commands, signal)),
    inlayHints: (document, range, signal) => (isFile(document) ? [] : inner.inlayHints(document, range, signal)),
    documentLinks: async (document, signal) => (isFile(document) ? [] : inner.documentLinks(document, signal)),
    definition: (document, position, signal) => (isFile(document) ? [] : inner.definition(document, position, signal)),
    references: (document, ...rest) => (isFile(document) ? [] : inner.references(document, ...rest)),
    documentHighlights: (document, position, signal) => (isFile(document) ? [] : inner.documentHighlights(document, position, signal)),
    prepareRename: (document, position, signal) => (isFile(document) ? undefined : inner.prepareRename(document, position, signal)),
    rename: (document, ...rest) => (isFile(document) ? undefined : inner.rename(document, ...rest)),
    formatting: (document, range, signal) => (isFile(document) ? [] : inner.formatting(document, range, signal)),
    selectionRanges: (document, positions, signal) =>
      isFile(document) ? positions.map((position) => ({ range: { start: position, end: position } })) : inner.selectionRanges(document, positions, signal),
  };
}
