/** What becomes of each tensor when a model is prepared for visual slots. */
import { VqaError } from "../../../engine/errors.js";
import { blockOf, GGML_F16, GGML_F32, typeName } from "../ggml.js";
import type { GgufHeader, GgufTensor } from "../gguf.js";
import { architectureOf, type RowScale } from "./architecture.js";
import { valueReader } from "./dequantise.js";

export type RowType = typeof GGML_F32 | typeof GGML_F16;

/** `auto` keeps every value as long as the table stays below this, and halves the table above. */
const EXACT_TABLE_BYTES = 512 * 2 ** 20;

export interface SourceFile {
  readonly path: string;
  readonly header: GgufHeader;
}

export interface OutTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
  /** Where its values come from, and how many zero bytes follow for the slots. */
  readonly from: GgufTensor;
  readonly file: number;
  readonly zeroBytes: number;
}

export interface PreparePlan {
  readonly architecture: string;
  readonly width: number;
  readonly slots: { readonly first: number; readonly count: number };
  readonly rowType: RowType;
  /** Whether every embedding of the original is kept exactly; otherwise it is rounded to F16. */
  readonly exactRows: boolean;
  readonly rowScale: RowScale;
  /** Whether the output matrix, which was the token table, is written by itself as it was. */
  readonly untied: boolean;
  /** Whether the model's outputs stay what they were. False when its output matrix had to be converted. */
  readonly exactOutput: boolean;
  readonly table: OutTensor;
  /** By file of the original: the tensors of its rewritten form in their order, or undefined where it is taken over whole. */
  readonly shards: readonly (readonly OutTensor[] | undefined)[];
}

export interface PlanOptions {
  /** Most visual positions of a prompt. */
  readonly slots: number;
  readonly rows: "auto" | "f16" | "f32";
}

/** Error: model-unsupported for models that slots cannot serve or that are prepared already; model-damaged. */
export function planPreparation(files: readonly SourceFile[], { slots: count, rows }: PlanOptions): PreparePlan {
  const [first] = files as [SourceFile];
  const refuse = (why: string, next: string): VqaError => new VqaError("model-unsupported", `${first.path}: ${why}.`, next, { data: { file: first.path } });
  const architecture = architectureOf(first.header, first.path);
  if (first.header.metadata.has(SLOTS_COUNT)) throw refuse("it has visual slots already", "Use it as it is, or restore the original first.");

  const where = new Map<string, { readonly tensor: GgufTensor; readonly file: number }>();
  files.forEach(({ header }, file) => header.tensors.forEach((tensor) => where.set(tensor.name, { tensor, file })));
  const table = where.get("token_embd.weight");
  const [width, vocabulary] = table?.tensor.dimensions ?? [];
  if (table === undefined || width === undefined || vocabulary === undefined || table.tensor.dimensions.length !== 2) {
    throw refuse("it has no matrix token_embd.weight", "Use a language model; encoders and projectors have no tokens.");
  }
  const tokens = first.header.metadata.get("tokenizer.ggml.tokens");
  if (typeof tokens !== "object" || tokens.arrayLength !== vocabulary) {
    throw refuse(`it names ${typeof tokens === "object" ? tokens.arrayLength : 0} tokens for ${vocabulary} embeddings`, "Download the model again.");
  }
  if (valueReader(table.tensor.type) === undefined) {
    throw refuse(`its token embeddings are ${typeName(table.tensor.type)}, which is not read here`, "Use another quantisation of the model, such as Q8_0 or Q4_K_M.");
  }

  const rowType = chooseRowType(table.tensor.type, rows, (vocabulary + count) * width);
  const exactRows = rowType === GGML_F32 || table.tensor.type === GGML_F16;
  const tied = !where.has("output.weight");
  const untied = tied && rowType !== table.tensor.type && !architecture.alwaysTied;
  const exactOutput = !tied || untied || rowType === table.tensor.type;

  const extended = (tensor: GgufTensor, file: number, name = tensor.name): OutTensor => {
    const last = tensor.dimensions.length - 1;
    const dimensions = tensor.dimensions.map((size, i) => (i === last ? size + count : size));
    return { name, dimensions, type: tensor.type, from: tensor, file, zeroBytes: (tensor.bytes / vocabulary) * count };
  };
  const byToken = ({ name, dimensions }: GgufTensor): boolean => BY_TOKEN.test(name) && dimensions.at(-1) === vocabulary;

  const shards = files.map(({ header }, file): OutTensor[] | undefined => {
    const tensors = [...header.tensors.values()].sort((a, b) => a.offset - b.offset);
    if (file > 0 && !tensors.some((tensor) => tensor === table.tensor || byToken(tensor))) return undefined;
    return tensors.flatMap((tensor): OutTensor[] => {
      if (tensor === table.tensor) return untied ? [extended(tensor, file, "output.weight")] : [];
      if (blockOf(tensor.type) === undefined) throw refuse(`${tensor.name} has ${typeName(tensor.type)}, which is not known here`, "Update this program.");
      return [byToken(tensor) ? extended(tensor, file) : { name: tensor.name, dimensions: tensor.dimensions, type: tensor.type, from: tensor, file, zeroBytes: 0 }];
    });
  });

  return {
    architecture: architecture.name,
    width,
    slots: { first: vocabulary, count },
    rowType,
    exactRows,
    rowScale: architecture.rowScale,
    untied,
    exactOutput,
    table: { ...extended(table.tensor, table.file), type: rowType },
    shards,
  };
}

/** Tensors with a row, or an entry, for each token; those of speculative heads among them. */
const BY_TOKEN = /^(output\.(weight|bias)|blk\.\d+\.nextn\.(embed_tokens|shared_head_head)\.weight)$/;

export const SLOTS_FIRST = "vqa.slots.first";
export const SLOTS_COUNT = "vqa.slots.count";

function chooseRowType(source: number, wanted: PlanOptions["rows"], values: number): RowType {
  if (wanted !== "auto") return wanted === "f32" ? GGML_F32 : GGML_F16;
  if (source === GGML_F16 || source === GGML_F32) return source;
  return values * 4 <= EXACT_TABLE_BYTES ? GGML_F32 : GGML_F16;
}
