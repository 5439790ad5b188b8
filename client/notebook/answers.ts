/** Answers as notebook outputs. Pure: what is shown and what is kept, without the editor's classes. */
import { parse, runFields, type CellAnswer, type ModelBlock, type RunBlock } from "../../server/src/format/index.js";
import type { Answer, Evidence } from "../../server/src/protocol/values.js";

export const ANSWER_MIME = "application/vnd.vqa.answer+json";

/** What the output of an answer holds for a renderer. Times of frames, never their pixels. */
export interface AnswerData {
  readonly text: string;
  /** What happens or happened to an answer that is not whole: "Looking at frames", "Stopped.". */
  readonly status?: string;
  readonly model?: string;
  /** ISO 8601. */
  readonly date?: string;
  /** `t=812ms` and the like, as in the file. */
  readonly fields: Readonly<Record<string, string>>;
  /** The record of the run, as in the file. */
  readonly run: Readonly<Record<string, string>>;
  /** Hash over all that the answer depends on, as in the file. */
  readonly inputs?: string;
  /** Its line or lines, as in the file. */
  readonly raw?: string;
  /** Only for an answer of this session: the file does not hold these. */
  readonly seen?: Seen;
}

/** What an answer was made from. */
export interface Seen {
  readonly frameTimesMs: readonly number[];
  /** `keyframe`: the times are those that were asked for; the pictures were the key frames before them. */
  readonly mode?: "exact" | "keyframe";
  readonly cues: readonly { readonly startMs: number; readonly endMs: number; readonly text: string }[];
  readonly choices?: readonly { readonly text: string; readonly probability: number }[];
  readonly notes: readonly string[];
  /** Parts of the video that the answer rests on, where that was found out with it. */
  readonly evidence?: readonly Evidence[];
}

/** @param now the answer as it came from the model, when it came in this session */
export function answerData({ raw, run }: CellAnswer, now?: { readonly answer: Answer; readonly choices: readonly string[] }): AnswerData {
  const block = parse(raw).blocks.find((b): b is ModelBlock => b.kind === "model");
  const record = run === undefined ? undefined : parse(run).blocks.find((b): b is RunBlock => b.kind === "run");
  const entries: Record<string, string> = Object.fromEntries(record === undefined ? [] : runFields(record));
  const probabilities = now?.answer.probabilities;
  return {
    text: block?.lines.map(({ text }) => text).join("\n") ?? raw,
    ...(entries["model"] === undefined ? {} : { model: entries["model"] }),
    ...(entries["date"] === undefined ? {} : { date: entries["date"] }),
    fields: Object.fromEntries(block?.fields.map(({ key, value }) => [key, value]) ?? []),
    run: entries,
    ...(block === undefined ? {} : { inputs: block.in12.text, raw }),
    ...(now === undefined
      ? {}
      : {
          seen: {
            frameTimesMs: now.answer.provenance.frameTimesMs,
            cues: now.answer.provenance.cuesUsed,
            notes: now.answer.provenance.notes,
            ...(now.answer.evidence === undefined ? {} : { evidence: now.answer.evidence }),
            ...(probabilities === undefined ? {} : { choices: now.choices.map((text, i) => ({ text, probability: probabilities[i] ?? 0 })) }),
          },
        }),
  };
}

/** For editors without the renderer: the answer, and below it in small who gave it and how sure. */
export function answerMarkdown({ text, status, model, fields }: AnswerData): string {
  const facts = [status, model, fields["t"]?.replace(/ms$/, " ms"), fields["p"] === undefined ? undefined : `p = ${fields["p"]}`].filter((fact) => fact !== undefined);
  return [text === "" ? [] : escapeMarkdown(text), facts.length === 0 ? [] : `*${facts.map(escapeMarkdown).join(" · ")}*`].flat().join("\n\n");
}

/** Words that are no answer of the file: a part of one, or a proposal. */
export function passing(text: string, status?: string): AnswerData {
  return { text, ...(status === undefined ? {} : { status }), fields: {}, run: {} };
}

/** Models say anything: none of it may become a link, a picture or markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&$^=:]/g, "\\$&").replace(/\n/g, "  \n");
}

