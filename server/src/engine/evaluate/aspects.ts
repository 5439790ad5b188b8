/**
 * The five aspects that the benchmark of Video-ChatGPT has a language model score from 0 to 5 (Maaz et al.
 * 2023, section 5.1). The aspects and the scale are the benchmark's, the wording is our own. Consistency is
 * of two answers to two wordings of one question.
 */
import { throwIfAborted } from "../errors.js";
import { mean, type Figure } from "./score.js";
import type { Judge, JudgePrompt } from "./judge.js";
import type { Prediction } from "./prediction.js";

/** Changes when the wording does. */
export const ASPECT_PROMPT = "vqa-aspects-1";

export const ASPECTS = ["correctness", "detail", "context", "temporal", "consistency"] as const;
export type Aspect = (typeof ASPECTS)[number];

const ABOUT: Readonly<Record<Aspect, { readonly name: string; readonly task: string }>> = {
  correctness: { name: "Correctness of information", task: "Score how right the answer is: everything that it states must agree with the known answer. Take off for each statement that contradicts it or that it cannot bear out; leaving something out is no fault here." },
  detail: { name: "Detail orientation", task: "Score how complete and how specific the answer is: whether it has all the points of the known answer, and names particulars where that names them. Vague or general words in place of particulars cost points." },
  context: { name: "Contextual understanding", task: "Score whether the answer has understood what the video as a whole is about, as the known answer tells it: its setting, its course and its point. Small slips that leave this intact cost little." },
  temporal: { name: "Temporal understanding", task: "Score whether the answer has the events in the right order and at the right time relative to one another, as the known answer tells them. Only order, duration and time count." },
  consistency: { name: "Consistency", task: "Two wordings of one question were asked. Score whether the two answers agree with one another, and with the known answer. Two answers that contradict each other get 1 at most." },
};

export const aspectName = (aspect: Aspect): string => ABOUT[aspect].name;

export interface AspectCase {
  readonly questions: readonly string[];
  readonly answer: string;
  readonly preds: readonly string[];
}

/** `score` absent: no reply could be read, even after further ones. Counted with 0, never left out. */
export interface AspectJudgment {
  readonly score?: number;
  readonly unreadable?: string;
}

export function aspectPrompt(aspect: Aspect, { questions, answer, preds }: AspectCase): JudgePrompt {
  const { name, task } = ABOUT[aspect];
  const numbered = (what: string, texts: readonly string[]): string => texts.map((text, i) => `${what}${texts.length > 1 ? ` ${i + 1}` : ""}: ${text}`).join("\n");
  return {
    system: [
      "You compare what a program said about a video with an answer that is known to be right. You have not seen the video.",
      `Judge one thing alone: ${name.toLowerCase()}. ${task}`,
      'Reply with one JSON object and nothing else: {"score": a whole number from 0 to 5}. 5 is without fault, 0 is wrong in every respect or no answer.',
    ].join("\n"),
    user: `${numbered("Question", questions)}\nKnown answer: ${answer}\n${numbered("Answer to judge", preds)}`,
  };
}

/** Which predictions an aspect is judged by: each alone, or two that stand together with one known answer. */
export function aspectCases(aspect: Aspect, predictions: readonly Prediction[]): readonly AspectCase[] {
  const said = (prediction: Prediction): string => (prediction.error === undefined ? prediction.pred : "");
  if (aspect !== "consistency") return predictions.flatMap((each) => (each.answers?.[0] === undefined ? [] : [{ questions: [each.question], answer: each.answers[0], preds: [said(each)] }]));
  const cases: AspectCase[] = [];
  for (let i = 0; i + 1 < predictions.length; i++) {
    const [one, two] = [predictions[i]!, predictions[i + 1]!];
    const answer = one.answers?.[0];
    if (answer === undefined || one.video !== two.video || two.answers?.[0] !== answer || one.question === two.question) continue;
    cases.push({ questions: [one.question, two.question], answer, preds: [said(one), said(two)] });
    i++;
  }
  return cases;
}

/** Asks until a reply can be read, at most `retries` more times. No answer at all needs no judge. */
export async function judgeAspect(judge: Judge, aspect: Aspect, what: AspectCase, retries: number, signal: AbortSignal): Promise<AspectJudgment> {
  if (what.preds.some((pred) => pred.trim() === "")) return { score: 0 };
  const prompt = aspectPrompt(aspect, what);
  let reply = "";
  for (let attempt = 0; attempt <= retries; attempt++) {
    reply = await judge.ask(prompt, attempt, signal);
    throwIfAborted(signal);
    const score = readScore(reply);
    if (score !== undefined) return { score };
  }
  return { unreadable: reply.slice(0, 500) };
}

/** The whole number from 0 to 5 behind "score", in JSON or a Python dictionary; two that differ are none. */
export function readScore(reply: string): number | undefined {
  const found = [...reply.matchAll(/["']score["']\s*:\s*["']?\s*(-?\d+(?:\.\d+)?)/gi)].map(([, score]) => score!);
  const [first] = found;
  if (first === undefined || !/^[0-5](\.0+)?$/.test(first) || found.some((each) => Number(each) !== Number(first))) return undefined;
  return Number(first);
}

export interface AspectFigures {
  readonly aspect: Aspect;
  readonly n: number;
  readonly unreadable: number;
  readonly score: Figure;
}

export function aspectFigures(aspect: Aspect, judgments: readonly AspectJudgment[]): AspectFigures {
  return { aspect, n: judgments.length, unreadable: judgments.filter(({ score }) => score === undefined).length, score: mean(judgments.map(({ score }) => score ?? 0)) };
}
