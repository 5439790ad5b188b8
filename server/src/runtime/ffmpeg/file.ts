import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { limitExceeded, videoEmpty, videoNotFound, videoRefused, videoUnreadable } from "./errors.js";
import type { MediaLimits } from "./limits.js";

/** A file that was checked and may be given to a decoder. */
export interface CheckedFile {
  readonly path: string;
  /** What a decoder opens: the `file:` prefix keeps it from being read as a URL, an option or a pattern. */
  readonly url: string;
  readonly bytes: number;
  /** Changes whenever the content may have: path, size, mtime, inode. */
  readonly key: string;
}

const hasControlCharacters = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text);

/**
 * Errors: video-refused (control characters, not a regular file), video-not-found, video-empty,
 * video-unreadable (no permission), limit-exceeded.
 */
export async function checkFile(path: string, limits: MediaLimits, signal?: AbortSignal): Promise<CheckedFile> {
  throwIfAborted(signal);
  if (hasControlCharacters(path)) throw videoRefused(path, "its name holds control characters");
  const absolute = resolve(path);
  const found = await stat(absolute, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") throw videoNotFound(absolute);
    throw videoUnreadable(absolute, error.code === "EACCES" ? "no permission" : String(error.code ?? error.message));
  });
  throwIfAborted(signal);
  if (found.isDirectory()) throw videoRefused(absolute, "it is a folder");
  if (!found.isFile()) throw videoRefused(absolute, "it is not a regular file");
  const bytes = Number(found.size);
  if (bytes === 0) throw videoEmpty(absolute);
  if (bytes > limits.maxFileBytes) throw limitExceeded(absolute, `${bytes} bytes is more than the limit of ${limits.maxFileBytes}`);
  return { path: absolute, url: `file:${absolute}`, bytes, key: `${absolute}\0${found.size}\0${found.mtimeNs}\0${found.ino}` };
}

/** sha256 of the bytes, lower-case hex. Streams: memory does not grow with the file. */
export async function digestFile(file: CheckedFile, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    const stream = createReadStream(file.path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) });
    for await (const chunk of stream) hash.update(chunk as Buffer);
  } catch (error) {
    throwIfAborted(signal);
    const { code, message } = error as NodeJS.ErrnoException;
    throw VqaError.from(videoUnreadable(file.path, code === "EACCES" ? "no permission" : (code ?? message)));
  }
  throwIfAborted(signal);
  return hash.digest("hex");
}
