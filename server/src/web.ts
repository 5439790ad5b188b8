/**
 * The composition root of the language server in a web worker: the language features alone, over the
 * documents that the editor holds. `tools/extension/bundle.ts` builds it for browsers.
 */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from "vscode-languageserver/browser";
import { createLanguageService } from "./language/service.js";
import { startLanguageFeatures } from "./lsp/languageOnly.js";

/** The worker's own side of its messages; the library of types for Node has none. */
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

startLanguageFeatures(createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self)), createLanguageService);
