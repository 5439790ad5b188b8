/**
 * The worker process as promises: starts it on the first question, hands questions over in order,
 * streams what comes back, and turns a death into a typed error after which the next question works.
 * All decisions are `machine.ts`'s; this file carries them out.
 */
import type { Answer, AskRequest, SummarisedClip } from "../../engine/answer.js";
import { VqaError, cancelled, throwIfAborted } from "../../engine/errors.js";
import type { Cue, MediaInfo, Progress, SceneList, SceneRequest, Transcript } from "../../engine/ports.js";
import { is } from "../../protocol/schema.js";
import { FromWorkerSchema, WORKER_PROTOCOL_VERSION, type FromWorker, type ToWorker, type WorkerConfig, type WorkerInputs } from "../../protocol/worker.js";
import type { Picture, ProxyKind, Sprites } from "../../protocol/values.js";
import type { IndexParams, TranscribeParams } from "./serve.js";
import { startChild, type Exit, type WorkerChild } from "./child.js";
import { DEFAULT_POLICY, INITIAL, reduce, type Effect, type Event, type Lane, type Phase, type Policy, type State, type Timer } from "./machine.js";

export interface SupervisorOptions {
  readonly config?: WorkerConfig;
  readonly policy?: Partial<Policy>;
  /** The worker's program; the real one when absent. */
  readonly entry?: URL;
  /** Throws for a video that may not be opened. */
  readonly expectAllowed?: ((video: string) => void) | undefined;
}

