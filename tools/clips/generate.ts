/** Random scenes from a seed. The same seed gives the same scene on every machine. */
import { Random } from "./random.js";
import { DIRECTIONS, SEEN, type Direction, type Pair, type Point, type Scene, type SceneKind, type Thing } from "./scene.js";
import { subtitles } from "./subtitles.js";
import { tonesOf } from "./tones.js";

export const SIZES = [
  [320, 240],
  [256, 256],
  [320, 180],
] as const;

/**
 * Frames that a clip is meant to be looked at with. What happens in a clip takes at least as long
 * as the time between two of them: nobody can answer for what was never on a sampled frame.
 */
const LOOKS = 8;

export interface GenerateOptions {
  readonly kind: SceneKind;
  readonly seed: number;
  /** Combinations to draw from. */
  readonly pairs?: readonly Pair[];
  readonly subtitles?: boolean;
  /** Gives the clip a sound track with tones; nothing else of the scene changes by it. */
  readonly tones?: boolean;
}

export function generateScene(options: GenerateOptions): Scene {
  const random = new Random(options.seed);
  const pairs = options.pairs ?? SEEN;
  const [width, height] = random.pick(SIZES);
  const aspect = width / height;
  const durationMs = durationOf(options.kind, random);
  const things = {
    count: () => standing(random, pairs, aspect, durationMs),
    motion: () => moving(random, pairs, aspect, durationMs),
    sequence: () => appearing(random, pairs, aspect, durationMs),
  }[options.kind]();
  const spoken = (options.subtitles ?? random.chance(0.5)) ? subtitles(random, durationMs) : { cues: [], facts: [] };
  const fps = options.kind === "motion" ? random.pick([24, 25, 30]) : random.pick([10, 12.5, 15]);
  const scene = { kind: options.kind, seed: options.seed, width, height, fps, durationMs, things, ...spoken };
  return options.tones ? { ...scene, tones: tonesOf(new Random(options.seed + 20_000), scene) } : scene;
}

function durationOf(kind: SceneKind, random: Random): number {
  const [low, high] = { count: [4, 8], motion: [4, 10], sequence: [6, 40] }[kind] as [number, number];
  return 200 * Math.round(random.between(low, high) * 5);
}

/** The middle of a cell of a 3 x 3 grid, moved a little but never out of the cell. */
export function inCell(random: Random, cell: number, radius: number, aspect: number): Point {
  const play = (size: number): number => Math.min(0.05, Math.max(0, 1 / 6 - size));
  const [px, py] = [play(radius / aspect), play(radius)];
  return { x: (cell % 3) / 3 + 1 / 6 + random.between(-px, px), y: Math.floor(cell / 3) / 3 + 1 / 6 + random.between(-py, py) };
}

function radius(random: Random): number {
  return random.between(0.095, 0.155);
}

function standing(random: Random, pairs: readonly Pair[], aspect: number, durationMs: number): Thing[] {
  const cells = random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const base = random.pick(pairs);
  return Array.from({ length: random.int(1, 5) }, (_, i) => {
    // Repeats a colour or a shape now and then, so that counts above one occur.
    const by = random.int(0, 1);
    const alike = pairs.filter((pair) => pair[by] === base[by]);
    const [colour, shape] = random.chance(0.45) ? random.pick(alike) : random.pick(pairs);
    const r = radius(random);
    const from = inCell(random, cells[i] as number, r, aspect);
    return { colour, shape, radius: r, from, to: from, startMs: 0, endMs: durationMs };
  });
}

/** Pairs that differ in both colour and shape from one another; now and then fewer than asked for. */
export function distinct(random: Random, pairs: readonly Pair[], amount: number): Pair[] {
  const chosen: Pair[] = [];
  for (const pair of random.shuffle(pairs)) {
    if (chosen.length < amount && chosen.every(([c, s]) => c !== pair[0] && s !== pair[1])) chosen.push(pair);
  }
  return chosen;
}

/** One or two objects in lanes of their own, across most of the picture, or standing in the lane. */
function moving(random: Random, pairs: readonly Pair[], aspect: number, durationMs: number): Thing[] {
  const amount = random.chance(0.4) ? 2 : 1;
  const horizontal = random.chance(0.5);
  const lanes = random.shuffle(amount === 1 ? [0.25, 0.5, 0.75] : [0.25, 0.75]);
  return distinct(random, pairs, amount).map(([colour, shape], i) => {
    const r = radius(random);
    const margin = (horizontal ? r / aspect : r) + 0.03;
    const travel = random.between(0.5, 1 - 2 * margin);
    const first = random.between(margin, 1 - margin - travel);
    const lane = (lanes[i] as number) + random.between(-0.05, 0.05);
    const at = (along: number): Point => (horizontal ? { x: along, y: lane } : { x: lane, y: along });
    const common = { colour, shape, radius: r, startMs: 0, endMs: durationMs };
    if (random.chance(0.2)) return { ...common, from: at(first + travel / 2), to: at(first + travel / 2) };
    const direction: Direction = random.pick(DIRECTIONS.filter((d) => (d === "left" || d === "right") === horizontal));
    const forward = direction === "right" || direction === "down";
    return { ...common, from: at(forward ? first : first + travel), to: at(forward ? first + travel : first), direction };
  });
}

/** Two to four objects one after another; each leaves when the next comes, or stays beside it. */
function appearing(random: Random, pairs: readonly Pair[], aspect: number, durationMs: number): Thing[] {
  const amount = random.int(2, 4);
  const look = durationMs / LOOKS;
  const emptyAtFirst = random.chance(0.25) ? look * random.between(1.1, 1.5) : 0;
  // Random lengths, none shorter than 1.25 looks: then one sampled frame at least falls into each.
  const shortest = look * 1.25;
  const spare = durationMs - emptyAtFirst - amount * shortest;
  const shares = Array.from({ length: amount }, () => random.next() + 0.2);
  const total = shares.reduce((a, b) => a + b, 0);
  const lengths = shares.map((share) => shortest + (spare * share) / total);
  const stay = random.chance(0.4);
  const cells = random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  let start = emptyAtFirst;
  return distinct(random, pairs, amount).map(([colour, shape], i) => {
    const startMs = Math.round(start);
    start += lengths[i] as number;
    const r = radius(random);
    const from = inCell(random, cells[i] as number, r, aspect);
    return { colour, shape, radius: r, from, to: from, startMs, endMs: stay || i === amount - 1 ? durationMs : Math.round(start) };
  });
}
