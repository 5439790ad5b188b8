/** The language model port on node-llama-cpp, with visual embeddings fed through slots. */
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import type { LanguageModel, Piece } from "../../engine/ports.js";
import { backendName, llamaBackend, type GpuSetting } from "./backend.js";
import { Mutex } from "./mutex.js";
import { EMPTY_PROMPT, appendPieces, countPositions, type Prompt, type Tokenize } from "./prompt.js";
import { LlamaSession } from "./session.js";
import { SlotModel } from "./slotModel.js";
import type { SlotRange } from "./slotRows.js";
import { idleThreads } from "./threads.js";

export interface LlamaModelOptions {
  /** Absolute path of the GGUF file; it is copied, never written. */
  readonly file: string;
  /** Width of its embeddings. */
  readonly width: number;
  /** Positions of a context. */
  readonly contextSize: number;
  readonly slots: SlotRange;
  /** Texts that end an answer, besides the model's own end tokens. */
  readonly stop?: readonly string[];
  /** Default: the idle cores. */
  readonly threads?: number;
  /** Default: false, the CPU. */
  readonly gpu?: GpuSetting;
  /** Layers on the device; default: none. */
  readonly deviceLayers?: number;
  /** Folder for the private copy; default: the system's folder for temporary files. */
  readonly tempRoot?: string;
  /** Default true. False takes the slower way of reloading the model for every video. */
  readonly useMmap?: boolean;
}

/** Errors: model-missing, model-damaged, model-unsupported, limit-exceeded, cancelled. */
export async function openLlamaModel(options: LlamaModelOptions, signal?: AbortSignal): Promise<LlamaLanguageModel> {
  throwIfAborted(signal);
  const llama = await llamaBackend(options.gpu ?? false);
  throwIfAborted(signal);
  const slots = await SlotModel.open(
    llama,
    {
      file: options.file,
      width: options.width,
      slots: options.slots,
      contextSize: options.contextSize,
      threads: options.threads ?? idleThreads(),
      useMmap: options.useMmap ?? true,
      deviceLayers: options.deviceLayers ?? 0,
      ...(options.tempRoot === undefined ? {} : { tempRoot: options.tempRoot }),
    },
    signal,
  );
  return new LlamaLanguageModel(slots, `${await backendName(llama)}${slots.live ? "" : ", slots by reloading"}`, options);
}

export class LlamaLanguageModel implements LanguageModel {
  readonly width: number;
  readonly contextSize: number;
  readonly maxVisual: number;
  /** The slots and their rows belong to the model, so its sessions take turns. */
  private readonly turns = new Mutex();
  private readonly sessions = new Set<LlamaSession>();
  private disposed = false;

  constructor(
    private readonly slots: SlotModel,
    readonly engine: string,
    private readonly options: LlamaModelOptions,
  ) {
    this.width = options.width;
    this.contextSize = options.contextSize;
    this.maxVisual = options.slots.count;
  }

  /** False where every new video makes the model load again. */
  get liveSlots(): boolean {
    return this.slots.live;
  }

  countTokens(pieces: readonly Piece[]): number {
    return countPositions(pieces, this.tokenize);
  }

  async session(): Promise<LlamaSession> {
    if (this.disposed) throw new VqaError("internal", "The language model is closed.");
    const session = new LlamaSession(this.slots, {
      compile: (base: Prompt, pieces: readonly Piece[]) =>
        appendPieces(base, pieces, this.tokenize, this.options.slots, this.width),
      stop: this.options.stop ?? [],
      contextSize: this.contextSize,
      turns: this.turns,
      onDispose: () => this.sessions.delete(session),
    });
    this.sessions.add(session);
    return session;
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    for (const session of [...this.sessions]) await session.dispose();
    await this.turns.run(() => this.slots.dispose());
  }

  /** Positions of a prompt made of `pieces` alone; for tests and diagnostics. */
  tokens(pieces: readonly Piece[]): readonly number[] {
    return appendPieces(EMPTY_PROMPT, pieces, this.tokenize, this.options.slots, this.width).tokens;
  }

  private readonly tokenize: Tokenize = (text, special) => this.slots.model.tokenize(text, special);
}
