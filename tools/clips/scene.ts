/**
 * What a synthetic clip shows, before any pixel: coloured shapes that stand, move and appear.
 * Places are fractions of the picture (x of its width, y of its height), radii fractions of its
 * height, times milliseconds.
 */

export const COLOURS = ["red", "green", "blue", "yellow", "purple", "orange", "white", "cyan"] as const;
export const SHAPES = ["circle", "square", "triangle", "star", "cross", "ring"] as const;
export const DIRECTIONS = ["left", "right", "up", "down"] as const;

/** Of tones: around 300, 900 and 2700 Hz. */
export const PITCHES = ["low", "middle", "high"] as const;

export type Pitch = (typeof PITCHES)[number];
export type Colour = (typeof COLOURS)[number];
export type Shape = (typeof SHAPES)[number];
export type Direction = (typeof DIRECTIONS)[number];
export type Pair = readonly [Colour, Shape];

/** Combinations that the embedded model never met in training, neither drawn nor named. */
export const HELD_OUT: readonly Pair[] = [
  ["red", "star"],
  ["blue", "triangle"],
  ["yellow", "circle"],
  ["green", "square"],
  ["purple", "cross"],
  ["cyan", "ring"],
];

export const SEEN: readonly Pair[] = COLOURS.flatMap((colour) => SHAPES.map((shape): Pair => [colour, shape])).filter(
  ([colour, shape]) => !HELD_OUT.some(([c, s]) => c === colour && s === shape),
);

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Thing {
  readonly colour: Colour;
  readonly shape: Shape;
  readonly radius: number;
  readonly from: Point;
  /** Where it is at `endMs`; equal to `from` when it stands still. */
  readonly to: Point;
  readonly direction?: Direction;
  readonly startMs: number;
  readonly endMs: number;
}

export interface SceneCue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Something that a subtitle says and a question can ask for. */
export interface Fact {
  readonly question: string;
  readonly answer: string;
}

/** A tone that sounds evenly from its start to its end. */
export interface Tone {
  readonly pitch: Pitch;
  readonly hertz: number;
  readonly startMs: number;
  readonly endMs: number;
}

export type SceneKind = "count" | "motion" | "sequence";

export interface Scene {
  readonly kind: SceneKind;
  /** Of the background and the small differences between drawings of one shape. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly durationMs: number;
  readonly things: readonly Thing[];
  readonly cues: readonly SceneCue[];
  readonly facts: readonly Fact[];
  /** By time; empty: a silent track. Absent: no sound track. */
  readonly tones?: readonly Tone[];
}

export function nameOf(thing: Thing): string {
  return `${thing.colour} ${thing.shape}`;
}

/** Where a thing is at a time; it moves evenly for as long as it is there. */
export function placeAt(thing: Thing, timeMs: number): Point {
  const part = (timeMs - thing.startMs) / (thing.endMs - thing.startMs);
  return { x: thing.from.x + (thing.to.x - thing.from.x) * part, y: thing.from.y + (thing.to.y - thing.from.y) * part };
}
