/**
 * Twins: each clip and the same clip backwards, and questions that have another answer for each. Who
 * keeps no order of frames is right for one of the two at most: there is nothing else to go by.
 */
import { generateScene } from "../../../clips/generate.js";
import { article } from "../../../clips/questions.js";
import { Random } from "../../../clips/random.js";
import { reversed } from "../../../clips/reverse.js";
import { nameOf, SEEN, type Scene } from "../../../clips/scene.js";
import type { Asked, Exam, ExamSet } from "./exam.js";

const FIRST_SEED = 13_000_000;
export const DIRECTION = "direction (clip and its reverse)";
export const ORDER = "order (clip and its reverse)";

/** Asks both twins in the same words. */
function questions(scene: Scene, seed: number): Asked[] {
  const random = new Random(seed);
  const named = [...scene.things].sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en"));
  if (scene.kind === "motion") {
    return named.flatMap((thing): Asked[] =>
      thing.direction === undefined ? [] : [{ rows: [DIRECTION], type: "direction", text: `Which way does the ${nameOf(thing)} move?`, answer: thing.direction }],
    );
  }
  const [a, b] = random.shuffle(named);
  if (a === undefined || b === undefined) return [];
  const order = [...named].sort((x, y) => x.startMs - y.startMs);
  const [first, last] = [order[0]!, order.at(-1)!];
  return [
    { type: "first" as const, text: "What appears first?", answer: article(nameOf(first)) },
    { type: "last" as const, text: "What appears last?", answer: article(nameOf(last)) },
    { type: "order" as const, text: `Which appears first, the ${nameOf(a)} or the ${nameOf(b)}?`, answer: `the ${nameOf(a.startMs < b.startMs ? a : b)}` },
    { type: "order_yes_no" as const, text: `Does the ${nameOf(a)} appear before the ${nameOf(b)}?`, answer: a.startMs < b.startMs ? "yes" : "no" },
  ].map((q): Asked => ({ ...q, rows: [ORDER] }));
}

/** Whether the reverse is of the same kind: something moves, or each thing leaves when the next one comes. */
function turnable({ kind, things }: Scene): boolean {
  if (kind === "motion") return things.some((thing) => thing.direction !== undefined);
  return things.every((thing, i) => i === things.length - 1 || thing.endMs <= things[i + 1]!.startMs);
}

/** Three motions to two sequences, each followed by its reverse. */
function exams(clips: number, seed: number): Exam[] {
  const all: Exam[] = [];
  for (let own = FIRST_SEED + seed * 100_000; all.length < clips; own++) {
    const kind = own % 5 < 3 ? "motion" : "sequence";
    const scene = generateScene({ kind, seed: own, pairs: SEEN, subtitles: false });
    if (!turnable(scene)) continue;
    for (const twin of [scene, reversed(scene)]) all.push({ scene: twin, questions: questions(twin, own) });
  }
  return all.slice(0, clips);
}

export const REVERSED: ExamSet = {
  name: "reversed",
  clips: 240,
  exams,
  rows: [DIRECTION, ORDER],
  systems: ["red-villm", "red-villm/spatial", "red-villm/temporal", "minigpt4-video", "video-llama", "longvlm", "mean-pool", "frame-resize"],
  duels: [
    { better: "red-villm", worse: "red-villm/spatial", rows: [DIRECTION], about: "direction" },
    { better: "red-villm", worse: "red-villm/spatial", rows: [ORDER], about: "order" },
    { better: "red-villm/temporal", worse: "red-villm/spatial", rows: [DIRECTION], about: "direction" },
    { better: "red-villm", worse: "red-villm/temporal", rows: [DIRECTION, ORDER], about: "direction and order" },
  ],
};
