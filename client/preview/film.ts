/** What a preview shows of a document: its subtitles, its segments and the questions about a part. Pure. */
import { parse, readNotebook, type Range, type Span } from "../../server/src/format/index.js";

/** Something of the document with a time. `place` is where it stands in the text. */
export interface FilmItem {
  readonly kind: "segment" | "question" | "cue";
  readonly place: Range;
  /** At least one. */
  readonly spans: readonly Span[];
  readonly label: string;
}

export interface Film {
  /** As written, relative to the document. */
  readonly video: string | undefined;
  /** In order of the text. */
  readonly items: readonly FilmItem[];
}

/** Linear in the text. Never throws. */
export function readFilm(text: string): Film {
  const { header, segments, questions, cues } = readNotebook(parse(text));
  const items: FilmItem[] = [];
  for (const { start, end, scope, lines } of segments) {
    if (scope.spans !== undefined) items.push({ kind: "segment", place: { start, end }, spans: scope.spans, label: lines.map((line) => line.text).join(" ").trim() });
  }
  for (const { block, scope, text: label } of questions) {
    if (scope.origin === "question") items.push({ kind: "question", place: { start: block.start, end: block.end }, spans: scope.spans, label });
  }
  for (const { block, startMs, endMs, text: label } of cues) items.push({ kind: "cue", place: { start: block.start, end: block.end }, spans: [{ startMs, endMs }], label });
  return { video: header.videos[0], items: items.sort((a, b) => a.place.start - b.place.start) };
}

/** The item that an offset of the text is in; its line counts up to its end. */
export function itemAt({ items }: Film, offset: number): FilmItem | undefined {
  return items.find(({ place }) => offset >= place.start && offset < place.end) ?? items.find(({ place }) => offset === place.end);
}

/** Items on screen at a time. A marker, which has no length, counts for half a second. */
export function itemsOn({ items }: Film, timeMs: number): readonly FilmItem[] {
  return items.filter(({ spans }) => spans.some(({ startMs, endMs }) => timeMs >= startMs && timeMs < (endMs > startMs ? endMs : startMs + MARKER_MS)));
}

const MARKER_MS = 500;
