import type { AskRequest } from "./answer.js";
import { VqaError } from "./errors.js";
import type { DecodeOptions } from "./ports.js";

/** Greedy, and long enough for a few sentences; the seed only matters when the temperature is not 0. */
const DEFAULT_DECODE: DecodeOptions = { temperature: 0, seed: 42, maxTokens: 64, repetitionPenalty: 1 };

/** More than any film has. */
const MAX_RATE = 1000;

/** Fills what the request leaves open. Error: `invalid-request`. */
export function decodeOptions(asked: AskRequest["decode"]): DecodeOptions {
  const options = {
    temperature: asked?.temperature ?? DEFAULT_DECODE.temperature,
    seed: asked?.seed ?? DEFAULT_DECODE.seed,
    maxTokens: asked?.maxTokens ?? DEFAULT_DECODE.maxTokens,
    repetitionPenalty: asked?.repetitionPenalty ?? DEFAULT_DECODE.repetitionPenalty,
  };
  const { temperature, seed, maxTokens, repetitionPenalty } = options;
  if (!(temperature >= 0 && temperature <= 10)) throw invalid("The temperature", temperature, "a number from 0 to 10");
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) throw invalid("The seed", seed, "a whole number from 0 to 4294967295");
  if (!Number.isInteger(maxTokens) || maxTokens < 1) throw invalid("The max-tokens", maxTokens, "a whole number from 1");
  if (!(repetitionPenalty > 0 && repetitionPenalty <= 10)) {
    throw invalid("The repetition penalty", repetitionPenalty, "a number above 0, up to 10");
  }
  return options;
}

/** Error: `invalid-request` for a request that no video could answer. */
export function checkRequest({ question, choices, frames, strategy, rate }: AskRequest): void {
  if (question.trim() === "") throw new VqaError("invalid-request", "The question is empty.", "Write a question.");
  if (frames !== undefined && (!Number.isInteger(frames) || frames < 1)) throw invalid("The number of frames", frames, "a whole number from 1");
  if (rate !== undefined && !(rate > 0 && rate <= MAX_RATE)) throw invalid("The number of frames a second", rate, `a number above 0, up to ${MAX_RATE}`);
  if (strategy === "fps" && rate === undefined) throw new VqaError("invalid-request", "Frames by the second are wanted, and not how many.", "Say how many a second, such as 1.");
  if (choices?.length === 1) {
    throw new VqaError("invalid-request", `"${question}" has a single choice.`, "Give two choices or more, or none.");
  }
  const empty = choices?.findIndex((text) => text.trim() === "") ?? -1;
  if (empty >= 0) {
    throw new VqaError("invalid-request", `Choice ${empty + 1} of "${question}" is empty.`, "Write its text or take it out.");
  }
}

function invalid(what: string, value: number, wanted: string): VqaError {
  return new VqaError("invalid-request", `${what} is ${value}.`, `Use ${wanted}.`);
}
