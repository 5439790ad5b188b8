/**
 * Films of any length: shots of coloured shapes one after another, all but a few of them alike, with
 * needles: things that are shown once, for a few seconds, and facts that are said once. The same seed
 * gives the same film on every machine.
 */
import { Random } from "./random.js";
import { COLOURS, DIRECTIONS, SEEN, SHAPES, nameOf, type Direction, type Pair, type Point, type Scene, type SceneCue, type Thing } from "./scene.js";
import { factOf, CHATTER, TOPICS } from "./subtitles.js";

/** One camera setting: times of its things count from its own start. */
export interface Shot {
  readonly startMs: number;
  readonly scene: Scene;
}

export type NeedleType = "colour" | "shape" | "when" | "where" | "direction" | "sub_fact";

export interface FilmQuestion {
  readonly type: NeedleType;
  readonly text: string;
  readonly answer: string;
  /** When what is asked for is shown or said. */
  readonly startMs: number;
  readonly endMs: number;
  /** `when` only. */
  readonly timeMs?: number;
}

export interface Film {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** Frames a second of the file; pictures change `changes` times a second at most. */
  readonly fps: number;
  readonly changes: number;
  readonly durationMs: number;
  readonly shots: readonly Shot[];
  readonly cues: readonly SceneCue[];
  readonly questions: readonly FilmQuestion[];
}

export interface FilmOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** Things shown only once; at least 3. */
  readonly needles?: number;
}

const [WIDTH, HEIGHT] = [256, 192];
const NEEDLE_MS = [4000, 6000] as const;
const SHOT_MS = [6000, 16_000] as const;
const PLACES = ["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"];

interface Needle {
  readonly pair: Pair;
  readonly ask: "colour" | "shape" | "pair";
}

export function generateFilm({ seed, durationMs, needles = 8 }: FilmOptions): Film {
  const random = new Random(seed);
  const chosen = chooseNeedles(random, needles);
  const shots: Shot[] = [];
  const questions: FilmQuestion[] = [];
  // Needles lie apart: each somewhere in a part of its own, never in the first seconds.
  const due = chosen.map((_, i) => Math.round(((i + random.between(0.15, 0.85)) * durationMs) / chosen.length));
  const common = SEEN.filter(([colour, shape]) => !chosen.some(({ ask, pair }) => excluded(ask, pair, colour, shape)));
  let next = 0;
  for (let at = 0; at < durationMs; ) {
    const needle = next < chosen.length && at >= due[next]! ? chosen[next++] : undefined;
    const [low, high] = needle ? NEEDLE_MS : SHOT_MS;
    const wanted = 200 * Math.round(random.between(low, high) / 200);
    const left = durationMs - at - wanted;
    const length = left < SHOT_MS[0] ? durationMs - at : wanted;
    const scene = shot(random, needle ? [needle.pair] : pick(random, common), length, seed + shots.length * 7919);
    if (needle) questions.push(...ask(random, needle, scene.things[0]!, at));
    shots.push({ startMs: at, scene });
    at += length;
  }
  const spoken = speak(random, durationMs);
  return {
    ...{ seed, width: WIDTH, height: HEIGHT, fps: 25, changes: 5, durationMs, shots },
    cues: spoken.cues,
    questions: [...questions, ...spoken.questions],
  };
}

/** The first is the only one of its shape, the second the only one of its colour, the others the only ones of both together. */
function chooseNeedles(random: Random, count: number): readonly Needle[] {
  const shape = random.pick(SHAPES);
  const colour = random.pick(COLOURS);
  const ofShape = random.pick(SEEN.filter(([c, s]) => s === shape && c !== colour));
  const ofColour = random.pick(SEEN.filter(([c, s]) => c === colour && s !== shape));
  const others = random.shuffle(SEEN.filter(([c, s]) => c !== colour && s !== shape)).slice(0, count - 2);
  return random.shuffle([{ pair: ofShape, ask: "colour" as const }, { pair: ofColour, ask: "shape" as const }, ...others.map((pair) => ({ pair, ask: "pair" as const }))]);
}

function excluded(ask: Needle["ask"], pair: Pair, colour: string, shape: string): boolean {
  if (ask === "colour") return shape === pair[1];
  if (ask === "shape") return colour === pair[0];
  return colour === pair[0] && shape === pair[1];
}

