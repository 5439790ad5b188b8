/**
 * A copy of a model's first file that belongs to this process alone. Visual slots are written into it
 * while it is mapped, so two processes that shared it would overwrite each other's videos. The other
 * files of a split model are only read: they get a second name beside the copy.
 */
import * as fs from "node:fs";
import * as fsp from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { VqaError, throwIfAborted } from "../../engine/errors.js";

const PREFIX = "vqa-slots-";

/** Folders to remove when the process ends in order; a killed process leaves them to the next sweep. */
const live = new Set<string>();
let hooked = false;

export class PrivateFile {
  private generation = 0;
  private current = "";

  private constructor(
    private readonly files: readonly string[],
    private readonly folder: string,
  ) {}

  /** `files` are those of the model, the first one first. Error: limit-exceeded when the copy does not fit on the disk. */
  static async create(files: readonly string[], root: string = os.tmpdir(), signal?: AbortSignal): Promise<PrivateFile> {
    await sweep(root);
    throwIfAborted(signal);
    // mkdtemp makes the folder with mode 0700.
    const folder = await fsp.mkdtemp(path.join(root, `${PREFIX}${process.pid}-`));
    hook(folder);
    const file = new PrivateFile(files, folder);
    try {
      await file.renew();
      throwIfAborted(signal);
      return file;
    } catch (thrown) {
      await file.dispose();
      throw thrown;
    }
  }

  get path(): string {
    return this.current;
  }

  /** Replaces the copy by a fresh one under another name. Nobody may have the old one mapped. */
  async renew(): Promise<void> {
    const old = this.current;
    const [source, ...shared] = this.files as readonly [string, ...string[]];
    const folder = path.join(this.folder, String(this.generation++));
    const next = path.join(folder, path.basename(source));
    try {
      await fsp.mkdir(folder, { mode: 0o700 });
      await fsp.copyFile(source, next, fs.constants.COPYFILE_FICLONE);
      // The source may be read-only; the copy must take rows.
      await fsp.chmod(next, 0o600);
      for (const each of shared) await secondName(each, path.join(folder, path.basename(each)));
    } catch (thrown) {
      throw new VqaError(
        "limit-exceeded",
        `Cannot copy ${source} to ${folder}: ${(thrown as Error).message}`,
        "Free some space in the folder for temporary files, or point TMPDIR elsewhere.",
        { cause: thrown, data: { file: source } },
      );
    }
    this.current = next;
    if (old !== "") await fsp.rm(path.dirname(old), { recursive: true, force: true }).catch(() => undefined);
  }

  async dispose(): Promise<void> {
    live.delete(this.folder);
    // On Windows a file that is still mapped cannot be removed: the next sweep takes it.
    await fsp.rm(this.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Windows lets few people make symbolic links, and a hard link needs the same disk: a copy always works. */
async function secondName(file: string, name: string): Promise<void> {
  const target = await fsp.realpath(file);
  for (const way of [fsp.symlink, fsp.link]) {
    try {
      return await way(target, name);
    } catch {
      // The next way.
    }
  }
  await fsp.copyFile(target, name, fs.constants.COPYFILE_FICLONE);
}

/**
 * Removes the folders of one process, which has ended: whoever killed it need not leave gigabytes to the
 * next sweep. At once, since its caller may be about to end as well.
 */
export function sweepAfter(pid: number, root: string = os.tmpdir()): void {
  try {
    for (const name of fs.readdirSync(root)) if (name.startsWith(`${PREFIX}${pid}-`)) fs.rmSync(path.join(root, name), { recursive: true, force: true });
  } catch {
    // The next sweep takes them.
  }
}

/** Removes the folders of processes that no longer run. */
export async function sweep(root: string): Promise<void> {
  const names = await fsp.readdir(root).catch(() => [] as string[]);
  for (const name of names) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? NaN);
    if (!Number.isInteger(pid) || isRunning(pid)) continue;
    await fsp.rm(path.join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it runs, and belongs to somebody else.
    return (thrown as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function hook(folder: string): void {
  live.add(folder);
  if (hooked) return;
  hooked = true;
  process.once("exit", () => {
    for (const each of live) {
      try {
        fs.rmSync(each, { recursive: true, force: true });
      } catch {
        // Left to the next sweep.
      }
    }
  });
}
