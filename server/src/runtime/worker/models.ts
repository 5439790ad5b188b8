/**
 * The model that this worker has loaded: one at a time, opened by the first question that wants it
 * and kept for the next. A question for another model waits until nobody uses the present one, which
 * is then given back.
 */
import { throwIfAborted, VqaError, cancelled } from "../../engine/errors.js";

export interface Opened {
  dispose(): Promise<void>;
}

interface Held<T> {
  readonly model: string;
  readonly opening: Promise<T>;
  users: number;
  /** Resolves when it was given back. */
  closing: Promise<void> | undefined;
  onUnused: (() => void) | undefined;
}

export class LoadedModel<T extends Opened> {
  private held: Held<T> | undefined;

  constructor(private readonly open: (model: string) => Promise<T>) {}

  /** Runs `work` with the model; `onLoad` is called first when it has to be loaded now. */
  async use<R>(model: string, onLoad: () => void, work: (opened: T) => Promise<R>, signal: AbortSignal): Promise<R> {
    const held = await this.acquire(model, onLoad, signal);
    try {
      const opened = await orAborted(held.opening, signal);
      return await work(opened);
    } finally {
      held.users--;
      if (held.users === 0) held.onUnused?.();
    }
  }

  async dispose(): Promise<void> {
    if (this.held !== undefined) await this.giveBack(this.held);
  }

  private async acquire(model: string, onLoad: () => void, signal: AbortSignal): Promise<Held<T>> {
    for (;;) {
      throwIfAborted(signal);
      const held = this.held;
      if (held === undefined) {
        onLoad();
        return (this.held = this.load(model));
      }
      if (held.model === model && held.closing === undefined) {
        held.users++;
        return held;
      }
      await orAborted(this.giveBack(held), signal);
    }
  }

  private load(model: string): Held<T> {
    const held: Held<T> = { model, opening: this.open(model), users: 1, closing: undefined, onUnused: undefined };
    // A model that did not open is not held: the next question tries again.
    held.opening.catch(() => {
      if (this.held === held) this.held = undefined;
    });
    return held;
  }

  private giveBack(held: Held<T>): Promise<void> {
    held.closing ??= (async () => {
      if (held.users > 0) await new Promise<void>((resolve) => (held.onUnused = resolve));
      const opened = await held.opening.catch(() => undefined);
      await opened?.dispose();
      if (this.held === held) this.held = undefined;
    })();
    return held.closing;
  }
}

/** The promise's value, or `cancelled` as soon as the signal aborts; what was begun goes on for others. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  let stop: () => void = () => undefined;
  const aborted = new Promise<VqaError>((resolve) => {
    stop = () => resolve(cancelled());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    const first = await Promise.race([promise, aborted]);
    if (first instanceof VqaError) throw first;
    return first;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
