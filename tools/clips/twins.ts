/**
 * Renders the twins of the tests: clips that differ in nothing but their pixels, so that a model
 * that answers both right must have looked. Same length, same background, no subtitles.
 *   npm run build && node out/tools/clips/twins.js test/fixtures/twins
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { encodeClip } from "./encode.js";
import { findFfmpeg } from "./ffmpeg.js";
import type { Scene, Thing } from "./scene.js";

const DURATION_MS = 8000;
const CENTRE = { x: 0.5, y: 0.5 };

const still = (colour: Thing["colour"], shape: Thing["shape"], startMs = 0, at = CENTRE): Thing => ({
  ...{ colour, shape, radius: 0.14, from: at, to: at, startMs, endMs: DURATION_MS },
});
const moving = (direction: "left" | "right"): Thing => {
  const [a, b] = [{ x: 0.18, y: 0.5 }, { x: 0.82, y: 0.5 }];
  return { ...still("green", "circle"), direction, from: direction === "right" ? a : b, to: direction === "right" ? b : a };
};
const [LEFT, RIGHT] = [{ x: 0.28, y: 0.5 }, { x: 0.72, y: 0.5 }];

const TWINS: Readonly<Record<string, readonly Thing[]>> = {
  "red-circle": [still("red", "circle")],
  "blue-square": [still("blue", "square")],
  "moves-left": [moving("left")],
  "moves-right": [moving("right")],
  "circle-first": [still("orange", "circle", 0, LEFT), still("white", "square", 4000, RIGHT)],
  "square-first": [still("orange", "circle", 4000, LEFT), still("white", "square", 0, RIGHT)],
};

const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node out/tools/clips/twins.js FOLDER");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const ffmpeg = findFfmpeg();
for (const [name, things] of Object.entries(TWINS)) {
  const scene: Scene = { kind: "sequence", seed: 7, width: 320, height: 240, fps: 10, durationMs: DURATION_MS, things, cues: [], facts: [] };
  await encodeClip(scene, join(folder, `${name}.mp4`), { ffmpeg });
  console.log(join(folder, `${name}.mp4`));
}
