/** The page of the preview: a player, its captions and its timeline. It keeps nothing but what it shows. */
import type { Span } from "../../../server/src/format/time.js";
import { is } from "../../../server/src/protocol/schema.js";
import { ToPageSchema, type FromPage, type PageCommand } from "../messages.js";
import { Player } from "./player.js";
import { restored, type Memory } from "./memory.js";
import { showStrip } from "./strip.js";
import { showWave } from "./wave.js";
import { Timeline } from "./timeline.js";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void; getState(): unknown; setState(state: Memory): void };

const vscode = acquireVsCodeApi();
const memory = restored(vscode.getState());
const send = (message: FromPage): void => vscode.postMessage(message);
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const remember = (): void => vscode.setState(memory);

const timeline = new Timeline(element("track"), element("lanes"), element("head"), {
  seek: (timeMs) => player.seek(timeMs),
  choose: (id) => send({ type: "choose", id }),
});
const player = new Player(element<HTMLVideoElement>("video"), {
  moved: (timeMs, playing) => {
    timeline.move(timeMs);
    element("time").textContent = timeline.format(timeMs);
    element("toggle").textContent = playing ? "\u23f8" : "\u25b6";
    memory.timeMs = timeMs;
    // Where it rests is written down at once: nobody tells the page before the window goes.
    if (!playing) remember();
    tell(timeMs, playing);
  },
  speed: (speed) => (element("speed").textContent = speed === 0 || speed === 1 ? "" : `${speed}\u00d7`),
  loaded: (durationMs) => timeline.setDuration(durationMs),
  wantFrames: (aroundMs) => send({ type: "frames", aroundMs }),
  failed: (why) => send({ type: "unplayable", why }),
});

/** A few times a second at most, and always how it came to rest. */
let told = { at: 0, timer: 0 };
function tell(timeMs: number, playing: boolean): void {
  const now = performance.now();
  clearTimeout(told.timer);
  const say = (): void => {
    told = { at: performance.now(), timer: 0 };
    remember();
    send({ type: "playhead", timeMs: Math.max(0, Math.round(timeMs)), playing });
  };
  const wait = told.at + 200 - now;
  if (wait <= 0) say();
  else told.timer = window.setTimeout(say, wait);
}

function carryOut(name: PageCommand, label?: string): void {
  switch (name) {
    case "toggle":
    case "back":
    case "pause":
    case "forward":
      return player.shuttle(name);
    case "previousFrame":
      return player.step(-1);
    case "nextFrame":
      return player.step(1);
    case "in":
    case "out":
    case "marker":
      return player.whenStill(() => send({ type: "mark", mark: name, timeMs: player.markMs() }));
    case "inAtCut":
    case "outAtCut":
      return player.whenStill(() => send({ type: "mark", mark: name === "inAtCut" ? "in" : "out", timeMs: player.markMs(), atCut: true }));
    case "label":
      return player.whenStill(() => send({ type: "mark", mark: "label", timeMs: player.markMs(), ...(label === undefined ? {} : { label }) }));
    case "loop":
      loop(player.loop === undefined ? timeline.around(player.timeMs) : undefined);
      return remember();
  }
}

function loop(span: Span | undefined): void {
  memory.loop = span;
  player.loop = span;
  timeline.showLoop(span);
  element("loop").setAttribute("aria-pressed", String(span !== undefined));
}

for (const name of ["toggle", "previousFrame", "nextFrame", "marker", "loop"] as const) element(name).addEventListener("click", () => carryOut(name));
// With Shift, as by the keys: to the nearest cut.
for (const name of ["in", "out"] as const) element(name).addEventListener("click", ({ shiftKey }) => carryOut(shiftKey ? `${name}AtCut` : name));
toggles("captions", (on) => ((memory.captions = on), player.showCaptions(on)), memory.captions);
toggles("mute", (on) => ((memory.sound = on), player.mute(!on)), memory.sound);
toggles("follow", (on) => ((memory.follow = on), send({ type: "follow", on })), memory.follow);
element("notice").querySelector("button")?.addEventListener("click", () => send({ type: "cancel" }));
element("video").addEventListener("click", () => carryOut("toggle"));

function toggles(id: string, set: (on: boolean) => void, initially: boolean): void {
  const button = element(id);
  const show = (on: boolean): void => {
    button.setAttribute("aria-pressed", String(on));
    set(on);
    remember();
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
  show(initially);
}

// Keys that press a button are the button's; all others go on to the editor, which knows our commands.
document.addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) event.stopPropagation();
});
const focus = (focused: boolean) => (): void => send({ type: "focus", focused });
window.addEventListener("focus", focus(true));
window.addEventListener("blur", focus(false));

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (!is(ToPageSchema, data)) return;
  switch (data.type) {
    case "show": {
      const same = data.key === memory.key;
      [memory.key, memory.document, memory.cells] = [data.key, data.document, data.cells];
      element("empty").hidden = data.source !== undefined;
      element("video").hidden = data.source === undefined;
      document.title = data.title;
      player.rate = data.rate;
      loop(same ? memory.loop : undefined);
      player.open(data.source, same ? memory.timeMs : 0, data.zeroMs);
      return remember();
    }
    case "film":
      player.setCues(data.cues);
      timeline.setItems(data.items);
      memory.cursor = data.cursor;
      return remember();
    case "seek":
      return player.play(data.spans, data.play);
    case "command":
      return carryOut(data.name, data.label);
    case "frames":
      return player.setFrames(data);
    case "strip":
      return showStrip(element("strip"), data.pictures);
    case "wave":
      return showWave(element<HTMLCanvasElement>("wave"), data.peaks);
    case "notice":
      return notice(data.text, data.fraction, data.cancellable);
  }
});

function notice(text: string, fraction: number | undefined, cancellable: boolean): void {
  const box = element("notice");
  const [words, progress, cancel] = [box.querySelector("span"), box.querySelector("progress"), box.querySelector("button")];
  box.hidden = text === "";
  if (words !== null) words.textContent = text;
  if (progress !== null) {
    progress.hidden = fraction === undefined;
    progress.value = fraction ?? 0;
  }
  if (cancel !== null) cancel.hidden = !cancellable;
}

send({ type: "ready" });
if (document.hasFocus()) send({ type: "focus", focused: true });
