/** What the setup says to the user, and the one error that it throws on purpose. */

export class SetupError extends Error {
  /**
   * @param {string} message what happened
   * @param {string} next what the user can do about it; empty when there is nothing
   */
  constructor(message, next = "") {
    super(message);
    this.name = "SetupError";
    this.next = next;
  }
}

/** Writes to stderr, so that the output of the command that follows stays clean. */
export class Reporter {
  #verbose;
  #started = performance.now();
  #spoke = false;

  /** @param {boolean} verbose also say what was found in order */
  constructor(verbose) {
    this.#verbose = verbose;
  }

  /** @param {string} text */
  say(text) {
    this.#spoke = true;
    process.stderr.write(`setup: ${text}\n`);
  }

  /** @param {string} text */
  detail(text) {
    if (this.#verbose) this.say(text);
  }

  /**
   * Says what is being done, and how long it took.
   * @template T
   * @param {string} text
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(text, work) {
    this.say(`${text} ...`);
    const start = performance.now();
    const result = await work();
    this.say(`  done in ${seconds(performance.now() - start)}`);
    return result;
  }

  finish() {
    if (this.#spoke) this.say(`ready after ${seconds(performance.now() - this.#started)}`);
  }
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
