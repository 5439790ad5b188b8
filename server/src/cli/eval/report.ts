/** The report of an evaluation: one HTML file that needs nothing else, in the reader's colours. */
import { aspectName, type AspectFigures } from "../../engine/evaluate/aspects.js";
import { isRight, type Figure, type Figures, type Row, type Scores } from "../../engine/evaluate/score.js";
import { choiceLetter, formatScope } from "../../format/index.js";
import { bars, columnsChart, escape, reliability, type Bin } from "./charts.js";
import { REPORT_STYLE } from "./style.js";

export interface ReportFacts {
  readonly title: string;
  readonly date: string;
  readonly models: readonly string[];
  readonly inputs: readonly string[];
  readonly judge?: string;
  readonly aspects?: readonly AspectFigures[];
  readonly program: string;
  readonly notes: readonly string[];
}

/** Pictures of a failure, as PNG. */
export type Thumbnails = ReadonlyMap<Row, readonly { readonly timeMs: number; readonly width: number; readonly height: number; readonly png: Buffer }[]>;

const SHOWN_FAILURES = 60;

export function reportHtml(facts: ReportFacts, { all, types }: Scores, rows: readonly Row[], thumbnails: Thumbnails): string {
  const figures = types.length === 0 ? [all] : [all, ...types];
  const wrong = rows.filter((row) => row.error === undefined && (row.grade === "wrong" || (row.judgment !== undefined && "verdict" in row.judgment && row.judgment.verdict === "no")));
  const failed = rows.filter(({ error }) => error !== undefined);
  const sections = [
    summary(all),
    accuracySection(all, types),
    calibration(rows),
    judgeSection(figures, rows, facts.judge),
    aspectSection(facts.aspects ?? []),
    groundingSection(figures, rows),
    captionSection(figures),
    failures(wrong, thumbnails),
    errors(failed),
    method(all),
  ];
  const head: Heading[] = [
    ["Model", facts.models.join(", ") || "not named"],
    ["Questions from", facts.inputs.join(", ")],
    ["Judge", facts.judge ?? "none"],
    ["Made", madeBy(facts)],
  ];
  return pageHtml(facts.title, head, facts.notes, sections);
}

export type Heading = readonly [name: string, value: string];

export function madeBy({ date, program }: { readonly date: string; readonly program: string }): string {
  return `${date.slice(0, 16).replace("T", " ")} UTC, ${program}`;
}

