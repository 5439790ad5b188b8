/** Files of other programs: read in pieces, and written whole or not at all. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, open, readdir, readFile, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { FormatError, type Source } from "../../format/index.js";
import { decodeText } from "../ffmpeg/subtitles/text.js";

/** Files that are read as a whole, because they are of one video, may be this long. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;

/** Errors of the library and of the file system, as the command line reports them. */
export function fileError(name: string, thrown: unknown): VqaError {
  if (thrown instanceof VqaError) return thrown;
  if (thrown instanceof FormatError) {
    const code = thrown.code === "unknown-format" ? "invalid-request" : thrown.code === "too-large" ? "limit-exceeded" : "notebook-unreadable";
    return new VqaError(code, thrown.message, thrown.next, { cause: thrown, data: { path: name } });
  }
  const { code, message } = thrown as NodeJS.ErrnoException;
  // What has no code of the system is a fault of ours.
  if (code === undefined) return VqaError.from(thrown);
  const why = { ENOENT: "it does not exist", EISDIR: "it is a folder", EACCES: "it is not allowed", ENOSPC: "the disk is full" }[code] ?? message;
  return new VqaError("notebook-unreadable", `${name} cannot be used: ${why}.`, "Check the path.", { cause: thrown, data: { path: name } });
}

/** The text of a file in pieces. Error: not UTF-8. */
export function textFile(path: string, name: string, signal: AbortSignal): Source {
  return {
    name,
    async *chunks() {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      const decode = (bytes?: Uint8Array): string => {
        try {
          return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
        } catch {
          throw new FormatError("not-utf8", `${name} is not UTF-8 text.`, "Save the file as UTF-8.");
        }
      };
      for await (const bytes of createReadStream(path)) {
        throwIfAborted(signal);
        yield decode(bytes as Buffer);
      }
      yield decode();
    },
  };
}

/** A file that is read whole, in whatever encoding it is. `onGuess` is told of an encoding that is not certain. */
export function wholeFile(path: string, name: string, onGuess: (encoding: string) => void): Source {
  return {
    name,
    async *chunks() {
      const { size } = await stat(path);
      if (size > MAX_WHOLE_BYTES) throw new FormatError("too-large", `${name} has ${size} bytes; a file of one video has ${MAX_WHOLE_BYTES} at most.`, "Check that the file is of this format.");
      const decoded = decodeText(await readFile(path));
      if (decoded === undefined) throw new FormatError("bad-file", `${name} is not text.`, "Check that it is the right file.");
      if (decoded.guessed !== undefined) onGuess(decoded.guessed);
      yield decoded.text;
    },
  };
}

/** The first characters of a file, for recognising it; undecodable bytes do not matter here. */
export async function beginningOf(path: string, characters: number): Promise<string> {
  const facts = await stat(path);
  if (!facts.isFile()) throw Object.assign(new Error("it is no regular file"), { code: facts.isDirectory() ? "EISDIR" : "EINVAL" });
  const handle = await open(path, "r");
  try {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(characters, facts.size)) });
    const bytes = buffer.subarray(0, bytesRead);
    const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
    return new TextDecoder(utf16).decode(bytes);
  } finally {
    await handle.close();
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function refuseOverwrite(paths: readonly string[]): VqaError {
  const shown = paths.slice(0, 3).join(", ") + (paths.length > 3 ? ` and ${paths.length - 3} more` : "");
  return new VqaError("invalid-request", `${shown} ${paths.length === 1 ? "exists" : "exist"} already; nothing was written.`, "Write elsewhere with --out, or replace with --force.", {
    data: { paths: paths.slice(0, 100) },
  });
}

/** Gives a finished file its name: whole at once, and not over another file unless `force`. */
export async function place(temporary: string, target: string, force: boolean): Promise<void> {
  if (force) return rename(temporary, target);
  try {
    // A link does not replace, as a rename would.
    await link(temporary, target);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST" || (await exists(target))) throw refuseOverwrite([target]);
    // File systems without links.
    return rename(temporary, target);
  }
  await rm(temporary);
}

/** Removes what killed processes left of a file in the making. Only for files that no other process writes. */
export async function sweep(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  for (const entry of await readdir(folder).catch(() => [])) {
    if (entry.startsWith(`.${name}.`) && /^[0-9a-f]{12}\.tmp$/.test(entry.slice(name.length + 2))) await rm(join(folder, entry), { force: true });
  }
}

/** A file in the making. Pieces are gathered, so that each write is worth its cost. */
export class FileWriter {
  #pieces: string[] = [];
  #length = 0;
  readonly #hash = createHash("sha256");

  private constructor(
    private readonly handle: FileHandle,
    private readonly temporary: string,
    readonly path: string,
  ) {}

  static async create(path: string): Promise<FileWriter> {
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
    return new FileWriter(await open(temporary, "wx"), temporary, path);
  }

  async write(text: string): Promise<void> {
    this.#pieces.push(text);
    this.#length += text.length;
    if (this.#length >= 1 << 18) await this.#flush();
  }

  /** sha256 of what was written, as hex. */
  async digest(): Promise<string> {
    await this.#flush();
    return this.#hash.copy().digest("hex");
  }

  async finish(force: boolean): Promise<void> {
    await this.#flush();
    await this.handle.sync();
    await this.handle.close();
    await place(this.temporary, this.path, force);
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    this.#hash.update(text);
    await this.handle.appendFile(text);
  }
}
