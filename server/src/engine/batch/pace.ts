/** How fast a batch goes, and how long it will take. Pure: the time is handed in. */

/** Items that the pace is measured over; the first ones, with their loading, are soon out of it. */
const WINDOW = 200;

export class Pace {
  readonly #times: number[] = [];

  /** Notes that an item was done. */
  tick(nowMs: number): void {
    this.#times.push(nowMs);
    if (this.#times.length > WINDOW) this.#times.shift();
  }

  /** Items a second; undefined before there are two. */
  rate(): number | undefined {
    const [first, last] = [this.#times[0], this.#times.at(-1)];
    if (first === undefined || last === undefined || last <= first) return undefined;
    return ((this.#times.length - 1) * 1000) / (last - first);
  }

  /** Milliseconds that `items` more will take; undefined where there is no telling yet. */
  left(items: number): number | undefined {
    const rate = this.rate();
    return rate === undefined ? undefined : (items / rate) * 1000;
  }
}

/** `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`: as exact as an estimate is. */
export function roughly(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 36) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
