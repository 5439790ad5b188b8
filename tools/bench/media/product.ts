/** A contestant: this product, with one of its layers. Called by main.ts with the task as JSON. */
import { readFileSync } from "node:fs";
import { openMedia, type DecoderChoice } from "../../../server/src/runtime/ffmpeg/index.js";
import { readNumber } from "./barcode.js";
import { SIZE, type Said, type Task } from "./contest.js";

const [layer, text] = process.argv.slice(2);
const task = JSON.parse(text ?? "") as Task;
const media = await openMedia({ decoder: layer as DecoderChoice, threads: 1 });
const said = await perform(task);
// Processes count once they were waited for.
await media.close();
console.log(JSON.stringify({ ...said, cpu: cpuSeconds() } satisfies Said));

async function perform(asked: Task): Promise<Omit<Said, "cpu">> {
  const version = await media.frames.describe();
  if (asked.kind === "sound") {
    const samples = await media.audio.pcm16k(asked.path, 0, asked.seconds * 1000);
    return { version, numbers: [], samples: samples?.length ?? 0 };
  }
  const frames = await media.frames.frames({ path: asked.path, timesMs: asked.timesMs, width: SIZE, height: SIZE, resize: "squash", mode: asked.mode });
  return { version, numbers: frames.map(({ rgb, width, height }) => readNumber(rgb, width, height) ?? null) };
}

/** Of this process and of its children that ended: proc(5), fields 14 to 17, in hundredths of a second. */
function cpuSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) / 100;
}
