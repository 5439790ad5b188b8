/**
 * A loaded GGUF together with its visual slots. Two ways to show it embeddings:
 *
 * - live: rows are written into the mapped file and seen at once. Used when the check at load shows
 *   that the model sees them (measured on Linux x86-64, node-llama-cpp 3.22.1: logits are then equal
 *   bit by bit to those of the token whose row was copied).
 * - reload: rows are written into a fresh copy of the file and the model is loaded from that. Every
 *   context is lost with the old model; `epoch` counts the loads so that sessions notice.
 */
import { InsufficientMemoryError, TokenBias, type Llama, type LlamaContext, type LlamaModel, type Token } from "node-llama-cpp";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import { loadGguf, outOfMemory } from "./backend.js";
import { readGgufHeader } from "./gguf.js";
import { architectureOf } from "./prepare/architecture.js";
import { PrivateFile } from "./privateFile.js";
import { shardsOf } from "./split.js";
import { SlotRows, rowLayout, type RowLayout, type SlotRange } from "./slotRows.js";

export interface SlotModelOptions {
  readonly file: string;
  readonly width: number;
  readonly slots: SlotRange;
  readonly contextSize: number;
  readonly threads: number;
  /** Layers of the model on the device; the rest stays with the processor. */
  readonly deviceLayers: number;
  readonly tempRoot?: string;
  /** False forces the reload way: for file systems where the check passes by luck, and for tests. */
  readonly useMmap: boolean;
}

/**
 * Positions that llama.cpp evaluates in one go, and between which a stop is honoured. On the CPU
 * larger ones bring nothing: the embedded model read 316 positions on one busy core at 4500 to 9800
 * positions a second in batches of 64, 4600 to 4800 in 128 and 3500 to 6500 in 512.
 */
const CPU_BATCH = 64;
const GPU_BATCH = 512;

export function batchOf(llama: Llama): number {
  return llama.gpu === false ? CPU_BATCH : GPU_BATCH;
}

export class SlotModel {
  /** Counts loads of the model. */
  epoch = 0;
  live = true;

  private loaded: LlamaModel | undefined;
  private slotBan: TokenBias | undefined;

  private constructor(
    private readonly llama: Llama,
    private readonly options: SlotModelOptions,
    private readonly file: PrivateFile,
    private rows: SlotRows,
    readonly layout: RowLayout,
  ) {}

  /** Errors: model-missing, model-damaged, model-unsupported, limit-exceeded, cancelled. */
  static async open(llama: Llama, options: SlotModelOptions, signal?: AbortSignal): Promise<SlotModel> {
    const header = readGgufHeader(options.file);
    // Slots of such a model would be read, each with one number for a position: refused, not half right.
    architectureOf(header, options.file);
    const layout = rowLayout(header, options.file, options.width, options.slots);
    const file = await PrivateFile.create(shardsOf(options.file, header), options.tempRoot, signal);
    let model: SlotModel | undefined;
    try {
      model = new SlotModel(llama, options, file, new SlotRows(file.path, layout), layout);
      await model.load(signal);
      await model.check(signal);
      return model;
    } catch (thrown) {
      await (model?.dispose() ?? file.dispose());
      throw thrown;
    }
  }

  get batch(): number {
    return batchOf(this.llama);
  }

  get model(): LlamaModel {
    if (this.loaded === undefined) throw new VqaError("internal", "The language model is closed.");
    return this.loaded;
  }

  /** Forbids the slots in the output: they are inputs only. */
  get bias(): TokenBias {
    if (this.slotBan === undefined) {
      const { first, count } = this.layout.slots;
      const ids = Array.from({ length: count }, (_, i) => (first + i) as Token);
      this.slotBan = TokenBias.for(this.model).set(ids, "never");
    }
    return this.slotBan;
  }

  async createContext(contextSize = this.options.contextSize): Promise<LlamaContext> {
    const { threads } = this.options;
    try {
      return await this.model.createContext({
        contextSize,
        batchSize: Math.min(contextSize, this.batch),
        sequences: 1,
        threads,
        // On the CPU it gains nothing and rounds differently from the reference.
        ...(this.llama.gpu === false ? { flashAttention: false } : {}),
      });
    } catch (thrown) {
      if (thrown instanceof InsufficientMemoryError) throw outOfMemory(this.options.file, thrown);
      throw VqaError.from(thrown, "model-unsupported");
    }
  }

