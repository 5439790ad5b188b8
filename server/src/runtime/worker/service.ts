/** The composition root of the worker: decoder, model pack, cache and engine behind the worker's calls. */
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import type { AskRequest, Timings } from "../../engine/answer.js";
import { VqaError } from "../../engine/errors.js";
import type { EncoderDevice } from "../../engine/hardware/devices.js";
import type { ClipEvent } from "../../engine/longVideo/clipIndex.js";
import type { SpeechSource } from "../../engine/ports.js";
import { createPipeline, type Pipeline } from "../../engine/pipeline.js";
import { createRemotePipeline, type RemoteParts } from "../../engine/remote/pipeline.js";
import { REMOTE_MODEL } from "../../protocol/remote.js";
import type { WorkerConfig } from "../../protocol/worker.js";
import type { HardwareChoice } from "../hardware/choice.js";
import { DiskFeatureCache } from "../cache/disk.js";
import { MemoryFeatureCache } from "../cache/memory.js";
import { defaultCacheFolder } from "../cache/folder.js";
import { DiskTexts } from "../cache/texts.js";
import { openMedia, type Media } from "../ffmpeg/index.js";
import { takePeaks } from "../ffmpeg/peaks.js";
import { Proxies } from "../ffmpeg/proxy.js";
import { createSpeechSource, speechSource } from "../speech/source.js";
import { DiskTranscripts } from "../speech/store.js";
import { Sprites } from "../ffmpeg/sprites.js";
import { takePictures } from "./pictures.js";
import { LoadedModel } from "./models.js";
import type { WorkerService } from "./serve.js";
import { dependency, ownVersion } from "./versions.js";

interface Loaded {
  readonly pipeline: Pipeline;
  dispose(): Promise<void>;
}

interface Ears {
  readonly speech: SpeechSource;
  dispose(): Promise<void>;
}

const NEVER = new AbortController().signal;

