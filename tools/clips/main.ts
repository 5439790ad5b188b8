/** Renders synthetic clips with their questions into a folder. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command, UsageError, wholeNumber } from "../support/command.js";
import { encodeClip, encodeFilm } from "./encode.js";
import { findFfmpeg } from "./ffmpeg.js";
import { generateFilm } from "./film.js";
import { generateScene } from "./generate.js";
import { questionsOf } from "./questions.js";
import { Random } from "./random.js";
import { HELD_OUT, SEEN, type SceneKind } from "./scene.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];

const USAGE = `npm run clips -- FOLDER [OPTIONS]
  --clips N    clips to render, counts, motions and sequences in turn (default 6)
  --seed S     of the first clip; the next one has the next (default 1)
  --tones      with a sound track
  --film N     instead one film of N seconds, with things that are shown or said once
  --held-out   only with colour-shape combinations that the embedded model was not trained on`;

const OPTIONS = { clips: { type: "string", default: "6" }, seed: { type: "string", default: "1" }, tones: { type: "boolean", default: false }, film: { type: "string" }, "held-out": { type: "boolean", default: false } } as const;

await command(USAGE, OPTIONS, async ({ values, positionals, signal }) => {
  const [folder] = positionals;
  if (folder === undefined) throw new UsageError("Which folder? None was given.");
  const clips = wholeNumber("clips", values.clips, 1);
  const first = wholeNumber("seed", values.seed, 0);
  const pairs = values["held-out"] ? HELD_OUT : SEEN;
  const ffmpeg = findFfmpeg();
  await mkdir(folder, { recursive: true });
  if (values.film !== undefined) {
    const film = generateFilm({ seed: first, durationMs: 1000 * wholeNumber("film", values.film, 20), needles: 5 });
    const path = join(folder, `film-${first}.mp4`);
    await encodeFilm(film, path, { ffmpeg }, signal);
    await writeFile(path.replace(/mp4$/, "json"), `${JSON.stringify({ durationMs: film.durationMs, questions: film.questions }, null, 2)}\n`);
    console.log(path);
    return;
  }
  for (let i = 0; i < clips; i++) {
    const seed = first + i;
    const scene = generateScene({ kind: KINDS[i % KINDS.length] as SceneKind, seed, pairs, tones: values.tones });
    const path = join(folder, `${scene.kind}-${seed}.mp4`);
    await encodeClip(scene, path, { ffmpeg }, signal);
    await writeFile(path.replace(/mp4$/, "json"), `${JSON.stringify({ scene, questions: questionsOf(scene, new Random(seed), pairs) }, null, 2)}\n`);
    console.log(path);
  }
});
