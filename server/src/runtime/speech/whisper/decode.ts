/**
 * Greedy decoding of one window, and what is done when it goes wrong (arXiv 2212.04356, section 4.5):
 * text that repeats itself or that the model itself finds unlikely is decoded again, ever more freely.
 */
import { deflateSync } from "node:zlib";
import { throwIfAborted } from "../../../engine/errors.js";
import { applyRules, logSoftmax, type RuleIds } from "./rules.js";
import type { Utterance } from "./decoder.js";

const TEMPERATURES = [0, 0.2, 0.4, 0.6, 0.8, 1];
/** Of zlib's: text that shrinks more repeats itself. */
const MOST_COMPRESSION = 2.4;
const LEAST_LOG_PROB = -1;
const NO_SPEECH = 0.6;

export interface Said {
  /** After the prompt, without the end. */
  readonly ids: readonly number[];
  /** Mean log probability of the tokens, the end included. */
  readonly logProb: number;
  /** How likely the model finds it that nobody speaks; 0 when it has no token for that. */
  readonly noSpeech: number;
}

export interface DecodeSettings {
  readonly prompt: readonly number[];
  readonly rules: RuleIds;
  readonly noSpeech: number | undefined;
  /** Most tokens after the prompt. */
  readonly most: number;
  readonly vocabulary: number;
}

/** Nothing when nobody speaks. */
export async function decodeWindow(begin: () => Utterance, settings: DecodeSettings, text: (ids: readonly number[]) => string, signal?: AbortSignal): Promise<readonly number[]> {
  let said: Said | undefined;
  for (const temperature of TEMPERATURES) {
    said = await decodeOnce(begin(), settings, temperature, signal);
    if (said.noSpeech > NO_SPEECH && said.logProb < LEAST_LOG_PROB) return [];
    if (said.logProb >= LEAST_LOG_PROB && compression(text(said.ids)) <= MOST_COMPRESSION) return said.ids;
  }
  return said?.ids ?? [];
}

/** How many times shorter zlib makes it. */
export function compression(text: string): number {
  const bytes = Buffer.from(text, "utf8");
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}

async function decodeOnce(utterance: Utterance, { prompt, rules, noSpeech, most, vocabulary }: DecodeSettings, temperature: number, signal?: AbortSignal): Promise<Said> {
  const random = seeded(Math.round(temperature * 10));
  const ids: number[] = [];
  let logits = await utterance.next(prompt);
  const nobody = noSpeech === undefined ? 0 : Math.exp(logSoftmax(logits.slice(0, vocabulary))[noSpeech]!);
  let sum = 0;
  for (;;) {
    throwIfAborted(signal);
    const last = logits.slice(-vocabulary);
    applyRules(last, ids, rules);
    const log = logSoftmax(last);
    const id = temperature === 0 ? argmax(log) : draw(last, temperature, random);
    sum += log[id]!;
    if (id === rules.end || ids.length >= most) break;
    ids.push(id);
    logits = await utterance.next([id]);
  }
  return { ids, logProb: sum / (ids.length + 1), noSpeech: nobody };
}

export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function draw(logits: Float32Array, temperature: number, random: () => number): number {
  const log = logSoftmax(logits.map((value) => value / temperature));
  let left = random();
  for (let i = 0; i < log.length; i++) if ((left -= Math.exp(log[i]!)) <= 0) return i;
  return argmax(log);
}

/** Mulberry32: the same window is written down in the same way every time. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
