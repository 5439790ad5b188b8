/**
 * Notebooks that grow while a dataset is read, one for each video. Their texts wait in memory up to a
 * limit and in a folder of their own beyond it, so that memory does not grow with the dataset. They
 * get their names at the end, all of them or none.
 */
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { throwIfAborted } from "../../engine/errors.js";
import { printHeader, printRun, RecordPrinter, stemOf, type ConvertRecord, type ImportFormat, type Losses, type Pairs } from "../../format/index.js";
import { exists, place, refuseOverwrite } from "./files.js";
import { videoFolder, type VideoFolder } from "./videoFolder.js";

const MAX_WAITING = 4 * 1024 * 1024;

interface Growing {
  readonly video: string;
  readonly format: ImportFormat;
  readonly printer: RecordPrinter;
  readonly runs: Set<string>;
  readonly entries: (readonly [string, string])[];
  /** Its text that is not yet in the folder. */
  waiting: string[];
  /** Its number in the folder; undefined while it has nothing there. */
  stored: number | undefined;
}

/** A notebook that would be written. */
export interface Sample {
  readonly video: string;
  readonly text: string;
}

export interface WrittenNotebook {
  readonly path: string;
  readonly video: string;
  readonly format: string;
}

export class NotebookFolder {
  readonly #growing = new Map<string, Growing>();
  /** Records of runs, which many notebooks share. */
  readonly #runs = new Map<string, Pairs>();
  #waiting = 0;
  #stored = 0;

  private constructor(
    private readonly folder: string,
    private readonly staging: string,
    private readonly videos: VideoFolder | undefined,
    private readonly losses: Losses,
    /** Texts of so many notebooks are kept, and nothing is ever written to the folder. */
    private readonly shown: number | undefined,
  ) {}

  /**
   * @param videos the folder of the videos, for the `video:` lines
   * @param preview leaves the folder alone, and keeps the texts of so many notebooks
   */
  static async create(folder: string, videos: string | undefined, losses: Losses, preview?: { readonly notebooks: number }): Promise<NotebookFolder> {
    if (preview === undefined) await mkdir(folder, { recursive: true });
    const files = await videoFolder(videos);
    return new NotebookFolder(folder, await mkdtemp(preview === undefined ? join(folder, ".vqa-import-") : join(tmpdir(), "vqa-preview-")), files, losses, preview?.notebooks);
  }

  async add(video: string, record: ConvertRecord, format: ImportFormat): Promise<void> {
    let growing = this.#growing.get(video);
    if (growing === undefined) {
      growing = { video, format, printer: new RecordPrinter(this.losses), runs: new Set(), entries: [], waiting: [], stored: undefined };
      this.#growing.set(video, growing);
    }
    if (record.kind === "header") {
      growing.entries.push(...record.entries);
      return;
    }
    const { text, runs } = growing.printer.print(record, `${video}: ${record.text}`);
    if (text === "") return;
    for (const [id, run] of runs) {
      growing.runs.add(id);
      this.#runs.set(id, run);
    }
    if (this.shown !== undefined && !this.#isShown(growing)) return;
    growing.waiting.push(text);
    this.#waiting += text.length;
    if (this.#waiting > MAX_WAITING) await this.#store();
  }

  /** Videos that were not in the folder of the videos. */
  missing(): readonly string[] {
    return this.videos === undefined ? [] : [...this.#growing.keys()].filter((video) => this.videos?.find(video) === undefined);
  }

  /** Where the notebooks go. */
  targets(): readonly WrittenNotebook[] {
    return [...this.#targets()].map(([path, { video, format }]) => ({ path, video, format: format.name }));
  }

  /** Of a preview: the first notebooks, as they would be. */
  async samples(): Promise<readonly Sample[]> {
    const samples: Sample[] = [];
    for (const growing of [...this.#growing.values()].slice(0, this.shown ?? 0)) samples.push({ video: growing.video, text: await this.#text(growing) });
    return samples;
  }

  /** Error invalid-request, when a notebook is there already and `force` is not given: nothing is written. */
  async finish(force: boolean, signal: AbortSignal): Promise<readonly WrittenNotebook[]> {
    const targets = this.#targets();
    if (!force) {
      const present: string[] = [];
      for (const path of targets.keys()) if (await exists(path)) present.push(path);
      if (present.length > 0) throw refuseOverwrite(present);
    }
    const finished: (readonly [temporary: string, path: string])[] = [];
    for (const [path, growing] of targets) {
      throwIfAborted(signal);
      const temporary = join(this.staging, `${finished.length}.vqa`);
      await writeFile(temporary, await this.#text(growing));
      finished.push([temporary, path]);
    }
    for (const [temporary, path] of finished) await place(temporary, path, force);
    return [...targets].map(([path, { video, format }]) => ({ path, video, format: format.name }));
  }

  /** Removes what is left of the work; finished notebooks stay. */
  async dispose(): Promise<void> {
    await rm(this.staging, { recursive: true, force: true });
  }

  #targets(): ReadonlyMap<string, Growing> {
    const targets = new Map<string, Growing>();
    const taken = new Set<string>();
    for (const growing of this.#growing.values()) targets.set(join(this.folder, `${freeName(growing.video, taken)}.vqa`), growing);
    return targets;
  }

  #isShown(growing: Growing): boolean {
    let place = 0;
    for (const each of this.#growing.values()) {
      if (place++ >= (this.shown ?? 0)) return false;
      if (each === growing) return true;
    }
    return false;
  }

  async #store(): Promise<void> {
    for (const growing of this.#growing.values()) {
      if (growing.waiting.length === 0) continue;
      const separator = growing.stored === undefined ? "" : "\n";
      growing.stored ??= this.#stored++;
      await appendFile(join(this.staging, `${growing.stored}.part`), separator + growing.waiting.join("\n"));
      growing.waiting = [];
    }
    this.#waiting = 0;
  }

  async #text(growing: Growing): Promise<string> {
    const { video, format, entries, stored, waiting, runs } = growing;
    const before = stored === undefined ? [] : [await readFile(join(this.staging, `${stored}.part`), "utf8")];
    const records = [...runs].map((id) => printRun(id, this.#runs.get(id) ?? []));
    return printHeader(this.#header(video, format, entries), video, this.losses) + [...before, ...waiting, ...records].join("\n");
  }

  #header(video: string, format: ImportFormat, entries: readonly (readonly [string, string])[]): Pairs {
    const found = this.videos?.find(video);
    const given = entries.find(([key]) => key === "video")?.[1];
    const path = found === undefined ? (given ?? video) : relative(this.folder, found).split(sep).join("/");
    const known = entries.some(([key]) => key === "dataset.video");
    const own: (readonly [string, string])[] = [["video", path]];
    if (format.isDataset && !entries.some(([key]) => key === "dataset")) own.push(["dataset", format.name]);
    if (!known && (format.isDataset || (!format.oneVideo && path !== video))) own.push(["dataset.video", video]);
    const first = entries.findIndex(([key]) => key === "video");
    return [...own, ...entries.filter((_, i) => i !== first)];
  }
}

/** A file name for the video that no folder, and no system, takes for anything else. */
function freeName(video: string, taken: Set<string>): string {
  const plain = stemOf(video)
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, "_")
    .replace(/^\.+|[. ]+$/g, "_")
    .slice(0, 150);
  const base = plain === "" || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(plain) ? `_${plain}` : plain;
  let name = base;
  // Names that differ in case only are one file on some systems.
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}~${n}`;
  taken.add(name.toLowerCase());
  return name;
}
