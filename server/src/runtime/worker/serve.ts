/** The worker's side of the channel: requests in, streams and results out, one AbortController a request. */
import type { Answer, AskRequest, IndexRequest, Span, SummarisedClip } from "../../engine/answer.js";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import type { Cue, MediaInfo, Progress, SceneList, SceneRequest, Transcript } from "../../engine/ports.js";
import { is } from "../../protocol/schema.js";
import type { Picture, ProxyKind, Sprites } from "../../protocol/values.js";
import { ToWorkerSchema, WORKER_PROTOCOL_VERSION, type FromWorker, type ToWorker, type WorkerConfig, type WorkerInputs } from "../../protocol/worker.js";

/** What a worker can do, behind which the pipeline sits. */
export interface WorkerService {
  ask(
    params: { readonly request: AskRequest; readonly model: string },
    onText: (delta: string) => void,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<Answer>;
  /** Everything that the answer would depend on, JSON values only. */
  inputs(params: { readonly request: AskRequest; readonly model: string }, signal: AbortSignal): Promise<WorkerInputs>;
  probe(path: string, signal: AbortSignal): Promise<MediaInfo>;
  pictures(params: { readonly path: string; readonly timesMs: readonly number[]; readonly width: number }, signal: AbortSignal): Promise<readonly Picture[]>;
  frameTimes(params: { readonly path: string; readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<readonly number[]>;
  peaks(params: { readonly path: string; readonly buckets: number }, signal: AbortSignal): Promise<readonly number[]>;
  /** The path of a copy of a video that editors can play. */
  proxy(params: { readonly path: string; readonly kind: ProxyKind }, onFraction: (fraction: number) => void, signal: AbortSignal): Promise<string>;
  /** What is said in a video. Error: model-unsupported for a model without a speech recogniser. */
  transcribe(params: TranscribeParams, onCues: (cues: readonly Cue[]) => void, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Transcript>;
  /** Summarises the clips of a long video; none of one that is a single clip. */
  index(params: IndexParams, onClip: (clip: SummarisedClip, done: number, total: number) => void, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<readonly SummarisedClip[]>;
  scenes(params: SceneRequest, onFraction: (fraction: number) => void, signal: AbortSignal): Promise<SceneList>;
  sprites(params: { readonly path: string; readonly count: number; readonly width: number }, onFraction: (fraction: number) => void, signal: AbortSignal): Promise<Sprites>;
  dispose(): Promise<void>;
}

export interface IndexParams {
  readonly request: IndexRequest;
  readonly model: string;
}

export interface TranscribeParams {
  readonly path: string;
  readonly model: string;
  /** None: all of the video. */
  readonly spans: readonly Span[];
  /** ISO 639-1 codes, best first. */
  readonly languages: readonly string[];
}

/** One end of the IPC channel. */
export interface Channel {
  send(message: FromWorker): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Ends the process. */
  exit(code: number): void;
}

export function serveWorker(channel: Channel, create: (config: WorkerConfig) => WorkerService): void {
  const running = new Map<number, AbortController>();
  let service: WorkerService | undefined;

  const run = async (id: number, work: (service: WorkerService, signal: AbortSignal) => Promise<FromWorker>): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      if (service === undefined) throw new VqaError("internal", "The worker was asked before it was greeted.");
      const reply = await work(service, controller.signal);
      throwIfAborted(controller.signal);
      channel.send(reply);
    } catch (thrown) {
      const error = controller.signal.aborted ? cancelledOr(thrown) : VqaError.from(thrown);
      if (error.code === "internal") console.error(thrown);
      channel.send({ type: "failed", id, error: plain(error) });
    } finally {
      running.delete(id);
    }
  };

  const handle = (message: ToWorker): void => {
    switch (message.type) {
      case "hello":
        if (message.protocol !== WORKER_PROTOCOL_VERSION) {
          const error = new VqaError(
            "worker-unavailable",
            `the worker speaks version ${WORKER_PROTOCOL_VERSION} of its protocol and the program version ${message.protocol}.`,
            "Run `npm run build`, so that all parts are of one version.",
          );
          channel.send({ type: "unfit", error: plain(error) });
          return;
        }
        service = create(message.config);
        channel.send({ type: "ready", protocol: WORKER_PROTOCOL_VERSION });
        return;
      case "ask":
        void run(message.id, async (worker, signal) => {
          const { id } = message;
          const answer = await worker.ask(
            message.params,
            (text) => channel.send({ type: "text", id, text }),
            (progress) => channel.send({ type: "progress", id, progress }),
            signal,
          );
          return { type: "answer", id, answer };
        });
        return;
      case "inputs":
        void run(message.id, async (worker, signal) => ({
          type: "inputs",
          id: message.id,
          ...(await worker.inputs(message.params, signal)),
        }));
        return;
      case "probe":
        void run(message.id, async (worker, signal) => ({
          type: "media",
          id: message.id,
          media: await worker.probe(message.params.path, signal),
        }));
        return;
      case "frames":
        void run(message.id, async (worker, signal) => ({
          type: "pictures",
          id: message.id,
          pictures: await worker.pictures(message.params, signal),
        }));
        return;
      case "waveform":
        void run(message.id, async (worker, signal) => ({
          type: "peaks",
          id: message.id,
          peaks: await worker.peaks(message.params, signal),
        }));
        return;
      case "frameTimes":
        void run(message.id, async (worker, signal) => ({ type: "times", id: message.id, timesMs: await worker.frameTimes(message.params, signal) }));
        return;
      case "proxy":
        void run(message.id, async (worker, signal) => {
          const { id } = message;
          return { type: "proxy", id, path: await worker.proxy(message.params, (fraction) => channel.send({ type: "made", id, fraction }), signal) };
        });
        return;
      case "scenes":
        void run(message.id, async (worker, signal) => {
          const { id } = message;
          return { type: "scenes", id, scenes: await worker.scenes(message.params, (fraction) => channel.send({ type: "made", id, fraction }), signal) };
        });
        return;
      case "sprites":
        void run(message.id, async (worker, signal) => {
          const { id } = message;
          return { type: "sprites", id, sprites: await worker.sprites(message.params, (fraction) => channel.send({ type: "made", id, fraction }), signal) };
        });
        return;
      case "transcribe":
        void run(message.id, async (worker, signal) => {
          const { id } = message;
          const transcript = await worker.transcribe(
            message.params,
            (cues) => channel.send({ type: "heard", id, cues }),
            (progress) => channel.send({ type: "progress", id, progress }),
            signal,
          );
          return { type: "transcript", id, transcript };
        });
        return;
      case "index":
        void run(message.id, async (worker, signal) => {
          const { id } = message;
          const clips = await worker.index(
            message.params,
            (clip, done, total) => channel.send({ type: "clip", id, clip, done, total }),
            (progress) => channel.send({ type: "progress", id, progress }),
            signal,
          );
          return { type: "indexed", id, clips };
        });
        return;
      case "cancel":
        running.get(message.id)?.abort();
        return;
      case "bye":
        for (const controller of running.values()) controller.abort();
        void (service?.dispose() ?? Promise.resolve()).then(
          () => channel.exit(0),
          () => channel.exit(1),
        );
        return;
    }
  };

  channel.onMessage((message) => {
    if (is(ToWorkerSchema, message)) handle(message);
    else console.error("A message that is not part of the worker protocol was ignored.");
  });
}

/** Whatever a stopped request ended with, it ended because it was stopped. */
function cancelledOr(thrown: unknown): VqaError {
  const error = VqaError.from(thrown);
  return error.code === "cancelled" ? error : new VqaError("cancelled", "Stopped.", "", { cause: thrown });
}

/** Facts that cannot cross the channel (functions, handles) must not take the error with them. */
function plain(error: VqaError): ReturnType<VqaError["toJSON"]> {
  return JSON.parse(JSON.stringify(error)) as ReturnType<VqaError["toJSON"]>;
}
