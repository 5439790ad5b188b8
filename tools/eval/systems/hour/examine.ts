/** Asks about a long film in one way after another, through the engine and the real parts behind its ports. */
import type { Answer } from "../../../../server/src/engine/answer.js";
import { grade } from "../../../../server/src/engine/grade.js";
import { memoryTexts } from "../../../../server/src/engine/longVideo/long.js";
import { LONG_VIDEO } from "../../../../server/src/engine/longVideo/settings.js";
import type { OpenPack, OpenSystem } from "../../../../server/src/engine/pack.js";
import { createPipeline } from "../../../../server/src/engine/pipeline.js";
import type { FrameSource, TextCache } from "../../../../server/src/engine/ports.js";
import { MemoryFeatureCache } from "../../../../server/src/runtime/cache/memory.js";
import { openMedia } from "../../../../server/src/runtime/ffmpeg/index.js";
import { openPack } from "../../../../server/src/runtime/packs/openPack.js";
import type { Film, FilmQuestion } from "../../../clips/film.js";
import { partly, type Way } from "./ways.js";

export interface HourResult {
  readonly way: string;
  readonly film: number;
  readonly type: FilmQuestion["type"];
  readonly question: string;
  readonly wanted: string;
  readonly said: string;
  readonly right: boolean;
  /** A frame or a clip that was looked at, or a subtitle in the prompt, lies where the answer is. */
  readonly found: boolean;
  readonly frames: number;
  readonly promptTokens: number;
  /** Without the index. */
  readonly ms: number;
}

/** What it took to make ready for questions. */
export interface Indexed {
  readonly way: string;
  readonly film: number;
  readonly clips: number;
  readonly frames: number;
  readonly ms: number;
}

/** A time counts as right so near to the true one: as much as a needle lasts at least. */
const TOLERANCE_MS = 4000;

export async function examine(model: string, { film, path, number }: { readonly film: Film; readonly path: string; readonly number: number }, all: readonly Way[], system: string | undefined, tell: (done: string) => void, signal: AbortSignal): Promise<{ results: HourResult[]; indexed: Indexed[] }> {
  const media = await openMedia({ threads: 1 });
  const pack = await openPack(model, { threads: 1 }, signal);
  const results: HourResult[] = [];
  const indexed: Indexed[] = [];
  // Summaries are the same for all ways that ask for them alike.
  const texts = memoryTexts();
  try {
    const known = { cues: new Set(film.cues.map(({ text }) => text)), questions: new Set(film.questions.map(({ text }) => text)) };
    for (const [i, way] of all.entries()) {
      const counted = counting(media.frames);
      const pipeline = createPipeline({
        ...{ source: counted.source, cues: media.cues, engine: [], now: () => performance.now() },
        cache: new MemoryFeatureCache(),
        texts: way.blind ? memoryTexts() : (texts as TextCache),
        ...(way.blind ? {} : { scenes: media.scenes }),
        pack: altered(pack, way, known, film.seed + i),
      });
      const common = { video: path, ...(system === undefined ? {} : { composer: system }), ...way.request };
      const begun = performance.now();
      const clips = way.request.long === "off" ? undefined : await pipeline.index(common, {}, signal);
      indexed.push({ way: way.name, film: number, clips: clips?.length ?? 0, frames: counted.frames(), ms: performance.now() - begun });
      for (const question of film.questions) {
        const answer = await pipeline.ask({ ...common, question: question.text, decode: { temperature: 0 } }, {}, signal);
        results.push(graded(way, number, question, answer));
      }
      await pipeline.dispose();
      tell(`film ${number + 1}, ${way.name}`);
    }
  } finally {
    await pack.dispose();
    await media.close();
  }
  return { results, indexed };
}

function graded(way: Way, film: number, question: FilmQuestion, { text, evidence = [], provenance, timings }: Answer): HourResult {
  const { frameTimesMs, cuesUsed } = provenance;
  const within = (startMs: number, endMs: number): boolean => startMs < question.endMs && endMs > question.startMs;
  const found =
    question.type === "sub_fact"
      ? cuesUsed.some(({ startMs, endMs }) => within(startMs, endMs))
      : evidence.some(({ kind, startMs, endMs }) => kind === "clip" && within(startMs, endMs)) || frameTimesMs.some((time) => within(time, time + 1));
  return {
    way: way.name,
    film,
    type: question.type,
    question: question.text,
    wanted: question.answer,
    said: text,
    right: grade({ text }, { answers: [question.answer] }, question.timeMs === undefined ? {} : { timeToleranceMs: TOLERANCE_MS }) === "exact",
    found,
    frames: frameTimesMs.length,
    promptTokens: timings.promptTokens,
    ms: timings.totalMs,
  };
}

function altered(pack: OpenPack, { settings, documents }: Way, known: Parameters<typeof partly>[2], seed: number): OpenPack {
  const own = (system: OpenSystem): OpenSystem => ({ ...system, spec: { ...system.spec, longVideo: { ...(system.spec.longVideo ?? LONG_VIDEO), ...settings } } });
  return {
    ...pack,
    ...own(pack),
    ...(pack.embedder ? { embedder: partly(pack.embedder, documents, known, seed) } : {}),
    system: async (name, signal) => own(await pack.system(name, signal)),
  };
}

function counting(source: FrameSource): { readonly source: FrameSource; frames(): number } {
  let count = 0;
  return {
    source: {
      describe: (signal) => source.describe(signal),
      probe: (path, signal) => source.probe(path, signal),
      frames: (request, signal) => {
        count += request.timesMs.length;
        return source.frames(request, signal);
      },
    },
    frames: () => count,
  };
}
