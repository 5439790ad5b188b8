import type { Answer, AskRequest } from "./answer.js";
import { throwIfAborted, VqaError } from "./errors.js";
import { leaveOneOut } from "./evidence.js";
import { answerInputs } from "./inputs.js";
import type { OpenPack } from "./pack.js";
import { plan as makePlan, type Plan } from "./plan.js";
import type { AudioSource, CueSource, FeatureCache, FrameSource, LanguageModel, LanguageSession, PrefillStats, Progress, SpeechSource } from "./ports.js";
import { createSerial } from "./serial.js";
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
}

export interface AskEvents {
  /** The answer as it grows; its parts in order are its text, but for blanks around it. */
  readonly onText?: (delta: string) => void;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a question would be answered from; no frame is decoded for it. */
export interface Inputs {
  readonly plan: Plan;
  /** The fields of {@link answerInputs}, as a JSON value that can travel between processes. */
  readonly dependsOn: Readonly<Record<string, unknown>>;
}

/**
 * Questions about videos with one model. Calls may overlap; they are worked off one at a time in
 * the order in which they came. As long as questions with the same video, scope, frames and
 * subtitles follow one another, frames are encoded once and the video is prefilled once.
 */
export interface Pipeline {
  /**
   * Errors: those of the ports, `invalid-request`, `time-out-of-range`, `context-overflow`, and
   * `cancelled` when `signal` aborts before the first word. When it aborts later, the answer is what
   * had been said by then, with `stop: "stopped"`.
   */
  ask(request: AskRequest, events?: AskEvents, signal?: AbortSignal): Promise<Answer>;
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

  async function answer(request: AskRequest, events: AskEvents, signal?: AbortSignal): Promise<Answer> {
    const begun = now();
    const onProgress = events.onProgress ?? ignore;
    const run = await runFor(request, signal);
    const { spec, language } = run.system;
    const { plan, ...video } = await run.watch(request, onProgress, signal);

    const session = await sessionOf(language);
    throwIfAborted(signal);
    onProgress({ stage: "prefill" });
    const prefill = await session.setPrefix(video.prefix, signal);
    throwIfAborted(signal);

    onProgress({ stage: "generate" });
    const asked = now();
    let firstTokenMs: number | undefined;
    const onText = (delta: string): void => {
      firstTokenMs ??= now() - begun;
      events.onText?.(delta);
    };
    const { tokens, text, ...said } = plan.choices
      ? await choose(session, video.question, plan.choices.continuations, request.choices ?? [], onText, signal)
      : await speak(session, language, video.question, plan.decode, onText, signal);
    const answered = now();
    const evidence =
      request.evidence === true && text.trim() !== "" && said.stop !== "stopped"
        ? await leaveOneOut(session, { plan, ...video }, plan.choices?.continuations[said.choice!] ?? spec.prompt.answerPrefix + text.trim(), signal)
        : undefined;

    return {
      ...said,
      text: text.trim(),
      ...(evidence ? { evidence } : {}),
      provenance: {
        videoDigest: plan.media.digest,
        modelId: spec.id,
        modelDigest: spec.digest,
        composer: run.composerId(request),
        promptId: run.promptId,
        frameTimesMs: video.frameTimesMs,
        requestedFrames: plan.requestedFrames,
        ...(spec.sampling.strategy === "uniform" ? {} : { strategy: spec.sampling.strategy }),
        ...(plan.cueSource === undefined ? {} : { cueSource: plan.cueSource }),
        cuesUsed: video.cuesUsed,
        ...(video.soundSpans.length === 0 ? {} : { soundSpans: video.soundSpans }),
        decode: plan.decode,
        engine: [...parts.engine, language.engine, await source.describe()],
        notes: video.notes,
      },
      timings: {
        probeMs: plan.probeMs,
        framesMs: video.framesMs,
        subtitlesMs: plan.subtitlesMs,
        encodeMs: video.encodeMs,
        composeMs: video.composeMs,
        prefillMs: prefill.ms,
        firstTokenMs: firstTokenMs ?? answered - begun,
        generateMs: answered - asked,
        totalMs: answered - begun,
        promptTokens: prefill.positions + language.countTokens(video.question),
        prefillEvaluated: prefill.evaluated,
        answerTokens: tokens,
        featuresCached: video.featuresCached,
      },
    };
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
    ask: (request, events = {}, signal) => inTurn(() => answer(request, events, signal), signal),

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
      const { run, plan } = await (async () => {
        const own = await runFor(request, signal);
        return { run: own, plan: await makePlan(request, own.planParts, ignore, signal) };
      })().catch((thrown: unknown) => {
        throw VqaError.from(thrown);
      });
      const { spec } = run.system;
      return {
        plan,
        dependsOn: {
          ...answerInputs(request, {
            videoDigest: plan.media.digest,
            cuesUsed: plan.cuesUsed,
            modelDigest: spec.digest,
            composer: run.composerId(request),
            promptId: run.promptId,
            requestedFrames: plan.requestedFrames,
            strategy: spec.sampling.strategy,
          }),
        },
      };
    },

    dispose: () => inTurn(dropSession),
  };
}

/** After these the state of the session is unknown. */
const SESSION_ERRORS: ReadonlySet<string> = new Set(["internal", "worker-crashed", "worker-unavailable"]);

function ignore(): void {}
