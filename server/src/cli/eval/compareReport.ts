/** Two evaluations side by side, as one HTML file: figures, tests, and the questions that were won and lost. */
import type { Compared, Comparison } from "../../engine/evaluate/compare.js";
import { isRight, type Row } from "../../engine/evaluate/score.js";
import { bars, escape } from "./charts.js";
import { madeBy, pageHtml, percent, picturesOf, rightOf, section, table, whereOf, type Thumbnails } from "./report.js";
import { pValue, signed } from "./tables.js";

export interface CompareFacts {
  readonly names: readonly [first: string, second: string];
  readonly date: string;
  readonly program: string;
}

const SHOWN = 60;

export function compareHtml(facts: CompareFacts, compared: Compared, thumbnails: Thumbnails): string {
  const { all, types, changed, onlyFirst, onlySecond } = compared;
  const [first, second] = facts.names;
  const lost = changed.filter(({ first: row }) => isRight(row));
  const won = changed.filter(({ second: row }) => isRight(row));
  const notes = onlyFirst + onlySecond === 0 ? [] : [`${onlyFirst} questions are only in ${first}, ${onlySecond} only in ${second}; they are left out.`];
  const sections = [figures([all, ...types], facts.names), means(all, facts.names), changes(`Lost by ${second}`, lost, facts.names, thumbnails), changes(`Won by ${second}`, won, facts.names, thumbnails), METHOD];
  return pageHtml(`${first} and ${second}`, [["First", first], ["Second", second], ["Questions of both", String(all.n)], ["Made", madeBy(facts)]], notes, sections);
}

function figures(rows: readonly Comparison[], [first, second]: CompareFacts["names"]): string {
  const share = ({ n, right }: Comparison, i: 0 | 1): number => (n === 0 ? 0 : right[i] / n);
  const plot = bars("Accuracy", rows.filter(({ n }) => n > 0).flatMap((row) => [first, second].map((name, i) => ({ name: `${row.type}, ${name}`, value: share(row, i as 0 | 1), label: `${percent(share(row, i as 0 | 1))} of ${row.n}`, second: i === 1 }))));
  const body = rows.filter(({ n }) => n > 0).map((row) => [escape(row.type), String(row.n), percent(share(row, 0)), percent(share(row, 1)), `${signed(row.bootstrap.difference)} <span class="interval">${row.bootstrap.interval.map(signed).join(" to ")}</span>`, `${row.test.first} : ${row.test.second}`, pValue(row.test.p), pValue(row.bootstrap.p)]);
  return section("Accuracy", plot + table("Accuracy on the same questions; the difference in points, with its bootstrap interval of 95 %", ["Type", "n", escape(first), escape(second), "Difference", "Right alone", "McNemar p", "Bootstrap p"], body));
}

function means({ means: rows }: Comparison, [first, second]: CompareFacts["names"]): string {
  if (rows.length === 0) return "";
  return section("Means", table("Of what both have for every question", ["", "n", escape(first), escape(second), "Difference, 95 %", "p"], rows.map(({ name, n, first: a, second: b, difference, interval, p }) => [escape(name), String(n), a.toFixed(3), b.toFixed(3), `${difference.toFixed(3)} <span class="interval">${interval.map((each) => each.toFixed(3)).join(" to ")}</span>`, pValue(p)])));
}

function changes(title: string, pairs: Compared["changed"], [first, second]: CompareFacts["names"], thumbnails: Thumbnails): string {
  if (pairs.length === 0) return "";
  const said = (name: string, row: Row): string => `<div><dt>${escape(name)}</dt><dd${isRight(row) ? "" : ' class="wrong"'}>${escape(row.error !== undefined ? row.error.message : row.pred === "" ? "nothing" : row.pred)}</dd></div>`;
  const items = pairs.slice(0, SHOWN).map(({ first: a, second: b }) => `<li><div class="pictures">${picturesOf(isRight(a) ? b : a, thumbnails)}</div><div><p class="question">${escape(a.question)}</p><dl>${said(first, a)}${said(second, b)}<div><dt>Right</dt><dd>${escape(rightOf(a))}</dd></div></dl><p class="where">${escape(whereOf(a))}</p></div></li>`);
  return section(`${title} (${items.length === pairs.length ? pairs.length : `${items.length} of ${pairs.length}`})`, `<ul class="failures">${items.join("\n")}</ul>`);
}

const METHOD = "<details><summary>How this was compared</summary><p>Question by question. McNemar's test is the exact one, on the questions that only one of the two has right; the bootstrap draws questions, of both runs together. Two runs that were judged by different judges cannot be compared by the judge's score.</p></details>";
