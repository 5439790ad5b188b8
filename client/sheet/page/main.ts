/** The page of a sheet: shows what the extension says, and says what the user does. It decides nothing. */
import { is } from "../../../server/src/protocol/schema.js";
import { button, node } from "../../renderer/page/dom.js";
import { readWords, translator } from "../../words.js";
import { ToSheetSchema, type FromSheet, type ShownSection, type ToSheet } from "../messages.js";
import { TableView } from "./tableView.js";

interface Editor {
  postMessage(message: FromSheet): void;
}
declare function acquireVsCodeApi(): Editor;

const t = translator(readWords(JSON.parse(document.body.dataset["words"] ?? "{}")), document.documentElement.lang);
const editor = acquireVsCodeApi();
const send = (message: FromSheet): void => editor.postMessage(message);

const heading = node("h1");
const buttons = node("div", { role: "toolbar", class: "buttons" });
const progress = node("progress", { hidden: "", "aria-hidden": "true" });
const status = node("p", { class: "status", role: "status" });
const main = node("main");
document.body.append(node("header", {}, heading, buttons, progress, status), main);

/** Tables stay on the page while their content changes: whoever types into one is not interrupted. */
const tables = new Map<string, TableView>();

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (is(ToSheetSchema, data)) show(data);
});
send({ type: "ready" });

function show({ title, status: said, busy, buttons: offered, sections }: ToSheet): void {
  heading.textContent = title;
  buttons.setAttribute("aria-label", title);
  if (status.textContent !== said) status.textContent = said;
  progress.hidden = !busy;
  main.setAttribute("aria-busy", String(busy));
  showButtons(offered);
  const known = new Set(sections.flatMap((section) => (section.kind === "table" ? [section.id] : [])));
  for (const id of tables.keys()) if (!known.has(id)) tables.delete(id);
  const wanted = sections.map(elementOf);
  // An element that is put where it stands already would lose the focus that is inside.
  wanted.forEach((element, i) => {
    if (main.children[i] !== element) main.insertBefore(element, main.children[i] ?? null);
  });
  while (main.children.length > wanted.length) main.lastElementChild?.remove();
}

function showButtons(offered: ToSheet["buttons"]): void {
  const wanted = JSON.stringify(offered);
  if (buttons.dataset["shown"] === wanted) return;
  buttons.dataset["shown"] = wanted;
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["button"] : undefined;
  buttons.replaceChildren(...offered.map(({ id, label, primary }) => button(label, () => send({ type: "press", button: id }), { "data-button": id, ...(primary === true ? { class: "primary" } : {}) })));
  if (focused !== undefined) ([...buttons.children].find((each) => each instanceof HTMLElement && each.dataset["button"] === focused) as HTMLElement | undefined)?.focus();
}

function elementOf(section: ShownSection): HTMLElement {
  switch (section.kind) {
    case "text":
      return titled(section.heading, ...section.lines.map((line) => node("p", {}, line)));
    case "facts":
      return titled(section.heading, node("table", { class: facts(section.facts) }, node("tbody", {}, ...section.facts.map(({ label, value }) => node("tr", {}, node("th", { scope: "row" }, label), node("td", {}, value))))));
    case "sample":
      return titled(section.heading, node("pre", { tabindex: "0", "aria-label": section.heading }, section.text));
    case "table": {
      const view = tables.get(section.id) ?? new TableView(section.id, send, t);
      tables.set(section.id, view);
      view.update(section);
      return view.element;
    }
  }
}

/** A few short ones stand side by side. */
function facts(all: readonly { readonly value: string }[]): string {
  return all.length > 3 && all.every(({ value }) => value.length <= 20) ? "facts strip" : "facts";
}

function titled(title: string, ...content: readonly HTMLElement[]): HTMLElement {
  return node("section", {}, ...(title === "" ? [] : [node("h2", {}, title)]), ...content);
}
