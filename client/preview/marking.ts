/** What the keys In, Out, Marker and those of labels change in a document. Pure. */
import { formatScope, formatTime, type Span } from "../../server/src/format/index.js";
import type { Film, FilmItem } from "./film.js";

export type Mark = "in" | "out" | "marker" | "label";

export type MarkPlan =
  /** Writes a new scope in the segment. */
  | { readonly type: "change"; readonly segment: FilmItem; readonly scope: string }
  /** Writes another label behind the scope of the segment. */
  | { readonly type: "label"; readonly segment: FilmItem; readonly label: string }
  /** A new segment; `before` is the one that it stands in front of, undefined at the end of the document. */
  | { readonly type: "insert"; readonly before: FilmItem | undefined; readonly source: string }
  | { readonly type: "refuse"; readonly why: "nothing-begun" | "out-before-in" | "several-ranges" };

/**
 * In moves the start of the selected segment when it has an end after that time, and begins a new one
 * otherwise. Out gives the selected segment its end. A marker is a segment without an end, and always
 * a new one. A label goes to the selected segment, else to a new marker.
 * @param selected the segment that the cursor is in
 */
export function planMark(film: Film, selected: FilmItem | undefined, mark: Mark, timeMs: number, label = ""): MarkPlan {
  const segment = selected?.kind === "segment" ? selected : undefined;
  const [span, ...more] = segment?.spans ?? [];
  if (mark === "label" && segment !== undefined) return { type: "label", segment, label };
  if (mark === "marker" || mark === "label" || segment === undefined || span === undefined) return mark === "out" ? { type: "refuse", why: "nothing-begun" } : insertion(film, timeMs, label);
  if (mark === "in") {
    if (more.length > 0 || span.endMs === span.startMs || span.endMs <= timeMs) return insertion(film, timeMs, label);
    return change(segment, { startMs: timeMs, endMs: span.endMs });
  }
  if (more.length > 0) return { type: "refuse", why: "several-ranges" };
  return timeMs > span.startMs ? change(segment, { startMs: span.startMs, endMs: timeMs }) : { type: "refuse", why: "out-before-in" };
}

/** The segment after another one in the text: where labelling goes on. */
export function segmentAfter({ items }: Film, { place }: FilmItem): FilmItem | undefined {
  return items.find((item) => item.kind === "segment" && item.place.start > place.start);
}

function change(segment: FilmItem, span: Span): MarkPlan {
  return { type: "change", segment, scope: formatScope([span]) };
}

/**
 * In front of the first segment that starts later: what stands below a segment is about it, so
 * anywhere else the new one would take questions from another.
 */
function insertion({ items }: Film, timeMs: number, label: string): MarkPlan {
  const before = items.find(({ kind, spans }) => kind === "segment" && (spans[0]?.startMs ?? 0) > timeMs);
  return { type: "insert", before, source: `@ ${formatTime(timeMs)}${label === "" ? "" : ` ${label}`}` };
}
