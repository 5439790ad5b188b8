import { formatChoice, formatSampling, inputId, SAMPLING_WORDS, type NewAnswer, type Question, type RunRecord } from "../format/index.js";
import type { Answer, AskRequest } from "./answer.js";
import { answerInputs } from "./inputs.js";
import type { DecodeOptions } from "./ports.js";

/** An answer as the notebook keeps it: the text of its M line, its fields, and the RUN that it refers to. */
export function recordOf(question: Question, request: AskRequest, answer: Answer, date: string): NewAnswer {
  return { question, ...answerRecord(request, answer, date) };
}

/** The same without the question that it belongs to. */
export function answerRecord(request: AskRequest, answer: Answer, date: string): Omit<NewAnswer, "question"> {
  const { choice, probabilities, provenance, timings } = answer;
  const p = choice === undefined ? undefined : probabilities?.[choice];
  return {
    run: runOf(request, answer, date),
    in12: inputId(answerInputs(request, provenance)),
    fields: { t: `${Math.round(timings.totalMs)}ms`, ...(p === undefined ? {} : { p: p.toFixed(2) }) },
    text: choice === undefined ? answer.text : formatChoice(choice, answer.text),
  };
}

function runOf(request: AskRequest, { provenance }: Answer, date: string): RunRecord {
  return {
    date,
    model: provenance.modelId,
    "model.sha256": provenance.modelDigest,
    engine: provenance.engine.join(", "),
    composer: provenance.composer,
    prompt: provenance.promptId,
    sampling: `${samplingLine(request, provenance)}${provenance.long === undefined ? "" : ` by ${provenance.long.way}`}`,
    decode: decodeLine(provenance.decode),
  };
}

/** As a header has it. Systems' own rules count as `uniform`: `composer` names the system. */
function samplingLine({ frameMode = "exact" }: AskRequest, { strategy, requestedFrames, rate }: Answer["provenance"]): string {
  const known = SAMPLING_WORDS.find((word) => word === strategy) ?? "uniform";
  return formatSampling({ strategy: known, frames: requestedFrames, mode: frameMode, ...(rate === undefined ? {} : { rate }) });
}

/** `temperature=0 seed=42 max-tokens=64`, and the repetition penalty where it does something. */
export function decodeLine({ temperature, seed, maxTokens, repetitionPenalty }: DecodeOptions): string {
  const penalty = repetitionPenalty === 1 ? "" : ` repetition-penalty=${repetitionPenalty}`;
  return `temperature=${temperature} seed=${seed} max-tokens=${maxTokens}${penalty}`;
}
