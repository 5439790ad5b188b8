/** What is shown of an answer. Text goes in as text, never as markup. */
import { choiceLetter, formatTime } from "../../../server/src/format/index.js";
import type { Evidence, Picture } from "../../../server/src/protocol/values.js";
import type { AnswerData, Seen } from "../../notebook/answers.js";
import type { Translate } from "../../words.js";
import { canvasOf } from "./canvas.js";
import { button, node } from "./dom.js";
import { weighed } from "./weights.js";
import { duration, rewritten } from "../../numbers.js";

/** What is asked of the extension. */
export interface Asking {
  /** False in an editor without a line to the extension. */
  readonly canAsk: boolean;
  frames(timesMs: readonly number[], show: (pictures: readonly Picture[]) => void): void;
  /** What a stored answer saw; `why` where nobody knows. */
  seen(inputs: string, show: (seen: Seen | undefined, why: string | undefined) => void): void;
  /** What counted in a stored answer. Returns the way to stop. */
  weigh(inputs: string, show: (evidence: readonly Evidence[] | undefined, why: string | undefined) => void): () => void;
  jump(startMs: number, endMs: number): void;
  /** A person decides about a stored answer. */
  decide(what: "accept" | "reject", raw: string): void;
}

export function view(data: AnswerData, asking: Asking, t: Translate): HTMLElement[] {
  const { text, status, fields, model, run, seen } = data;
  const parts: HTMLElement[] = text === "" ? [] : [node("div", { class: "text" }, text)];
  if (status !== undefined) parts.push(node("div", { class: "status", role: "status" }, status));
  // Not an answer of the file: there is no record to tell about.
  if (seen === undefined && Object.keys(fields).length + Object.keys(run).length === 0 && model === undefined) return parts;
  if (seen?.choices !== undefined) parts.push(choices(seen.choices, t));
  const { raw } = data;
  if (raw !== undefined && asking.canAsk) {
    parts.push(
      node(
        "div",
        { class: "decide", role: "group", "aria-label": t("This answer: {0}", data.text) },
        button(t("Accept"), () => asking.decide("accept", raw), { title: t("Write it as your own answer") }),
        button(t("Reject"), () => asking.decide("reject", raw), { title: t("Remove it from the notebook") }),
      ),
    );
  }
  parts.push(details(data, asking, t));
  return parts;
}

