/** The results of a batch, from its journal, in the order of its inputs; written whole or not at all. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { VqaError } from "../../engine/errors.js";
import type { Outcome } from "../../engine/batch/item.js";
import type { Prediction } from "../../engine/evaluate/prediction.js";
import type { Journal } from "../../runtime/batch/journal.js";
import { FileWriter, sweep } from "../../runtime/datasets/files.js";
import { notebooksInto } from "./notebooks.js";
import { predictionLine } from "./predictions.js";
import { chatGptRecords } from "./chatGpt.js";
import type { Plan, PlannedItem } from "./plan.js";

export const RESULTS = ["predictions", "video-chatgpt", "captions", "vqa"] as const;
export type ResultKind = (typeof RESULTS)[number];

export interface OutputOptions {
  readonly folder: string;
  readonly kind: ResultKind;
  /** `.2-of-4` for a share of the batch. */
  readonly suffix: string;
  readonly force: boolean;
}

export interface Written {
  readonly files: readonly string[];
  /** Items without an outcome, and with an error. */
  readonly open: number;
  readonly failed: number;
}

/** Error `invalid-request` when a result is there that this batch did not write; nothing is written then. */
export async function writeResults(plan: Plan, journal: Journal<Outcome>, options: OutputOptions, signal: AbortSignal): Promise<Written> {
  const { folder, kind, suffix } = options;
  const own = await OwnFiles.open(join(folder, ".vqa-batch", `written${suffix}.json`));
  const files: string[] = [];
  const writers: FileWriter[] = [];
  let open = 0;
  let failed = 0;
  const writer = async (name: string): Promise<FileWriter> => {
    const path = join(folder, name);
    if (!options.force) await own.check(path);
    await sweep(path);
    const made = await FileWriter.create(path);
    writers.push(made);
    files.push(path);
    return made;
  };
  try {
    const errors = new LazyFile(() => writer(`errors${suffix}.jsonl`));
    const outcomes = async function* (): AsyncGenerator<readonly [PlannedItem, Outcome]> {
      open = 0;
      failed = 0;
      for await (const item of plan.items(signal)) {
        const outcome = await journal.get(item.key);
        if (outcome === undefined) {
          open++;
          continue;
        }
        if ("error" in outcome) {
          failed++;
          await errors.line({ video: item.video, ...(item.facts.id === undefined ? {} : { id: item.facts.id }), question: item.request.question, error: outcome.error });
        }
        yield [item, outcome];
      }
    };
    if (kind === "vqa") {
      files.push(...(await notebooksInto(folder, suffix, outcomes(), own, options.force, signal)));
    } else if (kind === "video-chatgpt") {
      const out = await writer(`predictions${suffix}.json`);
      let first = true;
      for await (const record of chatGptRecords(outcomes())) {
        await out.write(`${first ? "[\n" : ",\n"}${JSON.stringify(record)}`);
        first = false;
      }
      await out.write(first ? "[]\n" : "\n]\n");
    } else {
      const out = await writer(`${kind}${suffix}.jsonl`);
      for await (const [item, outcome] of outcomes()) await out.write(`${JSON.stringify(kind === "captions" ? captionLine(predictionLine(item, outcome)) : predictionLine(item, outcome))}\n`);
    }
    for (const each of writers) {
      await own.note(each.path, await each.digest());
      await each.finish(true);
    }
    // Of an earlier start, when something still failed.
    if (!errors.used) await own.remove(join(folder, `errors${suffix}.jsonl`));
    return { files, open, failed };
  } catch (thrown) {
    for (const each of writers) await each.discard();
    throw thrown;
  }
}

function captionLine({ video, pred, model, error }: Prediction): unknown {
  return { video, caption: pred, ...(model === undefined ? {} : { model }), ...(error === undefined ? {} : { error }) };
}

/** A file that exists only when something is written to it. */
class LazyFile {
  #writer: FileWriter | undefined;

  constructor(private readonly create: () => Promise<FileWriter>) {}

  get used(): boolean {
    return this.#writer !== undefined;
  }

  async line(value: unknown): Promise<void> {
    this.#writer ??= await this.create();
    await this.#writer.write(`${JSON.stringify(value)}\n`);
  }
}

/**
 * Which files of the folder the batch wrote itself, by what they hold: those it may replace, others and
 * changed ones not. The list is on the disk before the files are, so that no kill makes our own look foreign.
 */
export class OwnFiles {
  private constructor(
    private readonly path: string,
    private readonly digests: Map<string, string[]>,
    private readonly others: readonly Record<string, string[]>[],
  ) {}

  /** Shares of one batch write notebooks to one folder: what another share wrote is the batch's too. */
  static async open(path: string): Promise<OwnFiles> {
    const names = (await readdir(dirname(path)).catch(() => [])).filter((name) => /^written.*\.json$/.test(name) && name !== basename(path));
    const others = await Promise.all(names.map((name) => readList(join(dirname(path), name))));
    return new OwnFiles(path, new Map(Object.entries(await readList(path))), others);
  }

  async check(path: string): Promise<void> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return;
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (this.digests.get(path)?.includes(digest) === true || this.others.some((list) => list[path]?.includes(digest) === true)) return;
    throw new VqaError("invalid-request", `${path} is there already, and was not written by this batch or was changed since.`, "Move it away, or replace it with --force.", { data: { path } });
  }

  /** Says that a file will hold this from now on. */
  async note(path: string, digest: string): Promise<void> {
    this.digests.set(path, [...(this.digests.get(path) ?? []).slice(-1), digest]);
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(this.path, JSON.stringify(Object.fromEntries(this.digests)), { flush: true });
  }

  async remove(path: string): Promise<void> {
    if (!this.digests.has(path)) return;
    const ours = await this.check(path).then(() => true, () => false);
    if (ours) await rm(path, { force: true });
  }
}

async function readList(path: string): Promise<Record<string, string[]>> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Record<string, string[]>;
  } catch {
    // None yet, or torn by a kill: then the files count as foreign, and --force is asked for.
    return {};
  }
}
