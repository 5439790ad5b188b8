/**
 * How fast the parts of the product are on this machine, with the embedded model and the demo's clip:
 *
 *   npm run bench [-- --runs N --threads N --json FILE]
 *
 * Everything runs in this process, without the worker, so that each part is measured alone.
 */
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createPipeline, type Pipeline } from "../../server/src/engine/pipeline.js";
import type { FrameRequest, Piece } from "../../server/src/engine/ports.js";
import { parse } from "../../server/src/format/index.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import { openMedia } from "../../server/src/runtime/ffmpeg/index.js";
import { idleThreads } from "../../server/src/runtime/llama/threads.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { longNotebook } from "./notebook.js";
import { measure, table, timed, type Measure } from "./stats.js";

const { values } = parseArgs({ options: { runs: { type: "string", default: "7" }, threads: { type: "string" }, json: { type: "string" } } });
const runs = wholeNumber("runs", values.runs);
const threads = values.threads === undefined ? idleThreads() : wholeNumber("threads", values.threads);
const VIDEO = fileURLToPath(new URL("../../../media/demo/shapes.mp4", import.meta.url));
const QUESTIONS = ["What is the code?", "What do they eat?", "Where are they going?", "What appears first?", "What colour is the star?"];

const media = await openMedia({ threads });
const measures: Measure[] = [];
const opened = await repeat(Math.min(3, runs), async () => {
  const { ms, value } = await timed(() => openPack("micro", { threads }));
  await value.dispose();
  return ms;
});
measures.push(measure("opening the model (verified)", "ms", opened));

const pack = await openPack("micro", { threads });
const info = await media.frames.probe(VIDEO);
const count = pack.spec.sampling.frames;
try {
  const request = (run: number): FrameRequest => ({
    path: VIDEO,
    // Other times in every run: nothing may be remembered.
    timesMs: Array.from({ length: count }, (_, i) => Math.floor(((i + 0.25 + run / (2 * runs)) * info.durationMs) / count)),
    ...pack.encoder.input,
    mode: "exact",
  });
  const sampled: number[] = [];
  const encoded: number[] = [];
  for (let run = 0; run < runs; run++) {
    const frames = await timed(() => media.frames.frames(request(run)));
    sampled.push((1000 * count) / frames.ms);
    const features = await timed(() => pack.encoder.encode(frames.value));
    encoded.push((1000 * count) / features.ms);
  }
  measures.push(measure("sampling exact frames", "frames/s", sampled), measure("encoding frames", "frames/s", encoded));

  const [prefilled, decoded] = await language();
  measures.push(measure("reading the prompt (prefill)", "tokens/s", prefilled), measure("writing an answer (decode)", "tokens/s", decoded));

  const [first, fifth] = await questions();
  measures.push(measure("first word, first question", "ms", first), measure("first word, fifth question", "ms", fifth));
} finally {
  await pack.dispose();
}

const text = longNotebook(1_000_000);
const parsed = await repeat(runs, async () => text.length / 1e3 / (await timed(() => parse(text))).ms);
measures.push(measure("parsing a notebook of 1 MB", "MB/s", parsed));

const machine = {
  cpu: cpus()[0]?.model ?? "unknown processor",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  threads,
  decoder: await media.frames.describe(),
  languageEngine: pack.language.engine,
  model: pack.spec.digest,
};
console.log(`${machine.cpu.trim()}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`);
console.log(`${machine.decoder}, ${machine.languageEngine}, ${threads} thread${threads === 1 ? "" : "s"}, ${count} frames of ${join("media", "demo", "shapes.mp4")}; medians\n`);
console.log(table(measures));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, measures }, null, 2)}\n`);

/** Tokens a second for prompts and for answers. */
async function language(): Promise<readonly [number[], number[]]> {
  const session = await pack.language.session();
  const prefill: number[] = [];
  const decode: number[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const pieces = await visualPrompt(run);
      const stats = await session.setPrefix(pieces);
      prefill.push((1000 * stats.evaluated) / stats.ms);
      const end: Piece[] = [{ kind: "template", text: pack.spec.prompt.end.replace("{question}", "What happens in the video?") }];
      // Free choice of words keeps the answer from ending at once.
      const said = await session.generate(end, { temperature: 2, seed: run + 1, maxTokens: 64, repetitionPenalty: 1 });
      if (said.tokens > 4) decode.push((1000 * (said.tokens - 1)) / (said.totalMs - said.firstTokenMs));
    }
  } finally {
    await session.dispose();
  }
  return [prefill, decode];
}

/** A prompt of full length: as many frames as the pack allows, each with its time. */
async function visualPrompt(run: number): Promise<Piece[]> {
  const { prompt, sampling, composer } = pack.spec;
  const tokens = pack.encoder.tokens / composer.merge;
  const rows = { rows: tokens, width: pack.projector.inputWidth, data: new Float32Array(tokens * pack.projector.inputWidth).fill(0.01 * (run + 1)) };
  const embeddings = await pack.projector.project(rows);
  const frames = Math.min(sampling.maxFrames, Math.floor(pack.language.maxVisual / tokens));
  const [before = "", after = ""] = prompt.frame.split("{visual}");
  const pieces: Piece[] = [{ kind: "template", text: prompt.begin }];
  for (let i = 0; i < frames; i++) {
    pieces.push({ kind: "template", text: before.replace("{time}", `00:${String(i + 10)}`) }, { kind: "visual", embeddings });
    if (after !== "") pieces.push({ kind: "template", text: after });
  }
  return pieces;
}

/** Milliseconds to the first word of the first and of the last of the questions, with nothing cached at first. */
async function questions(): Promise<readonly [number[], number[]]> {
  const first: number[] = [];
  const last: number[] = [];
  for (let run = 0; run < runs; run++) {
    const pipeline: Pipeline = createPipeline({ source: media.frames, cues: media.cues, pack, cache: new MemoryFeatureCache(), engine: [], now: () => performance.now() });
    try {
      for (const [i, question] of QUESTIONS.entries()) {
        const answer = await pipeline.ask({ video: VIDEO, question });
        if (i === 0) first.push(answer.timings.firstTokenMs);
        if (i === QUESTIONS.length - 1) last.push(answer.timings.firstTokenMs);
      }
    } finally {
      await pipeline.dispose();
    }
  }
  return [first, last];
}

async function repeat(times: number, work: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await work());
  return values;
}

function wholeNumber(name: string, written: string): number {
  const value = Number(written);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  console.error(`--${name} takes a whole number from 1, not "${written}"`);
  process.exit(2);
}
