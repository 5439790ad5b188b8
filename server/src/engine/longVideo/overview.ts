import type { SummarisedClip } from "../answer.js";
import { formatClock } from "../clock.js";
import { throwIfAborted } from "../errors.js";
import type { PromptRenderer } from "../interleave.js";
import type { DecodeOptions, LanguageModel, LanguageSession, Piece } from "../ports.js";
import { VqaError } from "../errors.js";

export interface Overview {
  /** The prompt up to the question: what happens in the clips, each with its time. */
  readonly prefix: readonly Piece[];
  readonly question: readonly Piece[];
  /** How often summaries were summarised until they fitted. */
  readonly rounds: number;
}

export interface OverviewRequest {
  readonly clips: readonly SummarisedClip[];
  readonly durationMs: number;
  /** As it will stand in the prompt, choices included. */
  readonly question: string;
  readonly answerTokens: number;
  readonly summary: { readonly question: string; readonly maxTokens: number };
}

/**
 * The summaries of all clips as one prompt without a frame (Goldfish with k = all). Those that do not fit
 * the model's context are summarised themselves, in groups that do, until they fit: no part of the video
 * is left out. Error: `context-overflow` when not even two summaries fit.
 */
export async function overviewOf(
  { clips, durationMs, question: asked, answerTokens, summary }: OverviewRequest,
  renderer: PromptRenderer,
  language: LanguageModel,
  session: LanguageSession,
  signal?: AbortSignal,
): Promise<Overview> {
  const about = renderer.about(durationMs);
  const layOut = (told: readonly Told[]): readonly Piece[] =>
    about
      .prefix(told.map(({ startMs, text }) => ({ timeMs: startMs, cues: [{ text: `${formatClock(startMs)} ${text}` }] })), [])
      .filter((piece) => piece.kind !== "slot");
  const question = about.question(asked);
  const again = about.question(summary.question);
  const room = (turn: readonly Piece[], answer: number): number => language.contextSize - language.countTokens(turn) - answer;
  const fits = (told: readonly Told[], turn: readonly Piece[], answer: number): boolean => language.countTokens(layOut(told)) <= room(turn, answer);

  let told: readonly Told[] = clips.map(({ startMs, summary: text }) => ({ startMs, text }));
  for (let rounds = 0; ; rounds++) {
    if (fits(told, question, answerTokens)) return { prefix: layOut(told), question, rounds };
    const shorter: Told[] = [];
    for (let from = 0; from < told.length; ) {
      let to = Math.min(from + 2, told.length);
      if (!fits(told.slice(from, to), again, summary.maxTokens)) throw tooLong(language);
      while (to < told.length && fits(told.slice(from, to + 1), again, summary.maxTokens)) to++;
      const group = told.slice(from, to);
      if (group.length === 1) shorter.push(...group);
      else {
        await session.setPrefix(layOut(group), signal);
        throwIfAborted(signal);
        const options: DecodeOptions = { temperature: 0, seed: 0, maxTokens: summary.maxTokens, repetitionPenalty: 1 };
        const { text } = await session.generate(again, options, undefined, signal);
        throwIfAborted(signal);
        shorter.push({ startMs: group[0]!.startMs, text: text.trim() });
      }
      from = to;
    }
    if (shorter.length === told.length) throw tooLong(language);
    told = shorter;
  }
}

interface Told {
  readonly startMs: number;
  readonly text: string;
}

function tooLong({ contextSize }: LanguageModel): VqaError {
  return new VqaError(
    "context-overflow",
    `The question and the summaries of two clips do not fit the model's context of ${contextSize} positions.`,
    "Ask a shorter question, or use a model with a larger context.",
  );
}
