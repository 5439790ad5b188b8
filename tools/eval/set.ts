/** Which clips the embedded model is examined on. */
import { generateScene } from "../clips/generate.js";
import { questionsOf, type Question } from "../clips/questions.js";
import { Random } from "../clips/random.js";
import { HELD_OUT, SEEN, type Scene, type SceneKind } from "../clips/scene.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];

/** Seeds from here on are for this examination only; tests and the demo use small ones. */
const FIRST_SEED = 9_000_000;

export type Split = "seen" | "held-out";

export interface Exam {
  readonly split: Split;
  readonly scene: Scene;
  readonly questions: readonly Question[];
}

/**
 * `clips` clips, the kinds in turn, a third of each with only the colour-shape combinations that
 * training left out.
 * @param seed moves to other clips; the same seed gives the same ones
 */
export function exams(clips: number, seed: number): Exam[] {
  return Array.from({ length: clips }, (_, i): Exam => {
    const split = Math.floor(i / KINDS.length) % 3 === 2 ? "held-out" : "seen";
    const pairs = split === "held-out" ? HELD_OUT : SEEN;
    const kind = KINDS[i % KINDS.length] as SceneKind;
    const own = FIRST_SEED + seed * 100_000 + i;
    const scene = generateScene({ kind, seed: own, pairs });
    return { split, scene, questions: questionsOf(scene, new Random(own + 50_000), pairs) };
  });
}