  /** Makes slot i stand for row i of `embeddings`. May start a new epoch. */
  async show(embeddings: Float32Array): Promise<void> {
    if (this.live) this.rows.write(embeddings);
    // Not stopped half-way: loading is short beside the evaluation that follows it.
    else if (!this.rows.holds(embeddings)) await this.reload((rows) => rows.write(embeddings));
  }

  /** Loads the model again where a reload failed, on a full disk for example. */
  async ready(): Promise<void> {
    if (this.loaded === undefined) await this.load(undefined);
  }

  async dispose(): Promise<void> {
    await this.unload();
    this.rows.close();
    await this.file.dispose();
  }

  private async load(signal: AbortSignal | undefined): Promise<void> {
    const { file: named, useMmap, deviceLayers } = this.options;
    this.loaded = await loadGguf(this.llama, this.file.path, { named, useMmap, deviceLayers }, signal);
    this.epoch++;
  }

  private async unload(): Promise<void> {
    await this.loaded?.dispose();
    this.loaded = undefined;
    this.slotBan = undefined;
  }

  private async reload(write: (rows: SlotRows) => void, signal?: AbortSignal): Promise<void> {
    await this.unload();
    await this.file.renew();
    const old = this.rows;
    this.rows = new SlotRows(this.file.path, this.layout);
    old.close();
    write(this.rows);
    await this.load(signal);
  }

  /**
   * Gives slot 0 the rows of two ordinary tokens, one after the other: the model must then answer to
   * the slot as it answers to each of them. Otherwise writes do not reach it, and it is put to the
   * same test in the reload way.
   */
  private async check(signal: AbortSignal | undefined): Promise<void> {
    const [a, b] = this.twoTokens();
    this.live = (await this.sees(a, signal)) && (await this.sees(b, signal));
    if (this.live) return;
    await this.reload((rows) => rows.writeRaw(rows.readRaw(a)), signal);
    if (!(await this.matches(a, signal))) {
      throw new VqaError(
        "model-unsupported",
        `${this.options.file}: the model does not read the embeddings that are written into its slots.`,
        "Use a model pack that was made for visual slots.",
        { data: { file: this.options.file } },
      );
    }
  }

  private async sees(token: number, signal: AbortSignal | undefined): Promise<boolean> {
    this.rows.writeRaw(this.rows.readRaw(token));
    return this.matches(token, signal);
  }

  private async matches(token: number, signal: AbortSignal | undefined): Promise<boolean> {
    const context = await this.createContext(256);
    try {
      const sequence = context.getSequence();
      const logits = async (id: number): Promise<Map<Token, number>> => {
        throwIfAborted(signal);
        await sequence.clearHistory();
        const out = await sequence.controlledEvaluate([[id as Token, { generateNext: { logits: true } }]]);
        return out[0]?.next.logits ?? new Map<Token, number>();
      };
      const want = await logits(token);
      const got = await logits(this.layout.slots.first);
      return want.size > 0 && [...want].every(([id, logit]) => Math.abs(logit - (got.get(id) ?? NaN)) < 1e-3);
    } finally {
      await context.dispose();
    }
  }

  /** Two ordinary tokens whose rows differ, taken from the middle of the vocabulary. */
  private twoTokens(): [number, number] {
    const { slots, vocabulary } = this.layout;
    const ordinary = slots.first > 1 ? slots.first : vocabulary;
    const start = Math.floor(ordinary / 2);
    const first = this.rows.readRaw(start);
    for (let i = 1; i < ordinary; i++) {
      const other = (start + i) % ordinary;
      if (!this.rows.readRaw(other).equals(first)) return [start, other];
    }
    throw new VqaError("model-damaged", `${this.options.file}: all its embeddings are equal.`, "Install the model pack again.", {
      data: { file: this.options.file },
    });
  }
}
