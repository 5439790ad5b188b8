/** The page of the chat panel: shows what the extension says, and says what the user does. It decides nothing. */
import { is } from "../../../server/src/protocol/schema.js";
import { readWords, translator } from "../../words.js";
import { ToPanelSchema, type FromPanel, type ToPanel } from "../messages.js";
import { button, node } from "../../renderer/page/dom.js";
import { TurnView } from "./turnView.js";

interface Editor {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: Draft): void;
}
declare function acquireVsCodeApi(): Editor;

/** What is typed and not asked yet: it outlives the page. */
interface Draft {
  readonly question: string;
  readonly range: string;
}

const t = translator(readWords(JSON.parse(document.body.dataset["words"] ?? "{}")), document.documentElement.lang);
const editor = acquireVsCodeApi();
const send = (message: FromPanel): void => editor.postMessage(message);

const video = node("span", { class: "video" });
const log = node("main", { role: "log", "aria-label": t("Questions and answers"), tabindex: "0" });
const empty = node("p", { class: "quiet" });
const status = node("p", { class: "status", role: "status" });
const question = node("textarea", { id: "question", rows: "2", placeholder: t("What happens?") });
const range = node("input", { id: "range", type: "text", placeholder: t("all of it, or 00:05..00:10"), spellcheck: "false", "aria-describedby": "bad-range" });
const badRange = node("p", { id: "bad-range", class: "error", role: "alert" });
const ask = node("button", { type: "submit", class: "primary" }, t("Ask"));
const stop = button(t("Stop"), () => send({ type: "stop" }), { class: "primary" });
const offer = button("", () => {
  range.value = offer.dataset["range"] ?? "";
  range.dispatchEvent(new Event("input"));
  question.focus();
}, { class: "offer", hidden: "" });
const form = node(
  "form",
  {},
  node("label", { for: "question" }, t("Question")),
  question,
  node("label", { for: "range" }, t("Part of the video")),
  node("div", { class: "row" }, range, ask, stop),
  offer,
  badRange,
);

const turns = new Map<number, TurnView>();
let running = false;
/** A question was sent that is not on the page yet. */
let asked = false;
let hasVideo = false;

document.body.append(node("header", {}, video, button(t("Choose a video…"), () => send({ type: "choose" }))), log, status, form);
log.append(empty);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running || !hasVideo || question.value.trim() === "") return question.focus();
  badRange.textContent = "";
  range.removeAttribute("aria-invalid");
  asked = true;
  send({ type: "ask", question: question.value, range: range.value });
});
question.addEventListener("keydown", (event) => {
  // A line that an input method is still composing is not finished.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running) send({ type: "stop" });
});
for (const field of [question, range]) field.addEventListener("input", () => editor.setState({ question: question.value, range: range.value }));

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (is(ToPanelSchema, data)) hear(data);
});

const draft = editor.getState() as Partial<Draft> | undefined;
question.value = typeof draft?.question === "string" ? draft.question : "";
range.value = typeof draft?.range === "string" ? draft.range : "";
send({ type: "ready" });

function hear(message: ToPanel): void {
  switch (message.type) {
    case "state":
      return show(message);
    case "pictures":
      return turns.get(message.turn)?.showPictures(message.pictures);
    case "weighed":
      return turns.get(message.turn)?.showWeights(message.evidence, message.why);
    case "offer":
      offer.hidden = message.range === "";
      offer.dataset["range"] = message.range;
      offer.textContent = t("Selected in the editor: {0}", message.range);
      return;
    case "badRange":
      asked = false;
      badRange.textContent = message.message;
      range.setAttribute("aria-invalid", "true");
      return range.focus();
    case "notice":
      status.textContent = message.message;
      return;
    case "focus":
      return question.focus();
  }
}

function show(state: ToPanel & { type: "state" }): void {
  hasVideo = state.video !== undefined;
  video.textContent = state.video?.name ?? t("No video");
  video.title = state.video === undefined ? "" : decodeURI(state.video.uri);
  empty.hidden = state.turns.length > 0;
  empty.textContent = hasVideo ? t("Ask something about this video. It is answered on this machine.") : t("Open a notebook or a video, or choose one.");

  // At the end of the page the newest words stay in sight; whoever scrolled back stays there.
  const following = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const known = new Set(state.turns.map(({ id }) => id));
  for (const [id, view] of turns) {
    if (known.has(id)) continue;
    view.element.remove();
    turns.delete(id);
  }
  for (const turn of state.turns) {
    const view = turns.get(turn.id);
    if (view !== undefined) {
      view.update(turn);
      continue;
    }
    const made = new TurnView(turn, send, t);
    turns.set(turn.id, made);
    log.append(made.element);
    if (asked) taken();
  }
  if (following) log.scrollTop = log.scrollHeight;
  setRunning(state.running);
}

/** The question is on the page: what was typed is not a draft any more. The range stays for the next one. */
function taken(): void {
  asked = false;
  question.value = "";
  status.textContent = "";
  editor.setState({ question: "", range: range.value });
}

function setRunning(now: boolean): void {
  running = now;
  const focused = document.activeElement;
  stop.hidden = !now;
  ask.hidden = now;
  ask.disabled = !hasVideo;
  // The focus may not fall off the page with the button that is gone.
  if (focused === ask && now) stop.focus();
  if (focused === stop && !now) question.focus();
}
