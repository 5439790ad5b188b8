/** The clips and questions that systems are compared on: held out, a few seconds to minutes long, with sound. */
import { generateScene } from "../../clips/generate.js";
import { questionsOf, SOUND_TYPES, type Question, type QuestionType } from "../../clips/questions.js";
import { Random } from "../../clips/random.js";
import { SEEN, type Scene, type SceneKind } from "../../clips/scene.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];

/** Seeds from here on are for this comparison only. */
const FIRST_SEED = 12_000_000;

export interface Exam {
  readonly scene: Scene;
  readonly questions: readonly Question[];
}

export function exams(clips: number, seed: number): Exam[] {
  return Array.from({ length: clips }, (_, i): Exam => {
    const own = FIRST_SEED + seed * 100_000 + i;
    const scene = generateScene({ kind: KINDS[i % KINDS.length] as SceneKind, seed: own, pairs: SEEN, subtitles: true, tones: true });
    return { scene, questions: questionsOf(scene, new Random(own + 50_000), SEEN) };
  });
}

/** Rows of the table: types of question that one design may be good at and another not. */
export const GROUPS: readonly { readonly name: string; readonly types: readonly QuestionType[] }[] = [
  { name: "look (colour, shape, is there)", types: ["colour", "shape", "exists"] },
  { name: "count", types: ["count_all", "count_colour", "count_shape"] },
  { name: "where", types: ["where"] },
  { name: "direction, does it move", types: ["direction", "moves"] },
  { name: "order (first, last, before)", types: ["order", "order_yes_no", "first", "last"] },
  { name: "when", types: ["when"] },
  { name: "said in the subtitles", types: ["sub_fact"] },
  { name: "sound", types: SOUND_TYPES },
];
