/**
 * One live thing at a time that takes a while to start and to end, such as the process of a server: whoever wants
 * it while the one before is still ending waits for that first. Two at once would both register the editor's
 * commands, and the second could never start. Pure.
 */
export class Restartable<T> {
  #current: Promise<T> | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** @param end must not throw; what it could not end is gone for us */
  constructor(
    private readonly launch: () => Promise<T>,
    private readonly end: (live: T) => Promise<void>,
  ) {}

  /** What starts or has started; undefined when nobody wants it. */
  get current(): Promise<T> | undefined {
    return this.#current;
  }

  /** Starts it when it is not there. Throws what the launch throws; the next call tries again. */
  started(): Promise<T> {
    if (this.#current !== undefined) return this.#current;
    const launched = this.#ended.then(() => this.launch());
    this.#current = launched;
    launched.catch(() => {
      // Another one may have been started meanwhile.
      if (this.#current === launched) this.#current = undefined;
    });
    return launched;
  }

  /** Resolves when nothing is left of it. The next call of `started` starts a new one, after that. */
  stop(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) this.#ended = this.#ended.then(() => current).then((live) => this.end(live), () => undefined);
    return this.#ended;
  }
}