export interface AskHooks {
  /** The answer's text as it grows, in order. Must not throw. */
  readonly onText?: ((delta: string) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ListenHooks {
  /** Cues as they are recognised, in time order. Must not throw. */
  readonly onCues?: ((cues: readonly Cue[]) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface IndexHooks {
  /** Clips as they are summarised, and those that had been before. Must not throw. */
  readonly onClip?: ((clip: SummarisedClip, done: number, total: number) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

interface Hooks extends AskHooks, ListenHooks, IndexHooks {
  readonly onFraction?: ((fraction: number) => void) | undefined;
}

export interface SupervisorStatus {
  readonly phase: Phase;
  readonly pid?: number;
  /** Workers started so far. */
  readonly starts: number;
  readonly waiting: number;
  readonly running: number;
  readonly lastFailure?: VqaError;
}

export interface Supervisor {
  /**
   * Answers one question; questions are answered one at a time, in the order of the calls.
   * Errors: those of the pipeline, worker-crashed, worker-unavailable, cancelled.
   */
  ask(request: AskRequest, model: string, hooks?: AskHooks, signal?: AbortSignal): Promise<Answer>;
  /** What the answer to a question would depend on; equal inputs give equal answers. Does not wait. */
  inputs(request: AskRequest, model: string, signal?: AbortSignal): Promise<WorkerInputs>;
  /** Does not wait for questions that are being answered. */
  probe(path: string, signal?: AbortSignal): Promise<MediaInfo>;
  /** Small pictures of moments, in the order of the times. Does not wait either. */
  pictures(path: string, timesMs: readonly number[], width: number, signal?: AbortSignal): Promise<readonly Picture[]>;
  /** How loud equal parts of a video are, 0 to 1; none without sound. Does not wait either. */
  peaks(path: string, buckets: number, signal?: AbortSignal): Promise<readonly number[]>;
  /** The path of a copy that editors can play. Does not wait either. */
  proxy(path: string, kind: ProxyKind, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<string>;
  /** Where a film cuts. Does not wait either. */
  frameTimes(path: string, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]>;
  scenes(request: SceneRequest, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<SceneList>;
  /** Thumbnails in one picture, kept in the cache folder. Does not wait either. */
  sprites(path: string, count: number, width: number, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<Sprites>;
  /** What is said in a video. Does not wait for questions either. */
  transcribe(params: TranscribeParams, hooks?: ListenHooks, signal?: AbortSignal): Promise<Transcript>;
  /** Summarises the clips of a long video. Other questions are answered between two of them. */
  index(params: IndexParams, hooks?: IndexHooks, signal?: AbortSignal): Promise<readonly SummarisedClip[]>;
  status(): SupervisorStatus;
  /** Called after every change of the status; returns the way to end that. */
  onStatus(listener: (status: SupervisorStatus) => void): () => void;
  /** Cancels everything that waits or runs; returns how many that was. */
  stopAll(): number;
  /** Ends the worker now, failing what runs, and forgets failed starts. */
  restart(): void;
  /** Cancels everything and ends the worker; resolves when the process is gone. */
  dispose(): Promise<void>;
}

interface Pending {
  readonly message: (id: number) => ToWorker;
  readonly hooks: Hooks;
  readonly resolve: (value: never) => void;
  readonly reject: (error: VqaError) => void;
  readonly release: () => void;
}

export function createSupervisor(options: SupervisorOptions = {}): Supervisor {
  return new WorkerSupervisor(options);
}

class WorkerSupervisor implements Supervisor {
  private readonly policy: Policy;
  private readonly entry: URL;
  private readonly config: WorkerConfig;
  private readonly expectAllowed: SupervisorOptions["expectAllowed"];
  private readonly pending = new Map<number, Pending>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly listeners = new Set<(status: SupervisorStatus) => void>();
  private state: State = INITIAL;
  private child: WorkerChild | undefined;
  private lastId = 0;
  private lastFailure: VqaError | undefined;
  /** What was wrong with this worker, known before it went; better than anything its exit tells. */
  private fault: VqaError | undefined;
  private readonly closed: Promise<void>;
  private markClosed!: () => void;

  constructor(options: SupervisorOptions) {
    this.policy = { ...DEFAULT_POLICY, ...options.policy };
    this.entry = options.entry ?? new URL("./entry.js", import.meta.url);
    this.config = options.config ?? {};
    this.expectAllowed = options.expectAllowed;
    this.closed = new Promise((resolve) => (this.markClosed = resolve));
  }

  ask(request: AskRequest, model: string, hooks: AskHooks = {}, signal?: AbortSignal): Promise<Answer> {
    return this.submit("serial", (id) => ({ type: "ask", id, params: { request, model } }), hooks, signal);
  }

  inputs(request: AskRequest, model: string, signal?: AbortSignal): Promise<WorkerInputs> {
    return this.submit("parallel", (id) => ({ type: "inputs", id, params: { request, model } }), {}, signal);
  }

  probe(path: string, signal?: AbortSignal): Promise<MediaInfo> {
    return this.submit("parallel", (id) => ({ type: "probe", id, params: { path } }), {}, signal);
  }

  pictures(path: string, timesMs: readonly number[], width: number, signal?: AbortSignal): Promise<readonly Picture[]> {
    return this.submit("parallel", (id) => ({ type: "frames", id, params: { path, timesMs, width } }), {}, signal);
  }

  frameTimes(path: string, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]> {
    return this.submit("parallel", (id) => ({ type: "frameTimes", id, params: { path, fromMs, toMs } }), {}, signal);
  }

  peaks(path: string, buckets: number, signal?: AbortSignal): Promise<readonly number[]> {
    return this.submit("parallel", (id) => ({ type: "waveform", id, params: { path, buckets } }), {}, signal);
  }

  proxy(path: string, kind: ProxyKind, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<string> {
    return this.submit("parallel", (id) => ({ type: "proxy", id, params: { path, kind } }), { onFraction }, signal);
  }

  scenes({ path, mode, threshold }: SceneRequest, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<SceneList> {
    return this.submit("parallel", (id) => ({ type: "scenes", id, params: { path, mode, ...(threshold === undefined ? {} : { threshold }) } }), { onFraction }, signal);
  }

  sprites(path: string, count: number, width: number, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<Sprites> {
    return this.submit("parallel", (id) => ({ type: "sprites", id, params: { path, count, width } }), { onFraction }, signal);
  }

  transcribe(params: TranscribeParams, hooks: ListenHooks = {}, signal?: AbortSignal): Promise<Transcript> {
    return this.submit("parallel", (id) => ({ type: "transcribe", id, params }), hooks, signal);
  }

  index(params: IndexParams, hooks: IndexHooks = {}, signal?: AbortSignal): Promise<readonly SummarisedClip[]> {
    return this.submit("parallel", (id) => ({ type: "index", id, params }), hooks, signal);
  }

  status(): SupervisorStatus {
    const { phase, life, waiting, active } = this.state;
    const alive = phase === "starting" || phase === "ready" || phase === "stopping";
    return {
      phase,
      ...(alive && this.child?.pid !== undefined ? { pid: this.child.pid } : {}),
      starts: life,
      waiting: waiting.length,
      running: active.length,
      ...(this.lastFailure === undefined ? {} : { lastFailure: this.lastFailure }),
    };
  }

  onStatus(listener: (status: SupervisorStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stopAll(): number {
    const ids = [...this.pending.keys()];
    // Those that wait go first: otherwise each one that is stopped lets the next one start.
    for (const id of ids.reverse()) this.step({ type: "cancel", id });
    return ids.length;
  }

  restart(): void {
    this.step({ type: "restart" });
  }

  dispose(): Promise<void> {
    this.step({ type: "close" });
    return this.closed;
  }

  private submit<T>(lane: Lane, message: Pending["message"], hooks: Hooks, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      throwIfAborted(signal);
      const id = ++this.lastId;
      const video = videoOf(message(id));
      if (video !== undefined) this.expectAllowed?.(video);
      const onAbort = (): void => this.step({ type: "cancel", id });
      signal?.addEventListener("abort", onAbort, { once: true });
      const release = (): void => signal?.removeEventListener("abort", onAbort);
      this.pending.set(id, { message, hooks, resolve, reject, release });
      this.step({ type: "submit", job: { id, lane } });
    });
  }

  private step(event: Event): void {
    const { state, effects } = reduce(this.state, event, this.policy);
    const changed = state !== this.state;
    this.state = state;
    for (const effect of effects) this.perform(effect);
    if (changed) {
      const status = this.status();
      for (const listener of this.listeners) listener(status);
    }
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case "spawn":
        this.spawn(effect.life);
        return;
      case "send":
        this.send(this.pending.get(effect.id)!.message(effect.id));
        return;
      case "send-cancel":
        this.send({ type: "cancel", id: effect.id });
        return;
      case "send-bye":
        this.send({ type: "bye" });
        return;
      case "kill":
        this.child?.kill();
        return;
      case "reject":
        this.finish(effect.id, (job) => job.reject(this.errorFor(effect.why)));
        return;
      case "set-timer": {
        const key = timerKey(effect.timer);
        clearTimeout(this.timers.get(key));
        const timeout = setTimeout(() => {
          this.timers.delete(key);
          this.step({ type: "timer", timer: effect.timer });
        }, effect.ms);
        // Nobody waits for these two: they must not keep a finished program alive.
        if (effect.timer.name === "idle" || effect.timer.name === "cooldown") timeout.unref();
        this.timers.set(key, timeout);
        return;
      }
      case "clear-timer": {
        const key = timerKey(effect.timer);
        clearTimeout(this.timers.get(key));
        this.timers.delete(key);
        return;
      }
      case "closed":
        this.markClosed();
        return;
    }
  }

  private spawn(life: number): void {
    this.fault = undefined;
    this.child = startChild(
      this.entry,
      (message) => this.receive(life, message),
      (exit) => {
        this.noteExit(life, exit);
        this.step({ type: "exited", life });
      },
    );
    this.send({ type: "hello", protocol: WORKER_PROTOCOL_VERSION, config: this.config });
  }

  private send(message: ToWorker): void {
    this.child?.send(message);
  }

  private receive(life: number, message: unknown): void {
    if (life !== this.state.life) return;
    if (!is(FromWorkerSchema, message)) {
      this.fault = new VqaError(
        "worker-crashed",
        "The model process sent a message that is not part of its protocol.",
        "Run `npm run build`, so that all parts are of one version.",
      );
      this.child?.kill();
      return;
    }
    this.handle(life, message);
  }

  private handle(life: number, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        if (message.protocol !== WORKER_PROTOCOL_VERSION) {
          this.fault = versionMismatch(message.protocol);
          this.step({ type: "unfit", life });
        } else {
          this.step({ type: "ready", life });
        }
        return;
      case "unfit":
        this.fault = VqaError.fromJSON(message.error);
        this.step({ type: "unfit", life });
        return;
      case "text":
        this.pending.get(message.id)?.hooks.onText?.(message.text);
        return;
      case "progress":
        this.pending.get(message.id)?.hooks.onProgress?.(message.progress);
        return;
      case "answer":
        this.settle(life, message.id, (job) => job.resolve(message.answer as never));
        return;
      case "inputs":
        this.settle(life, message.id, (job) => job.resolve({ dependsOn: message.dependsOn, ...(message.outlook === undefined ? {} : { outlook: message.outlook }) } as never));
        return;
      case "media":
        this.settle(life, message.id, (job) => job.resolve(message.media as never));
        return;
      case "pictures":
        this.settle(life, message.id, (job) => job.resolve(message.pictures as never));
        return;
      case "peaks":
        this.settle(life, message.id, (job) => job.resolve(message.peaks as never));
        return;
      case "times":
        this.settle(life, message.id, (job) => job.resolve(message.timesMs as never));
        return;
      case "made":
        this.pending.get(message.id)?.hooks.onFraction?.(message.fraction);
        return;
      case "proxy":
        this.settle(life, message.id, (job) => job.resolve(message.path as never));
        return;
      case "scenes":
        this.settle(life, message.id, (job) => job.resolve(message.scenes as never));
        return;
      case "sprites":
        this.settle(life, message.id, (job) => job.resolve(message.sprites as never));
        return;
      case "heard":
        this.pending.get(message.id)?.hooks.onCues?.(message.cues);
        return;
      case "transcript":
        this.settle(life, message.id, (job) => job.resolve(message.transcript as never));
        return;
      case "clip":
        this.pending.get(message.id)?.hooks.onClip?.(message.clip, message.done, message.total);
        return;
      case "indexed":
        this.settle(life, message.id, (job) => job.resolve(message.clips as never));
        return;
      case "failed":
        this.settle(life, message.id, (job) => job.reject(VqaError.fromJSON(message.error)));
        return;
    }
  }

  private settle(life: number, id: number, deliver: (job: Pending) => void): void {
    this.finish(id, deliver);
    this.step({ type: "settled", life, id });
  }

  private finish(id: number, deliver: (job: Pending) => void): void {
    const job = this.pending.get(id);
    if (job === undefined) return;
    this.pending.delete(id);
    job.release();
    deliver(job);
  }

  private noteExit(life: number, exit: Exit): void {
    const { phase, active } = this.state;
    const wanted = life !== this.state.life || phase === "closed" || phase === "unavailable" || (phase === "stopping" && active.length === 0);
    if (wanted) return;
    this.lastFailure = this.fault ?? crash(exit, this.child?.pid, phase === "starting");
  }

  private errorFor(why: (Effect & { type: "reject" })["why"]): VqaError {
    switch (why) {
      case "cancelled":
        return cancelled();
      case "closed":
        return new VqaError("cancelled", "Stopped: the program is shutting down.", "");
      case "crashed":
        return this.lastFailure ?? new VqaError("worker-crashed", "The model process ended.", ASK_AGAIN);
      case "unavailable":
        return this.unavailable();
    }
  }

  private unavailable(): VqaError {
    const cause = this.fault ?? this.lastFailure;
    return new VqaError(
      "worker-unavailable",
      `The model process cannot be started: ${cause?.message ?? "it gave no reason"}`,
      cause?.next || "Run `npm run build` and try again.",
      { cause, data: cause?.data ?? {} },
    );
  }
}

function videoOf(message: ToWorker): string | undefined {
  if (!("params" in message)) return undefined;
  return "request" in message.params ? message.params.request.video : message.params.path;
}

const ASK_AGAIN = "Ask again: a new process is started for the next question.";

function crash(exit: Exit, pid: number | undefined, starting: boolean): VqaError {
  const how =
    exit.error !== undefined
      ? exit.error.message
      : exit.signal !== null
        ? `ended by signal ${exit.signal}`
        : `ended with exit code ${exit.code ?? "unknown"}`;
  const lastLine = exit.output.split("\n").at(-1) ?? "";
  const detail = lastLine === "" ? "" : ` Its last words: ${lastLine}`;
  return new VqaError(
    "worker-crashed",
    `The model process ${starting ? "did not start" : "died while it was working"} (${how}).${detail}`,
    ASK_AGAIN,
    { data: { exitCode: exit.code, signal: exit.signal, stderr: exit.output, ...(pid === undefined ? {} : { pid }) } },
  );
}

function versionMismatch(theirs: number): VqaError {
  return new VqaError(
    "worker-unavailable",
    `it speaks version ${theirs} of the worker protocol and this program version ${WORKER_PROTOCOL_VERSION}.`,
    "Run `npm run build`, so that all parts are of one version.",
  );
}

function timerKey(timer: Timer): string {
  return `${timer.name}:${timer.life}:${"id" in timer ? timer.id : ""}`;
}
