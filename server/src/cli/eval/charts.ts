/** Plots as SVG that takes its colours from the page. Each has a title and a text for those who do not see it. */

export interface Bar {
  readonly name: string;
  /** 0 to 1. */
  readonly value: number;
  readonly interval?: readonly [low: number, high: number];
  readonly label: string;
  /** Of the second of two runs: drawn in a colour of its own, and narrower, so that no colour is needed to tell them apart. */
  readonly second?: boolean;
}

const LEFT = 190;
const WIDTH = 420;
const ROW = 26;

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Bars from 0 to 100 % with whiskers for their intervals. */
export function bars(title: string, rows: readonly Bar[]): string {
  const height = rows.length * ROW + 30;
  const x = (value: number): number => LEFT + Math.min(1, Math.max(0, value)) * WIDTH;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((at) => `<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="4" y2="${height - 24}"/><text class="tick" x="${x(at)}" y="${height - 8}" text-anchor="middle">${at * 100} %</text>`);
  const drawn = rows.map(({ name, value, interval, label, second = false }, i) => {
    const y = 6 + i * ROW;
    const whisker = interval === undefined ? "" : `<path class="whisker" d="M${x(interval[0])} ${y + 5}v10M${x(interval[0])} ${y + 10}H${x(interval[1])}M${x(interval[1])} ${y + 5}v10"/>`;
    return `<text class="name" x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escape(short(name, 28))}</text><rect class="bar${second ? " second" : ""}" x="${LEFT}" y="${second ? y + 4 : y + 1}" width="${(x(value) - LEFT).toFixed(1)}" height="${second ? 12 : 18}" rx="2"/>${whisker}<text class="value" x="${LEFT + WIDTH + 10}" y="${y + 14}">${escape(label)}</text>`;
  });
  return svg(title, rows.map(({ name, label }) => `${name}: ${label}`).join("; "), LEFT + WIDTH + 150, height, [...grid, ...drawn]);
}

/** How often each value came: columns of whole numbers. */
export function columnsChart(title: string, names: readonly string[], counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  const step = Math.min(60, 560 / names.length);
  const drawn = counts.map((count, i) => {
    const height = (count / most) * 130;
    const at = 30 + i * step;
    return `<rect class="bar" x="${at}" y="${(155 - height).toFixed(1)}" width="${step - 8}" height="${height.toFixed(1)}" rx="2"/><text class="value" x="${at + (step - 8) / 2}" y="${(149 - height).toFixed(1)}" text-anchor="middle">${count}</text><text class="tick" x="${at + (step - 8) / 2}" y="172" text-anchor="middle">${escape(names[i] ?? "")}</text>`;
  });
  return svg(title, names.map((name, i) => `${name}: ${counts[i] ?? 0}`).join("; "), 40 + names.length * step, 182, [`<line class="axis" x1="24" x2="${30 + names.length * step}" y1="155" y2="155"/>`, ...drawn]);
}

export interface Bin {
  /** Mean confidence and share of right ones, 0 to 1. */
  readonly confidence: number;
  readonly accuracy: number;
  readonly n: number;
}

/** How sure the model was against how often it was right; on the diagonal it is as right as it is sure. */
export function reliability(title: string, bins: readonly Bin[], total: number): string {
  const at = (v: number): number => 40 + v * 240;
  const up = (v: number): number => 260 - v * 240;
  const drawn = bins.map(({ confidence, accuracy, n }) => `<circle class="dot" cx="${at(confidence).toFixed(1)}" cy="${up(accuracy).toFixed(1)}" r="${(3 + 9 * Math.sqrt(n / total)).toFixed(1)}"/>`);
  const ticks = [0, 0.5, 1].map((v) => `<text class="tick" x="${at(v)}" y="278" text-anchor="middle">${v * 100} %</text><text class="tick" x="34" y="${up(v) + 4}" text-anchor="end">${v * 100} %</text>`);
  const words = bins.map(({ confidence, accuracy, n }) => `${n} answers with ${Math.round(confidence * 100)} % are right in ${Math.round(accuracy * 100)} %`).join("; ");
  return svg(title, words, 330, 300, [`<rect class="frame" x="40" y="20" width="240" height="240"/><line class="grid" x1="40" y1="260" x2="280" y2="20"/>`, ...ticks, `<text class="tick" x="160" y="296" text-anchor="middle">how sure</text>`, ...drawn]);
}

let number = 0;

function svg(title: string, text: string, width: number, height: number, parts: readonly string[]): string {
  const id = `plot${++number}`;
  return `<svg role="img" aria-labelledby="${id}t ${id}d" viewBox="0 0 ${Math.ceil(width)} ${height}" style="max-width:${Math.ceil(width)}px"><title id="${id}t">${escape(title)}</title><desc id="${id}d">${escape(text)}</desc>${parts.join("")}</svg>`;
}

function short(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
