import { canonicalJson } from "../../format/index.js";
import type { Answer, AskRequest } from "../answer.js";
import { formatClock, formatDuration } from "../clock.js";
import { digestOf } from "../digest.js";
import { throwIfAborted, VqaError } from "../errors.js";
import { answerInputs } from "../inputs.js";
import { promptRenderer } from "../interleave.js";
import { sampledBy, type Pipeline } from "../pipeline.js";
import { plan as makePlan, type Plan, type PlanParts } from "../plan.js";
import type { CueSource, FeatureCache, Frame, FrameSource, Progress, SceneSource, SpeechSource } from "../ports.js";
import { Recent } from "../recent.js";
import { spread } from "../sample.js";
import { createSerial } from "../serial.js";
import { chosen } from "./choice.js";
import type { ChatEngine, ChatPart, ChatReply } from "./port.js";
import { chatParts, frameByFrame, guessedLimits, imageTokens, LETTER_ONLY, REMOTE_TEMPLATE, VIDEO_TEMPLATE } from "./prompt.js";

export interface RemoteParts {
  readonly source: FrameSource;
  readonly cues: CueSource;
  readonly speech?: SpeechSource;
  readonly cache: FeatureCache;
  readonly scenes?: SceneSource;
  /** Opened and closed by the caller. */
  readonly chat: ChatEngine;
  readonly now: () => number;
  readonly engine: readonly string[];
  readonly languages?: readonly string[];
}

/** Most tokens of subtitles that are sent, by our own guess of tokens. */
const SUBTITLE_TOKENS = 16_000;
/** A letter, with what models put around it. */
const LETTER_TOKENS = 8;
/** Videos whose frames stay in memory. */
const KEPT = 2;

const COMPOSER = "frames-in-messages";
const PROMPT_ID = digestOf({ template: JSON.parse(JSON.stringify(REMOTE_TEMPLATE)) as never, video: VIDEO_TEMPLATE, letter: LETTER_ONLY, choices: "letters" });

/**
 * Questions to a model that is spoken to in messages: the same plan of scope, frames and subtitles as for
 * one on this machine, and an answer of the same shape, which says what left the machine and where to.
 */
