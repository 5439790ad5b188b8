/**
 * One conversation on a loaded model. All state follows from one rule: the KV cache holds the first
 * `nextTokenIndex` positions of `evaluated`, and `align` makes it hold those of another prompt by
 * erasing from the first difference and evaluating the rest. So an interrupted call, a cache that
 * cannot be cut (it then starts again from position 0) and a reloaded model are all the same case.
 */
import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import type {
  ContinuationScore,
  DecodeOptions,
  Generation,
  LanguageSession,
  Piece,
  PrefillStats,
  StopReason,
} from "../../engine/ports.js";
import type { Mutex } from "./mutex.js";
import { EMPTY_PROMPT, firstDifference, hasSlots, type Prompt } from "./prompt.js";
import type { SlotModel } from "./slotModel.js";
import { TextStream } from "./textStream.js";

export interface SessionOptions {
  compile(base: Prompt, pieces: readonly Piece[]): Prompt;
  readonly stop: readonly string[];
  readonly contextSize: number;
  readonly turns: Mutex;
  onDispose(): void;
}

/** Generated tokens that the repetition penalty looks back at. */
const PENALTY_WINDOW = 64;

export class LlamaSession implements LanguageSession {
  private prefix: Prompt = EMPTY_PROMPT;
  private evaluated: Prompt = EMPTY_PROMPT;
  private context: LlamaContext | undefined;
  private sequence: LlamaContextSequence | undefined;
  private epoch = -1;
  private disposed = false;

  constructor(
    private readonly slots: SlotModel,
    private readonly options: SessionOptions,
  ) {}

  /** When it fails the old prefix stays. Positions before the first change are not evaluated again. */
  setPrefix(pieces: readonly Piece[], signal?: AbortSignal): Promise<PrefillStats> {
    return this.turn(async () => {
      const start = performance.now();
      const prompt = this.options.compile(EMPTY_PROMPT, pieces);
      this.checkRoom(prompt);
      const evaluated = await this.align(prompt, prompt.tokens.length, signal);
      this.prefix = prompt;
      return { positions: prompt.tokens.length, evaluated, ms: performance.now() - start };
    }, signal);
  }

