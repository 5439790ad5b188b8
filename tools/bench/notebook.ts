/** Long notebooks of everyday content, for measuring the parser and the language features. */
import { runId } from "../../server/src/format/index.js";
import { printEntries } from "../../server/src/format/print.js";

/** About `bytes` long, by repeating a page with changing times. */
export function longNotebook(bytes: number): string {
  return notebook((_pages, size) => size >= bytes);
}

/** Of that many blocks at least, blank lines not counted: a page has eight. */
export function notebookOfBlocks(blocks: number): string {
  return notebook((pages) => pages * BLOCKS_OF_PAGE >= blocks);
}

const BLOCKS_OF_PAGE = 8;
const RUN = [["model", "micro"], ["decode", "temperature=0 seed=42 max-tokens=64"]] as const;

function notebook(isEnough: (pages: number, size: number) => boolean): string {
  const run = runId(RUN);
  const pages: string[] = [];
  let size = 0;
  for (let i = 0; !isEnough(i, size); i++) {
    const [a, said, b, c] = [clock(i * 30), clock(i * 30 + 4), clock(i * 30 + 12.5), clock(i * 30 + 29)];
    const page = `
# Part ${i}

NOTE What somebody wrote about it,
  on two lines.

${a} --> ${said}
<v Anna>Let's get this pan screaming hot.

@ ${a}..${c} part ${i}

Q q${2 * i}: What does the cook put in the pan?
A anna: a knob of butter

Q q${2 * i + 1} @${b}..${c}: Why is it tilted?
  - [ ] to drain the fat
  - [x] to baste the steak
M ${run} 02b7d4c6e8fa p=0.91: (B) to baste the steak
`;
    pages.push(page);
    size += page.length;
  }
  return `VQA 1\nvideo: clip.mp4\n${pages.join("")}\n${printEntries(`RUN ${run}`, RUN, "\n")}\n`;
}

function clock(seconds: number): string {
  const pad = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  return `${pad(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}.${seconds % 1 === 0 ? "000" : "500"}`;
}
