/** A bar on a terminal, there only while something is shown on it. */
import { Presets, SingleBar, type Options } from "cli-progress";

export class Bar {
  readonly #bar: SingleBar;
  #shown = false;
  readonly #hide = (): void => this.hide();

  constructor(stream: NodeJS.WriteStream, format: string, options: Options) {
    this.#bar = new SingleBar({ stream, format, barsize: 24, clearOnComplete: true, hideCursor: true, ...options }, Presets.shades_classic);
  }

  /** @param done 0 to 1 */
  show(done: number, payload: Readonly<Record<string, string>>): void {
    if (!this.#shown) {
      this.#bar.start(1, 0, payload);
      // A program that ends in a hurry must not leave the terminal without a cursor.
      process.once("exit", this.#hide);
    }
    this.#shown = true;
    this.#bar.update(done, payload);
  }

  /** Before anything else is written to the terminal. It comes back with the next `show`. */
  hide(): void {
    if (!this.#shown) return;
    this.#shown = false;
    process.off("exit", this.#hide);
    this.#bar.stop();
  }
}
