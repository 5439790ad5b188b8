/** What was asked of the worker and is not answered yet: who waits for it, and who listens meanwhile. */
import type { SummarisedClip } from "../../engine/answer.js";
import { VqaError } from "../../engine/errors.js";
import type { Cue, Progress } from "../../engine/ports.js";
import type { FromWorker, ToWorker } from "../../protocol/worker.js";

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

export interface Hooks extends AskHooks, ListenHooks, IndexHooks {
  readonly onFraction?: ((fraction: number) => void) | undefined;
}

export interface Job {
  readonly message: (id: number) => ToWorker;
  readonly hooks: Hooks;
  readonly resolve: (value: never) => void;
  readonly reject: (error: VqaError) => void;
  /** Called once, when the job is done. */
  readonly release: () => void;
}

/** Messages about one job. */
type OfJob = Extract<FromWorker, { readonly id: number }>;

export class Jobs {
  readonly #open = new Map<number, Job>();
  #lastId = 0;

  nextId(): number {
    return ++this.#lastId;
  }

  add(id: number, job: Job): void {
    this.#open.set(id, job);
  }

  /** The oldest first. */
  ids(): readonly number[] {
    return [...this.#open.keys()];
  }

  /** As it is sent to the worker. */
  message(id: number): ToWorker {
    return this.#open.get(id)!.message(id);
  }

  reject(id: number, error: VqaError): void {
    this.#finish(id, (job) => job.reject(error));
  }

  /** Tells who waits or listens, if anybody does; true when that was the end of the job. */
  hear(message: OfJob): boolean {
    const hooks = this.#open.get(message.id)?.hooks;
    switch (message.type) {
      case "text":
        hooks?.onText?.(message.text);
        return false;
      case "progress":
        hooks?.onProgress?.(message.progress);
        return false;
      case "made":
        hooks?.onFraction?.(message.fraction);
        return false;
      case "heard":
        hooks?.onCues?.(message.cues);
        return false;
      case "clip":
        hooks?.onClip?.(message.clip, message.done, message.total);
        return false;
      case "failed":
        this.reject(message.id, VqaError.fromJSON(message.error));
        return true;
      default:
        this.#finish(message.id, (job) => job.resolve(resultOf(message) as never));
        return true;
    }
  }

  #finish(id: number, deliver: (job: Job) => void): void {
    const job = this.#open.get(id);
    if (job === undefined) return;
    this.#open.delete(id);
    job.release();
    deliver(job);
  }
}

type Ending = Exclude<OfJob, { readonly type: "text" | "progress" | "made" | "heard" | "clip" | "failed" }>;

function resultOf(message: Ending): unknown {
  switch (message.type) {
    case "answer":
      return message.answer;
    case "inputs":
      return { dependsOn: message.dependsOn, ...(message.outlook === undefined ? {} : { outlook: message.outlook }) };
    case "media":
      return message.media;
    case "pictures":
      return message.pictures;
    case "peaks":
      return message.peaks;
    case "times":
      return message.timesMs;
    case "proxy":
      return message.path;
    case "scenes":
      return message.scenes;
    case "sprites":
      return message.sprites;
    case "transcript":
      return message.transcript;
    case "indexed":
      return message.clips;
  }
}

/** The video that a message is about. */
export function videoOf(message: ToWorker): string | undefined {
  if (!("params" in message)) return undefined;
  return "request" in message.params ? message.params.request.video : message.params.path;
}
