import type { Answer, AskRequest, IndexRequest, LongProvenance, Provenance, SummarisedClip } from "./answer.js";
import { choicePrompt } from "./choices.js";
import { cancelled, throwIfAborted, VqaError } from "./errors.js";
import { leaveOneOut } from "./evidence.js";
import { answerInputs } from "./inputs.js";
import type { ClipEvent, ClipIndex } from "./longVideo/clipIndex.js";
import { createLongVideos, memoryTexts, type LongQuestion, type Selection, type Summarise } from "./longVideo/long.js";
import { overviewOf } from "./longVideo/overview.js";
import type { OpenPack, PackSpec } from "./pack.js";
import { plan as makePlan, type Plan } from "./plan.js";
import type { AudioSource, CueSource, FeatureCache, FrameSource, LanguageModel, LanguageSession, MediaInfo, PrefillStats, Progress, SceneSource, SpeechSource, TextCache } from "./ports.js";
import { decodeOptions } from "./request.js";
import { chosenSampling } from "./sampling.js";
import { createSerial } from "./serial.js";
import { teller } from "./teller.js";
import { choose, speak } from "./speak.js";
import { createSystemRun, type SystemRun } from "./systemRun.js";

export interface PipelineParts {
  readonly source: FrameSource;
  readonly cues: CueSource;
  /** For systems that hear; without it they say that they could not. */
  readonly audio?: AudioSource | undefined;
  /** Listens where there are no subtitles; without it nobody does, and answers say so. */
  readonly speech?: SpeechSource;
  /** Opened and closed by the caller; closed after `dispose`. */
  readonly pack: OpenPack;
  readonly cache: FeatureCache;
  /** Milliseconds from any fixed moment, never going back. */
  readonly now: () => number;
  /** Names and versions for provenance, besides those of the decoder and the language model. */
  readonly engine: readonly string[];
  /** Preferred languages of subtitles, best first. */
  readonly languages?: readonly string[];
  /** Where films cut, for the clips of long videos and for frames of each scene; without it both are of one length. */
  readonly scenes?: SceneSource;
  /** Keeps the summaries of clips; in memory alone without it. */
  readonly texts?: TextCache;
  /** 0 to 1, exclusive: chance, by which processes that go through one video at the same time share the work. */
  readonly random?: () => number;
}

export interface AskEvents {
  /** The answer as it grows; its parts in order are its text, but for blanks around it. */
  readonly onText?: (delta: string) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Clips of a long video as they are summarised, or read from what was kept. */
  readonly onClip?: ((event: ClipEvent) => void) | undefined;
}

/** Where an answer comes from, besides the request. */
interface Given {
  readonly begun: number;
  readonly indexMs: number;
  readonly probeMs: number;
  readonly media?: MediaInfo | undefined;
  readonly notes: readonly string[];
  readonly long?: LongProvenance;
  readonly selection?: Selection;
}

/** What a question would be answered from; no frame is decoded for it. */
export interface Inputs {
  /** Absent for a long video: its frames are chosen when the question is asked. */
  readonly plan?: Plan;
  /** The fields of {@link answerInputs}, as a JSON value that can travel between processes. */
  readonly dependsOn: Readonly<Record<string, unknown>>;
}

/**
 * Questions about videos with one model. Calls may overlap; they are worked off one at a time in
 * the order in which they came, but that those which wait for the summaries of a long video let others by. As long as questions with the same video, scope, frames and
 * subtitles follow one another, frames are encoded once and the video is prefilled once.
 */
export interface Pipeline {
  /**
   * Errors: those of the ports, `invalid-request`, `time-out-of-range`, `context-overflow`, and
   * `cancelled` when `signal` aborts before the first word. When it aborts later, the answer is what
   * had been said by then, with `stop: "stopped"`.
   */
  ask(request: AskRequest, events?: AskEvents, signal?: AbortSignal): Promise<Answer>;
  /**
   * Summarises all clips of a long video ahead of questions, as the first of them would. Undefined for a
   * video that is a single clip. Errors: those of `ask`; model-unsupported for a pack without an embedder.
   */
  index(request: IndexRequest, events?: AskEvents, signal?: AbortSignal): Promise<readonly SummarisedClip[] | undefined>;
  /** Everything up to the question, so that the first answer comes as fast as the ones after it. */
  prepare(request: Omit<AskRequest, "question" | "choices">, events?: AskEvents, signal?: AbortSignal): Promise<PrefillStats>;
  inputs(request: AskRequest, signal?: AbortSignal): Promise<Inputs>;
  dispose(): Promise<void>;
}

