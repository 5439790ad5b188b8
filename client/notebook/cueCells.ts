/** Cells of subtitles: the range that they stand for, and what was heard in it beside what people wrote. Pure. */
import { formatTime, parse, type CueBlock, type Span } from "../../server/src/format/index.js";

export interface HeardCue extends Span {
  readonly text: string;
}

/** From the first to the last time of a cell's cues. */
export function rangeOfCues(source: string): Span | undefined {
  const cues = cuesOf(source);
  const [startMs, endMs] = [Math.min(...cues.map((cue) => cue.startMs)), Math.max(...cues.map((cue) => cue.endMs))];
  return endMs > startMs ? { startMs, endMs } : undefined;
}

/**
 * The cell with what was heard where nothing is written. Cues that have words stay as they are, to the
 * byte, and win over what was heard at the same time; times without words make room.
 */
export function withHeard(source: string, heard: readonly HeardCue[]): { readonly source: string; readonly added: readonly HeardCue[] } {
  const kept = cuesOf(source).filter(hasWords);
  const added = heard.filter(({ startMs, endMs, text }) => text.trim() !== "" && endMs > startMs && !kept.some((cue) => startMs < cue.endMs && endMs > cue.startMs));
  if (added.length === 0) return { source, added };
  const all = [...kept.map((cue) => ({ startMs: cue.startMs, written: cue.raw.replace(/\s+$/, "") })), ...added.map((cue) => ({ startMs: cue.startMs, written: print(cue) }))];
  return { source: all.sort((a, b) => a.startMs - b.startMs).map(({ written }) => written).join("\n\n"), added };
}

/** A line a cue, for people. */
export function heardText(cues: readonly HeardCue[]): string {
  return cues.map(({ startMs, endMs, text }) => `${formatTime(startMs)} \u2013 ${formatTime(endMs)}  ${oneLine(text)}`).join("\n");
}

function cuesOf(source: string): readonly CueBlock[] {
  return parse(source).blocks.filter((block): block is CueBlock => block.kind === "cue");
}

function hasWords({ lines }: CueBlock): boolean {
  return lines.some(({ text }) => text.trim() !== "");
}

function print({ startMs, endMs, text }: HeardCue): string {
  return `${formatTime(startMs)} --> ${formatTime(endMs)}\n${oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}`;
}

function oneLine(text: string): string {
  return text.replaceAll("-->", "->").split(/\s+/).filter((word) => word !== "").join(" ");
}
