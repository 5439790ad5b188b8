import type { AskRequest, Evidence, LongProvenance, NotebookCue, Span } from "../answer.js";
import { digestOf } from "../digest.js";
import { throwIfAborted, VqaError } from "../errors.js";
import type { OpenPack } from "../pack.js";
import { cueTrack, type View } from "../plan.js";
import type { CueSource, CueTrack, FeatureCache, FrameSource, MediaInfo, Progress, SceneSource, SpeechSource, TextCache } from "../ports.js";
import { Recent } from "../recent.js";
import { checkRequest } from "../request.js";
import { resolveScope } from "../scope.js";
import type { SystemRun } from "../systemRun.js";
import { buildIndex, type ClipIndex, type IndexEvents } from "./clipIndex.js";
import { reelOf, type Reel } from "./reel.js";
import { retrieve, type Retrieved } from "./retrieve.js";
import { LONG_VIDEO, wayOf, type LongVideoSettings, type LongWay } from "./settings.js";

export interface LongParts {
  readonly source: FrameSource;
  readonly cues: CueSource;
  readonly speech?: SpeechSource;
  readonly languages: readonly string[];
  readonly pack: OpenPack;
  readonly cache: FeatureCache;
  readonly scenes?: SceneSource | undefined;
  /** Where summaries are kept. */
  readonly texts: TextCache;
  /** 0 to 1, exclusive: see {@link buildIndex}; always the middle without it. */
  readonly random?: (() => number) | undefined;
}

/** A question about a long video, before anything of it was looked at. */
export interface LongQuestion {
  readonly request: AskRequest;
  readonly run: SystemRun;
  readonly media: MediaInfo;
  readonly spans: readonly Span[];
  readonly settings: LongVideoSettings;
  readonly way: LongWay;
}

/** What the question is asked again on. */
export interface Selection {
  readonly request: AskRequest;
  readonly view: View;
  readonly reel: Reel | undefined;
  readonly evidence: readonly Evidence[];
  readonly notes: readonly string[];
}

export interface LongVideos {
  /** Undefined for what is answered like a short video, and in `notes` why, where that is not what was asked for. */
  consider(request: AskRequest, run: SystemRun, signal?: AbortSignal): Promise<{ readonly long?: LongQuestion; readonly media?: MediaInfo; readonly notes: readonly string[] }>;
  /** All that can be found. @param summarise asks the model about one clip, in its turn */
  index(long: LongQuestion, summarise: Summarise, events: IndexEvents, signal?: AbortSignal): Promise<ClipIndex>;
  select(long: LongQuestion, index: ClipIndex, signal?: AbortSignal): Promise<Selection>;
  provenance(long: LongQuestion, track: CueTrack | undefined, clips: number): LongProvenance;
  track(long: LongQuestion, onProgress: (progress: Progress) => void, signal?: AbortSignal): Promise<CueTrack | undefined>;
}

export type Summarise = (request: AskRequest, view: View) => Promise<string>;

/** Videos whose index stays in memory. */
const KEPT = 2;
/** Grows when answers would come from other clips or in another way. */
const RECIPE = 1;

