/**
 * Draws text from standard input as a picture of a terminal, for the README:
 *   npm run demo 2>&1 >/dev/null | node out/tools/demo/picture.js media/demo/terminal.svg
 * What npm and the set-up say before the demo begins is left out.
 */
import { readFileSync, writeFileSync } from "node:fs";

const COLUMN = 8.4;
const ROW = 19;
const MARGIN = 16;

const COLOURS: readonly (readonly [pattern: RegExp, colour: string])[] = [
  [/^\$ /, "#7ee787"],
  [/^\[\d+\/\d+\]/, "#e6edf3"],
  [/^ {6}\((right|kept)/, "#3fb950"],
  [/^ {6}\(wrong/, "#f85149"],
  [/^ {6}/, "#79c0ff"],
  [/^(Right|Questions|Time):/, "#e3b341"],
];

const target = process.argv[2];
if (target === undefined) {
  console.error("usage: picture.js FILE.svg < TEXT");
  process.exit(2);
}
const heard = readFileSync(0, "utf8").trimEnd().split("\n");
const begin = heard.findIndex((line) => line.startsWith("The embedded model"));
const lines = ["$ npm run demo", ...heard.slice(Math.max(0, begin))];
const width = Math.max(...lines.map((line) => line.length)) * COLUMN + 2 * MARGIN;
const height = lines.length * ROW + 2 * MARGIN;
const rows = lines.map((line, i) => {
  const colour = COLOURS.find(([pattern]) => pattern.test(line))?.[1] ?? "#8b949e";
  return `  <text x="${MARGIN}" y="${MARGIN + ROW * (i + 0.75)}" fill="${colour}" xml:space="preserve">${escape(line)}</text>`;
});
writeFileSync(
  target,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`,
);

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
