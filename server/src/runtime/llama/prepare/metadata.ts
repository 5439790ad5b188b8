/** Metadata of the prepared model's files. */
import { VqaError } from "../../../engine/errors.js";
import { TYPE_ARRAY, TYPE_STRING, type GgufEntry, type GgufHeader } from "../gguf.js";
import { GgufHead, text } from "./head.js";
import { SCALE_KEY } from "../slotRows.js";
import { SLOTS_COUNT, SLOTS_FIRST, type PreparePlan } from "./plan.js";

/** Attribute of the slots' tokens: never cut out of ordinary text (`LLAMA_TOKEN_TYPE_CONTROL`). */
const CONTROL = 3;
const NORMAL = 1;
const INT32 = 5;

export interface SplitNumbers {
  readonly no: number;
  readonly count: number;
  /** Of all files together. */
  readonly tensors: number;
}

export function splitEntries(head: GgufHead, { no, count, tensors }: SplitNumbers): void {
  head.uint16("split.no", no);
  head.uint16("split.count", count);
  head.int32("split.tensors.count", tensors);
}

/** All metadata of the original, with the slots among the tokens. `original` is its header as it lies in the file. */
export function firstMetadata(original: Buffer, { metadata, entries }: GgufHeader, plan: PreparePlan, split: SplitNumbers): GgufHead {
  const { first, count } = plan.slots;
  const head = new GgufHead();
  const names = slotNames(original, entries.get("tokenizer.ggml.tokens")!, count);
  const more: Readonly<Record<string, () => Buffer>> = {
    "tokenizer.ggml.tokens": () => Buffer.concat(names.map(text)),
    "tokenizer.ggml.scores": () => Buffer.alloc(4 * count),
    "tokenizer.ggml.token_type": () => int32s(count, CONTROL),
  };
  for (const [key, entry] of entries) {
    if (key.startsWith("split.")) continue;
    const add = more[key];
    if (add === undefined) head.raw(original.subarray(entry.start, entry.end));
    else head.array(key, entry.elementType!, first + count, Buffer.concat([original.subarray(entry.valueStart + 12, entry.end), add()]));
  }
  if (!entries.has("tokenizer.ggml.token_type")) {
    head.array("tokenizer.ggml.token_type", INT32, first + count, Buffer.concat([int32s(first, NORMAL), int32s(count, CONTROL)]));
  }
  // llama.cpp tells sizes of some models by their vocabulary: it must not seem to have grown.
  const vocabulary = `${plan.architecture}.vocab_size`;
  if (!metadata.has(vocabulary)) head.uint32(vocabulary, first);
  splitEntries(head, split);
  head.uint32(SLOTS_FIRST, first);
  head.uint32(SLOTS_COUNT, count);
  head.float32(SCALE_KEY, plan.rowScale);
  return head;
}

/** Error: model-damaged when the file holds such names already. */
function slotNames(original: Buffer, tokens: GgufEntry, count: number): string[] {
  if (tokens.type !== TYPE_ARRAY || tokens.elementType !== TYPE_STRING || original.subarray(tokens.valueStart, tokens.end).includes("<|vqa-slot-")) {
    throw new VqaError("model-damaged", "The model's list of tokens cannot be extended.", "Download the model again.");
  }
  return Array.from({ length: count }, (_, i) => `<|vqa-slot-${i}|>`);
}

function int32s(count: number, value: number): Buffer {
  const bytes = Buffer.alloc(4 * count);
  for (let i = 0; i < count; i++) bytes.writeInt32LE(value, 4 * i);
  return bytes;
}
