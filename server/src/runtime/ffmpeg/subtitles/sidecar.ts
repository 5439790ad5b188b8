import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { throwIfAborted } from "../../../engine/errors.js";
import type { SubtitleText } from "../decoder.js";
import { subtitlesUnreadable } from "../errors.js";
import { languageOf, languageRank } from "./language.js";
import { decodeText } from "./text.js";

export interface Sidecar {
  readonly path: string;
  readonly format: SubtitleText["format"];
  readonly language?: string;
}

const FORMATS: Readonly<Record<string, SubtitleText["format"]>> = { ".vtt": "vtt", ".srt": "srt", ".ass": "ass", ".ssa": "ass", ".ttml": "ttml", ".dfxp": "ttml", ".xml": "ttml" };
const ORDER = Object.keys(FORMATS);

/**
 * Subtitle files beside a video, best first: the same name without a tag, then tagged ones
 * ("clip.en.srt", "clip.en.forced.srt") by preferred language. Within one rank .vtt, .srt, .ass, .ttml.
 */
export async function findSidecars(video: string, languages: readonly string[], signal?: AbortSignal): Promise<Sidecar[]> {
  const folder = dirname(video);
  const stem = basename(video, extname(video)).normalize();
  const names = await readdir(folder).catch(() => [] as string[]);
  throwIfAborted(signal);
  const found: (Sidecar & { rank: readonly [number, number, number] })[] = [];
  for (const name of names) {
    const extension = extname(name).toLowerCase();
    const format = FORMATS[extension];
    const body = name.slice(0, name.length - extension.length).normalize();
    if (!format || (body !== stem && !body.startsWith(`${stem}.`))) continue;
    const tags = body.slice(stem.length + 1).split(".").filter((t) => t !== "");
    const language = tags[0];
    // "clip.take2.srt" belongs to the video clip.take2, not to clip in the language "take2".
    if (language !== undefined && !/^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i.test(language)) continue;
    found.push({
      path: join(folder, name),
      format,
      ...(language !== undefined && languageOf(language) ? { language } : {}),
      rank: [language === undefined ? -1 : languageRank(language, languages), tags.length, ORDER.indexOf(extension)],
    });
  }
  return found.sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2] || (a.path < b.path ? -1 : 1));
}

/** Error subtitles-unreadable: not a regular file, over the size limit, binary, no permission. */
export async function readSidecar(sidecar: Sidecar, maxBytes: number, signal?: AbortSignal): Promise<SubtitleText & { readonly guessed?: string }> {
  const facts = await stat(sidecar.path).catch((error: NodeJS.ErrnoException) => {
    throw subtitlesUnreadable(sidecar.path, String(error.code ?? error.message));
  });
  throwIfAborted(signal);
  if (!facts.isFile()) throw subtitlesUnreadable(sidecar.path, "it is not a regular file");
  if (facts.size > maxBytes) throw subtitlesUnreadable(sidecar.path, `${facts.size} bytes is more than the limit of ${maxBytes}`);
  const bytes = await readFile(sidecar.path).catch((error: NodeJS.ErrnoException) => {
    throw subtitlesUnreadable(sidecar.path, error.code === "EACCES" ? "no permission" : String(error.code ?? error.message));
  });
  throwIfAborted(signal);
  const decoded = decodeText(bytes);
  if (!decoded) throw subtitlesUnreadable(sidecar.path, "it is not text");
  return { format: sidecar.format, ...decoded };
}
