/** How far a batch is: a bar on a terminal, and a line from time to time elsewhere. */
import { Presets, SingleBar } from "cli-progress";
import { Pace, roughly } from "../../engine/batch/pace.js";
import { line } from "../terminal.js";

const EVERY_MS = 15_000;

export class Meter {
  readonly #pace = new Pace();
  readonly #bar: SingleBar | undefined;
  #done = 0;
  #failed = 0;
  #told = 0;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly total: number,
    private readonly quiet: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#told = now();
    if (quiet || stream.isTTY !== true) return;
    const format = "{value} of {total} {bar} {pace}";
    this.#bar = new SingleBar({ stream, format, barsize: 24, clearOnComplete: true, hideCursor: true, fps: 4, emptyOnZero: true }, Presets.shades_classic);
    this.#bar.start(total, 0, { pace: "" });
    process.once("exit", this.stop);
  }

  /** Found done already: it counts, but tells nothing of the pace. */
  kept(): void {
    this.#done++;
  }

  done(failed: boolean): void {
    this.#done++;
    if (failed) this.#failed++;
    this.#pace.tick(this.now());
    this.#bar?.update(this.#done, { pace: this.words() });
    if (this.#bar !== undefined || this.quiet || this.now() - this.#told < EVERY_MS) return;
    this.#told = this.now();
    line(this.stream, `vqa: ${this.#done} of ${this.total}, ${this.words()}`);
  }

  /** `2.4 a second, about 12 min left, 3 failed`. */
  words(): string {
    const rate = this.#pace.rate();
    const left = this.#pace.left(this.total - this.#done);
    const parts = [
      ...(rate === undefined ? [] : [rate >= 0.1 ? `${rate.toFixed(1)} a second` : `${(rate * 60).toFixed(1)} a minute`]),
      ...(left === undefined ? [] : [`about ${roughly(left)} left`]),
      ...(this.#failed === 0 ? [] : [`${this.#failed} failed`]),
    ];
    return parts.join(", ");
  }

  readonly stop = (): void => {
    process.off("exit", this.stop);
    this.#bar?.stop();
  };
}
