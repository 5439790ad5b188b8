/** The clip of the demo: three parts of a kind each, told by subtitles. */
import type { Scene, Thing } from "../clips/scene.js";

const COUNTED = { startMs: 0, endMs: 8_000 };
const MOVED = { startMs: 8_000, endMs: 16_000 };

function standing(colour: Thing["colour"], shape: Thing["shape"], radius: number, x: number, y: number, startMs: number, endMs: number): Thing {
  return { colour, shape, radius, from: { x, y }, to: { x, y }, startMs, endMs };
}

export const DEMO_SCENE: Scene = {
  kind: "sequence",
  seed: 20,
  width: 320,
  height: 240,
  fps: 25,
  durationMs: 32_000,
  things: [
    standing("red", "circle", 0.13, 0.19, 0.22, COUNTED.startMs, COUNTED.endMs),
    standing("green", "star", 0.15, 0.8, 0.2, COUNTED.startMs, COUNTED.endMs),
    standing("red", "square", 0.12, 0.51, 0.52, COUNTED.startMs, COUNTED.endMs),
    standing("white", "ring", 0.13, 0.18, 0.8, COUNTED.startMs, COUNTED.endMs),
    { colour: "yellow", shape: "cross", radius: 0.14, from: { x: 0.14, y: 0.32 }, to: { x: 0.86, y: 0.32 }, direction: "right", ...MOVED },
    // Blue triangles were kept out of the model's training.
    { colour: "blue", shape: "triangle", radius: 0.14, from: { x: 0.84, y: 0.74 }, to: { x: 0.16, y: 0.74 }, direction: "left", ...MOVED },
    standing("orange", "ring", 0.15, 0.22, 0.24, 16_000, 21_000),
    standing("purple", "circle", 0.14, 0.5, 0.5, 21_000, 26_500),
    standing("cyan", "star", 0.15, 0.78, 0.76, 26_500, 32_000),
  ],
  cues: [
    { startMs: 400, endMs: 3_600, text: "Hello, I am Nelvo." },
    { startMs: 4_300, endMs: 7_600, text: "The code is 472." },
    { startMs: 9_000, endMs: 14_500, text: "We are going to Lisbon." },
    { startMs: 17_000, endMs: 20_500, text: "Please watch carefully." },
    { startMs: 22_000, endMs: 26_000, text: "I like to eat soup." },
  ],
  facts: [],
};
