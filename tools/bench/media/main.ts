/**
 * What frames and sound of films cost, in CPU seconds, beside OpenCV and PyAV on the same films in the
 * same run. Whole processes are measured, from start to end: interpreters, libraries, opening, all.
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { defaultCacheFolder } from "../../../server/src/runtime/cache/folder.js";
import { bundleServer, DECODING_PROCESS } from "../../extension/bundle.js";
import { command, UsageError, wholeNumber } from "../../support/command.js";
import { benchClips, type Clip } from "./clips.js";
import { drawsOf, spreadTimes, type Task } from "./contest.js";
import { measure, type Measured } from "./measure.js";

const USAGE = `npm run bench:media [-- OPTIONS]
  --runs N     times that everything is measured; the lowest counts (default 3)
  --counts L   numbers of frames, with commas between (default 8,45,100); of few frames the mean of several draws
  --folder DIR where the films are kept: 4 GB (default: the cache folder)
  --json FILE  write everything there`;
const OPTIONS = { runs: { type: "string", default: "3" }, counts: { type: "string", default: "8,45,100" }, folder: { type: "string" }, json: { type: "string" } } as const;

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PEERS = join(ROOT, "tools/bench/media/peers.py");
/** The product as the extension has it: bundled. */
const BUNDLED = join(ROOT, "out", "bench-media");
const PRODUCT = join(BUNDLED, "product.js");
/** Of ten hours: what the length of a film takes in memory. */
const STILL_FRAMES = 45;
const SYSTEM_PYTHON = "/usr/bin/python3";

interface Contestant {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
}

interface Row extends Measured {
  readonly contestant: string;
  readonly clip: string;
  readonly task: string;
  /** Frames that were the right ones, of how many. */
  readonly right: number;
  readonly of: number;
}

const OURS: readonly Contestant[] = [
  { name: "VQA, node-av", command: [process.execPath, PRODUCT, "node-av"] },
  { name: "VQA, ffmpeg", command: [process.execPath, PRODUCT, "ffmpeg"] },
];

await command(USAGE, OPTIONS, async ({ values, signal }) => {
  if (process.platform !== "linux") throw new UsageError("The CPU time of all processes is read from /proc: this runs on Linux only.");
  const runs = wholeNumber("runs", values.runs, 1);
  const counts = values.counts.split(",").map((n) => wholeNumber("counts", n, 1));
  const { clips, still } = await benchClips(values.folder ?? join(defaultCacheFolder(), "bench-media"), (text) => console.log(text), signal);
  await bundleServer(ROOT, BUNDLED, { product: "tools/bench/media/product.ts", child: DECODING_PROCESS }, { production: true });
  const peers = [...peer("pyav", "PyAV", "av", "python3-av"), ...peer("opencv", "OpenCV", "cv2", "python3-opencv")];
  console.log(`${(cpus()[0]?.model ?? "unknown processor").trim()}, ${cpus().length} cores; lowest of ${runs} run${runs === 1 ? "" : "s"}; CPU seconds of whole processes\n`);
  const rows: Row[] = [];
  const add = async (contestants: readonly Contestant[], clip: Clip, name: string, tasks: readonly Task[]): Promise<void> => {
    for (const contestant of contestants) {
      const each: Row[] = [];
      for (const task of tasks) each.push(await lowest(contestant, clip, name, task, runs, signal));
      const row = together(each);
      rows.push(row);
      console.error(`  ${clip.name}, ${name}: ${row.contestant} ${row.cpu.toFixed(2)} s, ${row.right} of ${row.of} right`);
    }
  };
  const frames = (clip: Clip, count: number, mode: "exact" | "keyframe"): Task[] =>
    Array.from({ length: drawsOf(count) }, (_, draw) => ({ kind: "frames", mode, path: clip.path, timesMs: spreadTimes(clip.seconds, clip.frameRate, count, draw) }));
  for (const clip of clips) {
    for (const count of counts) {
      await add([...OURS, ...peers], clip, `${count} frames`, frames(clip, count, "exact"));
      await add(OURS, clip, `${count} keyframes`, frames(clip, count, "keyframe"));
    }
  }
  const [short] = clips as [Clip];
  await add([...OURS, ...peers.filter(({ name }) => name === "PyAV")], short, "sound", [{ kind: "sound", path: short.path, seconds: short.seconds }]);
  await add(OURS, short, "log-mel", [{ kind: "mel", path: short.path, seconds: short.seconds }]);
  await add([...OURS, ...peers], still, `${STILL_FRAMES} frames`, frames(still, STILL_FRAMES, "exact"));
  console.log(`${table(rows)}\n\n${byLength(rows, clips)}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows.map(({ numbers: _, ...row }) => row), null, 2)}\n`);
});

