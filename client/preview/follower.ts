/** The cursor of the document and the film of the page, each of which follows the other. */
import type { PreviewDocument } from "./document.js";
import type { FilmItem } from "./film.js";
import type { PageLink } from "./link.js";

/** What a page remembered of the cursor, of which only moves count. */
export interface Restored {
  readonly cursor?: number | undefined;
  readonly follow?: boolean | undefined;
}

export class Follower {
  /** Whether the picture goes where the cursor goes. */
  follow: boolean;
  /** Where the cursor was when it last moved the picture, or before the window was loaded anew. */
  #followed: number | undefined;
  /** The item that the page shows as the cursor's. */
  #lit: number | undefined;

  constructor(
    private readonly document: PreviewDocument,
    private readonly link: PageLink,
    { cursor, follow }: Restored = {},
  ) {
    this.#followed = cursor;
    this.follow = follow ?? true;
  }

  /** Tells the page all items of the document. */
  tell(): void {
    const { film, selected } = this.document;
    this.#lit = selected?.place.start;
    const cues = film.items.flatMap(({ kind, spans, label }) => (kind === "cue" ? spans.map((span) => ({ ...span, text: label })) : []));
    const items = film.items.flatMap(({ kind, spans, label, place }) => (kind === "cue" ? [] : spans.map((span) => ({ id: place.start, kind, ...span, label, selected: place.start === selected?.place.start }))));
    // Of an editor that is not there yet, or any more, the cursor is where it was; where it never was, the editor will put it first.
    const cursor = this.document.hasCursor ? selected?.place.start : (this.#followed ?? selected?.place.start);
    this.link.post({ type: "film", cues, items, ...(cursor === undefined ? {} : { cursor }) });
  }

  /** The page chose the item that begins there. */
  choose(start: number): void {
    const item = this.document.film.items.find(({ place }) => place.start === start);
    if (item === undefined) return;
    this.document.select(item);
    this.put(item);
  }

  /** The cursor was put into an item, which moves no picture. */
  put(item: FilmItem | undefined): void {
    this.#followed = item?.place.start;
    this.tell();
  }

  /** An edit moves places; the cursor has not moved for it. */
  edited(): void {
    if (this.document.hasCursor) this.#followed = this.document.selected?.place.start;
    this.tell();
  }

  /** The cursor moved: to another item's time, if it is in one. */
  moved(): void {
    const { selected, hasCursor } = this.document;
    if (!hasCursor) return;
    const before = this.#followed;
    this.#followed = selected?.place.start;
    if (this.#followed !== before || this.#followed !== this.#lit) this.tell();
    if (this.#followed === before) return;
    const [span] = selected?.spans ?? [];
    if (this.follow && span !== undefined) this.link.post({ type: "seek", spans: [span], play: false });
  }
}