/** The page around the sections of a report; `notes` and headings are plain text. */
export function pageHtml(title: string, headings: readonly Heading[], notes: readonly string[], sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<dl class="facts">${headings.map(([key, value]) => `<div><dt>${escape(key)}</dt><dd>${escape(value)}</dd></div>`).join("")}</dl>
${notes.map((note) => `<p class="note">${escape(note)}</p>`).join("\n")}
${sections.filter((each) => each !== "").join("\n")}
</main>
</body>
</html>
`;
}

export function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function withInterval({ value, interval }: Figure, show: (value: number) => string = percent): string {
  const [low, high] = interval;
  return `${show(value)} <span class="interval">${show(low).replace(/ %$/, "")} to ${show(high)}</span>`;
}

const two = (value: number): string => value.toFixed(2);

function summary(all: Figures): string {
  const cards: (readonly [string, string, string])[] = [["Questions", String(all.n), all.failed === 0 ? "none failed" : `${all.failed} failed`]];
  if (all.accuracy !== undefined) cards.push(["Accuracy", percent(all.accuracy.value), `${percent(all.accuracy.interval[0])} to ${percent(all.accuracy.interval[1])}; ${all.right} of ${all.graded}`]);
  if (all.judge !== undefined) cards.push(["Right by the judge", percent(all.judge.accuracy.value), `score ${two(all.judge.score.value)} of 5; ${all.judge.unreadable} unreadable`]);
  if (all.grounding !== undefined) cards.push(["Mean IoU", percent(all.grounding.mIoU.value), `${all.grounding.n} with a known place`]);
  if (all.captions !== undefined) cards.push(["CIDEr-D", two(all.captions.ciderD.value), `BLEU-4 ${percent(all.captions.bleu[3]?.value ?? 0)}`]);
  return `<ul class="cards">${cards.map(([name, value, more]) => `<li><span class="card-name">${name}</span><span class="card-value">${value}</span><span class="card-more">${more}</span></li>`).join("")}</ul>`;
}

function accuracySection(all: Figures, types: readonly Figures[]): string {
  const graded = [all, ...types].filter(({ accuracy }) => accuracy !== undefined);
  if (graded.length === 0) return "";
  const plot = bars("Accuracy by type of question", graded.map(({ type, accuracy, graded: n }) => ({ name: type, value: accuracy?.value ?? 0, ...(accuracy === undefined ? {} : { interval: accuracy.interval }), label: `${percent(accuracy?.value ?? 0)} of ${n}` })));
  const rows = graded.map((each) => [escape(each.type), String(each.n), String(each.graded), String(each.right), String(each.exact), each.accuracy === undefined ? "" : withInterval(each.accuracy), String(each.failed)]);
  const choices = all.choices === undefined ? "" : `<p>${all.choices.n} of the questions are multiple choice: ${all.choices.byLikelihood} answered by likelihood, ${all.choices.n - all.choices.byLikelihood} by what was said${all.choices.notRead === 0 ? "" : `, in ${all.choices.notRead} of which no choice could be found`}.</p>`;
  return section("Accuracy", plot + table("Accuracy by type of question, with the 95 % Wilson interval", ["Type", "Questions", "Known", "Right", "Exactly", "Accuracy", "Failed"], rows) + choices);
}

/** Ten bins of equal width (Guo et al. 2017, "On calibration of modern neural networks"). */
function calibrationBins(rows: readonly Row[]): readonly Bin[] {
  const sure = rows.flatMap((row) => (row.p === undefined || row.choice === undefined || row.grade === "ungraded" ? [] : [{ p: row.p[row.choice] ?? 0, right: isRight(row) }]));
  return Array.from({ length: 10 }, (_, i) => sure.filter(({ p }) => Math.min(9, Math.floor(p * 10)) === i)).flatMap((bin) => (bin.length === 0 ? [] : [{ n: bin.length, confidence: bin.reduce((sum, { p }) => sum + p, 0) / bin.length, accuracy: bin.filter(({ right }) => right).length / bin.length }]));
}

function calibration(rows: readonly Row[]): string {
  const bins = calibrationBins(rows);
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  if (total === 0) return "";
  const error = bins.reduce((sum, { n, confidence, accuracy }) => sum + (n / total) * Math.abs(confidence - accuracy), 0);
  return section("How sure, and how right", `${reliability("How sure the model was, against how often it was right", bins, total)}<p>On the line, the model is as often right as it is sure. Expected calibration error: ${percent(error)} over ${total} answers.</p>`);
}

function judgeSection(figures: readonly Figures[], rows: readonly Row[], judge: string | undefined): string {
  const judged = figures.filter((each) => each.judge !== undefined);
  if (judged.length === 0) return "";
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (const { judgment } of rows) if (judgment !== undefined) counts["score" in judgment ? Math.round(judgment.score) : 6]! += 1;
  const body = judged.map(({ type, judge: each }) => [escape(type), String(each?.n ?? 0), String(each?.yes ?? 0), each === undefined ? "" : withInterval(each.accuracy), each === undefined ? "" : withInterval(each.score, two), String(each?.unreadable ?? 0)]);
  return section("By the judge", `${columnsChart("How often each score was given", ["0", "1", "2", "3", "4", "5", "?"], counts)}${table("Verdicts of the judge; replies that cannot be read count as wrong, with a score of 0", ["Type", "Judged", "Right", "Accuracy", "Score, 0 to 5", "Unreadable"], body)}<p>Judge: ${escape(judge ?? "not named")}. Another judge, or another version, moves such figures by several points: compare only what the same one judged.</p>`);
}

function aspectSection(aspects: readonly AspectFigures[]): string {
  if (aspects.length === 0) return "";
  const plot = bars("Score by aspect, of 5", aspects.map(({ aspect, score }) => ({ name: aspectName(aspect), value: score.value / 5, interval: [score.interval[0] / 5, score.interval[1] / 5] as const, label: two(score.value) })));
  const body = aspects.map(({ aspect, n, unreadable, score }) => [escape(aspectName(aspect)), String(n), withInterval(score, two), String(unreadable)]);
  return section("Five aspects, by the judge", plot + table("Scores of the judge, 0 to 5, each aspect asked by itself; replies that cannot be read count as 0", ["Aspect", "Judged", "Score", "Unreadable"], body));
}

function groundingSection(figures: readonly Figures[], rows: readonly Row[]): string {
  const found = figures.filter((each) => each.grounding !== undefined);
  if (found.length === 0) return "";
  const counts = Array.from({ length: 10 }, (_, i) => rows.filter(({ iou }) => iou !== undefined && Math.min(9, Math.floor(iou * 10)) === i).length);
  const body = found.map(({ type, grounding: each }) => (each === undefined ? [] : [escape(type), String(each.n), withInterval(each.mIoU), ...each.recall.map(({ share }) => percent(share.value)), withInterval(each.mIoP), ...each.iop.map(({ share }) => percent(share.value)), percent(each.groundedAccuracy.value), String(each.without)]));
  return section("Where the answer shows", `${columnsChart("IoU of what was found, from 0 to 1", counts.map((_, i) => `.${i}`), counts)}${table("Temporal overlap with what people marked", ["Type", "n", "mIoU", "R@1 IoU 0.3", "0.5", "0.7", "mIoP", "IoP 0.3", "0.5", "Right and found", "None named"], body)}`);
}

function captionSection(figures: readonly Figures[]): string {
  const found = figures.filter((each) => each.captions !== undefined);
  if (found.length === 0) return "";
  const body = found.map(({ type, captions: each }) => (each === undefined ? [] : [escape(type), String(each.n), ...each.bleu.map(({ value }) => percent(value)), percent(each.meteor.value), percent(each.rougeL.value), two(each.cider.value), withInterval(each.ciderD, two)]));
  return section("As captions", table("Agreement of words with the known captions", ["Type", "n", "BLEU-1", "2", "3", "4", "METEOR-like", "ROUGE-L", "CIDEr", "CIDEr-D"], body));
}

function failures(wrong: readonly Row[], thumbnails: Thumbnails): string {
  if (wrong.length === 0) return "";
  // Those with pictures first: what cannot be seen is harder to learn from.
  const ordered = [...wrong.filter((row) => thumbnails.has(row)), ...wrong.filter((row) => !thumbnails.has(row))].slice(0, SHOWN_FAILURES);
  const items = ordered.map((row) => {
    const pictures = picturesOf(row, thumbnails);
    const judgment = row.judgment === undefined ? "" : "verdict" in row.judgment ? `<div><dt>Judge</dt><dd>${row.judgment.verdict}, ${row.judgment.score} of 5</dd></div>` : `<div><dt>Judge</dt><dd>unreadable</dd></div>`;
    const choice = row.choice === undefined ? "" : `(${choiceLetter(row.choice)}) `;
    const said = row.choice !== undefined && row.p !== undefined ? `${choice}${row.choices?.[row.choice] ?? row.pred}, ${percent(row.p[row.choice] ?? 0)} sure` : row.pred;
    return `<li><div class="pictures">${pictures}</div><div><p class="question">${escape(row.question)}</p><dl><div><dt>Said</dt><dd class="wrong">${escape(said === "" ? "nothing" : said)}</dd></div><div><dt>Right</dt><dd>${escape(rightOf(row))}</dd></div>${judgment}${row.iou === undefined ? "" : `<div><dt>IoU</dt><dd>${two(row.iou)}</dd></div>`}</dl><p class="where">${escape(whereOf(row))}</p></div></li>`;
  });
  return section(`Wrong answers (${ordered.length === wrong.length ? wrong.length : `${ordered.length} of ${wrong.length}`})`, `<ul class="failures">${items.join("\n")}</ul>`);
}

export function picturesOf(row: Row, thumbnails: Thumbnails): string {
  return (thumbnails.get(row) ?? []).map(({ timeMs, width, height, png }) => `<img src="data:image/png;base64,${png.toString("base64")}" width="${width}" height="${height}" alt="${escape(row.video)} at ${(timeMs / 1000).toFixed(1)} s" loading="lazy">`).join("");
}

export function rightOf({ choices = [], gold = [], answers = [] }: Row): string {
  return gold.length > 0 && choices.length > 0 ? gold.map((i) => `(${choiceLetter(i)}) ${choices[i] ?? ""}`).join(" or ") : answers.join(" or ");
}

export function whereOf({ video, id, type, grounding }: Row): string {
  return [video, ...(id === undefined ? [] : [id]), ...(type === undefined ? [] : [type]), ...(grounding === undefined ? [] : [formatScope(grounding.map(({ startMs, endMs }) => ({ startMs: Math.round(startMs), endMs: Math.round(endMs) })))])].join(" · ");
}

function errors(failed: readonly Row[]): string {
  if (failed.length === 0) return "";
  const reasons = new Map<string, { count: number; example: string }>();
  for (const { error, video } of failed) {
    const known = reasons.get(error?.code ?? "");
    reasons.set(error?.code ?? "", { count: (known?.count ?? 0) + 1, example: known?.example ?? `${video}: ${error?.message ?? ""}` });
  }
  return section(`Failed (${failed.length})`, table("Questions that could not be asked; they count as wrong", ["Why", "How many", "Such as"], [...reasons].map(([code, { count, example }]) => [escape(code), String(count), escape(example)])));
}

function method(all: Figures): string {
  const lines = [
    "A choice is right when it is a right one; choices are weighed by the mean log-likelihood of a token, or read out of what the model said. An answer in free words is right when its words are those of a known answer, without case, punctuation and articles, or hold them without a negation beside them.",
    "Intervals are of 95 %: Wilson's for shares, bootstrap percentiles for means. What failed or could not be read counts as wrong.",
    ...(all.captions === undefined ? [] : ["BLEU is of the whole set, without smoothing. The METEOR-like score has equal words and equal stems, no synonyms and no paraphrases, so it is lower than METEOR. CIDEr takes its document frequencies from the known captions given here."]),
    ...(all.grounding === undefined ? [] : ["Of several parts that show the answer the best one counts, as in NExT-GQA; a model that names no part gets 0."]),
  ];
  return `<details><summary>How this was measured</summary>${lines.map((line) => `<p>${escape(line)}</p>`).join("")}</details>`;
}

export function section(title: string, body: string): string {
  return `<section><h2>${escape(title)}</h2>${body}</section>`;
}

export function table(caption: string, head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = body.map(([first = "", ...cells]) => `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(caption)}"><table><caption>${escape(caption)}</caption><thead><tr>${head.map((name) => `<th scope="col">${escape(name)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
