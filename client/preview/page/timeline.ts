import { formatTime, type Span } from "../../../server/src/format/time.js";
import { fraction, layOut } from "../layout.js";
import type { PageItem } from "../messages.js";

export interface TimelineEvents {
  seek(timeMs: number): void;
  choose(id: number): void;
}

const LANE_PX = 22;

export class Timeline {
  #durationMs = 0;
  #timeMs = 0;
  #items: readonly PageItem[] = [];
  #loop: Span | undefined;

  constructor(
    private readonly track: HTMLElement,
    private readonly lanes: HTMLElement,
    private readonly head: HTMLElement,
    private readonly events: TimelineEvents,
  ) {
    const seek = (event: PointerEvent): void => {
      const { left, width } = track.getBoundingClientRect();
      events.seek(fraction(event.clientX - left, width) * this.#durationMs);
    };
    track.addEventListener("pointerdown", (event) => {
      track.setPointerCapture(event.pointerId);
      seek(event);
    });
    track.addEventListener("pointermove", (event) => {
      if (track.hasPointerCapture(event.pointerId)) seek(event);
    });
    track.addEventListener("keydown", (event) => {
      const to = this.#keyed(event.key);
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      events.seek(Math.min(this.#durationMs, Math.max(0, to)));
    });
  }

  setDuration(ms: number): void {
    this.#durationMs = Number.isFinite(ms) ? ms : 0;
    this.track.setAttribute("aria-valuemax", String(Math.round(this.#durationMs)));
    this.#draw();
    this.move(this.#timeMs);
  }

  setItems(items: readonly PageItem[]): void {
    this.#items = items;
    this.#draw();
  }

  move(timeMs: number): void {
    this.#timeMs = timeMs;
    this.head.style.left = `${fraction(timeMs, this.#durationMs) * 100}%`;
    this.track.setAttribute("aria-valuenow", String(Math.round(timeMs)));
    this.track.setAttribute("aria-valuetext", this.format(timeMs));
  }

  /** The segment to loop at a time: the selected one, else the shortest there. */
  around(timeMs: number): Span | undefined {
    const spans = this.#items.filter(({ startMs, endMs }) => endMs > startMs);
    const there = spans.filter(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs).sort((a, b) => a.endMs - a.startMs - (b.endMs - b.startMs));
    return spans.find(({ selected }) => selected) ?? there[0];
  }

  showLoop(span: Span | undefined): void {
    this.#loop = span;
    this.#draw();
  }

  format(timeMs: number): string {
    return formatTime(Math.max(0, timeMs));
  }

  #keyed(key: string): number | undefined {
    switch (key) {
      case "ArrowLeft":
        return this.#timeMs - 1000;
      case "ArrowRight":
        return this.#timeMs + 1000;
      case "PageUp":
        return this.#timeMs - this.#durationMs / 10;
      case "PageDown":
        return this.#timeMs + this.#durationMs / 10;
      case "Home":
        return 0;
      case "End":
        return this.#durationMs;
      default:
        return undefined;
    }
  }

  #draw(): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["id"] : undefined;
    const placed = layOut(this.#items, this.#durationMs);
    const buttons = this.#items.map((item, i) => {
      const { lane = 0, left = 0, width = 0 } = placed[i] ?? {};
      const button = document.createElement("button");
      const times = item.endMs > item.startMs ? `${this.format(item.startMs)}\u2013${this.format(item.endMs)}` : this.format(item.startMs);
      button.type = "button";
      button.dataset["id"] = String(item.id);
      button.className = [item.kind, item.selected ? "selected" : "", item.endMs > item.startMs ? "" : "marker", this.#loop !== undefined && this.#loop.startMs === item.startMs && this.#loop.endMs === item.endMs ? "looped" : ""].join(" ");
      button.textContent = item.label;
      button.title = `${times} ${item.label}`.trim();
      button.setAttribute("aria-label", button.title);
      if (item.selected) button.setAttribute("aria-current", "true");
      button.style.left = `${left * 100}%`;
      button.style.width = `${width * 100}%`;
      button.style.top = `${lane * LANE_PX}px`;
      button.addEventListener("click", () => {
        this.events.seek(item.startMs);
        this.events.choose(item.id);
      });
      return button;
    });
    this.lanes.replaceChildren(...buttons);
    this.lanes.style.height = `${(Math.max(-1, ...placed.map(({ lane }) => lane)) + 1) * LANE_PX}px`;
    if (focused !== undefined) buttons.find(({ dataset }) => dataset["id"] === focused)?.focus();
  }
}
