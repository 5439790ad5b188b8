/**
 * Clips of minutes in which something is shown for a second or two: the needles. Quiet ones hold one
 * thing that stands there and the needles; busy ones two things that stand and one that crosses the
 * picture all the time.
 */
import { article, clock, type Question } from "./questions.js";
import { Random } from "./random.js";
import { nameOf, type Pair, type Scene, type Thing } from "./scene.js";
import { distinct, inCell, SIZES } from "./generate.js";
import { subtitles } from "./subtitles.js";
import { tonesOf } from "./tones.js";

export interface LongOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly busy: boolean;
  readonly pairs: readonly Pair[];
}

export interface LongClip {
  readonly scene: Scene;
  /** In the order in which they appear. */
  readonly needles: readonly [Thing, Thing];
}

/** Each needle is there for one to two seconds. */
const [SHORTEST_MS, LONGEST_MS] = [1000, 2000];
/** A crossing of the picture takes so long, of a clip of whatever length. */
const CROSSING_MS = 7000;
const FPS = 5;

/** Two needles, one in the first and one in the last two fifths of the clip. All things differ in colour and in shape. */
export function generateLong({ seed, durationMs, busy, pairs }: LongOptions): LongClip {
  const random = new Random(seed);
  const [width, height] = random.pick(SIZES);
  const aspect = width / height;
  // The row in which something crosses is left to it.
  const row = random.int(0, 2);
  const cells = random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((cell) => Math.floor(cell / 3) !== row));
  // Pairs are chosen one by one, and now and then the last one finds no colour or shape that is left.
  let chosen: Pair[] = [];
  while (chosen.length < 5) chosen = distinct(random, pairs, 5);
  const make = (i: number, startMs: number, endMs: number): Thing => {
    const [colour, shape] = chosen[i]!;
    const radius = random.between(0.095, 0.155);
    const from = inCell(random, cells[i]!, radius, aspect);
    return { colour, shape, radius, from, to: from, startMs, endMs };
  };
  const brief = (i: number, low: number, high: number): Thing => {
    const length = random.between(SHORTEST_MS, LONGEST_MS);
    const startMs = Math.round(durationMs * random.between(low, high) - length / 2);
    return make(i, startMs, Math.round(startMs + length));
  };
  const needles = [brief(0, 0.05, 0.4), brief(1, 0.6, 0.95)] as const;
  const standing = make(2, 0, durationMs);
  const company = busy ? [make(3, 0, durationMs), ...crossings(make(4, 0, durationMs), row, aspect)] : [];
  const things = [standing, ...company, ...needles];
  const spoken = subtitles(random, durationMs);
  const scene: Scene = { kind: "sequence", seed, width, height, fps: FPS, durationMs, things, ...spoken };
  return { scene: { ...scene, tones: tonesOf(new Random(seed + 20_000), { durationMs, things: [] }) }, needles };
}

/** The thing goes to and fro through a row of the picture for as long as it is there. */
function crossings(thing: Thing, row: number, aspect: number): Thing[] {
  const margin = thing.radius / aspect + 0.03;
  const y = row / 3 + 1 / 6;
  const [left, right] = [{ x: margin, y }, { x: 1 - margin, y }];
  return Array.from({ length: Math.ceil((thing.endMs - thing.startMs) / CROSSING_MS) }, (_, i): Thing => {
    const startMs = thing.startMs + i * CROSSING_MS;
    const way = i % 2 === 0 ? ({ from: left, to: right, direction: "right" } as const) : ({ from: right, to: left, direction: "left" } as const);
    return { ...thing, ...way, startMs, endMs: startMs + CROSSING_MS };
  });
}

/** What the needles were, when they were there, and which came first. Half of the yes-or-no questions have a no. */
export function needleQuestions({ scene, needles }: LongClip, random: Random, pairs: readonly Pair[]): Question[] {
  const [a, b] = needles;
  const there = new Set(scene.things.map(nameOf));
  const absent = random.pick(pairs.filter(([colour, shape]) => !there.has(`${colour} ${shape}`)));
  const [x, y] = random.shuffle(needles) as [Thing, Thing];
  const [p, q] = random.shuffle(needles) as [Thing, Thing];
  const earlier = random.chance(0.5);
  const before = random.chance(0.5);
  return [
    ...needles.flatMap((thing): Question[] => [
      random.chance(0.5)
        ? { type: "colour", text: `What colour is the ${thing.shape}?`, answer: thing.colour }
        : { type: "shape", text: `What shape is the ${thing.colour} object?`, answer: thing.shape },
      { type: "when", text: `When does the ${nameOf(thing)} appear?`, answer: clock(thing.startMs), timeMs: thing.startMs },
    ]),
    { type: "exists", text: `Is there ${article(nameOf(random.pick(needles)))}?`, answer: "yes" },
    { type: "exists", text: `Is there ${article(absent.join(" "))}?`, answer: "no" },
    { type: "order", text: `Which appears ${earlier ? "first" : "last"}, the ${nameOf(x)} or the ${nameOf(y)}?`, answer: `the ${nameOf(earlier ? a : b)}` },
    { type: "order_yes_no", text: `Does the ${nameOf(p)} appear ${before ? "before" : "after"} the ${nameOf(q)}?`, answer: (p === a) === before ? "yes" : "no" },
  ];
}