/** In one line: who answered, how fast, how sure, and from how much. */
function summaryOf({ fields, model, seen: live }: AnswerData, seen: Seen | undefined, t: Translate): string {
  const facts = [
    model,
    fields["t"] === undefined ? undefined : durationOf(fields["t"], t.language),
    live?.choices === undefined && fields["p"] !== undefined ? `p = ${rewritten(fields["p"], t.language)}` : undefined,
    seen === undefined ? undefined : count(seen.frameTimesMs.length, t, "1 frame", "{0} frames"),
    seen === undefined || seen.cues.length === 0 ? undefined : count(seen.cues.length, t, "1 subtitle", "{0} subtitles"),
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? t("About this answer") : facts.join(" \u00b7 ");
}

function choices(all: readonly { readonly text: string; readonly probability: number }[], t: Translate): HTMLElement {
  const best = Math.max(...all.map(({ probability }) => probability));
  return node(
    "ul",
    { class: "choices", "aria-label": t("Confidence") },
    ...all.map(({ text, probability }, i) => {
      const bar = node("span");
      // The page's policy allows no style attributes; setting the property is not one.
      bar.style.width = `${(probability * 100).toFixed(1)}%`;
      return node(
        "li",
        probability === best ? { class: "best" } : {},
        node("span", { class: "letter" }, choiceLetter(i)),
        node("span", {}, text),
        node("span", { class: "bar", "aria-hidden": "true" }, bar),
        node("span", { class: "percent" }, `${Math.round(probability * 100)} %`),
      );
    }),
  );
}

function details(data: AnswerData, asking: Asking, t: Translate): HTMLElement {
  const { inputs, run, seen } = data;
  const summary = node("summary", {}, summaryOf(data, seen, t));
  const saw = node("div", { class: "saw" });
  const record = Object.entries(run);
  const made = record.length > 0 ? section(t("How it was made"), table(record.map(([head, text]) => [head, text]))) : node("p", {}, t("How this answer was made is not known: its record is missing."));
  const opened = node("details", {}, summary, saw, made);
  // Looked for when somebody looks, and once.
  const look = (): void => {
    if (seen !== undefined) return showSeen(saw, seen, inputs, asking, t);
    if (inputs === undefined || !asking.canAsk) return saw.replaceChildren(node("p", { class: "why" }, t("What it saw is not stored with the answer.")));
    saw.replaceChildren(node("p", { class: "why", role: "status" }, t("Looking at what it saw \u2026")));
    asking.seen(inputs, (found, why) => {
      if (found !== undefined) {
        summary.textContent = summaryOf(data, found, t);
        showSeen(saw, found, inputs, asking, t);
      } else saw.replaceChildren(node("p", { class: "why", role: "status" }, why ?? t("What it saw is not known.")));
    });
  };
  opened.addEventListener("toggle", look, { once: true });
  return opened;
}

function showSeen(into: HTMLElement, { frameTimesMs, mode, cues, notes, evidence }: Seen, inputs: string | undefined, asking: Asking, t: Translate): void {
  const frames = node("ol", { class: "frames" }, ...frameTimesMs.map((ms) => node("li", {}, jumper(formatTime(ms), ms, ms, t("Show {0} in the video preview", formatTime(ms)), asking))));
  const play = (startMs: number, endMs: number): HTMLElement => jumper(formatTime(startMs), startMs, endMs, t("Play {0} to {1} in the video preview", formatTime(startMs), formatTime(endMs)), asking);
  const parts: HTMLElement[] = [section(mode === "keyframe" ? t("Frames: the key pictures before these times") : t("Frames"), frames)];
  const canWeigh = inputs !== undefined && asking.canAsk;
  if (evidence !== undefined || canWeigh) {
    const weighing = { start: (show: Parameters<Asking["weigh"]>[1]) => asking.weigh(inputs ?? "", show), play: asking.canAsk ? (startMs: number, endMs: number) => asking.jump(startMs, endMs) : undefined };
    parts.push(section(t("What mattered"), weighed(evidence, weighing, t)));
  }
  if (cues.length > 0) parts.push(section(t("Subtitles"), table(cues.map(({ startMs, endMs, text }) => [play(startMs, endMs), text]))));
  if (notes.length > 0) parts.push(section(t("Notes"), node("ul", {}, ...notes.map((text) => node("li", {}, text)))));
  into.replaceChildren(...parts);
  // Of key pictures nobody knows the times before they are looked for.
  if (mode !== "keyframe" && frameTimesMs.length > 0) asking.frames(frameTimesMs, (pictures) => addPictures(frames, pictures, t));
}

function addPictures(list: HTMLElement, pictures: readonly Picture[], t: Translate): void {
  [...list.querySelectorAll("button")].forEach((item, i) => {
    const picture = pictures[i];
    if (picture !== undefined) item.prepend(canvasOf(picture, t("Frame at {0}", formatTime(picture.timeMs))));
  });
}

function jumper(text: string, startMs: number, endMs: number, label: string, asking: Asking): HTMLElement {
  return asking.canAsk ? button(text, () => asking.jump(startMs, endMs), { "aria-label": label, title: label }) : node("span", {}, text);
}

function section(title: string, content: HTMLElement): HTMLElement {
  return node("section", {}, node("h4", {}, title), content);
}

function table(rows: readonly (readonly [head: HTMLElement | string, text: string])[]): HTMLElement {
  return node("table", {}, ...rows.map(([head, text]) => node("tr", {}, node("th", { scope: "row" }, head), node("td", {}, text))));
}

function durationOf(written: string, language: string): string {
  const ms = /^(\d+)ms$/.exec(written)?.[1];
  if (ms === undefined) return written;
  return duration(Number(ms), language);
}

function count(n: number, t: Translate, one: string, many: string): string {
  return n === 1 ? t(one) : t(many, n);
}
