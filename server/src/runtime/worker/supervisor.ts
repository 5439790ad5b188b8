/**
 * The worker process as promises: starts it on the first question, hands questions over in order,
 * streams what comes back, and turns a death into a typed error after which the next question works.
 * All decisions are `machine.ts`'s; this file carries them out.
 */
import type { Answer, AskRequest, SummarisedClip } from "../../engine/answer.js";
import { VqaError, cancelled, throwIfAborted } from "../../engine/errors.js";
import type { MediaInfo, SceneList, SceneRequest, Transcript } from "../../engine/ports.js";
import { is } from "../../protocol/schema.js";
import { FromWorkerSchema, WORKER_PROTOCOL_VERSION, type ToWorker, type WorkerConfig, type WorkerInputs } from "../../protocol/worker.js";
import type { Picture, ProxyKind, Sprites } from "../../protocol/values.js";
import type { IndexParams, TranscribeParams } from "./serve.js";
import { startChild, type Exit, type WorkerChild } from "./child.js";
import { crash, ended, shuttingDown, unavailable, unknownMessage, versionMismatch } from "./faults.js";
import { Jobs, videoOf, type AskHooks, type Hooks, type IndexHooks, type Job, type ListenHooks } from "./jobs.js";
import { DEFAULT_POLICY, INITIAL, reduce, type Effect, type Event, type Lane, type Phase, type Policy, type State, type Timer } from "./machine.js";

export interface SupervisorOptions {
  readonly config?: WorkerConfig;
  readonly policy?: Partial<Policy>;
  /** The worker's program; the real one when absent. */
  readonly entry?: URL;
  /** Throws for a video that may not be opened. */
  readonly expectAllowed?: ((video: string) => void) | undefined;
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
  /** When the frames from one time to another begin. Does not wait either. */
  frameTimes(path: string, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]>;
  /** Where a film cuts. Does not wait either. */
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

export function createSupervisor(options: SupervisorOptions = {}): Supervisor {
  return new WorkerSupervisor(options);
}

class WorkerSupervisor implements Supervisor {
  private readonly policy: Policy;
  private readonly entry: URL;
  private readonly config: WorkerConfig;
  private readonly expectAllowed: SupervisorOptions["expectAllowed"];
  private readonly jobs = new Jobs();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly listeners = new Set<(status: SupervisorStatus) => void>();
  private state: State = INITIAL;
  private child: WorkerChild | undefined;
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
    const ids = this.jobs.ids();
    // Those that wait go first: otherwise each one that is stopped lets the next one start.
    for (const id of ids.toReversed()) this.step({ type: "cancel", id });
    return ids.length;
  }

  restart(): void {
    this.step({ type: "restart" });
  }

  dispose(): Promise<void> {
    this.step({ type: "close" });
    return this.closed;
  }

  private submit<T>(lane: Lane, message: Job["message"], hooks: Hooks, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      throwIfAborted(signal);
      const id = this.jobs.nextId();
      const video = videoOf(message(id));
      if (video !== undefined) this.expectAllowed?.(video);
      const onAbort = (): void => this.step({ type: "cancel", id });
      signal?.addEventListener("abort", onAbort, { once: true });
      const release = (): void => signal?.removeEventListener("abort", onAbort);
      this.jobs.add(id, { message, hooks, resolve, reject, release });
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
        this.send(this.jobs.message(effect.id));
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
        this.jobs.reject(effect.id, this.errorFor(effect.why));
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
      this.fault = unknownMessage();
      this.child?.kill();
      return;
    }
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
      default:
        if (this.jobs.hear(message)) this.step({ type: "settled", life, id: message.id });
    }
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
        return shuttingDown();
      case "crashed":
        return this.lastFailure ?? ended();
      case "unavailable":
        return unavailable(this.fault ?? this.lastFailure);
    }
  }
}

function timerKey(timer: Timer): string {
  return `${timer.name}:${timer.life}:${"id" in timer ? timer.id : ""}`;
}
