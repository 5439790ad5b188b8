/** What counted in an answer: its parts with their scores, as told by leaving each of them out. */
import { formatTime } from "../../../server/src/format/index.js";
import type { Evidence } from "../../../server/src/protocol/values.js";
import type { Translate } from "../../words.js";
import { button, node } from "./dom.js";
import { fixed } from "../../numbers.js";

/** A change that is smaller decides nothing: a hundredth of a nat is 1 % of the probability. */
const FELT = 0.01;
/** As many parts as one reads. */
const SHOWN = 8;

/** @param play undefined where nothing can be played */
export function weights(evidence: readonly Evidence[], play: ((startMs: number, endMs: number) => void) | undefined, t: Translate): HTMLElement {
  // What a search through the video chose is told in its own order; of the rest only what was felt.
  const parts = evidence.filter(({ kind, score }) => kind === "clip" || Math.abs(score) >= FELT).slice(0, SHOWN);
  if (parts.length === 0) return node("p", { class: "why" }, t("No single frame or subtitle decided it: without any one of them the answer was as likely."));
  const most = Math.max(...parts.map(({ score }) => Math.abs(score)), FELT);
  // Said by name, because a page that is narrow lays it out as something else.
  return node(
    "table",
    { class: "weights", role: "table", "aria-label": t("What mattered") },
    ...parts.map((part) => {
      const { startMs, endMs, kind, score } = part;
      const range = `${formatTime(startMs)}\u2013${formatTime(endMs)}`;
      const label = t("Play {0} to {1} in the video preview", formatTime(startMs), formatTime(endMs));
      const bar = node("span");
      // The page's policy allows no style attributes; setting the property is not one.
      bar.style.width = `${((Math.abs(score) / most) * 100).toFixed(1)}%`;
      return node(
        "tr",
        { class: score < 0 ? "against" : "for", role: "row" },
        node("th", { scope: "row", role: "rowheader" }, play === undefined ? range : button(range, () => play(startMs, endMs), { "aria-label": label, title: label })),
        node("td", { class: "number", role: "cell" }, fixed(score, 2, t.language)),
        node("td", {}, node("span", { class: "bar", "aria-hidden": "true" }, bar)),
        node("td", { role: "cell" }, kind === "clip" ? part.why : reason(part, t)),
      );
    }),
  );
}

function reason({ kind, score, why }: Evidence, t: Translate): string {
  if (kind === "frame") return score > 0 ? t("a frame: without it the answer was less likely") : t("a frame: without it the answer was more likely");
  const said = /"(.*)"$/s.exec(why)?.[1] ?? "";
  return score > 0 ? t("the subtitle “{0}”: without it the answer was less likely", said) : t("the subtitle \u201c{0}\u201d: without it the answer was more likely", said);
}

export interface Weighing {
  /** Starts; `show` is called once, with the parts, or with why there are none. Returns the way to stop. */
  start(show: (evidence: readonly Evidence[] | undefined, why: string | undefined) => void): () => void;
  readonly play: ((startMs: number, endMs: number) => void) | undefined;
}

/** A button that asks what mattered, and its answer in its place. Known parts are shown at once. */
export function weighed(known: readonly Evidence[] | undefined, { start, play }: Weighing, t: Translate): HTMLElement {
  const place = node("div", { class: "mattered" });
  if (known !== undefined) {
    place.append(weights(known, play, t));
    return place;
  }
  const offer = (why?: string): void => {
    const ask = button(t("What mattered?"), () => begin(), { title: t("Leaves out each frame and subtitle once, which takes a while") });
    place.replaceChildren(ask, ...(why === undefined ? [] : [node("p", { class: "why", role: "status" }, why)]));
  };
  const begin = (): void => {
    const end = start((evidence, why) => {
      const focused = place.contains(place.getRootNode() instanceof ShadowRoot ? (place.getRootNode() as ShadowRoot).activeElement : document.activeElement);
      if (evidence === undefined) offer(why);
      else place.replaceChildren(node("p", { class: "why", role: "status" }, t("Found out what mattered.")), weights(evidence, play, t));
      // The focus may not fall off the page with the button that is gone.
      if (focused) place.querySelector("button")?.focus();
    });
    const stop = button(t("Stop"), () => {
      end();
      offer();
      place.querySelector("button")?.focus();
    });
    place.replaceChildren(node("p", { class: "why", role: "status" }, t("Leaving out one part after the other …")), stop);
    stop.focus();
  };
  offer();
  return place;
}
