/** The table for documents, kept between two marks so that the next examination can replace it. */
import type { Row, Score, tabulate } from "./score.js";


/** Types that the groups with targets do not cover, in words. */
const OTHERS: Readonly<Record<string, string>> = {
  exists: "is there such an object?",
  first: "what appears first",
  last: "what appears last",
  moves: "does it move?",
  where: "where it is, of nine places",
  caption: "what happens, word for word",
};

export interface Facts {
  readonly digest: string;
  readonly clips: number;
  readonly questions: number;
  readonly seed: string;
}

export function markdown({ groups, types, drop }: ReturnType<typeof tabulate>, facts: Facts): string {
  const others = types.flatMap((row) => (OTHERS[row.name] === undefined ? [] : [{ ...row, name: OTHERS[row.name] as string }]));
  const line = (row: Row): string => `| ${row.name} | ${cell(row.seen)} | ${cell(row.heldOut)} | ${row.target === undefined ? "" : `${Math.round(100 * row.target)} %`} |`;
  return [
    "| question | seen combinations | unseen combinations | wanted |",
    "|---|---|---|---|",
    ...groups.map(line),
    ...others.map(line),
    "",
    `Exact answers, with the 95 % Wilson interval and the counts; ${facts.questions} questions on ${facts.clips} clips (seed ${facts.seed}),`,
    `model sha256 \`${facts.digest.slice(0, 16)}\`. Colour and shape of unseen combinations: ${(100 * drop).toFixed(1)} points lower (wanted: at most 10).`,
  ].join("\n");
}

/** `text` with `table` between its marks, those of `name` where a file has several. Error: it has no marks. */
export function insertTable(text: string, table: string, name = ""): string {
  const [begin, end] = ["begin", "end"].map((mark) => `<!-- eval:${mark}${name === "" ? "" : ` ${name}`} -->`) as [string, string];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`There is no place for the table: ${begin} ... ${end}`);
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}

function cell({ n, right, accuracy, interval }: Score): string {
  if (n === 0) return "";
  return `${(100 * accuracy).toFixed(1)} % [${(100 * interval[0]).toFixed(0)}, ${(100 * interval[1]).toFixed(0)}] ${right}/${n}`;
}
