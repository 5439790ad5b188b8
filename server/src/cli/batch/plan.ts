/**
 * All items of a batch, in the order of its inputs: made anew for each reading, so that memory does not
 * grow with what is in them.
 */
import { createHash } from "node:crypto";
import { throwIfAborted, VqaError, type SerializedError } from "../../engine/errors.js";
import { questionType } from "../../engine/grade.js";
import { identityOf, shardOf, type BatchItem, type ItemFacts } from "../../engine/batch/item.js";
import type { AskRequest } from "../../engine/answer.js";
import type { ImportFormat, Fields, QuestionRecord } from "../../format/index.js";

/** What an item came from; results are put back there. */
export type Origin =
  | { readonly kind: "video"; readonly name: string; readonly path: string }
  | { readonly kind: "notebook"; readonly name: string; readonly path: string; readonly question: number }
  | { readonly kind: "dataset"; readonly format: ImportFormat; readonly question: QuestionRecord };

export interface PlannedItem extends BatchItem {
  readonly origin: Origin;
}

/** An item before it has its key. */
export interface Draft {
  /** What it is told apart by besides its question: the notebook, or nothing. */
  readonly group: string;
  readonly video: string;
  readonly model: string;
  readonly request: AskRequest;
  readonly facts: ItemFacts;
  readonly origin: Origin;
  readonly obstacle?: SerializedError;
}

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** Whether an item is of a share, by a hash of its video's name. */
function inShard({ group, video }: Draft, { index, of }: Shard): boolean {
  return shardOf(createHash("sha256").update(group === "" ? video : group).digest("hex"), of) === index;
}

export class Plan {
  /** Keys that occur several times; all others are known to be alone. */
  #repeated: ReadonlySet<string> | undefined;

  constructor(
    private readonly drafts: (signal: AbortSignal) => AsyncIterable<Draft>,
    private readonly limit: number | undefined,
    private readonly shard: Shard | undefined,
  ) {}

  /** Reads all once. */
  async count(signal: AbortSignal): Promise<number> {
    const seen = new Set<string>();
    const repeated = new Set<string>();
    let count = 0;
    for await (const draft of this.#limited(signal)) {
      const key = keyOf(draft);
      if (seen.has(key)) repeated.add(key);
      seen.add(key);
      if (this.shard === undefined || inShard(draft, this.shard)) count++;
    }
    this.#repeated = repeated;
    return count;
  }

  async *items(signal: AbortSignal): AsyncGenerator<PlannedItem> {
    if (this.#repeated === undefined) await this.count(signal);
    const times = new Map<string, number>();
    for await (const draft of this.#limited(signal)) {
      let key = keyOf(draft);
      if (this.#repeated?.has(key) === true) {
        const time = (times.get(key) ?? 0) + 1;
        times.set(key, time);
        if (time > 1) key = `${key}.${time}`;
      }
      // The count of repeated ones must not depend on the share.
      if (this.shard !== undefined && !inShard(draft, this.shard)) continue;
      const { group: _, ...item } = draft;
      yield { key, ...item };
    }
  }

  async *#limited(signal: AbortSignal): AsyncGenerator<Draft> {
    let n = 0;
    for await (const draft of this.drafts(signal)) {
      throwIfAborted(signal);
      if (this.limit !== undefined && ++n > this.limit) return;
      yield draft;
    }
  }
}

function keyOf({ group, video, facts, model, request }: Draft): string {
  return createHash("sha256").update(identityOf(group, video, facts.id, model, request)).digest("hex").slice(0, 20);
}

/** What datasets call the type of a question, or what its id or heading tells. */
const TYPE_FIELDS = ["type", "task_type", "question_type", "task", "category"];

export function typeOf(id: string | undefined, fields: Fields, heading?: string): string | undefined {
  for (const key of TYPE_FIELDS) {
    const value = fields[key];
    if (typeof value === "string" || typeof value === "number") return String(value);
  }
  return questionType(id, heading);
}

export function obstacleOf(thrown: unknown): SerializedError {
  const { code, message, next } = VqaError.from(thrown);
  return { code, message, next, data: {} };
}
