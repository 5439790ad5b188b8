import { cancelled, throwIfAborted } from "../../engine/errors.js";

/** Lets at most `width` jobs run at a time; the others wait in order. */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {}

  async run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    if (this.running >= this.width) await this.turn(signal);
    else this.running++;
    try {
      return await job();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  /** Resolves with the place of a job that ended: `running` does not change. */
  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((go, fail) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", leave);
        go();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        fail(cancelled());
      };
      this.waiting.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