  /**
   * Temperature 0 is greedy; above it, plain sampling from the whole distribution with `seed`. The
   * repetition penalty looks at the last 64 generated tokens, not at the prompt. Ends with
   * `max-tokens` also when the context is full. A stop before the first token is the error
   * `cancelled`; later it returns what there is, with `stop: "stopped"`.
   */
  generate(
    pieces: readonly Piece[],
    options: DecodeOptions,
    onText: (delta: string) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<Generation> {
    const start = performance.now();
    return this.turn(async () => {
      const prompt = this.options.compile(this.prefix, pieces);
      this.checkRoom(prompt);
      this.checkNotEmpty(prompt);
      try {
        await this.align(prompt, prompt.tokens.length - 1, signal);
        return await this.decode(prompt, options, onText, start, signal);
      } finally {
        await this.rollBack(this.prefix);
      }
    }, signal);
  }

  /**
   * Teacher-forced log-probabilities, natural logarithm, over the vocabulary without the slots; the
   * end of the answer is not part of them. Each continuation is tokenised on its own, without control tokens.
   */
  score(pieces: readonly Piece[], continuations: readonly string[], signal?: AbortSignal): Promise<readonly ContinuationScore[]> {
    return this.turn(async () => {
      const prompt = this.options.compile(this.prefix, pieces);
      this.checkNotEmpty(prompt);
      const texts = continuations.map((text) => this.slots.model.tokenize(text, false));
      for (const text of texts) this.checkRoom(prompt, text.length);
      try {
        return await this.scoreTokens(prompt, texts, signal);
      } finally {
        await this.rollBack(this.prefix);
      }
    }, signal);
  }

  /** Raw logits of the token after prefix + `pieces` + the token ids `then`, by token id; slots included. */
  logits(pieces: readonly Piece[], then: readonly number[] = [], signal?: AbortSignal): Promise<Float32Array> {
    return this.turn(async () => {
      const { tokens, rows } = this.options.compile(this.prefix, pieces);
      const prompt: Prompt = { tokens: [...tokens, ...then], rows };
      this.checkRoom(prompt);
      this.checkNotEmpty(prompt);
      try {
        await this.align(prompt, prompt.tokens.length - 1, signal);
        const out = await this.ready().controlledEvaluate([[prompt.tokens.at(-1) as Token, { generateNext: { logits: true } }]]);
        const all = new Float32Array(this.slots.layout.vocabulary).fill(-Infinity);
        for (const [token, logit] of out[0]?.next.logits ?? []) all[token] = logit;
        return all;
      } finally {
        await this.rollBack(this.prefix);
      }
    }, signal);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.options.turns.run(() => this.dropContext());
    this.options.onDispose();
  }

  private async decode(
    prompt: Prompt,
    options: DecodeOptions,
    onText: (delta: string) => void,
    start: number,
    signal: AbortSignal | undefined,
  ): Promise<Generation> {
    throwIfAborted(signal);
    const { model } = this.slots;
    const generated: Token[] = [];
    const stream = new TextStream(
      (tokens, before) => model.detokenize(tokens as readonly Token[], false, before as readonly Token[]),
      this.options.stop,
      onText,
    );
    const room = Math.min(options.maxTokens, this.options.contextSize - 1 - prompt.tokens.length);
    const stopTokens = this.stopTokens();
    let stop: StopReason = "max-tokens";
    let firstTokenMs = 0;
    const tokens = this.ready().evaluate([prompt.tokens.at(-1) as Token], {
      temperature: options.temperature,
      seed: options.seed,
      topK: 0,
      topP: 1,
      tokenBias: this.slots.bias,
      yieldEogToken: true,
      ...(options.repetitionPenalty === 1
        ? {}
        : { repeatPenalty: { punishTokens: () => generated.slice(-PENALTY_WINDOW), penalty: options.repetitionPenalty } }),
    });
    try {
      while (generated.length < room) {
        const next = await tokens.next();
        if (next.done === true) break;
        const token = next.value;
        if (firstTokenMs === 0) firstTokenMs = performance.now() - start;
        if (model.isEogToken(token) || stopTokens.has(token)) {
          stop = "end";
          break;
        }
        generated.push(token);
        if (stream.push(token)) {
          stop = "end";
          break;
        }
        if (signal?.aborted) {
          stop = "stopped";
          break;
        }
      }
    } finally {
      await tokens.return();
    }
    stream.end();
    return { text: stream.text, tokens: generated.length, stop, firstTokenMs, totalMs: performance.now() - start };
  }

  private async scoreTokens(
    prompt: Prompt,
    continuations: readonly (readonly Token[])[],
    signal: AbortSignal | undefined,
  ): Promise<ContinuationScore[]> {
    const end = prompt.tokens.length;
    await this.align(prompt, end - 1, signal);
    // The prompt's last position answers for the first token of every continuation at once.
    const firsts = continuations.map((tokens) => tokens[0]).filter((token) => token !== undefined);
    const [first] = await this.ready().controlledEvaluate([this.withLogits(prompt.tokens.at(-1) as Token, firsts)]);
    const scores: ContinuationScore[] = [];
    for (const tokens of continuations) {
      throwIfAborted(signal);
      const rest =
        tokens.length < 2
          ? []
          : await this.ready().controlledEvaluate(
              tokens.slice(0, -1).map((token, i) => this.withLogits(token, [tokens[i + 1] as Token])),
            );
      const steps = [first, ...rest];
      const logProb = tokens.reduce((sum, token, i) => sum + logProbability(steps[i], token), 0);
      scores.push({ logProb, tokens: tokens.length });
      if (rest.length > 0) await this.rollBack(prompt, end);
      // A cache that cannot be cut is empty now.
      await this.align(prompt, end, signal);
    }
    return scores;
  }

  private withLogits(token: Token, of: readonly Token[]): [Token, object] {
    return [
      token,
      {
        generateNext: {
          logits: { filter: { tokens: of, includeTop: 1 } },
          totalLogitWeight: true,
          options: { tokenBias: this.slots.bias },
        },
      },
    ];
  }

  /** Stop texts that are one control token never show up in the text. */
  private stopTokens(): ReadonlySet<number> {
    const { model } = this.slots;
    return new Set(this.options.stop.map((text) => model.tokenize(text, true)).flatMap((tokens) => {
      const [only] = tokens;
      return tokens.length === 1 && only !== undefined && model.isSpecialToken(only) ? [only] : [];
    }));
  }

  /** Makes the cache hold exactly the first `end` positions of `prompt`; returns how many it evaluated. */
  private async align(prompt: Prompt, end: number, signal: AbortSignal | undefined): Promise<number> {
    throwIfAborted(signal);
    await this.ensureContext();
    await this.rollBack(prompt, end);
    let start = this.ready().nextTokenIndex;
    if (hasSlots(prompt, start, end, this.slots.layout.slots)) {
      await this.slots.show(prompt.rows);
      await this.ensureContext();
      start = this.ready().nextTokenIndex;
    }
    this.evaluated = prompt;
    const { batch } = this.slots;
    for (let at = start; at < end; at += batch) {
      throwIfAborted(signal);
      const part = prompt.tokens.slice(at, Math.min(end, at + batch)) as unknown as Token[];
      await this.ready().evaluateWithoutGeneratingNewTokens(part);
    }
    throwIfAborted(signal);
    return end - start;
  }

  /** Cuts the cache back to what it has in common with the first `end` positions of `prompt`. */
  private async rollBack(prompt: Prompt, end = prompt.tokens.length): Promise<void> {
    const { sequence } = this;
    if (sequence === undefined || sequence.disposed || this.epoch !== this.slots.epoch) return;
    const { layout } = this.slots;
    const limit = Math.min(end, sequence.nextTokenIndex);
    const common = firstDifference(this.evaluated, prompt, limit, layout.slots, layout.width);
    if (common < sequence.nextTokenIndex) {
      // Without shifting: positions keep their place. Where the cache cannot be cut it is emptied
      // instead of being evaluated here, where the slots may hold another video.
      await sequence.adaptStateToTokens(sequence.contextTokens.slice(0, common), false);
    }
  }

  private async ensureContext(): Promise<void> {
    if (this.sequence !== undefined && !this.sequence.disposed && this.epoch === this.slots.epoch) return;
    await this.dropContext();
    this.context = await this.slots.createContext();
    this.sequence = this.context.getSequence({
      // The default erases from the beginning, which is the video. `checkRoom` keeps this from being reached.
      contextShift: {
        strategy: () => {
          throw new VqaError("context-overflow", "The context is full.", "Ask with fewer frames or fewer subtitles.");
        },
      },
    });
    this.epoch = this.slots.epoch;
    this.evaluated = EMPTY_PROMPT;
  }

  private async dropContext(): Promise<void> {
    const { context } = this;
    this.context = undefined;
    this.sequence = undefined;
    if (context !== undefined && !context.disposed) await context.dispose();
  }

  private ready(): LlamaContextSequence {
    if (this.sequence === undefined) throw new VqaError("internal", "The session is closed.");
    return this.sequence;
  }

  /** One position stays free for the first token of the answer, one is llama.cpp's own. */
  private checkRoom(prompt: Prompt, more = 0): void {
    const positions = prompt.tokens.length + more;
    const room = this.options.contextSize - 2;
    if (positions <= room) return;
    throw new VqaError(
      "context-overflow",
      `The prompt has ${positions} positions; the model has room for ${room}.`,
      "Ask with fewer frames or fewer subtitles.",
      { data: { positions, room, contextSize: this.options.contextSize } },
    );
  }

  private checkNotEmpty(prompt: Prompt): void {
    if (prompt.tokens.length === 0) throw new VqaError("invalid-request", "The prompt is empty.", "Ask a question.");
  }

  private turn<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.options.turns.run(async () => {
      if (this.disposed) throw new VqaError("internal", "The session is closed.");
      await this.slots.ready();
      try {
        return await work();
      } catch (thrown) {
        // An error of the library itself: what the cache holds is not known any more.
        if (!(thrown instanceof VqaError)) await this.dropContext();
        throw VqaError.from(thrown);
      }
    }, signal);
  }
}

interface Step {
  readonly next: { readonly logits?: Map<Token, number>; readonly totalLogitWeight?: number };
}

/** logit - max - ln(sum of exp(logit - max)): the map's first entry is the maximum. */
function logProbability(step: Step | undefined, token: Token): number {
  const logits = step?.next.logits;
  const logit = logits?.get(token);
  const weight = step?.next.totalLogitWeight;
  if (logits === undefined || logit === undefined || weight === undefined) {
    throw new VqaError("internal", "The language model returned no logits.");
  }
  return logit - Math.max(...logits.values()) - Math.log(weight);
}
