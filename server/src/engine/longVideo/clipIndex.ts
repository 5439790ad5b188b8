import type { Span, SummarisedClip } from "../answer.js";
import { digestOf } from "../digest.js";
import { throwIfAborted } from "../errors.js";
import type { Cue, CueTrack, Embedder, FeatureCache, Matrix, MediaInfo, Progress, SceneCut, SceneSource, TextCache } from "../ports.js";
import { partition } from "./clips.js";
import { cueDocuments, summaryDocuments, type ClipDocument } from "./documents.js";
import { reelOf } from "./reel.js";
import type { LongVideoSettings } from "./settings.js";


/** What is known of a long video before a question: its clips, their summaries, and where its documents lie. */
export interface ClipIndex {
  /** Ascending; those that the scope touches. */
  readonly clips: readonly SummarisedClip[];
  readonly documents: readonly ClipDocument[];
  /** (documents, width), rows of length 1. */
  readonly vectors: Matrix;
  readonly track: CueTrack | undefined;
}

/** A clip whose summary is there, in the order in which they came. */
export interface ClipEvent {
  readonly clip: SummarisedClip;
  readonly done: number;
  readonly total: number;
}

export interface IndexEvents {
  readonly onProgress: (progress: Progress) => void;
  readonly onClip?: ((event: ClipEvent) => void) | undefined;
}

export interface IndexRequest {
  readonly media: MediaInfo;
  /** What the question may look at; clips that lie outside are not summarised. */
  readonly spans: readonly Span[];
  readonly settings: LongVideoSettings;
  /** Everything besides video and clip that decides what a summary says. */
  readonly summarisedBy: string;
}

export interface IndexParts {
  readonly scenes: SceneSource | undefined;
  readonly texts: TextCache;
  readonly cache: FeatureCache;
  readonly embedder: Embedder;
  /** The cues of some spans. May listen. */
  readonly cues: (spans: readonly Span[]) => Promise<CueTrack | undefined>;
  /** The model's own words about a clip. */
  readonly summarise: (clip: Span) => Promise<string>;
  /** 0 to 1, exclusive: where to go on when another process is found at work on the same clips. */
  readonly random: () => number;
}

/** Grows when the same video would be parted or summarised in another way. */
const RECIPE = 1;

/**
 * Makes the index of a video, or what is missing of it. Each summary is kept as soon as it is there, by
 * the content of the video, so that a stop or a kill loses one clip at most and the next start, of this
 * process or another, goes on. Summaries do not depend on subtitles, nor on how clips are retrieved.
 */
export async function buildIndex(request: IndexRequest, parts: IndexParts, events: IndexEvents, signal?: AbortSignal): Promise<ClipIndex> {
  const { media, settings } = request;
  const cuts = await cutsOf(media, parts, events.onProgress, signal);
  throwIfAborted(signal);
  const clips = partition(media.durationMs, cuts, settings.clipMs).filter(({ startMs, endMs }) => request.spans.some((s) => s.startMs < endMs && s.endMs > startMs));
  const said = await summaries(clips, request, parts, events, signal);
  throwIfAborted(signal);
  const track = await parts.cues(request.spans);
  throwIfAborted(signal);
  const documents = [
    ...clips.flatMap((clip, i) => summaryDocuments(said[i]!, i, clip, settings.events)),
    ...cueDocuments(within(track?.cues ?? [], request.spans), clips),
  ];
  const vectors = await embed(documents, parts, signal);
  return { clips: clips.map((clip, i) => ({ ...clip, summary: told(said[i]!, clip, settings) })), documents, vectors, track };
}

/** Of the cuts that a clip may end at the strongest is taken, so weak ones cost nothing. */
const CUT_THRESHOLD = 3;

