/** The videos of a folder by the names that datasets have for them. */
import { readdir } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { stemOf } from "../../format/index.js";
import { fileError } from "./files.js";

const VIDEO_EXTENSION = /\.(mp4|m4v|mov|mkv|webm|avi|gif|flv|ogv|mpg|mpeg|ts|m2ts|wmv|3gp)$/i;

/** Undefined without a folder. Error: `notebook-unreadable` for one that cannot be read. */
export async function videoFolder(folder: string | undefined): Promise<VideoFolder | undefined> {
  if (folder === undefined) return undefined;
  return new VideoFolder(resolve(folder), await readdir(folder).catch((thrown: unknown) => Promise.reject(fileError(folder, thrown))));
}

/** Datasets leave out extensions, and some a letter in front. */
export class VideoFolder {
  readonly #byStem = new Map<string, string>();

  constructor(
    readonly folder: string,
    names: readonly string[],
  ) {
    for (const name of names) if (VIDEO_EXTENSION.test(extname(name))) this.#byStem.set(stemOf(name), name);
  }

  find(video: string): string | undefined {
    const stem = stemOf(video);
    // Subtitles may name their language: clip.en.srt.
    const untagged = stem.replace(/\.[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i, "");
    for (const candidate of [stem, `v_${stem}`, `video${stem}`, `vid${stem}`, untagged]) {
      const name = this.#byStem.get(candidate);
      if (name !== undefined) return join(this.folder, name);
    }
    return undefined;
  }
}
