/** One table of a sheet with its search, filters and order. */
import { canvasOf } from "../../renderer/page/canvas.js";
import { button, node } from "../../renderer/page/dom.js";
import type { Translate } from "../../words.js";
import type { FromSheet, ShownSection } from "../messages.js";

type Table = Extract<ShownSection, { readonly kind: "table" }>;
type Asked = Table["query"];

/** Typing is over after this. */
const QUIET_MS = 200;

export class TableView {
  readonly element = node("section");
  readonly #title = node("h2");
  readonly #search = node("input", { type: "search", spellcheck: "false" });
  readonly #filters = node("span", { class: "filters" });
  readonly #count = node("span", { class: "count", role: "status" });
  readonly #head = node("thead");
  readonly #body = node("tbody");
  readonly #nothing: HTMLElement;
  readonly #more: HTMLElement;
  readonly #tools: HTMLElement;
  #table: Table | undefined;
  #typing = 0;

  constructor(
    private readonly id: string,
    private readonly send: (message: FromSheet) => void,
    private readonly t: Translate,
  ) {
    this.#nothing = node("p", { class: "quiet" }, t("Nothing fits."));
    this.#more = button(t("Show more"), () => this.#ask({ limit: (this.#table?.query.limit ?? 0) + 100 }));
    this.#search.placeholder = t("Search");
    this.#search.setAttribute("aria-label", t("Search"));
    this.#search.addEventListener("input", () => {
      window.clearTimeout(this.#typing);
      this.#typing = window.setTimeout(() => this.#ask({ search: this.#search.value }), QUIET_MS);
    });
    this.#tools = node("div", { class: "tools" }, this.#search, this.#filters, this.#count);
    this.element.append(this.#title, this.#tools, node("div", { class: "scroll" }, node("table", { class: "rows" }, this.#head, this.#body)), this.#nothing, this.#more);
  }

  update(table: Table): void {
    this.#table = table;
    const { heading, query, matching, total, rows } = table;
    this.#title.textContent = heading;
    this.#title.hidden = heading === "";
    this.element.setAttribute("aria-label", heading);
    if (document.activeElement !== this.#search) this.#search.value = query.search;
    // A handful of rows that nobody would choose from needs no tools.
    this.#tools.hidden = total < 6 && !table.columns.some(({ filter }) => filter === true) && query.search === "";
    const count = matching === total ? this.t("{0} rows", total) : this.t("{0} of {1}", matching, total);
    if (this.#count.textContent !== count) this.#count.textContent = count;
    this.#nothing.hidden = matching > 0;
    this.#more.hidden = rows.length >= matching;
    this.#showFilters(table);
    this.#showHead(table);
    this.#showRows(table);
  }

  #ask(change: Partial<Asked>): void {
    if (this.#table === undefined) return;
    this.send({ type: "query", table: this.id, query: { ...this.#table.query, ...change } });
  }

  #showFilters({ columns, values, query, total }: Table): void {
    // What all rows have in common cannot be chosen by.
    const parts = (id: string): boolean => (values[id] ?? []).some(({ count }) => count < total);
    const wanted = columns.filter(({ id, filter }) => filter === true && (parts(id) || query.filters[id] !== undefined));
    const shown = JSON.stringify(wanted.map(({ id }) => [id, values[id], query.filters[id]]));
    if (this.#filters.dataset["shown"] === shown) return;
    this.#filters.dataset["shown"] = shown;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["filter"] : undefined;
    this.#filters.replaceChildren(
      ...wanted.map(({ id, label }) => {
        const chosen = query.filters[id];
        const options = (values[id] ?? []).map(({ value, count }) => node("option", { value: `=${value}` }, `${value} (${count})`));
        const select = node("select", { "aria-label": label, "data-filter": id }, node("option", { value: "" }, this.t("{0}: all", label)), ...options);
        if (chosen !== undefined && !(values[id] ?? []).some(({ value }) => value === chosen)) select.append(node("option", { value: `=${chosen}` }, `${chosen} (0)`));
        select.value = chosen === undefined ? "" : `=${chosen}`;
        select.addEventListener("change", () => {
          const { [id]: _, ...others } = query.filters;
          this.#ask({ filters: select.value === "" ? others : { ...others, [id]: select.value.slice(1) } });
        });
        return select;
      }),
    );
    if (focused !== undefined) this.#filters.querySelector<HTMLElement>(`[data-filter="${CSS.escape(focused)}"]`)?.focus();
  }

  #showHead({ columns, actions, query, rows }: Table): void {
    const pictures = rows.some(({ picture }) => picture !== undefined);
    const shown = JSON.stringify([columns, actions, query.sort, pictures]);
    if (this.#head.dataset["shown"] === shown) return;
    this.#head.dataset["shown"] = shown;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["sort"] : undefined;
    const cells = columns.filter(({ hidden }) => hidden !== true).map(({ id, label, numeric }) => {
      const by = query.sort?.column === id ? query.sort : undefined;
      const sort = button(`${label}${by === undefined ? "" : by.descending ? " \u25be" : " \u25b4"}`, () => this.#ask({ sort: { column: id, descending: by !== undefined && !by.descending } }), { "data-sort": id, "aria-label": label });
      return node("th", { scope: "col", "aria-sort": by === undefined ? "none" : by.descending ? "descending" : "ascending", ...(numeric === true ? { class: "number" } : {}) }, sort);
    });
    if (pictures) cells.unshift(node("th", { scope: "col", "aria-label": this.t("Picture") }));
    if (actions.length > 0) cells.push(node("th", { scope: "col", "aria-label": this.t("Actions") }));
    this.#head.replaceChildren(node("tr", {}, ...cells));
    if (focused !== undefined) this.#head.querySelector<HTMLElement>(`[data-sort="${CSS.escape(focused)}"]`)?.focus();
  }

  #showRows({ columns, rows, opens, actions }: Table): void {
    const focused = document.activeElement instanceof HTMLElement && this.#body.contains(document.activeElement) ? document.activeElement.dataset["key"] : undefined;
    const pictures = rows.some(({ picture }) => picture !== undefined);
    const visible = columns.map(({ hidden, numeric }, i) => ({ i, numeric, hidden })).filter(({ hidden }) => hidden !== true);
    this.#body.replaceChildren(
      ...rows.map(({ id, cells, picture }) => {
        const tr = node(
          "tr",
          {},
          ...visible.map(({ i, numeric }, place) => {
            const text = cells[i] ?? "";
            const content = opens && place === 0 ? button(text === "" ? this.t("Open") : text, () => this.send({ type: "row", table: this.id, row: id }), { class: "link", "data-key": `${id} ` }) : text;
            return node("td", numeric === true ? { class: "number" } : {}, content);
          }),
        );
        if (pictures) tr.prepend(node("td", { class: "picture" }, picture === undefined ? "" : canvasOf(picture, this.t("Picture"))));
        if (actions.length > 0) tr.append(node("td", { class: "actions" }, ...actions.map((action) => button(action.label, () => this.send({ type: "row", table: this.id, row: id, action: action.id }), { class: "link", "data-key": `${id} ${action.id}` }))));
        return tr;
      }),
    );
    if (focused !== undefined) this.#body.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }
}