/** Keyframes only: clips are seconds long, and looking at every picture of hours takes as long as a summary. */
async function cutsOf(media: MediaInfo, { scenes, texts }: IndexParts, onProgress: (progress: Progress) => void, signal?: AbortSignal): Promise<readonly SceneCut[]> {
  if (!scenes) return [];
  const key = digestOf({ recipe: RECIPE, cuts: media.digest, threshold: CUT_THRESHOLD });
  const kept = parsed(await texts.get(key));
  throwIfAborted(signal);
  if (kept) return kept;
  onProgress({ stage: "index", fraction: 0 });
  const { cuts } = await scenes.scenes({ path: media.path, mode: "keyframe", threshold: CUT_THRESHOLD }, undefined, signal);
  throwIfAborted(signal);
  await texts.set(key, JSON.stringify(cuts));
  return cuts;
}

function parsed(text: string | undefined): readonly SceneCut[] | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as readonly SceneCut[]);
}

async function summaries(clips: readonly Span[], { media, settings, summarisedBy }: IndexRequest, parts: IndexParts, events: IndexEvents, signal?: AbortSignal): Promise<readonly string[]> {
  const keyOf = ({ startMs, endMs }: Span): string => digestOf({ recipe: RECIPE, summary: media.digest, clip: [startMs, endMs], summarisedBy });
  const said = new Array<string | undefined>(clips.length);
  let done = 0;
  const have = (i: number, text: string): void => {
    said[i] = text;
    done++;
    events.onProgress({ stage: "index", fraction: done / clips.length });
    events.onClip?.({ clip: { ...clips[i]!, summary: told(text, clips[i]!, settings) }, done, total: clips.length });
  };
  for (const [i, clip] of clips.entries()) {
    const kept = await parts.texts.get(keyOf(clip));
    throwIfAborted(signal);
    if (kept !== undefined) have(i, kept);
  }
  for (let at = 0; done < clips.length; ) {
    // From here on, and once around.
    while (said[at] !== undefined) at = (at + 1) % clips.length;
    const i = at;
    const clip = clips[i]!;
    const before = await parts.texts.get(keyOf(clip));
    throwIfAborted(signal);
    const text = before ?? (await parts.summarise(clip));
    throwIfAborted(signal);
    const other = before ?? (await parts.texts.get(keyOf(clip)));
    throwIfAborted(signal);
    if (other === undefined) await parts.texts.set(keyOf(clip), text);
    have(i, text);
    // Somebody else was here meanwhile: elsewhere there is work for two.
    if (other !== undefined) at = Math.floor(parts.random() * clips.length);
  }
  return said as readonly string[];
}

function told(text: string, clip: Span, { clock }: LongVideoSettings): string {
  return clock === "clips" ? reelOf([clip]).restore(text) : text;
}

function within(cues: readonly Cue[], spans: readonly Span[]): readonly Cue[] {
  return cues.filter((cue) => spans.some(({ startMs, endMs }) => cue.startMs < endMs && cue.endMs > startMs)).sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

/** Documents a matrix in the cache: few enough to stop soon, and many enough for few files. */
const BATCH = 64;

async function embed(documents: readonly ClipDocument[], { embedder, cache }: IndexParts, signal?: AbortSignal): Promise<Matrix> {
  const { width } = embedder;
  const data = new Float32Array(documents.length * width);
  for (let from = 0; from < documents.length; from += BATCH) {
    const texts = documents.slice(from, from + BATCH).map(({ text }) => text);
    const key = digestOf({ recipe: RECIPE, embedder: embedder.digest, texts });
    const kept = await cache.get(key);
    throwIfAborted(signal);
    if (kept && kept.frames === texts.length && kept.tokens === 1 && kept.width === width) {
      data.set(kept.data, from * width);
      continue;
    }
    const rows = await embedder.embed(texts, signal);
    throwIfAborted(signal);
    data.set(rows.data, from * width);
    await cache.set(key, { frames: texts.length, tokens: 1, width, data: rows.data });
    throwIfAborted(signal);
  }
  return { rows: documents.length, width, data };
}
