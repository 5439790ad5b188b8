/** The video that a notebook is about, and the files beside it. */
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Notebook } from "../format/index.js";
import type { ParsedNotebooks } from "./notebooks.js";
import { orElse, type LanguagePorts, type Subtitle } from "./ports.js";
import { folderOf, inFolder, nameOf, resolveUri } from "./uris.js";

const VIDEO = /\.(?:mp4|m4v|mov|mkv|webm|avi|mpe?g|m2?ts|wmv|flv|3gp|ogv)$/i;
const SUBTITLES = /\.(?:vtt|srt|ass|ssa)$/i;
const TAGGED = /^(?:\.[a-z]{2,3}(?:[-_][a-z\d]{2,8})*)?(?:\.[^.]+)*$/i;

export function isVideoName(name: string): boolean {
  return VIDEO.test(name);
}

/** Undefined when the header names none, several, or one that no URI can be made of. */
export function videoOf(document: TextDocument, { header }: Notebook): string | undefined {
  const [video, ...others] = header.videos;
  return video === undefined || others.length > 0 ? undefined : resolveUri(document.uri, video);
}

/** Subtitle files that go with the video by their name: `clip.vtt`, `clip.en.srt`; those without a tag first. */
export async function sidecarsOf(video: string, { workspace, logger }: LanguagePorts, signal?: AbortSignal): Promise<readonly string[]> {
  const folder = folderOf(video);
  const stem = nameOf(video).replace(/\.[^.]*$/, "").normalize();
  const entries = await orElse(logger, [], () => workspace.list(folder, signal));
  return entries
    .filter(({ name, kind }) => {
      const body = name.replace(SUBTITLES, "").normalize();
      return kind === "file" && SUBTITLES.test(name) && body.startsWith(stem) && TAGGED.test(body.slice(stem.length));
    })
    .map(({ name }) => name)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((name) => inFolder(folder, name));
}

/** Subtitles of the video: those that the player knows, else those of the first WebVTT file beside it. */
export async function subtitlesOf(video: string, notebooks: ParsedNotebooks, ports: LanguagePorts, signal?: AbortSignal): Promise<readonly Subtitle[]> {
  const { media, workspace, logger } = ports;
  if (media.cues !== undefined) return orElse(logger, [], async () => (await media.cues?.(video, signal)) ?? []);
  const sidecar = (await sidecarsOf(video, ports, signal)).find((uri) => /\.vtt$/i.test(uri));
  if (sidecar === undefined || signal?.aborted) return [];
  const file = await orElse(logger, undefined, () => workspace.read(sidecar, signal));
  return file === undefined || signal?.aborted ? [] : notebooks.of(file).cues;
}
