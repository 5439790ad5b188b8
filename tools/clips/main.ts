/**
 * Renders synthetic clips with their questions into a folder:
 *   npm run clips -- FOLDER [--clips N] [--seed S] [--held-out]
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeClip } from "./encode.js";
import { findFfmpeg } from "./ffmpeg.js";
import { generateScene } from "./generate.js";
import { questionsOf } from "./questions.js";
import { Random } from "./random.js";
import { HELD_OUT, SEEN, type SceneKind } from "./scene.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { clips: { type: "string", default: "6" }, seed: { type: "string", default: "1" }, "held-out": { type: "boolean", default: false } },
});
const folder = positionals[0];
if (folder === undefined) {
  console.error("usage: npm run clips -- FOLDER [--clips N] [--seed S] [--held-out]");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const ffmpeg = findFfmpeg();
const pairs = values["held-out"] ? HELD_OUT : SEEN;
for (let i = 0; i < Number(values.clips); i++) {
  const seed = Number(values.seed) + i;
  const scene = generateScene({ kind: KINDS[i % KINDS.length] as SceneKind, seed, pairs });
  const name = `${scene.kind}-${seed}`;
  await encodeClip(scene, join(folder, `${name}.mp4`), { ffmpeg });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify({ scene, questions: questionsOf(scene, new Random(seed), pairs) }, null, 2)}\n`);
  console.log(join(folder, `${name}.mp4`));
}
