/** The table for people. */
import { HELD_OUT_DROP, type Row, type Score, type tabulate } from "./score.js";

export function printTable({ types, groups, all, drop }: ReturnType<typeof tabulate>): string {
  const rows = [...types.filter((row) => row.seen.n + row.heldOut.n > 0), all];
  const wide = Math.max(...[...rows, ...groups].map((row) => row.name.length));
  const line = (row: Row): string => `  ${row.name.padEnd(wide)}  ${cell(row.seen)}  ${cell(row.heldOut)}`;
  const head = `  ${"".padEnd(wide)}  ${"seen combinations".padEnd(28)}  unseen combinations`;
  const goals = groups.map((row) => `${line(row)}  ${verdict(row)}`);
  const fall = Number.isNaN(drop) ? "not measured" : `${(100 * drop).toFixed(1)} points lower, at most ${100 * HELD_OUT_DROP} wanted: ${drop <= HELD_OUT_DROP ? "reached" : "MISSED"}`;
  return [head, ...rows.map(line), "", "Targets (on seen combinations)", ...goals, `  colour and shape on unseen combinations: ${fall}`, ""].join("\n");
}

/** "  97.5 % [93.0, 99.2]  117/120" */
function cell({ n, right, accuracy, interval }: Score): string {
  if (n === 0) return "".padEnd(28);
  const percent = (v: number, digits = 1): string => (100 * v).toFixed(digits);
  const share = `${percent(accuracy)} %`.padStart(7);
  const bounds = `[${percent(interval[0], 0)}, ${percent(interval[1], 0)}]`.padEnd(9);
  return `${share} ${bounds} ${`${right}/${n}`.padStart(9)}`.padEnd(28);
}

function verdict({ seen, target }: Row): string {
  if (target === undefined || seen.n === 0) return "";
  return `wanted ${Math.round(100 * target)} %: ${seen.accuracy >= target ? "reached" : "MISSED"}`;
}