/** Error: `model-unsupported` when the parts of the pack do not go together. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { source, pack, now } = parts;
  const common = { ...parts, languages: parts.languages ?? [] };
  const runs = new Map<string, SystemRun>([[pack.spec.system, createSystemRun(pack, common)]]);
  const serial = createSerial();
  const longVideos = createLongVideos({ ...common, texts: parts.texts ?? memoryTexts() });
  let held: { readonly language: LanguageModel; readonly session: LanguageSession } | undefined;

  /** The system that the request names; the pack's default when it names none. */
  async function runFor({ composer }: Pick<AskRequest, "composer">, signal?: AbortSignal): Promise<SystemRun> {
    const name = composer ?? pack.spec.system;
    const known = runs.get(name);
    if (known) return known;
    const system = await pack.system(name, signal);
    throwIfAborted(signal);
    const run = createSystemRun(system, common);
    runs.set(name, run);
    return run;
  }

  /** One session at a time: systems that share a language model take turns on it, another model's is given back first. */
  async function sessionOf(language: LanguageModel): Promise<LanguageSession> {
    if (held?.language !== language) await dropSession();
    held ??= { language, session: await language.session() };
    return held.session;
  }

  async function answer(request: AskRequest, run: SystemRun, events: AskEvents, given: Given, signal?: AbortSignal): Promise<Answer> {
    const { begun, selection } = given;
    const onProgress = events.onProgress ?? ignore;
    const { spec, language } = run.system;
    const { plan, ...video } = await run.watch(selection?.request ?? request, onProgress, signal, selection?.view ?? { media: given.media });

    const session = await sessionOf(language);
    throwIfAborted(signal);
    onProgress({ stage: "prefill" });
    const prefill = await session.setPrefix(video.prefix, signal);
    throwIfAborted(signal);

    onProgress({ stage: "generate" });
    const asked = now();
    const told = teller(events.onText, now, selection?.reel);
    const { tokens, text, ...said } = plan.choices
      ? await choose(session, video.question, plan.choices.continuations, request.choices ?? [], told.whole, signal)
      : await speak(session, language, video.question, plan.decode, told.onText, signal);
    told.end();
    const answered = now();
    const evidence =
      request.evidence === true && text.trim() !== "" && said.stop !== "stopped"
        ? await leaveOneOut(session, { plan, ...video }, plan.choices?.continuations[said.choice!] ?? spec.prompt.answerPrefix + text.trim(), signal)
        : undefined;
    const clips = selection?.evidence;

    return {
      ...said,
      text: plan.choices ? text.trim() : told.told(text).trim(),
      ...(evidence || clips ? { evidence: [...(clips ?? []), ...(evidence ?? [])] } : {}),
      provenance: {
        ...(await madeBy(request, run, given)),
        videoDigest: plan.media.digest,
        frameTimesMs: video.frameTimesMs,
        ...(plan.cueSource === undefined ? {} : { cueSource: plan.cueSource }),
        cuesUsed: video.cuesUsed,
        ...(video.soundSpans.length === 0 ? {} : { soundSpans: video.soundSpans }),
        decode: plan.decode,
        notes: [...given.notes, ...video.notes],
      },
      timings: {
        probeMs: given.probeMs + plan.probeMs,
        ...(given.long ? { indexMs: given.indexMs } : {}),
        framesMs: video.framesMs,
        subtitlesMs: plan.subtitlesMs,
        encodeMs: video.encodeMs,
        composeMs: video.composeMs,
        prefillMs: prefill.ms,
        firstTokenMs: told.firstMs() === undefined ? answered - begun : told.firstMs()! - begun,
        generateMs: answered - asked,
        totalMs: answered - begun,
        promptTokens: prefill.positions + language.countTokens(video.question),
        prefillEvaluated: prefill.evaluated,
        answerTokens: tokens,
        featuresCached: video.featuresCached,
      },
    };
  }

  /** From the summaries of all clips: no frame is looked at for it. */
  async function overview(question: LongQuestion, index: ClipIndex, events: AskEvents, given: Given, signal?: AbortSignal): Promise<Answer> {
    const { request, run, media, settings } = question;
    const { spec, language } = run.system;
    const decode = decodeOptions(request.decode);
    const choices = request.choices?.length ? choicePrompt(request.question, request.choices, spec.choices ?? "texts", spec.prompt.answerPrefix) : undefined;
    const onProgress = events.onProgress ?? ignore;
    const session = await sessionOf(language);
    throwIfAborted(signal);
    onProgress({ stage: "prefill" });
    const answerTokens = choices ? Math.max(...choices.continuations.map((text) => language.countTokens([{ kind: "text", text }]))) : decode.maxTokens;
    const wanted = { clips: index.clips, durationMs: media.durationMs, question: choices?.question ?? request.question, answerTokens, summary: settings.summary };
    const { prefix, question: turn, rounds } = await overviewOf(wanted, run.planParts.renderer, language, session, signal);
    const prefill = await session.setPrefix(prefix, signal);
    throwIfAborted(signal);
    onProgress({ stage: "generate" });
    const asked = now();
    const told = teller(events.onText, now);
    const { tokens, text, ...said } = choices
      ? await choose(session, turn, choices.continuations, request.choices ?? [], told.whole, signal)
      : await speak(session, language, turn, decode, told.onText, signal);
    const answered = now();
    const again = rounds === 0 ? "" : `, which were summarised again ${rounds === 1 ? "once" : `${rounds} times`} to fit the model`;
    return {
      ...said,
      text: text.trim(),
      provenance: {
        ...(await madeBy(request, run, given)),
        videoDigest: media.digest,
        frameTimesMs: [],
        cuesUsed: [],
        decode,
        notes: [...media.warnings, ...given.notes, `Answered from the summaries of all ${index.clips.length} clips${again}; no frame was looked at for it.`],
      },
      timings: {
        ...{ probeMs: given.probeMs, indexMs: given.indexMs, framesMs: 0, subtitlesMs: 0, encodeMs: 0, composeMs: 0 },
        prefillMs: asked - given.begun - given.indexMs - given.probeMs,
        firstTokenMs: (told.firstMs() ?? answered) - given.begun,
        generateMs: answered - asked,
        totalMs: answered - given.begun,
        promptTokens: prefill.positions + language.countTokens(turn),
        prefillEvaluated: prefill.evaluated,
        answerTokens: tokens,
        featuresCached: true,
      },
    };
  }

  /** The part of an answer's provenance that every way of answering has. */
  async function madeBy(request: AskRequest, run: SystemRun, { long }: Given): Promise<Pick<Provenance, "modelId" | "modelDigest" | "composer" | "promptId" | "requestedFrames" | "strategy" | "rate" | "long" | "engine">> {
    const { spec, language } = run.system;
    return {
      modelId: spec.id,
      modelDigest: spec.digest,
      composer: run.composerId(request),
      promptId: run.promptId,
      ...sampledBy(request, spec),
      ...(long ? { long } : {}),
      engine: [...parts.engine, language.engine, await source.describe()],
    };
  }

  /** One clip in the model's own words; other questions get their turn between two clips. */
  const summariseWith = (run: SystemRun, signal?: AbortSignal): Summarise => (request, view) =>
    inTurn(async () => {
      const { plan, prefix, question } = await run.watch(request, ignore, signal, view);
      const session = await sessionOf(run.system.language);
      throwIfAborted(signal);
      await session.setPrefix(prefix, signal);
      throwIfAborted(signal);
      const { text, stop } = await session.generate(question, plan.decode, undefined, signal);
      // Half a summary must not be kept.
      if (stop === "stopped") throw cancelled();
      return text.trim();
    }, signal);

  async function ask(request: AskRequest, events: AskEvents, signal?: AbortSignal): Promise<Answer> {
    let [begun, probeMs] = [now(), 0];
    const short = await inTurn(async () => {
      begun = now();
      const run = await runFor(request, signal);
      const opened = now();
      events.onProgress?.({ stage: "probe" });
      const { long, media, notes } = await longVideos.consider(request, run, signal);
      probeMs = now() - opened;
      return long ?? answer(request, run, events, { begun, indexMs: 0, probeMs, media, notes }, signal);
    }, signal);
    if (!("way" in short)) return short;
    const question = short;
    const { run } = question;
    const index = await longVideos.index(question, summariseWith(run, signal), { onProgress: events.onProgress ?? ignore, onClip: events.onClip }, signal);
    throwIfAborted(signal);
    const long = longVideos.provenance(question, index.track, index.clips.length);
    const selection = question.way === "clips" ? await longVideos.select(question, index, signal) : undefined;
    throwIfAborted(signal);
    return inTurn(() => {
      const given: Given = { begun, indexMs: now() - begun - probeMs, probeMs, long, notes: selection?.notes ?? [], ...(selection ? { selection } : {}) };
      return selection ? answer(request, run, events, given, signal) : overview(question, index, events, given, signal);
    }, signal);
  }

  /** A session that failed is not used again: the next question opens a new one. */
  async function dropSession(): Promise<void> {
    const failed = held;
    held = undefined;
    await failed?.session.dispose();
  }

  /** One task at a time; every failure is a VqaError. */
  const inTurn = <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    serial(async () => {
      try {
        return await task();
      } catch (thrown) {
        const error = VqaError.from(thrown);
        if (SESSION_ERRORS.has(error.code)) await dropSession().catch(() => undefined);
        throw error;
      }
    }, signal);

  return {
    ask: (request, events = {}, signal) => ask(request, events, signal).catch(rethrow),

    index: async (request, events = {}, signal) => {
      try {
        const run = await inTurn(() => runFor(request, signal), signal);
        const { long } = await longVideos.consider({ ...request, question: "?", long: "clips" }, run, signal);
        if (!long) return undefined;
        const { clips } = await longVideos.index(long, summariseWith(run, signal), { onProgress: events.onProgress ?? ignore, onClip: events.onClip }, signal);
        return clips;
      } catch (thrown) {
        return rethrow(thrown);
      }
    },

    prepare: (request, events = {}, signal) =>
      inTurn(async () => {
        const onProgress = events.onProgress ?? ignore;
        // The question is no part of the prefix; any short one leaves the same room for it.
        const run = await runFor(request, signal);
        const { prefix } = await run.watch({ ...request, question: "?" }, onProgress, signal);
        const session = await sessionOf(run.system.language);
        throwIfAborted(signal);
        onProgress({ stage: "prefill" });
        return session.setPrefix(prefix, signal);
      }, signal),

    inputs: async (request, signal) => {
      try {
        const run = await runFor(request, signal);
        const { spec } = run.system;
        const made = { modelDigest: spec.digest, composer: run.composerId(request), promptId: run.promptId, ...sampledBy(request, spec) };
        const { long, media } = await longVideos.consider(request, run, signal);
        if (long) {
          // Which clips will be found is not looked up: it follows from what is.
          const track = await longVideos.track(long, ignore, signal);
          const seen = { videoDigest: long.media.digest, cuesUsed: [], long: longVideos.provenance(long, track, 0) };
          return { dependsOn: { ...answerInputs(request, { ...made, ...seen }) } };
        }
        const plan = await makePlan(request, run.planParts, ignore, signal, { media });
        const seen = { videoDigest: plan.media.digest, cuesUsed: plan.cuesUsed };
        return { plan, dependsOn: { ...answerInputs(request, { ...made, ...seen }) } };
      } catch (thrown) {
        return rethrow(thrown);
      }
    },

    dispose: () => inTurn(dropSession),
  };
}

/** How frames are chosen, for provenance: the same before and after the answer. */
export function sampledBy(request: AskRequest, { sampling }: Pick<PackSpec, "sampling">): Pick<Provenance, "requestedFrames" | "strategy" | "rate"> {
  const { strategy, ...rest } = chosenSampling(request, sampling);
  return { ...rest, ...(strategy === "uniform" ? {} : { strategy }) };
}

function rethrow(thrown: unknown): never {
  throw VqaError.from(thrown);
}

/** After these the state of the session is unknown. */
const SESSION_ERRORS: ReadonlySet<string> = new Set(["internal", "worker-crashed", "worker-unavailable"]);

function ignore(): void {}
