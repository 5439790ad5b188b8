/** Clips of 1, 3 and 10 minutes in which something is shown for a second or two (tools/clips/long.ts). */
import { generateLong, needleQuestions } from "../../../clips/long.js";
import { soundQuestions, type QuestionType } from "../../../clips/questions.js";
import { Random } from "../../../clips/random.js";
import { SEEN } from "../../../clips/scene.js";
import type { Asked, Exam, ExamSet } from "./exam.js";

const FIRST_SEED = 14_000_000;
const MINUTES = [1, 3, 10] as const;
/** Frames of the systems that are compared at many frames. */
const MANY = 320;

const KINDS: readonly (readonly [name: string, types: readonly QuestionType[]])[] = [
  ["what a needle was (colour, shape, is there)", ["colour", "shape", "exists"]],
  ["when a needle was shown", ["when"]],
  ["which of two needles came first", ["order", "order_yes_no"]],
];
const SAID = "said in the subtitles";
const SOUND = "sound";
const QUIET = "all of that, quiet clips";
const BUSY = "all of that, busy clips";
const NEEDLES = [QUIET, BUSY];
const rowName = (minutes: number, kind: string): string => `${minutes} min: ${kind}`;
const about = (kind: string): readonly string[] => MINUTES.map((minutes) => rowName(minutes, kind));

function rowsOf(minutes: number, busy: boolean, type: QuestionType): string[] {
  const [kind] = KINDS.find(([, types]) => types.includes(type))!;
  return [rowName(minutes, kind), busy ? BUSY : QUIET];
}

/** The lengths in turn, and of each length a quiet one and a busy one in turn. */
function exams(clips: number, seed: number): Exam[] {
  return Array.from({ length: clips }, (_, i): Exam => {
    const own = FIRST_SEED + seed * 100_000 + i;
    const minutes = MINUTES[i % MINUTES.length]!;
    const busy = Math.floor(i / MINUTES.length) % 2 === 1;
    const clip = generateLong({ seed: own, durationMs: minutes * 60_000, busy, pairs: SEEN });
    const random = new Random(own + 50_000);
    const { scene } = clip;
    const questions = needleQuestions(clip, random, SEEN).map((q): Asked => ({ ...q, rows: rowsOf(minutes, busy, q.type) }));
    const said = scene.facts.map((fact): Asked => ({ rows: [SAID], type: "sub_fact", text: fact.question, answer: fact.answer }));
    const heard = soundQuestions(scene.tones ?? [], [], random).map((q): Asked => ({ ...q, rows: [SOUND] }));
    return { scene, questions: [...questions, ...said, ...heard] };
  });
}

export const LONG: ExamSet = {
  name: "minutes",
  clips: 36,
  exams,
  rows: [...MINUTES.flatMap((minutes) => KINDS.map(([kind]) => rowName(minutes, kind))), QUIET, BUSY, SAID, SOUND],
  systems: [
    ...["minigpt4-video", "minigpt4-video+no-subtitles", "minigpt4-video+goldfish", "video-llama", "video-llama+no-audio", "red-villm", "red-villm@112"],
    ...["longvlm", "mean-pool", "frame-resize", `longvlm@${MANY}`, `longvlm/local@${MANY}`, `mean-pool@${MANY}`],
  ],
  duels: [
    { better: "longvlm", worse: "mean-pool", rows: KINDS.map(([kind]) => rowName(1, kind)), about: "32 frames, 1 min, needles" },
    { better: "longvlm", worse: "mean-pool", rows: NEEDLES, about: "32 frames, all lengths, needles" },
    ...KINDS.map(([kind]) => ({ better: `longvlm@${MANY}`, worse: `mean-pool@${MANY}`, rows: about(kind), about: `${MANY} frames, ${kind}` })),
    { better: `longvlm@${MANY}`, worse: "mean-pool", rows: NEEDLES, about: "LongVLM with many frames, pooling with those it was trained on" },
    { better: `longvlm@${MANY}`, worse: "longvlm", rows: NEEDLES, about: "more frames" },
    { better: `mean-pool@${MANY}`, worse: "mean-pool", rows: NEEDLES, about: "more frames" },
    { better: `longvlm@${MANY}`, worse: `longvlm/local@${MANY}`, rows: NEEDLES, about: "global tokens" },
    { better: `longvlm@${MANY}`, worse: "minigpt4-video", rows: NEEDLES, about: "needles" },
    { better: "minigpt4-video+goldfish", worse: "minigpt4-video", rows: NEEDLES, about: "needles" },
    { better: "minigpt4-video+goldfish", worse: "minigpt4-video", rows: [SAID], about: "what is said" },
  ],
};
