import { cuesWithin, cuesWithinBudget } from "./align.js";
import type { AskRequest, NotebookCue, Span } from "./answer.js";
import { fitPrompt, type FittedPrompt, type Limits } from "./budget.js";
import { choicePrompt, type ChoicePrompt } from "./choices.js";
import type { Composer, SegmentShape } from "./compose/port.js";
import { soundClips, soundOutline, soundShape } from "./compose/sound.js";
import { throwIfAborted } from "./errors.js";
import type { PromptRenderer } from "./interleave.js";
import { onReel, type Reel } from "./longVideo/reel.js";
import type { AudioBranch, PackSpec } from "./pack.js";
import type { CueSource, CueTrack, DecodeOptions, FrameMode, FrameSource, MediaInfo, Progress, SpeechSource } from "./ports.js";
import { checkRequest, decodeOptions } from "./request.js";
import { spokenCues } from "./spoken.js";
import { planSampling, type SamplingParts, type SamplingPlan } from "./sampling.js";
import { spread } from "./sample.js";
import { resolveScope } from "./scope.js";

/** What a plan must know of the model that answers. */
export interface PlannedSystem {
  readonly spec: Pick<PackSpec, "sampling" | "subtitles" | "prompt" | "choices">;
  readonly language: Limits;
  readonly audio?: AudioBranch;
  readonly notes?: readonly string[];
}

export interface PlanParts extends SamplingParts {
  readonly source: FrameSource;
  readonly cues: CueSource;
  readonly system: PlannedSystem;
  /** Listens where there are no subtitles. */
  readonly speech?: SpeechSource;
  readonly composer: Pick<Composer, "outline">;
  readonly renderer: PromptRenderer;
  /** Preferred languages of subtitles, best first. */
  readonly languages: readonly string[];
  readonly now: () => number;
}

/** What is known already, and how a part of a long video is shown. */
export interface View {
  readonly media?: MediaInfo | undefined;
  /** Its cues, where they are known already. */
  readonly track?: CueTrack | undefined;
  /** What times in the prompt count from; the video's beginning when absent. */
  readonly reel?: Reel | undefined;
}

/** Everything about a question that is decided before a frame is decoded. */
export interface Plan {
  readonly request: AskRequest;
  readonly media: MediaInfo;
  readonly spans: readonly Span[];
  readonly mode: FrameMode;
  readonly sampling: SamplingPlan;
  readonly cueSource?: string;
  readonly cuesUsed: readonly NotebookCue[];
  readonly prompt: FittedPrompt;
  /** Clips of sound that the prompt has room for; empty when the system or the question wants none. */
  readonly clips: readonly Span[];
  readonly choices?: ChoicePrompt;
  readonly decode: DecodeOptions;
  readonly notes: readonly string[];
  readonly probeMs: number;
  readonly subtitlesMs: number;
  /**
   * Lays the prompt out again: on other times, which `keyframe` decoding gives, each with the time
   * that its picture really has, without sound when none could be heard, and without a cue to see what
   * it was worth. Never more frames than there are times.
   */
  readonly refit: (timesMs: readonly number[], sound: boolean, leftOut?: NotebookCue) => FittedPrompt;
}

/** Reads the video's facts and its subtitles, and decides which frames and cues the model is shown. */
export async function plan(
  request: AskRequest,
  parts: PlanParts,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
  view: View = {},
): Promise<Plan> {
  const { source, system, composer, renderer, now } = parts;
  checkRequest(request);
  const decode = decodeOptions(request.decode);

  const begun = now();
  onProgress({ stage: "probe" });
  const media = view.media ?? (await source.probe(request.video, signal));
  throwIfAborted(signal);
  const scope = resolveScope(request.scope, media.durationMs, media.path);

  const probed = now();
  onProgress({ stage: "subtitles" });
  const track = view.track ?? (await cueTrack(request, media, scope.spans, parts, onProgress, signal));
  throwIfAborted(signal);
  const read = now();

  const { spec, language } = system;
  const countText = (text: string): number => language.countTokens([{ kind: "text", text }]);
  const spoken = cuesWithin(track?.cues ?? [], scope.spans);
  const cues = cuesWithinBudget(spoken, spec.subtitles.tokenBudget, countText);
  const choices = request.choices?.length
    ? choicePrompt(request.question, request.choices, spec.choices ?? "texts", spec.prompt.answerPrefix)
    : undefined;
  const answerTokens = choices ? Math.max(...choices.continuations.map(countText)) : decode.maxTokens;
  const sampling = await planSampling(request, spec.sampling, media, scope.spans, parts, onProgress, signal);
  throwIfAborted(signal);
  const clips = system.audio && request.audio !== "off" && media.audio.length > 0 ? soundClips(scope.spans, system.audio.clips) : [];

  const fit = (most: number, sample: (n: number) => readonly number[], heard: readonly Span[], leftOut?: NotebookCue): FittedPrompt => {
    const sound: readonly SegmentShape[] = system.audio ? soundOutline(soundShape(system.audio), heard.length) : [];
    return fitPrompt(
      {
        frames: most,
        sample,
        outline: (n) => [...sound, ...composer.outline(n)],
        clips: heard,
        spans: scope.spans,
        cues: leftOut ? cues.filter((cue) => cue !== leftOut) : cues,
        question: choices?.question ?? request.question,
        answerTokens,
      },
      view.reel ? onReel(renderer.about(view.reel.durationMs), view.reel) : renderer.about(media.durationMs),
      language,
    );
  };
  const prompt = fit(sampling.count, sampling.times, clips);

  return {
    request,
    media,
    spans: scope.spans,
    mode: request.frameMode ?? "exact",
    sampling,
    ...(track ? { cueSource: track.source } : {}),
    cuesUsed: prompt.cues.flat(),
    prompt,
    clips,
    ...(choices ? { choices } : {}),
    decode,
    notes: [
      ...(system.notes ?? []),
      ...media.warnings,
      ...scope.notes,
      ...(track?.warnings ?? []),
      ...sampling.notes,
      ...subtitleNotes(spoken.length, cues.length, spec.subtitles.tokenBudget),
      ...prompt.notes,
    ],
    probeMs: probed - begun,
    subtitlesMs: read - probed,
    refit: (timesMs, sound, leftOut) => fit(timesMs.length, (n) => spread(timesMs, n), sound ? clips : [], leftOut),
  };
}

/** Cues written in the notebook win over those of the file, and written ones over what is heard. */
export async function cueTrack(
  request: AskRequest,
  media: MediaInfo,
  spans: readonly Span[],
  { cues, languages, speech, system }: Pick<PlanParts, "cues" | "languages" | "speech" | "system">,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<CueTrack | undefined> {
  if (request.subtitles === "off") return undefined;
  if (request.cues?.length) return { source: "notebook", cues: request.cues, warnings: [] };
  const written = await cues.cues(media, languages, signal);
  throwIfAborted(signal);
  if (written !== undefined || request.speech === "off") return written;
  // A system with ears of its own hears, and says so itself; who turned sound off knows.
  if (speech === undefined && (system.audio !== undefined || request.audio === "off")) return undefined;
  return spokenCues(media, spans, speech, languages, onProgress, signal);
}

function subtitleNotes(spoken: number, kept: number, budget: number): string[] {
  if (kept === spoken) return [];
  return [`Left out the last ${spoken - kept} of ${spoken} subtitles: the model takes ${budget} tokens of them.`];
}
