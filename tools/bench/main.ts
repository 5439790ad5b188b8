/**
 * How fast the parts of the product are on this machine, with the embedded model and the demo's clip.
 * Everything runs in this process, without the worker, so that each part is measured alone.
 */
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { OpenPack } from "../../server/src/engine/pack.js";
import { createPipeline } from "../../server/src/engine/pipeline.js";
import type { Piece } from "../../server/src/engine/ports.js";
import { parse } from "../../server/src/format/index.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { idleThreads } from "../../server/src/runtime/llama/threads.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { command, wholeNumber } from "../support/command.js";
import { datasets } from "./dataset.js";
import { editing } from "./editor.js";
import { longNotebook } from "./notebook.js";
import { converting, preparing } from "./prepare.js";
import { measure, table, timed, type Measure } from "./stats.js";

const VIDEO = fileURLToPath(new URL("../../../media/demo/shapes.mp4", import.meta.url));
const QUESTIONS = ["What is the code?", "What do they eat?", "Where are they going?", "What appears first?", "What colour is the star?"];

const USAGE = `npm run bench [-- OPTIONS]
  --runs N     times that everything is measured (default 7)
  --threads N  for the decoder and the models (default: the idle cores)
  --prepare N  also prepares a model of N GB, which takes three times that on the disk and minutes, and converts one of 1 GB
  --dataset N  also imports, evaluates in part and exports N questions, such as 100000: minutes
  --json FILE  write everything there`;

const OPTIONS = { runs: { type: "string", default: "7" }, threads: { type: "string" }, prepare: { type: "string" }, dataset: { type: "string" }, json: { type: "string" } } as const;

await command(USAGE, OPTIONS, async ({ values }) => {
  const runs = wholeNumber("runs", values.runs, 1);
  const threads = values.threads === undefined ? idleThreads() : wholeNumber("threads", values.threads, 1);
  const media = await openMedia({ threads });
  const opening = await loading(Math.min(3, runs), threads);
  const pack = await openPack("micro", { threads });
  const measures: Measure[] = [opening];
  try {
    measures.push(...(await looking(media, pack, runs)), ...(await talking(pack, runs)), ...(await asking(media, pack, runs)), await parsing(runs), ...(await editing(runs)));
    if (values.prepare !== undefined) measures.push(...(await preparing(wholeNumber("prepare", values.prepare, 1))), ...(await converting()));
    if (values.dataset !== undefined) measures.push(...(await datasets(wholeNumber("dataset", values.dataset, 1000))));
    const machine = {
      cpu: (cpus()[0]?.model ?? "unknown processor").trim(),
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      threads,
      decoder: await media.frames.describe(),
      languageEngine: pack.language.engine,
      model: pack.spec.digest,
    };
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`);
    console.log(`${machine.decoder}, ${machine.languageEngine}, ${threads} thread${threads === 1 ? "" : "s"}, ${pack.spec.sampling.frames} frames of shapes.mp4; medians\n`);
    console.log(table(measures));
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, measures }, null, 2)}\n`);
  } finally {
    await pack.dispose();
  }
});

async function loading(runs: number, threads: number): Promise<Measure> {
  const ms: number[] = [];
  for (let run = 0; run < runs; run++) {
    const opened = await timed(() => openPack("micro", { threads }));
    await opened.value.dispose();
    ms.push(opened.ms);
  }
  return measure("opening the model (verified)", "ms", ms);
}

/** Frames a second out of the file, and through the vision encoder. */
async function looking(media: Media, pack: OpenPack, runs: number): Promise<Measure[]> {
  const { durationMs } = await media.frames.probe(VIDEO);
  const count = pack.spec.sampling.frames;
  const sampled: number[] = [];
  const encoded: number[] = [];
  for (let run = 0; run < runs; run++) {
    // Other times in every run: nothing may be remembered.
    const timesMs = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.25 + run / (2 * runs)) * durationMs) / count));
    const frames = await timed(() => media.frames.frames({ path: VIDEO, timesMs, ...pack.encoder.input, mode: "exact" }));
    sampled.push((1000 * count) / frames.ms);
    const features = await timed(() => pack.encoder.encode(frames.value));
    encoded.push((1000 * count) / features.ms);
  }
  return [measure("sampling exact frames", "frames/s", sampled), measure("encoding frames", "frames/s", encoded)];
}

/** Tokens a second for prompts and for answers. */
async function talking(pack: OpenPack, runs: number): Promise<Measure[]> {
  const session = await pack.language.session();
  const prefill: number[] = [];
  const decode: number[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const stats = await session.setPrefix(await visualPrompt(pack, run));
      prefill.push((1000 * stats.evaluated) / stats.ms);
      const end: Piece[] = [{ kind: "template", text: pack.spec.prompt.end.replace("{question}", "What happens in the video?") }];
      // A model that knows its answer ends after a few words; at this temperature it talks on.
      const said = await session.generate(end, { temperature: 3, seed: run + 1, maxTokens: 64, repetitionPenalty: 1 });
      if (said.tokens > 8) decode.push((1000 * (said.tokens - 1)) / (said.totalMs - said.firstTokenMs));
    }
  } finally {
    await session.dispose();
  }
  return [measure("reading the prompt (prefill)", "tokens/s", prefill), measure("writing an answer (decode)", "tokens/s", decode)];
}

/** A prompt of full length: as many frames as the pack allows, each with its time. */
async function visualPrompt({ spec, encoder, projectors, language }: OpenPack, run: number): Promise<Piece[]> {
  const tokens = encoder.tokens / (spec.composer as { merge: number }).merge;
  const rows = { rows: tokens, width: projectors.visual!.inputWidth, data: new Float32Array(tokens * projectors.visual!.inputWidth).fill(0.01 * (run + 1)) };
  const embeddings = await projectors.visual!.project(rows);
  const frames = Math.min(spec.sampling.maxFrames, Math.floor(language.maxVisual / tokens));
  const [before = "", after = ""] = spec.prompt.frame.split("{visual}");
  const pieces: Piece[] = [{ kind: "template", text: spec.prompt.begin }];
  for (let i = 0; i < frames; i++) {
    pieces.push({ kind: "template", text: before.replace("{time}", `00:${String(i + 10)}`) }, { kind: "visual", embeddings });
    if (after !== "") pieces.push({ kind: "template", text: after });
  }
  return pieces;
}

/** Time to the first word of the first and of the fifth question on one video, with nothing cached at first. */
async function asking(media: Media, pack: OpenPack, runs: number): Promise<Measure[]> {
  const first: number[] = [];
  const fifth: number[] = [];
  for (let run = 0; run < runs; run++) {
    const pipeline = createPipeline({ source: media.frames, cues: media.cues, pack, cache: new MemoryFeatureCache(), engine: [], now: () => performance.now() });
    try {
      for (const [i, question] of QUESTIONS.entries()) {
        const { timings } = await pipeline.ask({ video: VIDEO, question });
        if (i === 0) first.push(timings.firstTokenMs);
        if (i === 4) fifth.push(timings.firstTokenMs);
      }
    } finally {
      await pipeline.dispose();
    }
  }
  return [measure("first word, first question", "ms", first), measure("first word, fifth question", "ms", fifth)];
}

async function parsing(runs: number): Promise<Measure> {
  const text = longNotebook(1_000_000);
  const speeds: number[] = [];
  for (let run = 0; run < runs; run++) speeds.push(text.length / 1e3 / (await timed(() => parse(text))).ms);
  return measure("parsing a notebook of 1 MB", "MB/s", speeds);
}