export function createRemotePipeline(parts: RemoteParts): Pipeline {
  const { source, chat, now } = parts;
  const sampling = { strategy: "uniform", frames: chat.frames, maxFrames: chat.maxFrames } as const;
  const planParts: PlanParts = {
    ...parts,
    languages: parts.languages ?? [],
    system: {
      spec: { sampling, subtitles: { tokenBudget: SUBTITLE_TOKENS }, prompt: REMOTE_TEMPLATE, choices: "letters" },
      language: guessedLimits(chat.contextSize),
    },
    composer: frameByFrame(imageTokens(chat.imageSide)),
    renderer: promptRenderer(REMOTE_TEMPLATE),
  };
  const composerId = `${COMPOSER} side=${chat.imageSide}${chat.maxVideoBytes === undefined ? "" : " video"}`;
  const framesBefore = new Recent<readonly Frame[]>(KEPT);
  const serial = createSerial();

  async function planFor(request: AskRequest, onProgress: (progress: Progress) => void, signal?: AbortSignal): Promise<Plan> {
    if (request.composer !== undefined) throw new VqaError("invalid-request", `The remote engine has no system "${request.composer}".`, "Take out the composer, or ask a model on this machine.");
    return makePlan(request, planParts, onProgress, signal);
  }

  async function framesOf({ media, mode, prompt: { timesMs } }: Plan, signal?: AbortSignal): Promise<readonly Frame[]> {
    const { video } = media;
    if (video === undefined) throw new VqaError("no-video-stream", `"${media.path}" has no pictures.`, "Choose a file with a video stream.", { data: { path: media.path } });
    const scale = Math.min(1, chat.imageSide / Math.max(video.width, video.height));
    const [width, height] = [Math.max(1, Math.round(video.width * scale)), Math.max(1, Math.round(video.height * scale))];
    const key = canonicalJson({ digest: media.digest, timesMs: [...timesMs], mode });
    const frames = framesBefore.get(key) ?? (await source.frames({ path: media.path, timesMs, width, height, resize: "squash", mode }, signal));
    framesBefore.set(key, frames);
    return frames;
  }

  /** The file itself, where the engine takes such and all of it is asked about. */
  async function wholeVideo(plan: Plan): Promise<{ parts: ChatPart[] } | { why?: string }> {
    if (chat.maxVideoBytes === undefined) return {};
    const { media, spans } = plan;
    const [span] = spans;
    if (spans.length > 1 || span === undefined || span.startMs > 0 || span.endMs < media.durationMs) return { why: "Frames were sent and not the video: the question is about a part of it." };
    if (media.bytes > chat.maxVideoBytes) return { why: `Frames were sent and not the video: it has ${media.bytes} bytes, and at most ${chat.maxVideoBytes} are sent.` };
    const said = plan.cuesUsed.map(({ startMs, text }) => `At ${formatClock(startMs)} is said: ${text}\n`).join("");
    return {
      parts: [
        { kind: "text", text: VIDEO_TEMPLATE.replace("{duration}", formatDuration(media.durationMs)) },
        { kind: "video", path: media.path },
        { kind: "text", text: `\n${said}${plan.prompt.question.map((piece) => (piece.kind === "visual" ? "" : piece.text)).join("")}` },
      ],
    };
  }

  async function answer(request: AskRequest, onText: (delta: string) => void, onProgress: (progress: Progress) => void, signal?: AbortSignal): Promise<Answer> {
    const begun = now();
    const plan = await planFor(request, onProgress, signal);
    const decoding = now();
    const video = await wholeVideo(plan);
    const frames = "parts" in video ? [] : (onProgress({ stage: "frames" }), await framesOf(plan, signal));
    throwIfAborted(signal);
    const decoded = now();
    onProgress({ stage: "generate" });
    let firstTokenMs: number | undefined;
    const { choices } = request;
    const listen = (delta: string): void => {
      firstTokenMs ??= now() - begun;
      // Of a multiple choice the answer is a choice, and not what the engine says to name it.
      if (!choices?.length) onText(delta);
    };

    const timeOf = (i: number): number => (plan.mode === "exact" ? plan.prompt.timesMs[i]! : frames[i]!.timeMs);
    /** With fewer frames again and again, for as long as the engine says that it is too much. */
    const ask = async (count: number): Promise<{ reply: ChatReply; shown: readonly Frame[]; cuesUsed: Plan["cuesUsed"] }> => {
      const wanted = spread(frames.map((_, i) => i), count);
      const times = wanted.map(timeOf);
      const laid = plan.mode === "exact" && wanted.length === frames.length ? plan.prompt : plan.refit(times, false);
      const shown = laid.timesMs.map((timeMs) => frames[wanted[times.indexOf(timeMs)]!]!);
      const sent = "parts" in video ? video.parts : chatParts(laid.prefix, laid.question, shown);
      const decode = choices?.length ? { ...plan.decode, maxTokens: LETTER_TOKENS } : plan.decode;
      try {
        const reply = await chat.chat({ parts: choices?.length ? withEnd(sent, LETTER_ONLY) : sent, decode, ...(choices?.length ? { alternatives: true } : {}) }, listen, signal);
        return { reply, shown: "parts" in video ? [] : shown, cuesUsed: "parts" in video ? plan.cuesUsed : laid.cues.flat() };
      } catch (thrown) {
        const error = VqaError.from(thrown);
        if (error.code !== "context-overflow" || "parts" in video || count < 2) throw error;
        return ask(count >> 1);
      }
    };
    const { reply, shown, cuesUsed } = await ask(frames.length);
    const picked = choices?.length ? chosen(reply, choices) : undefined;
    const text = picked === undefined ? reply.text.trim() : choices![picked.choice]!;
    if (choices?.length) onText(text);
    const answered = now();
    const sent = "parts" in video ? `The video itself (${plan.media.bytes} bytes)` : `${shown.length} ${shown.length === 1 ? "frame" : "frames"}`;

    return {
      text,
      ...(picked ?? {}),
      stop: reply.stop,
      provenance: {
        videoDigest: plan.media.digest,
        modelId: chat.id,
        modelDigest: chat.digest,
        composer: composerId,
        promptId: PROMPT_ID,
        frameTimesMs: shown.map(({ timeMs }) => timeMs),
        ...sampledBy(request, { sampling }),
        ...(plan.cueSource === undefined ? {} : { cueSource: plan.cueSource }),
        cuesUsed,
        decode: plan.decode,
        engine: [...parts.engine, chat.engine, await source.describe()],
        notes: [
          `${sent}${cuesUsed.length > 0 ? ` and ${cuesUsed.length} subtitles` : ""} left this program, to ${chat.place}.`,
          ...plan.notes,
          ...("why" in video && video.why !== undefined ? [video.why] : []),
          ...(shown.length < frames.length ? [`Looked at ${shown.length} of ${frames.length} frames: more were too much for the engine.`] : []),
          ...(choices?.length && picked === undefined ? ["The reply names none of the choices."] : []),
          ...(request.long === "clips" || request.long === "summaries" ? ["A remote engine is shown frames of all of a video, however long it is."] : []),
          ...(request.evidence === true ? ["A remote engine does not tell what an answer rests on."] : []),
          ...reply.notes,
        ],
      },
      timings: {
        probeMs: plan.probeMs,
        framesMs: decoded - decoding,
        subtitlesMs: plan.subtitlesMs,
        encodeMs: 0,
        composeMs: 0,
        prefillMs: 0,
        firstTokenMs: firstTokenMs ?? answered - begun,
        generateMs: answered - decoded,
        totalMs: answered - begun,
        promptTokens: reply.promptTokens ?? 0,
        prefillEvaluated: reply.promptTokens ?? 0,
        answerTokens: reply.answerTokens ?? 0,
        featuresCached: false,
      },
    };
  }

  const inTurn = <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    serial(() => task().catch((thrown: unknown) => Promise.reject(VqaError.from(thrown))), signal);

  return {
    ask: (request, events = {}, signal) => inTurn(() => answer(request, events.onText ?? ignore, events.onProgress ?? ignore, signal), signal),
    /** Nothing is sent before there is a question; the frames are decoded. */
    prepare: (request, events = {}, signal) =>
      inTurn(async () => {
        await framesOf(await planFor({ ...request, question: "?" }, events.onProgress ?? ignore, signal), signal);
        return { positions: 0, evaluated: 0, ms: 0 };
      }, signal),
    /** Such engines are shown frames of all of a video, however long it is. */
    index: () => Promise.resolve(undefined),
    inputs: async (request, signal) => {
      const plan = await planFor(request, ignore, signal).catch((thrown: unknown) => Promise.reject(VqaError.from(thrown)));
      const { cuesUsed } = plan;
      return { plan, dependsOn: { ...answerInputs(request, { videoDigest: plan.media.digest, cuesUsed, modelDigest: chat.digest, composer: composerId, promptId: PROMPT_ID, ...sampledBy(request, { sampling }) }) } };
    },
    dispose: () => inTurn(() => Promise.resolve()),
  };
}

function withEnd(parts: readonly ChatPart[], text: string): ChatPart[] {
  const last = parts.at(-1);
  return last?.kind === "text" ? [...parts.slice(0, -1), { kind: "text", text: last.text + text }] : [...parts, { kind: "text", text }];
}

function ignore(): void {}
