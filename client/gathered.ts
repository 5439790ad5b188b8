/**
 * Work that is asked for more often than it has to be done, such as a restart for each of several settings. One
 * run serves all who asked before it began; who asks later is served by the next one. Pure.
 */
export class Gathered {
  #asked = false;
  #running: Promise<void> | undefined;
  #before: Promise<unknown> = Promise.resolve();

  /** @param work must not throw; it does what is needed as things are when it begins */
  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves after work that began later than this call. */
  ask(): Promise<void> {
    this.#asked = true;
    return (this.#running ??= this.#run().finally(() => (this.#running = undefined)));
  }

  /**
   * Carries out several steps that belong together, and then the work: no work begins between two of them. The
   * steps must not wait for work themselves. Throws what they throw; the work is done for those that were taken.
   */
  async after(steps: () => Promise<void>): Promise<void> {
    const taken = steps();
    this.#before = Promise.allSettled([this.#before, taken]);
    try {
      await taken;
    } finally {
      await this.ask();
    }
  }

  async #run(): Promise<void> {
    while (this.#asked) {
      for (let before: Promise<unknown> | undefined; before !== this.#before; await before) before = this.#before;
      this.#asked = false;
      await this.work();
    }
  }
}
