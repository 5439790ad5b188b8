/** From graded answers about long films to a table of the ways of asking. */
import type { FilmQuestion } from "../../../clips/film.js";
import { scoreOf } from "../../score.js";
import { median } from "../table.js";
import type { HourResult, Indexed } from "./examine.js";
import type { Way } from "./ways.js";

const GROUPS: readonly { readonly name: string; readonly types: readonly FilmQuestion["type"][] }[] = [
  { name: "colour, shape", types: ["colour", "shape"] },
  { name: "where, direction", types: ["where", "direction"] },
  { name: "when", types: ["when"] },
  { name: "said", types: ["sub_fact"] },
];

export function hourTable(all: readonly Way[], results: readonly HourResult[], indexed: readonly Indexed[], facts: { readonly films: number; readonly minutes: number; readonly seed: string }): string {
  const asked = results.filter(({ way }) => way === all[0]!.name).length;
  const rows = all.map(({ name, about }) => {
    const own = results.filter(({ way }) => way === name);
    const index = indexed.filter(({ way }) => way === name);
    const cells = [
      about === "" ? name : `${name} (${about})`,
      share(own.map(({ found }) => ({ right: found }))),
      share(own),
      ...GROUPS.map(({ types }) => share(own.filter(({ type }) => types.includes(type)), false)),
      String(median(own.map(({ frames }) => frames))),
      String(median(own.map(({ promptTokens }) => promptTokens))),
      String(Math.round(median(own.map(({ ms }) => ms)))),
      index.every(({ clips }) => clips === 0) ? "" : String(median(index.map(({ clips }) => clips))),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const product = indexed.filter(({ way }) => way === "clips");
  return [
    `| way | found | right | ${GROUPS.map(({ name }) => name).join(" | ")} | frames | tokens | ms | clips |`,
    `|---|---|---|${GROUPS.map(() => "---|").join("")}---|---|---|---|`,
    ...rows,
    "",
    `Per cent, with the 95 % Wilson interval; medians of frames, tokens and milliseconds a question. ${asked} questions on ${facts.films} films of ${facts.minutes} minutes, seed ${facts.seed}.`,
    ...(product.length === 0 ? [] : [`Going through a film for the first time took ${Math.round(median(product.map(({ ms }) => ms)) / 1000)} s (median) and ${median(product.map(({ frames }) => frames))} frames; for ways with the same summaries they were there already.`]),
  ].join("\n");
}

function share(results: readonly { readonly right: boolean }[], interval = true): string {
  if (results.length === 0) return "";
  const score = scoreOf(results);
  const percent = (v: number): string => (100 * v).toFixed(0);
  return percent(score.accuracy) + (interval ? ` [${percent(score.interval[0])}, ${percent(score.interval[1])}]` : "");
}
