/**
 * A language model as the judge of answers in free words: whether an answer means the same as the known
 * one, and how close it is, as a whole number from 0 to 5. The scale is that of the benchmark of
 * Video-ChatGPT (Maaz et al. 2023, section 5.1); the wording is our own. Which judge it was is part of
 * every result: another one, or another version, moves such figures by several points.
 */
import { throwIfAborted } from "../errors.js";

/** Changes when the wording does, so that old judgments are not taken for new ones. */
export const JUDGE_PROMPT = "vqa-judge-1";

export interface Judge {
  /** Name and version of the model and where it runs. */
  readonly id: string;
  /** The reply to one question, sampled without randomness but for `attempt`. Errors: those of where it runs. */
  ask(prompt: JudgePrompt, attempt: number, signal: AbortSignal): Promise<string>;
}

export interface JudgePrompt {
  readonly system: string;
  readonly user: string;
}

export interface Case {
  readonly question: string;
  readonly answers: readonly string[];
  readonly pred: string;
}

export type Judgment =
  | { readonly verdict: "yes" | "no"; readonly score: number; readonly replies: number }
  /** No reply could be read, even after further ones: counted, never left out. */
  | { readonly unreadable: string; readonly replies: number };

export function judgePrompt({ question, answers, pred }: Case): JudgePrompt {
  const known = answers.length === 1 ? `Known answer: ${answers[0]}` : `Known answers, each of which is right:\n${answers.map((answer) => `- ${answer}`).join("\n")}`;
  return {
    system: [
      "You compare an answer that a program gave to a question about a video with an answer that is known to be right.",
      "You have not seen the video. Only the meaning counts: other words, another order, more or less detail and small slips of language are fine as long as the answer says the same thing and contradicts nothing.",
      'Reply with one JSON object and nothing else: {"verdict": "yes" or "no", "score": a whole number from 0 to 5}.',
      '"verdict" is "yes" when the answer is right. "score" is 5 for the same meaning, 4 for a small difference, 3 for mostly right, 2 for partly right, 1 for hardly related, 0 for wrong or no answer.',
    ].join("\n"),
    user: `Question: ${question}\n${known}\nAnswer to judge: ${pred}`,
  };
}

/** Asks until a reply can be read, at most `retries` more times. An empty answer needs no judge. */
export async function judged(judge: Judge, what: Case, retries: number, signal: AbortSignal): Promise<Judgment> {
  if (what.pred.trim() === "") return { verdict: "no", score: 0, replies: 0 };
  const prompt = judgePrompt(what);
  let reply = "";
  for (let attempt = 0; attempt <= retries; attempt++) {
    reply = await judge.ask(prompt, attempt, signal);
    throwIfAborted(signal);
    const read = readReply(reply);
    if (read !== undefined) return { ...read, replies: attempt + 1 };
  }
  return { unreadable: reply.slice(0, 500), replies: retries + 1 };
}

/**
 * The verdict in a reply: JSON or a Python dictionary, alone, in a code fence or among other words, with
 * `verdict`, `pred` or `correct`. The score must be a whole number from 0 to 5.
 */
export function readReply(reply: string): { readonly verdict: "yes" | "no"; readonly score: number } | undefined {
  const found = [...reply.matchAll(/\{[^{}]*\}/g)].flatMap(([text]) => {
    const verdict = /["'](?:verdict|pred|correct)["']\s*:\s*["']?\s*(yes|no|true|false)\b/i.exec(text)?.[1]?.toLowerCase();
    const score = /["']score["']\s*:\s*["']?\s*(-?\d+(?:\.\d+)?)/i.exec(text)?.[1];
    if (verdict === undefined || score === undefined || !/^[0-5](\.0+)?$/.test(score)) return [];
    return [{ verdict: verdict === "yes" || verdict === "true" ? ("yes" as const) : ("no" as const), score: Math.trunc(Number(score)) }];
  });
  // Two that differ leave it open which was meant.
  const [first] = found;
  return first !== undefined && found.every((each) => each.verdict === first.verdict && each.score === first.score) ? first : undefined;
}
