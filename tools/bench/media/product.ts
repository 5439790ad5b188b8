/** A contestant: this product, with one of its layers. Called by main.ts with the task as JSON. */
import { readFileSync } from "node:fs";
import { HOP, logMel } from "../../../server/src/runtime/audio/logMel.js";
import { openMedia, type DecoderChoice } from "../../../server/src/runtime/ffmpeg/index.js";
import { readNumber } from "./barcode.js";
import { SIZE, type Said, type Task } from "./contest.js";

const BANDS = 80;
const WINDOW_SAMPLES = 30 * 16_000;

const [layer, text] = process.argv.slice(2);
const task = JSON.parse(text ?? "") as Task;
const media = await openMedia({ decoder: layer as DecoderChoice, threads: 1 });
const said = await perform(task);
// Processes count once they were waited for.
await media.close();
console.log(JSON.stringify({ ...said, cpu: cpuSeconds() } satisfies Said));

async function perform(asked: Task): Promise<Omit<Said, "cpu">> {
  const version = await media.frames.describe();
  if (asked.kind !== "frames") {
    const samples = (await media.audio.pcm16k(asked.path, 0, asked.seconds * 1000)) ?? new Float32Array(0);
    return { version, numbers: [], samples: samples.length, ...(asked.kind === "mel" ? { melFrames: melFrames(samples) } : {}) };
  }
  const frames = await media.frames.frames({ path: asked.path, timesMs: asked.timesMs, width: SIZE, height: SIZE, resize: "squash", mode: asked.mode });
  return { version, numbers: frames.map(({ rgb, width, height }) => readNumber(rgb, width, height) ?? null) };
}

/** Spectrograms as the speech recogniser takes them. */
function melFrames(samples: Float32Array): number {
  let frames = 0;
  for (let from = 0; from < samples.length; from += WINDOW_SAMPLES) frames += logMel(samples.subarray(from, from + WINDOW_SAMPLES), BANDS, WINDOW_SAMPLES / HOP).length / BANDS;
  return frames;
}

/** Of this process and of its children that ended: proc(5), fields 14 to 17, in hundredths of a second. */
function cpuSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) / 100;
}
