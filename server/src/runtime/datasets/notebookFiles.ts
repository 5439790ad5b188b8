/** Notebooks on disk: read without loss, written all or nothing, and never over somebody else's change. */
import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { VqaError } from "../../engine/errors.js";
import { decodeUtf8, encodeUtf8, FormatError } from "../../format/index.js";

export interface NotebookFile {
  /** As the user named it. */
  readonly name: string;
  /** Where it really lies, links followed. */
  readonly path: string;
  readonly source: string;
}

/** Error: notebook-unreadable, naming the file. */
export async function readNotebookFile(name: string, absolute: string): Promise<NotebookFile> {
  try {
    const path = await realpath(absolute);
    return { name, path, source: decodeUtf8(await readFile(path), name) };
  } catch (thrown) {
    throw unreadable(name, thrown);
  }
}

/**
 * Replaces the file's text in one step: readers see the old text or the new one. Error
 * notebook-changed when the file no longer holds what was read.
 */
export async function writeNotebookFile(file: NotebookFile, text: string): Promise<void> {
  const { name, path, source } = file;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const { mode } = await stat(path);
    const handle = await open(temporary, "wx", mode & 0o777);
    try {
      await handle.writeFile(encodeUtf8(text));
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!Buffer.from(encodeUtf8(source)).equals(await readFile(path))) {
      throw new VqaError("notebook-changed", `${name} was changed while it was being answered; it was left as it is.`, "Run the command again.", { data: { path } });
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (thrown instanceof VqaError) throw thrown;
    throw new VqaError("notebook-unreadable", `${name} cannot be written: ${(thrown as Error).message}`, "Check that the file and its folder can be written to.", {
      cause: thrown,
      data: { path },
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  EACCES: "reading it is not allowed",
};

function unreadable(name: string, thrown: unknown): VqaError {
  if (thrown instanceof FormatError) return new VqaError("notebook-unreadable", thrown.message, thrown.next, { cause: thrown, data: { path: name } });
  const { code, message } = thrown as NodeJS.ErrnoException;
  return new VqaError("notebook-unreadable", `${name} cannot be read: ${REASONS[code ?? ""] ?? message}.`, "Check the path of the notebook.", {
    cause: thrown,
    data: { path: name },
  });
}
