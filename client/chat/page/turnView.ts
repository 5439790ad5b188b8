import { STAGES } from "../../../server/src/protocol/stages.js";
import type { Evidence as Weight, Picture, Progress } from "../../../server/src/protocol/values.js";
import type { FromPanel } from "../messages.js";
import type { Translate } from "../../words.js";
import { shortRange, shortTime } from "../range.js";
import type { Evidence, Turn } from "../turns.js";
import { canvasOf } from "../../renderer/page/canvas.js";
import { button, node } from "../../renderer/page/dom.js";
import { weighed } from "../../renderer/page/weights.js";
import { duration } from "../../numbers.js";

type Send = (message: FromPanel) => void;

/** One question with its answer. What is already on the page stays there, so that nobody loses the focus or a selection. */
export class TurnView {
  readonly element: HTMLElement;
  readonly #answer = node("div", { class: "answer" });
  readonly #below = node("div", { class: "below" });
  #pictures: HTMLElement | undefined;
  #ended = false;
  /** Waits for what counted. */
  #weighed: ((evidence: readonly Weight[] | undefined, why: string | undefined) => void) | undefined;

  constructor(turn: Turn, private readonly send: Send, private readonly t: Translate) {
    const range = turn.scope.length === 0 ? [] : [node("span", { class: "range" }, shortRange(turn.scope))];
    const question = node("h3", {}, turn.question, ...range);
    this.element = node("article", { "aria-label": turn.question }, question, this.#answer, this.#below);
    this.update(turn);
  }

  update(turn: Turn): void {
    const { status, text, progress } = turn;
    const running = status === "running";
    // Told as a whole when it is there, rather than word by word.
    this.element.setAttribute("aria-busy", String(running));
    const shown = text !== "" || !running ? text : progress === undefined ? "…" : `${stageText(progress, this.t)} …`;
    if (this.#answer.textContent !== shown) this.#answer.textContent = shown;
    this.#answer.classList.toggle("waiting", running && text === "");
    if (running || this.#ended) return;
    this.#ended = true;
    this.#below.replaceChildren(...this.#endOf(turn));
  }

  /** The pictures of the frames, in the order of the times. */
  showPictures(pictures: readonly Picture[]): void {
    [...(this.#pictures?.children ?? [])].forEach((item, i) => {
      const picture = pictures[i];
      if (picture !== undefined && item.querySelector("canvas") === null) item.firstElementChild?.prepend(canvasOf(picture, this.t("Frame at {0}", shortTime(picture.timeMs))));
    });
  }

  /** What counted in the answer, or why nobody knows. */
  showWeights(evidence: readonly Weight[] | undefined, why: string | undefined): void {
    this.#weighed?.(evidence, why);
    this.#weighed = undefined;
  }

  /** The time, and the picture once there is one. */
  #frame(ms: number): HTMLElement {
    return button(shortTime(ms), () => this.send({ type: "play", timeMs: Math.max(0, ms) }), { class: "frame", "aria-label": this.t("Play from {0}", shortTime(ms)) });
  }

  #endOf({ id, question, scope, status, text, error, evidence }: Turn): HTMLElement[] {
    const parts: HTMLElement[] = [];
    if (status === "stopped") parts.push(node("p", { class: "quiet" }, this.t("Stopped.")));
    if (error !== undefined) parts.push(node("p", { class: "error", role: "alert" }, error.message, ...(error.next === "" ? [] : [node("span", { class: "next" }, error.next)])));
    if (evidence !== undefined) parts.push(this.#evidence(id, evidence));
    const actions: HTMLElement[] = [];
    if (text !== "") actions.push(button(this.t("Copy"), () => this.send({ type: "copy", turn: id })));
    if (status === "answered") actions.push(button(this.t("Insert into notebook"), () => this.send({ type: "insert", turn: id })));
    else actions.push(button(this.t("Ask again"), () => this.send({ type: "ask", question, range: shortRange(scope) })));
    parts.push(node("div", { class: "actions" }, ...actions));
    return parts;
  }

  #evidence(id: number, { frameTimesMs, cues, notes, model, totalMs }: Evidence): HTMLElement {
    const frames = (this.#pictures = node("ol", { class: "frames", "aria-label": this.t("Frames") }, ...frameTimesMs.map((ms) => node("li", {}, this.#frame(ms)))));
    const content: HTMLElement[] = [frames];
    if (cues.length > 0) content.push(node("ul", { class: "cues", "aria-label": this.t("Subtitles") }, ...cues.map((cue) => node("li", {}, node("span", { class: "time" }, shortTime(cue.startMs)), " ", cue.text))));
    if (notes.length > 0) content.push(node("ul", { class: "notes", "aria-label": this.t("Notes") }, ...notes.map((note) => node("li", {}, note))));
    const weighing = {
      start: (show: (evidence: readonly Weight[] | undefined, why: string | undefined) => void) => {
        this.#weighed = show;
        this.send({ type: "weigh", turn: id });
        return () => {
          this.#weighed = undefined;
          this.send({ type: "weighStop", turn: id });
        };
      },
      play: (startMs: number) => this.send({ type: "play", timeMs: Math.max(0, startMs) }),
    };
    content.push(weighed(undefined, weighing, this.t));
    const facts = [count(frameTimesMs.length, this.t, "1 frame", "{0} frames"), ...(cues.length === 0 ? [] : [count(cues.length, this.t, "1 subtitle", "{0} subtitles")]), model, duration(totalMs, this.t.language)];
    const details = node("details", {}, node("summary", {}, facts.join(" · ")), ...content);
    // Pictures are decoded when somebody looks, and once.
    details.addEventListener("toggle", () => this.send({ type: "frames", turn: id }), { once: true });
    return details;
  }
}

function stageText({ stage, fraction }: Progress, t: Translate): string {
  return fraction === undefined ? t(STAGES[stage]) : `${t(STAGES[stage])} ${Math.round(fraction * 100)} %`;
}

function count(n: number, t: Translate, one: string, many: string): string {
  return n === 1 ? t(one) : t(many, n);
}