/** A peer of the system's packages; said loudly when it is not there. */
function peer(id: string, name: string, module: string, debian: string): Contestant[] {
  const python = existsSync(SYSTEM_PYTHON) ? SYSTEM_PYTHON : "python3";
  if (spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0) return [{ name, command: [python, PEERS, id] }];
  console.log(`SKIPPED: ${name} is not installed for ${python} (Debian: apt-get install ${debian}); its column is missing.`);
  return [];
}

async function lowest(contestant: Contestant, clip: Clip, name: string, task: Task, runs: number, signal: AbortSignal): Promise<Row> {
  let best: Measured | undefined;
  let memoryMiB = 0;
  for (let run = 0; run < runs; run++) {
    const [program, ...args] = contestant.command;
    const each = await measure(program, [...args, JSON.stringify(task)], signal);
    memoryMiB = Math.max(memoryMiB, each.memoryMiB);
    if (!best || each.cpu < best.cpu) best = each;
  }
  return { ...best!, memoryMiB, contestant: contestant.name, clip: clip.name, task: name, ...score(clip, task, best!) };
}

/** The mean of several draws; of memory the most. */
function together(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const mean = (of: (row: Row) => number): number => sum(of) / rows.length;
  return { ...rows[0]!, cpu: mean(({ cpu }) => cpu), wall: mean(({ wall }) => wall), memoryMiB: Math.max(...rows.map(({ memoryMiB }) => memoryMiB)), right: sum(({ right }) => right), of: sum(({ of }) => of) };
}

function score(clip: Clip, task: Task, said: Measured): { right: number; of: number } {
  if (task.kind === "mel") return { right: said.melFrames === Math.ceil(task.seconds / 30) * 3000 ? 1 : 0, of: 1 };
  if (task.kind !== "frames") return { right: Math.abs((said.samples ?? 0) - task.seconds * 16_000) < 1600 ? 1 : 0, of: 1 };
  const right = said.numbers.filter((number, i) => {
    const frame = Math.round((task.timesMs[i]! * clip.frameRate) / 1000) % clip.numbers;
    // A keyframe every 60 frames.
    return number === (task.mode === "keyframe" ? frame - (frame % 60) : frame);
  }).length;
  return { right, of: task.timesMs.length };
}

/** Markdown: what the same number of frames costs in the longest film, as a part of what it costs in the shortest. */
function byLength(rows: readonly Row[], clips: readonly Clip[]): string {
  const [short, long] = [clips[0]!, clips.at(-1)!];
  const out = [`| task | contestant | CPU of ${long.name} / ${short.name} | MiB, ${short.name} | MiB, ${long.name} |`, "|---|---|---|---|---|"];
  for (const row of rows.filter(({ clip }) => clip === short.name)) {
    const same = rows.find((r) => r.clip === long.name && r.contestant === row.contestant && r.task === row.task);
    if (same && same !== row) out.push(`| ${[row.task, row.contestant, (same.cpu / row.cpu).toFixed(2), row.memoryMiB.toFixed(0), same.memoryMiB.toFixed(0)].join(" | ")} |`);
  }
  return out.join("\n");
}

/** Markdown: seconds, ratio to PyAV and to OpenCV, right frames, memory. */
function table(rows: readonly Row[]): string {
  const out = ["| film | task | contestant | CPU s | of PyAV | of OpenCV | wall s | right | MiB |", "|---|---|---|---|---|---|---|---|---|"];
  for (const row of rows) {
    const same = row.task.replace("keyframes", "frames");
    const ratio = (peerName: string): string => {
      const other = rows.find((r) => r.contestant === peerName && r.clip === row.clip && r.task === same);
      return !other || other === row ? "" : (row.cpu / other.cpu).toFixed(2);
    };
    out.push(
      `| ${[row.clip, row.task, row.contestant, row.cpu.toFixed(2), ratio("PyAV"), ratio("OpenCV"), row.wall.toFixed(2), `${row.right} of ${row.of}`, row.memoryMiB.toFixed(0)].join(" | ")} |`,
    );
  }
  return out.join("\n");
}
