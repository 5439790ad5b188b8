/**
 * A dataset of many questions through the command line: imported, evaluated on a part of it with the
 * embedded model by the likelihood of its choices, and exported. Memory is the most that a command held,
 * its workers not counted.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { measure, type Measure } from "./stats.js";

const VIDEO = fileURLToPath(new URL("../../../media/demo/shapes.mp4", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../server/src/cli.js", import.meta.url));
const PER_VIDEO = 100;
const EVALUATED = 200;

export async function datasets(questions: number): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), "vqa-bench-"));
  try {
    const source = createWriteStream(join(folder, "all.jsonl"));
    await mkdir(join(folder, "clips"));
    for (let i = 0; i < questions; i++) {
      const video = `clip${Math.floor(i / PER_VIDEO)}`;
      if (i % PER_VIDEO === 0) await symlink(VIDEO, join(folder, "clips", `${video}.mp4`));
      const line = JSON.stringify({ video, id: `q${i}`, question: `What colour is object ${i} of the video?`, choices: ["red", "green", "blue", "yellow", "purple"], gold: [i % 5], fields: { type: `t${i % 7}` } });
      if (!source.write(`${line}\n`)) await once(source, "drain");
    }
    source.end();
    await finished(source);
    const imported = await vqa(folder, ["import", "all.jsonl", "--videos", "clips", "--out", "notes"]);
    const evaluated = await vqa(folder, ["eval", "all.jsonl", "--videos", "clips", "--out", "run", "--limit", String(EVALUATED), "--threads", "1", "--failures", "0"]);
    const notebooks = (await readdir(join(folder, "notes"))).map((name) => join("notes", name));
    const exported = await vqa(folder, ["export", ...notebooks, "--format", "jsonl", "--out", "back.jsonl"]);
    const lines = (await readFile(join(folder, "back.jsonl"), "utf8")).trim().split("\n").length;
    const rows = (await readFile(join(folder, "run/rows.jsonl"), "utf8")).trim().split("\n").length;
    // A line for the header of each notebook, and one for each question.
    if (lines !== questions + notebooks.length || rows !== EVALUATED) throw new Error(`${lines} lines and ${rows} rows came back.`);
    const k = questions.toLocaleString("en");
    return [
      measure(`importing ${k} questions`, "s", [imported.seconds]),
      measure("  most memory of it", "MB", [imported.megabytes]),
      measure(`evaluating ${EVALUATED} of them by likelihood`, "s", [evaluated.seconds]),
      measure("  most memory of it, without its worker", "MB", [evaluated.megabytes]),
      measure(`exporting ${k} questions`, "s", [exported.seconds]),
      measure("  most memory of it", "MB", [exported.megabytes]),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ran {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs a command; its largest memory is what the system says of it while it runs (Linux), else 0. */
function vqa(cwd: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    let most = 0;
    const watch = setInterval(() => {
      void readFile(`/proc/${child.pid ?? 0}/status`, "utf8").then(
        (status) => (most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)),
        () => undefined,
      );
    }, 100);
    child.once("close", (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ seconds: (performance.now() - begun) / 1000, megabytes: most });
      else reject(new Error(`vqa ${args[0] ?? ""} ended with ${code}: ${said.slice(-500)}`));
    });
  });
}
