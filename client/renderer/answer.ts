/**
 * Shows an answer in the notebook: what was said, how sure the model was, and, to be opened, what it
 * saw and how the answer was made. Text goes in as text, never as markup; colours are the theme's.
 */
import { choiceLetter, formatTime } from "../../server/src/format/index.js";
import type { AnswerData } from "../notebook/answers.js";
import { canvasOf } from "./canvas.js";
import { isFramesShown, type FramesWanted, type PictureData } from "./messages.js";

/** What is used of the editor's renderer interface. Messages reach the extension where it runs. */
interface OutputItem {
  json(): unknown;
}
interface Context {
  readonly postMessage?: (message: FramesWanted) => void;
  readonly onDidReceiveMessage?: (listener: (message: unknown) => void) => unknown;
}

export function activate(context: Context): { renderOutputItem(item: OutputItem, element: HTMLElement): void } {
  const waiting = new Map<number, (pictures: readonly PictureData[]) => void>();
  let lastId = 0;
  context.onDidReceiveMessage?.((message) => {
    if (!isFramesShown(message)) return;
    waiting.get(message.id)?.(message.pictures);
    waiting.delete(message.id);
  });
  const ask: AskFrames = (timesMs, show) => {
    if (context.postMessage === undefined || timesMs.length === 0) return;
    waiting.set(++lastId, show);
    context.postMessage({ type: "frames-wanted", id: lastId, timesMs });
  };
  return {
    renderOutputItem(item, element) {
      // The same element comes again when an output changes.
      const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
      root.replaceChildren(node("style", {}, STYLE), ...view(item.json() as AnswerData, ask));
    },
  };
}

type AskFrames = (timesMs: readonly number[], show: (pictures: readonly PictureData[]) => void) => void;

function view({ text, status, fields, model, run, seen }: AnswerData, ask: AskFrames): HTMLElement[] {
  const parts: HTMLElement[] = text === "" ? [] : [node("div", { class: "text" }, text)];
  if (status !== undefined) parts.push(node("div", { class: "status" }, status));
  // Not an answer of the file: there is no record to tell about.
  if (seen === undefined && Object.keys(fields).length + Object.keys(run).length === 0 && model === undefined) return parts;
  if (seen?.choices !== undefined) parts.push(choices(seen.choices));
  const facts = [
    model,
    fields["t"] === undefined ? undefined : duration(fields["t"]),
    seen?.choices === undefined && fields["p"] !== undefined ? `p = ${fields["p"]}` : undefined,
    seen === undefined ? undefined : count(seen.frameTimesMs.length, "frame", "frames"),
    seen === undefined || seen.cues.length === 0 ? undefined : count(seen.cues.length, "subtitle", "subtitles"),
  ].filter((fact) => fact !== undefined);
  parts.push(details(facts.join(" · "), seen, run, ask));
  return parts;
}

function choices(all: readonly { readonly text: string; readonly probability: number }[]): HTMLElement {
  const best = Math.max(...all.map(({ probability }) => probability));
  return node(
    "ul",
    { class: "choices", "aria-label": "Confidence" },
    ...all.map(({ text, probability }, i) => {
      const percent = `${Math.round(probability * 100)} %`;
      const bar = node("span", { class: "bar", "aria-hidden": "true" }, node("span", { style: `width: ${(probability * 100).toFixed(1)}%` }));
      return node("li", probability === best ? { class: "best" } : {}, node("span", { class: "letter" }, choiceLetter(i)), node("span", {}, text), bar, node("span", { class: "percent" }, percent));
    }),
  );
}

function details(summary: string, seen: AnswerData["seen"], run: AnswerData["run"], ask: AskFrames): HTMLElement {
  const sections: HTMLElement[] = [];
  const frames = node("ol", { class: "frames" }, ...(seen?.frameTimesMs ?? []).map((ms) => node("li", {}, node("span", {}, formatTime(ms)))));
  if (seen !== undefined) {
    sections.push(section("Frames", frames));
    if (seen.cues.length > 0) sections.push(section("Subtitles", table(seen.cues.map(({ startMs, text }) => [formatTime(startMs), text]))));
    if (seen.notes.length > 0) sections.push(section("Notes", node("ul", {}, ...seen.notes.map((text) => node("li", {}, text)))));
  }
  const record = Object.entries(run);
  sections.push(record.length > 0 ? section("How it was made", table(record)) : node("p", {}, "How this answer was made is not known: its record is missing."));
  const head = node("summary", {}, summary === "" ? "About this answer" : summary);
  // The editor would take the keys that open it for its own: Enter edits a cell.
  head.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
  });
  const opened = node("details", {}, head, ...sections);
  // Pictures are decoded when somebody looks, and once.
  opened.addEventListener("toggle", () => ask(seen?.frameTimesMs ?? [], (pictures) => addPictures(frames, pictures)), { once: true });
  return opened;
}

function addPictures(list: HTMLElement, pictures: readonly PictureData[]): void {
  [...list.children].forEach((item, i) => {
    const picture = pictures[i];
    if (picture !== undefined) item.prepend(canvasOf(picture, `Frame at ${formatTime(picture.timeMs)}`));
  });
}

function section(title: string, content: HTMLElement): HTMLElement {
  return node("section", {}, node("h4", {}, title), content);
}

function table(rows: readonly (readonly [head: string, text: string])[]): HTMLElement {
  return node("table", {}, ...rows.map(([head, text]) => node("tr", {}, node("th", { scope: "row" }, head), node("td", {}, text))));
}

function duration(written: string): string {
  const ms = /^(\d+)ms$/.exec(written)?.[1];
  if (ms === undefined) return written;
  return Number(ms) < 1000 ? `${ms} ms` : `${(Number(ms) / 1000).toFixed(1)} s`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

function node(tag: string, attributes: Readonly<Record<string, string>>, ...content: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // The page's policy allows no style attributes; setting the property is not one.
    if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}

const STYLE = `
  :host { display: block; color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); padding: 2px 0 4px; }
  .text { white-space: pre-wrap; font-size: 1.1em; }
  ul.choices { list-style: none; margin: 6px 0; padding: 0; display: grid; grid-template-columns: auto auto minmax(60px, 200px) auto 1fr; gap: 2px 10px; align-items: center; }
  ul.choices li { display: contents; }
  ul.choices li.best > * { font-weight: 600; }
  .status { font-style: italic; }
  .status, .letter, .percent, summary, h4, th { color: var(--vscode-descriptionForeground); }
  .percent { grid-column: span 2; font-variant-numeric: tabular-nums; }
  .bar { background: var(--vscode-editorWidget-background); border: 1px solid var(--vscode-contrastBorder, transparent); height: 6px; border-radius: 3px; overflow: hidden; }
  .bar > span { display: block; height: 100%; background: var(--vscode-progressBar-background); }
  details { margin-top: 4px; }
  summary { cursor: pointer; width: fit-content; border-radius: 3px; }
  summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
  h4 { margin: 8px 0 2px; font-size: 0.9em; font-weight: 600; }
  p { margin: 4px 0; }
  .frames, th { font-variant-numeric: tabular-nums; }
  ol.frames { list-style: none; margin: 4px 0; padding: 0; display: flex; flex-wrap: wrap; gap: 6px 10px; }
  ol.frames li { display: flex; flex-direction: column; gap: 2px; }
  canvas { width: 96px; border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 2px; }
  table { border-collapse: collapse; }
  th { text-align: start; font-weight: normal; padding: 1px 14px 1px 0; vertical-align: top; white-space: nowrap; }
  td { padding: 1px 0; overflow-wrap: anywhere; white-space: pre-wrap; }
`;