export function createLongVideos(parts: LongParts): LongVideos {
  const { source, pack } = parts;
  const known = new Recent<ClipIndex>(KEPT);

  const track: LongVideos["track"] = ({ request, media, spans, run }, onProgress, signal) => cueTrack(request, media, spans, { ...parts, system: run.system }, onProgress, signal);

  return {
    async consider(request, run, signal) {
      if (request.long === "off") return { notes: [] };
      checkRequest(request);
      const media = await source.probe(request.video, signal);
      throwIfAborted(signal);
      const { spans } = resolveScope(request.scope, media.durationMs, media.path);
      const settings = run.system.spec.longVideo ?? LONG_VIDEO;
      const way = media.video && wayOf(request, spans, settings);
      if (!way) return { media, notes: [] };
      if (!pack.embedder) {
        const why = `The video is long, and the model pack "${pack.spec.id}" has no sentence embedder to find the clips that matter: the frames are spread over all of it.`;
        if (request.long !== undefined && request.long !== "auto") throw new VqaError("model-unsupported", why, "Use a model pack with an embedder, or long: off.");
        return { media, notes: [why] };
      }
      return { long: { request, run, media, spans, settings, way }, media, notes: [] };
    },

    track,

    async index(long, summarise, events, signal) {
      const { request, run, media, spans, settings } = long;
      const { summary, clock } = settings;
      // The clip as a video of its own; what is said in it is found by its own documents.
      const asked = (clip: Span): AskRequest => ({
        video: request.video,
        question: summary.question,
        ...(request.composer === undefined ? {} : { composer: request.composer }),
        ...(request.audio === undefined ? {} : { audio: request.audio }),
        scope: [clip],
        subtitles: "off",
        decode: { temperature: 0, maxTokens: summary.maxTokens },
      });
      const { spec } = run.system;
      const summarisedBy = digestOf({ ...summary, clock, model: spec.digest, composer: run.composerId(request), prompt: run.promptId, frames: spec.sampling.frames });
      const written = await track(long, events.onProgress, signal);
      throwIfAborted(signal);
      const key = digestOf({ summarisedBy, video: media.digest, spans: plain(spans), clip: settings.clipMs, events: [...settings.events], cues: cuesDigest(written) });
      const before = known.get(key);
      if (before) {
        before.clips.forEach((clip, i) => events.onClip?.({ clip, done: i + 1, total: before.clips.length }));
        return before;
      }
      const { scenes, texts, cache, random = () => 0.5 } = parts;
      const index = await buildIndex(
        { media, spans, settings, summarisedBy },
        {
          ...{ scenes, texts, cache, random },
          embedder: pack.embedder!,
          cues: async () => written,
          summarise: (clip) => summarise(asked(clip), { media, ...(clock === "clips" ? { reel: reelOf([clip]) } : {}) }),
        },
        events,
        signal,
      );
      known.set(key, index);
      return index;
    },

    async select({ request, run, media, spans, settings }, index, signal) {
      const vector = await pack.embedder!.embed([request.question], signal);
      throwIfAborted(signal);
      const found = retrieve({ text: request.question, vector }, index, settings);
      const clips = found.clips.map((i) => index.clips[i]!);
      const scope = clips.flatMap((clip) => spans.flatMap((span) => overlap(clip, span)));
      const reel = settings.clock === "clips" ? reelOf(resolveScope(scope, Infinity, request.video).spans) : undefined;
      const { sampling, subtitles } = run.system.spec;
      const count = (text: string): number => run.system.language.countTokens([{ kind: "text", text }]);
      const { long: _, ...rest } = request;
      if (clips.length === 0) return { request: rest, view: { media }, reel: undefined, evidence: [], notes: ["The model said nothing about any clip, and there are no subtitles: the frames are spread over all of it."] };
      return {
        request: {
          ...rest,
          scope,
          frames: request.frames ?? Math.min(sampling.maxFrames, sampling.frames * clips.length),
          question: reel ? reel.hide(request.question) : request.question,
          ...(request.choices ? { choices: reel ? request.choices.map((text) => reel.hide(text)) : request.choices } : {}),
        },
        view: { media, ...(index.track ? { track: shownTrack(index.track, scope, found, subtitles.tokenBudget, count) } : {}), reel },
        reel,
        evidence: found.evidence,
        notes: [`Found ${clips.length} of ${index.clips.length} clips by their summaries and subtitles, and asked again on those.`],
      };
    },

    provenance({ way, settings, request }, written, clips) {
      const { afterMs: _, ...decisive } = settings;
      return { way, clips, recipe: digestOf({ recipe: RECIPE, ...decisive, events: [...settings.events], embedder: pack.embedder?.digest ?? "", audio: request.audio ?? "auto" }), cues: cuesDigest(written) };
    },
  };
}

/**
 * The cues of the clips, as many as the pack's budget allows: first those that were found, then the nearest
 * to them, so that the line that matters is never the one that is left out.
 */
function shownTrack(track: CueTrack, scope: readonly Span[], { documents }: Retrieved, budget: number, count: (text: string) => number): CueTrack {
  const found = documents.filter(({ kind }) => kind === "cue");
  const apart = (cue: NotebookCue): number => Math.min(Infinity, ...found.map(({ startMs, endMs }) => Math.max(0, startMs - cue.endMs, cue.startMs - endMs)));
  const within = track.cues.filter((cue) => scope.some((span) => overlap(cue, span).length > 0));
  let used = 0;
  const chosen = new Set(
    within
      .map((cue) => ({ cue, apart: apart(cue) }))
      .sort((a, b) => a.apart - b.apart || a.cue.startMs - b.cue.startMs)
      .filter(({ cue }) => (used += count(cue.text)) <= budget)
      .map(({ cue }) => cue),
  );
  const left = within.length - chosen.size;
  const warnings = left === 0 ? track.warnings : [...track.warnings, `Left out ${left} of the ${within.length} subtitles of these clips: the model takes ${budget} tokens of them.`];
  return { ...track, cues: within.filter((cue) => chosen.has(cue)), warnings };
}

function overlap(a: Span, b: Span): readonly Span[] {
  const [startMs, endMs] = [Math.max(a.startMs, b.startMs), Math.min(a.endMs, b.endMs)];
  return endMs > startMs ? [{ startMs, endMs }] : [];
}

function cuesDigest(track: CueTrack | undefined): string {
  return digestOf((track?.cues ?? []).map(({ startMs, endMs, text }) => [startMs, endMs, text]));
}

const plain = (spans: readonly Span[]): number[][] => spans.map(({ startMs, endMs }) => [startMs, endMs]);

/** For pipelines without a place on the disk. */
export function memoryTexts(): TextCache {
  const kept = new Map<string, string>();
  return { get: async (key) => kept.get(key), set: async (key, text) => void kept.set(key, text) };
}
