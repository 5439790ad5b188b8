/**
 * What a batch has done, a line each, on the disk before it counts. A process that is killed leaves
 * whole lines and at most one that is torn, which the next start cuts off; so nothing that was done is
 * done again, and nothing is taken for done that was not.
 */
import { randomBytes } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, openSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, truncate, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { VqaError } from "../../engine/errors.js";

const VERSION = 1;

/** What the lines of a batch's journal have in common; two batches differ in it. */
export type JournalHead = Readonly<Record<string, unknown>>;

interface Line {
  readonly key: string;
}

interface Place {
  readonly journal: number;
  readonly offset: number;
  readonly length: number;
  /** Neither an error nor damaged. */
  readonly ok: boolean;
}

export interface JournalFacts {
  /** Lines whose key was there already; the first one counts. */
  readonly repeated: number;
  /** Whole lines that cannot be read. */
  readonly damaged: number;
  /** Bytes of a line that was being written when the process ended. */
  readonly torn: number;
}

/** Several journals of one batch are read as one; lines go to the first. Memory: about 150 bytes a line. */
export class Journal<T extends Line> {
  readonly #places = new Map<string, Place>();
  readonly #handles: FileHandle[] = [];
  #end = 0;
  #failed: unknown;
  #turn: Promise<void> = Promise.resolve();
  facts: JournalFacts = { repeated: 0, damaged: 0, torn: 0 };

  private constructor(
    readonly path: string,
    private readonly isOk: (line: T) => boolean,
  ) {}

  /**
   * Opens or begins a journal. Errors: `invalid-request` when it belongs to a batch with another head
   * or is none.
   * @param others journals of other shares of the batch, which are only read
   */
  static async open<T extends Line>(path: string, head: JournalHead, isOk: (line: T) => boolean, others: readonly string[] = []): Promise<Journal<T>> {
    const journal = new Journal<T>(path, isOk);
    await mkdir(dirname(path), { recursive: true });
    await begin(path, head);
    try {
      for (const [number, file] of [path, ...others].entries()) {
        journal.#handles.push(await open(file, number === 0 ? "r+" : "r"));
        const end = await journal.#read(file, number, head);
        if (number === 0) journal.#end = end;
      }
    } catch (thrown) {
      await journal.close();
      throw thrown;
    }
    return journal;
  }

  get size(): number {
    return this.#places.size;
  }

  /** `ok`, `error`, or undefined when nothing was noted yet. */
  state(key: string): "ok" | "error" | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : place.ok ? "ok" : "error";
  }

  /** Resolves when the line is on the disk. A key that is there with success stays as it is. */
  append(line: T): Promise<boolean> {
    const done = this.#turn.then(() => this.#append(line));
    this.#turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async get(key: string): Promise<T | undefined> {
    const place = this.#places.get(key);
    const handle = place === undefined ? undefined : this.#handles[place.journal];
    if (place === undefined || handle === undefined) return undefined;
    const { buffer } = await handle.read({ buffer: Buffer.alloc(place.length), position: place.offset });
    return JSON.parse(buffer.toString("utf8")) as T;
  }

  async close(): Promise<void> {
    await this.#turn;
    for (const handle of this.#handles.splice(0)) await handle.close();
  }

  async #append(line: T): Promise<boolean> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#places.get(line.key)?.ok === true) return false;
    const handle = this.#handles[0];
    if (handle === undefined) throw new VqaError("internal", `${this.path} is closed.`);
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      await handle.write(text, 0, text.length, this.#end);
      await handle.datasync();
    } catch (thrown) {
      // Half a line may stand there now; going on would bury it.
      this.#failed = new VqaError("limit-exceeded", `${this.path} cannot be written: ${(thrown as Error).message}`, "Make room on the disk and start again; what was noted is kept.", { cause: thrown });
      throw this.#failed;
    }
    this.#places.set(line.key, { journal: 0, offset: this.#end, length: text.length - 1, ok: this.isOk(line) });
    this.#end += text.length;
    return true;
  }

  /** The places of its lines; returns where the last whole one ends. What follows in our own file is cut off. */
  async #read(path: string, journal: number, head: JournalHead): Promise<number> {
    let { repeated, damaged, torn } = this.facts;
    let rest: Buffer[] = [];
    let lineStart = 0;
    let at = 0;
    let first = true;
    const take = (bytes: Buffer, offset: number): void => {
      const text = bytes.toString("utf8");
      if (first) {
        first = false;
        checkHead(path, text, head);
        return;
      }
      const line = parsed<T>(text);
      if (line === undefined) {
        damaged++;
        return;
      }
      const known = this.#places.get(line.key);
      const ok = this.isOk(line);
      if (known?.ok === true) repeated++;
      // A later success replaces an error; nothing else replaces anything.
      if (known === undefined || (!known.ok && (ok || known.journal === journal))) this.#places.set(line.key, { journal, offset, length: bytes.length, ok });
    };
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        const bytes = Buffer.concat([...rest, chunk.subarray(from, end)]);
        rest = [];
        take(bytes, lineStart);
        from = end + 1;
        lineStart = at + from;
      }
      if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)));
      at += chunk.length;
    }
    if (first) throw notOurs(path);
    if (at > lineStart && journal === 0) {
      torn += at - lineStart;
      await truncate(path, lineStart);
    }
    this.facts = { repeated, damaged, torn };
    return lineStart;
  }
}

/** The first line comes into being together with the file, so that there is no journal without one. */
async function begin(path: string, head: JournalHead): Promise<void> {
  try {
    const handle = await open(path, "r");
    await handle.close();
    return;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
  }
  // Left by a process that was killed in what follows.
  for (const entry of await readdir(dirname(path))) if (entry.startsWith(`${basename(path)}.`) && entry.endsWith(".tmp")) await rm(join(dirname(path), entry), { force: true });
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  const handle = await open(temporary, "wx");
  try {
    await handle.writeFile(`${JSON.stringify({ "vqa-journal": VERSION, ...head })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  syncFolder(dirname(path));
}

/** A new name is on the disk when its folder is. Not every system can. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows has no such thing, and needs none.
  }
}

function checkHead(path: string, text: string, wanted: JournalHead): void {
  const head = parsed<Record<string, unknown> & Line>(text, false);
  if (head?.["vqa-journal"] !== VERSION) throw notOurs(path);
  const different = [...new Set([...Object.keys(wanted), ...Object.keys(head)])].filter((key) => key !== "vqa-journal" && JSON.stringify(head[key]) !== JSON.stringify(wanted[key]));
  if (different.length === 0) return;
  const shown = different.map((key) => `${key} was ${JSON.stringify(head[key] ?? null)} and is ${JSON.stringify(wanted[key] ?? null)}`).join("; ");
  throw new VqaError("invalid-request", `${path} is of a batch with other settings: ${shown}.`, "Use the same settings, or another folder.", { data: { path } });
}

function notOurs(path: string): VqaError {
  return new VqaError("invalid-request", `${path} is no journal of a batch.`, "Use another folder.", { data: { path } });
}

function parsed<T extends Line>(text: string, keyed = true): T | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return !keyed || typeof (value as { key?: unknown }).key === "string" ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