export function createWorkerService(config: WorkerConfig): WorkerService {
  const threads = config.threads === undefined ? {} : { threads: config.threads };
  const cache = new MemoryFeatureCache(config.cacheDir === undefined ? undefined : new DiskFeatureCache({ folder: config.cacheDir }));
  const transcripts = config.cacheDir === undefined ? undefined : new DiskTranscripts(join(dirname(config.cacheDir), "transcripts"));
  // A summary costs more than a frame: they are kept wherever the user's caches are.
  const texts = new DiskTexts(join(config.cacheDir === undefined ? defaultCacheFolder() : dirname(config.cacheDir), "summaries"));
  const proxies = new Proxies({
    folder: join(config.cacheDir === undefined ? defaultCacheFolder() : dirname(config.cacheDir), "proxies"),
    ...threads,
    ...(config.ffmpeg === undefined ? {} : { ffmpegPath: config.ffmpeg }),
  });
  const sprites = new Sprites(async () => (await opened()).frames, { folder: join(config.cacheDir === undefined ? defaultCacheFolder() : dirname(config.cacheDir), "sprites") });
  let media: Promise<Media> | undefined;

  /** A decoder that was missing may be there the next time. */
  const opened = (): Promise<Media> => {
    media ??= openMedia({ ...threads, ...(config.cacheDir === undefined ? {} : { digestFolder: join(dirname(config.cacheDir), "digests") }), ...(config.ffmpeg === undefined ? {} : { ffmpegPath: config.ffmpeg }) }).catch((error: unknown) => {
      media = undefined;
      throw error;
    });
    return media;
  };

  /** Drivers do not come and go while a process lives. */
  let hardware: Promise<HardwareChoice> | undefined;
  const chosen = (): Promise<HardwareChoice> => (hardware ??= import("../hardware/choice.js").then(({ chooseHardware }) => chooseHardware(config.device ?? "auto")));

  /** Speech has a place of its own: to write down what is said, no language model is loaded. */
  const ears = new LoadedModel<Ears>(async (name) => {
    const { audio } = await opened();
    const { openPackSpeech } = await import("../packs/openCompanions.js");
    const recogniser = await openPackSpeech(name, threads);
    if (recogniser === undefined) throw noSpeech(name);
    const store = transcripts === undefined ? {} : { store: transcripts };
    return { speech: createSpeechSource({ audio, recogniser, ...store }), dispose: () => recogniser.dispose() };
  });

  /** The ears of a pack for its questions; undefined when it has none. */
  const earsOf = async (own: string): Promise<SpeechSource | undefined> => {
    const { companionOf } = await import("../packs/companions.js");
    const name = config.speech ?? own;
    const listener = await companionOf("speech", name);
    // One that was asked for by name must be there; a model need not have one.
    if (listener === undefined && config.speech !== undefined) throw noSpeech(name);
    return (
      listener && {
        source: speechSource(listener.name),
        transcribe: (media, spans, languages, events, signal = NEVER) => ears.use(name, () => undefined, ({ speech }) => speech.transcribe(media, spans, languages, events, signal), signal),
      }
    );
  };

  const model = new LoadedModel<Loaded>(async (name) => {
    const { frames, cues, audio, scenes } = await opened();
    if (name === REMOTE_MODEL) return remote(config, { source: frames, cues, scenes, cache });
    // Loads onnxruntime and llama.cpp, which a look at a video does not need.
    const { openPack } = await import("../packs/openPack.js");
    const hardware = await chosen();
    const pack = await openPack(name, { ...threads, hardware, contextSize: config.contextSize, ...(config.embedder === undefined ? {} : { embedder: config.embedder }) });
    try {
      const speech = await earsOf(name);
      const pipeline = createPipeline({
        ...{ source: frames, cues, audio, scenes, pack, cache, texts, engine: engineOf(hardware.encoders.device) },
        ...(speech === undefined ? {} : { speech }),
        now: () => performance.now(),
        random: Math.random,
      });
      return {
        pipeline,
        dispose: async () => {
          await pipeline.dispose();
          await pack.dispose();
        },
      };
    } catch (thrown) {
      await pack.dispose();
      throw thrown;
    }
  });

  /** What was set for all questions, where this one says nothing of it. */
  const whole = <T extends Pick<AskRequest, "speech" | "long">>(request: T): T => ({
    ...request,
    ...(config.listen === undefined || request.speech !== undefined ? {} : { speech: config.listen }),
    ...(config.long === undefined || request.long !== undefined ? {} : { long: config.long }),
  });

  return {
    ask: async ({ request, model: name }, onText, onProgress, signal) => {
      // A file that is no video is refused before a model is loaded for it. The pipeline's own look
      // at the file then costs nothing, so this one's time is added to the answer's.
      const begun = performance.now();
      onProgress({ stage: "probe" });
      await (await opened()).frames.probe(request.video, signal);
      const probedMs = performance.now() - begun;
      const answer = await model.use(
        name,
        () => onProgress({ stage: "load" }),
        ({ pipeline }) => pipeline.ask(whole(request), { onText, onProgress: (progress) => progress.stage === "probe" || onProgress(progress) }, signal),
        signal,
      );
      return { ...answer, timings: withProbe(answer.timings, probedMs) };
    },
    inputs: async ({ request, model: name }, signal) => {
      const { dependsOn, plan } = await model.use(name, () => undefined, ({ pipeline }) => pipeline.inputs(whole(request), signal), signal);
      if (plan === undefined) return { dependsOn };
      const { mode, prompt, cuesUsed, cueSource, notes } = plan;
      const outlook = { frameTimesMs: prompt.timesMs, mode, cues: cuesUsed, notes, ...(cueSource === undefined ? {} : { cueSource }) };
      return { dependsOn, outlook };
    },
    pictures: async (params, signal) => takePictures((await opened()).frames, params, signal),
    probe: async (path, signal) => (await opened()).frames.probe(path, signal),
    peaks: async ({ path, buckets }, signal) => {
      const { frames, audio } = await opened();
      const { durationMs } = await frames.probe(path, signal);
      return takePeaks(audio, { path, durationMs, buckets }, signal);
    },
    frameTimes: async ({ path, fromMs, toMs }, signal) => (await opened()).times.frameTimes(path, fromMs, toMs, signal),
    scenes: async (request, onFraction, signal) => (await opened()).scenes.scenes(request, onFraction, signal),
    sprites: (request, onFraction, signal) => sprites.of(request, onFraction, signal),
    proxy: async ({ path, kind }, onFraction, signal) => proxies.of(await (await opened()).frames.probe(path, signal), kind, onFraction, signal),
    transcribe: async ({ path, model: name, spans, languages }, onCues, onProgress, signal) => {
      onProgress({ stage: "probe" });
      const info = await (await opened()).frames.probe(path, signal);
      const events = { onCues, onFraction: (fraction: number): void => onProgress({ stage: "speech", fraction }) };
      return ears.use(config.speech ?? name, () => onProgress({ stage: "load" }), ({ speech }) => speech.transcribe(info, spans, languages, events, signal), signal);
    },
    index: async ({ request, model: name }, onClip, onProgress, signal) => {
      onProgress({ stage: "probe" });
      await (await opened()).frames.probe(request.video, signal);
      const events = { onProgress, onClip: ({ clip, done, total }: ClipEvent): void => onClip(clip, done, total) };
      return (await model.use(name, () => onProgress({ stage: "load" }), ({ pipeline }) => pipeline.index(whole(request), events, signal), signal)) ?? [];
    },
    dispose: async () => {
      await model.dispose();
      await ears.dispose();
      await (await media)?.close();
    },
  };
}

function engineOf(device: EncoderDevice): readonly string[] {
  return [`vqa ${ownVersion()}`, `${dependency("onnxruntime-node")}${device === "cpu" ? "" : ` (${device})`}`];
}

/** Nothing but what the program was started with decides whether and where frames go: no notebook can. */
async function remote({ remote: settings }: WorkerConfig, eyes: Pick<RemoteParts, "source" | "cues" | "scenes" | "cache">): Promise<Loaded> {
  if (settings === undefined) throw new VqaError("model-missing", "No remote engine is set up here.", "Give --engine and --model on the command line, or run \"VQA: Use a Remote Engine…\" in the editor.");
  const { remoteEngine } = await import("../remote/engine.js");
  const chat = remoteEngine(settings);
  const pipeline = createRemotePipeline({ ...eyes, chat, now: () => performance.now(), engine: [`vqa ${ownVersion()}`] });
  return { pipeline, dispose: () => chat.dispose() };
}

function withProbe(timings: Timings, ms: number): Timings {
  return { ...timings, probeMs: timings.probeMs + ms, firstTokenMs: timings.firstTokenMs + ms, totalMs: timings.totalMs + ms };
}

function noSpeech(model: string): VqaError {
  return new VqaError("model-unsupported", `The model pack "${model}" has no speech recogniser.`, "Choose a model pack that has one.", { data: { model } });
}
