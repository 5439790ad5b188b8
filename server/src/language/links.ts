/** Links from the header: `video:` to the file, `context: subtitles` to the subtitles beside it. */
import type { DocumentLink } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Notebook } from "../format/index.js";
import { sidecarsOf, videoOf } from "./media.js";
import { rangeOf } from "./places.js";
import type { LanguagePorts } from "./ports.js";
import { nameOf, resolveUri } from "./uris.js";

export async function documentLinks(document: TextDocument, notebook: Notebook, ports: LanguagePorts, signal?: AbortSignal): Promise<DocumentLink[]> {
  const links: DocumentLink[] = [];
  for (const { key, value } of notebook.header.entries) {
    if (value.text === "") continue;
    const video = videoOf(document, notebook);
    if (key.text === "video") {
      const target = resolveUri(document.uri, value.text);
      if (target !== undefined) links.push({ range: rangeOf(document, value), target, tooltip: nameOf(target) });
    } else if (key.text === "context" && value.text === "subtitles" && video !== undefined) {
      const [target] = await sidecarsOf(video, ports, signal);
      if (signal?.aborted) return [];
      if (target !== undefined) links.push({ range: rangeOf(document, value), target, tooltip: nameOf(target) });
    }
  }
  return links;
}
