/**
 * One live thing at a time that takes a while to start and to end, such as the process of a server: whoever wants
 * it while the one before is still ending waits for that first. Two at once would both register the editor's
 * commands, and the second could never start. It is told something when it starts, such as settings. Pure.
 */
export class Restartable<T, O> {
  #current: Promise<T> | undefined;
  #ended: Promise<void> = Promise.resolve();
  #told: string | undefined;

  /**
   * @param tell what it is told when it starts, as plain data
   * @param end must not throw; what it could not end is gone for us
   */
  constructor(
    private readonly tell: () => Promise<O>,
    private readonly launch: (told: O) => Promise<T>,
    private readonly end: (live: T) => Promise<void>,
  ) {}

  /** What starts or has started; undefined when nobody wants it. */
  get current(): Promise<T> | undefined {
    return this.#current;
  }

  /** Starts it when it is not there. Throws what the launch throws; the next call tries again. */
  started(): Promise<T> {
    return this.#current ?? this.#keep(this.#ended.then(() => this.#launch()));
  }

  /**
   * Starts it when it is not there, and anew when it was told something else than it would be told now. Whoever wants
   * it from this call on waits for that: what is asked of one that is about to end would be lost.
   * @param change what has to be over before that is looked at; it must not wait for the live thing itself
   */
  renewed(change: Promise<unknown> = Promise.resolve()): Promise<T> {
    const [before, ended] = [this.#current, this.#ended];
    return this.#keep(
      (async () => {
        const [live] = await Promise.allSettled([before ?? Promise.reject(new Error("not there")), change, ended]);
        if (live.status === "fulfilled") {
          if (JSON.stringify(await this.tell()) === this.#told) return live.value;
          await this.end(live.value);
        }
        return this.#launch();
      })(),
    );
  }

  /** Resolves when nothing is left of it. The next call of `started` starts a new one, after that. */
  stop(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) this.#ended = this.#ended.then(() => current).then((live) => this.end(live), () => undefined);
    return this.#ended;
  }

  #keep(launched: Promise<T>): Promise<T> {
    this.#current = launched;
    launched.catch(() => {
      // Another one may have been started meanwhile.
      if (this.#current === launched) this.#current = undefined;
    });
    return launched;
  }

  async #launch(): Promise<T> {
    const told = await this.tell();
    this.#told = JSON.stringify(told);
    return this.launch(told);
  }
}
