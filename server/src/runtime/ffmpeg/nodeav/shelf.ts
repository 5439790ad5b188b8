import type { CheckedFile } from "../file.js";
import type { MediaLimits } from "../limits.js";
import type { Binding } from "./binding.js";
import { Input } from "./input.js";

/** An open file may not be renamed on every system: it is let go as soon as nobody seems to come back to it. */
const IDLE_MS = 1000;

/** Keeps the file that was read last open for the next call: probing and taking frames follow each other. */
export class Shelf {
  private kept: Input | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly binding: Binding,
    private readonly limits: MediaLimits,
  ) {}

  /**
   * Runs a job on an open file. Only jobs that seek before they read can take one that was read before.
   * @param again whether the job can; otherwise the file is opened anew
   */
  async use<T>(file: CheckedFile, again: boolean, job: (input: Input) => Promise<T>, signal?: AbortSignal): Promise<T> {
    clearTimeout(this.timer);
    const kept = this.kept;
    this.kept = undefined;
    const fits = again && kept?.file.key === file.key;
    if (!fits) kept?.close();
    const input = fits ? kept : await Input.open(this.binding, file, this.limits, signal);
    input.begin();
    let whole = false;
    try {
      const result = await job(input);
      whole = true;
      return result;
    } finally {
      // After a failure nobody knows what state it is in.
      if (whole) this.keep(input);
      else input.close();
    }
  }

  /** Runs a job on a file of its own. */
  async once<T>(file: CheckedFile, job: (input: Input) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const input = await Input.open(this.binding, file, this.limits, signal);
    try {
      return await job(input);
    } finally {
      input.close();
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.kept?.close();
    this.kept = undefined;
  }

  private keep(input: Input): void {
    this.kept = input;
    this.timer = setTimeout(() => this.close(), IDLE_MS).unref();
  }
}
