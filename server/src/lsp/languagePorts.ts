/** What the language features may know of the machine, from the parts of the server. */
import type { Connection } from "vscode-languageserver/node";
import { NETFLIX_ENGLISH, type CaptionStyle, type LanguagePorts, type MediaInfo, type Workspace } from "../language/service.js";
import type { Playheads } from "./playheads.js";
import { thumbnails } from "./pictures.js";
import type { Backend } from "./ports.js";
import { filePath } from "./uris.js";

/** Durations that are kept; each is a few bytes, and nobody edits more videos at once. */
const MAX_KNOWN = 256;

export function languagePorts(connection: Pick<Connection, "console">, workspace: Workspace, backend: () => Backend | undefined, playheads: Playheads, captionStyle: () => CaptionStyle = () => NETFLIX_ENGLISH): LanguagePorts {
  return {
    workspace,
    media: { ...durations(backend), playheadMs: (video) => playheads.of(video), thumbnail: thumbnails(backend) },
    captionStyle,
    logger: { warn: (message) => connection.console.warn(message) },
    currentInput: async (document, { ordinal }, run8, signal) =>
      document.uri.startsWith("file:") ? backend()?.currentInput({ path: filePath(document.uri), source: document.getText() }, ordinal - 1, run8, signal) : undefined,
    models: () => {
      const model = backend()?.defaultModel;
      return model === undefined || model === "micro" ? ["micro"] : ["micro", model];
    },
  };
}

/**
 * Durations by way of the worker, but only of one that runs already: typing or pointing at something
 * must not start a process, and least of all one that opens files.
 */
function durations(backend: () => Backend | undefined): MediaInfo {
  const known = new Map<string, number>();
  return {
    durationMs: async (video, signal) => {
      const remembered = known.get(video);
      if (remembered !== undefined) return remembered;
      const answerer = backend()?.answerer;
      if (answerer?.status().worker.phase !== "ready" || !video.startsWith("file:")) return undefined;
      const { durationMs } = await answerer.probe(filePath(video), signal);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(video, durationMs);
      return durationMs;
    },
  };
}
