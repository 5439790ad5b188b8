/** Clips of 4 to 40 seconds with subtitles and tones: everything that the embedded model can be asked. */
import { generateScene } from "../../../clips/generate.js";
import { questionsOf, SOUND_TYPES, type QuestionType } from "../../../clips/questions.js";
import { Random } from "../../../clips/random.js";
import { SEEN, type SceneKind } from "../../../clips/scene.js";
import type { Exam, ExamSet } from "./exam.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];

/** Seeds from here on are for this comparison only. */
const FIRST_SEED = 12_000_000;

/** Types of question that one design may be good at and another not. */
const ROWS: readonly (readonly [row: string, types: readonly QuestionType[]])[] = [
  ["look (colour, shape, is there)", ["colour", "shape", "exists"]],
  ["count", ["count_all", "count_colour", "count_shape"]],
  ["where", ["where"]],
  ["direction, does it move", ["direction", "moves"]],
  ["order (first, last, before)", ["order", "order_yes_no", "first", "last"]],
  ["when", ["when"]],
  ["said in the subtitles", ["sub_fact"]],
  ["sound", SOUND_TYPES],
];
const OTHER = "what happens, in a sentence";

function rowOf(type: QuestionType): string {
  return ROWS.find(([, types]) => types.includes(type))?.[0] ?? OTHER;
}

function exams(clips: number, seed: number): Exam[] {
  return Array.from({ length: clips }, (_, i): Exam => {
    const own = FIRST_SEED + seed * 100_000 + i;
    const scene = generateScene({ kind: KINDS[i % KINDS.length] as SceneKind, seed: own, pairs: SEEN, subtitles: true, tones: true });
    const questions = questionsOf(scene, new Random(own + 50_000), SEEN).map((q) => ({ ...q, rows: [rowOf(q.type)] }));
    return { scene, questions };
  });
}

export const SHORT: ExamSet = {
  name: "short",
  clips: 60,
  exams,
  rows: [...ROWS.map(([row]) => row), OTHER],
  systems: [
    ...["minigpt4-video", "minigpt4-video+no-subtitles", "video-llama", "video-llama+no-audio", "video-llama/sound"],
    ...["red-villm", "red-villm/spatial", "red-villm/temporal", "longvlm", "longvlm/local", "longvlm/one-segment", "mean-pool", "frame-resize"],
  ],
  duels: [
    { better: "minigpt4-video", worse: "minigpt4-video+no-subtitles", rows: ["said in the subtitles"], about: "what is said" },
    { better: "video-llama", worse: "video-llama+no-audio", rows: ["sound"], about: "tones" },
    { better: "longvlm", worse: "mean-pool", about: "all questions" },
    { better: "longvlm", worse: "longvlm/local", about: "all questions" },
    { better: "longvlm", worse: "longvlm/one-segment", rows: ["order (first, last, before)", "when"], about: "order and times" },
    { better: "longvlm", worse: "frame-resize", about: "all questions" },
  ],
};