function pick(random: Random, pairs: readonly Pair[]): readonly Pair[] {
  const first = random.pick(pairs);
  if (!random.chance(0.2)) return [first];
  return [first, random.pick(pairs.filter(([c, s]) => c !== first[0] && s !== first[1]))];
}

/** One or two things that stand, or one that moves. */
function shot(random: Random, pairs: readonly Pair[], durationMs: number, seed: number): Scene {
  const cells = random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const moves = pairs.length === 1 && random.chance(0.3);
  const things = pairs.map(([colour, shape], i): Thing => {
    const radius = random.between(0.1, 0.155);
    const common = { colour, shape, radius, startMs: 0, endMs: durationMs };
    if (moves) return { ...common, ...path(random, random.pick(DIRECTIONS)) };
    const cell = cells[i]!;
    const from = { x: (cell % 3) / 3 + 1 / 6 + random.between(-0.03, 0.03), y: Math.floor(cell / 3) / 3 + 1 / 6 + random.between(-0.01, 0.01) };
    return { ...common, from, to: from };
  });
  return { kind: moves ? "motion" : "count", seed, width: WIDTH, height: HEIGHT, fps: 25, durationMs, things, cues: [], facts: [] };
}

function path(random: Random, direction: Direction): { from: Point; to: Point; direction: Direction } {
  const [low, high] = [random.between(0.15, 0.22), random.between(0.78, 0.85)];
  const lane = random.between(0.25, 0.75);
  const [a, b] = direction === "right" || direction === "down" ? [low, high] : [high, low];
  const at = (along: number): Point => (direction === "left" || direction === "right" ? { x: along, y: lane } : { x: lane, y: along });
  return { from: at(a), to: at(b), direction };
}

function ask(random: Random, needle: Needle, thing: Thing, startMs: number): FilmQuestion[] {
  const when = { startMs, endMs: startMs + thing.endMs };
  const name = nameOf(thing);
  if (needle.ask === "colour") {
    const text = random.pick(["What colour is the {}?", "What is the colour of the {}?", "Which colour is the {}?"]).replace("{}", thing.shape);
    return [{ type: "colour", text, answer: thing.colour, ...when }];
  }
  if (needle.ask === "shape") {
    const text = random.pick(["What shape is the {} object?", "What is the shape of the {} object?", "Which shape is the {} object?"]).replace("{}", thing.colour);
    return [{ type: "shape", text, answer: thing.shape, ...when }];
  }
  const text = random.pick(["When does the {} appear?", "At what time does the {} appear?", "When is the {} first seen?"]).replace("{}", name);
  const found: FilmQuestion[] = [{ type: "when", text, answer: clock(startMs), timeMs: startMs, ...when }];
  if (thing.direction === undefined) {
    const place = PLACES[Math.floor(thing.from.y * 3) * 3 + Math.floor(thing.from.x * 3)]!;
    found.push({ type: "where", text: `Where is the ${name}?`, answer: place, ...when });
  } else {
    const asked = random.pick(["Which way does the {} move?", "In which direction does the {} move?", "Which way is the {} moving?"]).replace("{}", name);
    found.push({ type: "direction", text: asked, answer: thing.direction, ...when });
  }
  return found;
}

/** Chatter every ten seconds or so, and among it each kind of fact once. */
function speak(random: Random, durationMs: number): { cues: readonly SceneCue[]; questions: readonly FilmQuestion[] } {
  const lines = Math.floor(durationMs / 10_000);
  const topics = random.shuffle(TOPICS);
  const places = new Map(topics.map((topic, i) => [Math.floor(((i + random.between(0.1, 0.9)) * lines) / topics.length), topic]));
  const cues: SceneCue[] = [];
  const questions: FilmQuestion[] = [];
  for (let i = 0; i < lines; i++) {
    const startMs = Math.round(i * 10_000 + random.between(500, 4000));
    const endMs = startMs + Math.round(random.between(2000, 4000));
    const topic = places.get(i);
    const fact = topic && factOf(random, topic);
    cues.push({ startMs, endMs, text: fact?.said ?? random.pick(CHATTER) });
    if (fact) questions.push({ type: "sub_fact", text: fact.question, answer: fact.answer, startMs, endMs });
  }
  return { cues, questions };
}

function clock(ms: number): string {
  const s = Math.floor(ms / 1000);
  const pad = (n: number): string => String(n).padStart(2, "0");
  const rest = `${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
  return s < 3600 ? rest : `${Math.floor(s / 3600)}:${rest}`;
}
