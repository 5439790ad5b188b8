/**
 * Timed Text Markup Language (W3C TTML 1 and 2, with its profiles DFXP, IMSC and EBU-TT-D): paragraphs
 * and spans with times become cues, their words in WebVTT markup. Regions and most styles are left out.
 */
import { FormatError } from "../errors.js";
import type { CueFile, FileCue } from "./cueFile.js";
import { escapeCueText } from "./srtMarkup.js";
import { parseXml, type XmlElement } from "./xml.js";

interface Rates {
  /** Frames and ticks a second. */
  readonly frames: number;
  readonly ticks: number;
}

interface Context {
  readonly rates: Rates;
  readonly styles: ReadonlyMap<string, XmlElement>;
  readonly agents: ReadonlyMap<string, string>;
  readonly blocks: FileCue[];
  readonly problems: { what: string; at: number }[];
}

/** From the start of the film, ms; `endMs` is Infinity where nothing says. */
interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Name without prefix: which one a file takes is its own choice. */
const local = (name: string): string => name.slice(name.indexOf(":") + 1);
const attribute = (element: XmlElement, name: string): string | undefined => Object.entries(element.attributes).find(([key]) => local(key) === name)?.[1];

export const looksLikeTtml = (text: string): boolean => /<(?:[\w-]+:)?tt[\s>]/.test(text.slice(0, 4096));

/** Errors: FormatError `bad-file` when it is no XML, or no TTML. */
export function readTtml(text: string, name: string): CueFile {
  const root = parseXml(text, name);
  if (local(root.name) !== "tt") throw new FormatError("bad-file", `${name} is no TTML: its root is <${root.name}>.`, "Check that it is the right file.");
  const all = [...descendants(root)];
  const ids = (kind: string): [string, XmlElement][] => all.filter((e) => local(e.name) === kind).map((e) => [attribute(e, "id") ?? "", e]);
  const context: Context = {
    rates: ratesOf(root),
    styles: new Map(ids("style")),
    agents: new Map(ids("agent").map(([id, agent]) => [id, words(agent).trim()])),
    blocks: [],
    problems: [],
  };
  const body = root.children.find((child) => local(child.name) === "body");
  if (body) container(body, { startMs: 0, endMs: Infinity }, undefined, context);
  if (all.some((e) => attribute(e, "backgroundImage") !== undefined || local(e.name) === "image")) {
    context.problems.push({ what: "picture of text left out", at: 0 });
  }
  return { blocks: context.blocks, problems: context.problems };
}

/** body, div and paragraph: times are relative to the parent's start. */
function container(element: XmlElement, parent: Interval, agent: string | undefined, context: Context): void {
  const own = intervalOf(element, parent, context);
  if (!own) return;
  const speaker = attribute(element, "agent") ?? agent;
  if (local(element.name) === "p") return paragraph(element, own, speaker, context);
  if (attribute(element, "timeContainer") === "seq") return sequence(element, own, speaker, context);
  for (const child of element.children) if (["div", "p"].includes(local(child.name))) container(child, own, speaker, context);
}

/** Children one after the other: each begins where the one before ended. */
function sequence(element: XmlElement, parent: Interval, agent: string | undefined, context: Context): void {
  let startMs = parent.startMs;
  for (const child of element.children) {
    if (!["div", "p"].includes(local(child.name))) continue;
    const interval = intervalOf(child, { startMs, endMs: parent.endMs }, context);
    container(child, { startMs, endMs: parent.endMs }, agent, context);
    if (interval && Number.isFinite(interval.endMs)) startMs = interval.endMs;
  }
}

/** One cue of what has the paragraph's time, and one of each span with a time of its own. */
function paragraph(element: XmlElement, own: Interval, agent: string | undefined, context: Context): void {
  const cue = (interval: Interval, text: string): void => {
    const tidy = text.split("\n").map((line) => line.replace(/[ \t\r]+/g, " ").trim()).join("\n").replace(/^\n+|\n+$/g, "");
    if (tidy.replace(/<[^>]*>/g, "").trim() === "") return;
    if (!Number.isFinite(interval.endMs)) {
      context.problems.push({ what: "cue dropped, because it has no end", at: 0 });
      return;
    }
    const speaker = agent === undefined ? undefined : (context.agents.get(agent) || undefined);
    const marked = speaker === undefined ? tidy : `<v ${escapeCueText(speaker.replace(/[<>]/g, ""))}>${tidy}`;
    context.blocks.push({ kind: "cue", startMs: interval.startMs, endMs: interval.endMs, id: attribute(element, "id"), settings: "", lines: marked.split("\n"), at: 0 });
  };
  const render = (part: XmlElement, interval: Interval, preserved: boolean): string => {
    const keep = attribute(part, "space") === "preserve" || (preserved && attribute(part, "space") !== "default");
    let out = "";
    for (const piece of part.content) {
      if (typeof piece === "string") {
        out += escapeCueText(keep ? piece : piece.replace(/\s+/g, " "));
        continue;
      }
      const kind = local(piece.name);
      if (kind === "br") out += "\n";
      else if (kind === "span") {
        const timed = ["begin", "end", "dur"].some((key) => attribute(piece, key) !== undefined);
        const inner = timed ? intervalOf(piece, interval, context) : interval;
        if (!inner) continue;
        const text = styled(piece, render(piece, inner, keep), context);
        if (timed) cue(inner, text);
        else out += text;
      }
    }
    return out;
  };
  cue(own, styled(element, render(element, own, false), context));
}

function styled(element: XmlElement, text: string, { styles }: Context): string {
  const chain = [element, ...(attribute(element, "style") ?? "").split(/\s+/).flatMap((id) => styles.get(id) ?? [])];
  const says = (name: string): string | undefined => chain.map((e) => attribute(e, name)).find((value) => value !== undefined);
  const tags = [
    ...(says("fontWeight") === "bold" ? ["b"] : []),
    ...(["italic", "oblique"].includes(says("fontStyle") ?? "") ? ["i"] : []),
    ...(/\bunderline\b/.test(says("textDecoration") ?? "") ? ["u"] : []),
  ];
  return text.trim() === "" ? text : tags.reduce((inner, tag) => `<${tag}>${inner}</${tag}>`, text);
}

function intervalOf(element: XmlElement, parent: Interval, { rates, problems }: Context): Interval | undefined {
  const [begin, end, dur] = ["begin", "end", "dur"].map((name) => attribute(element, name));
  const read = (value: string | undefined): number | undefined => (value === undefined ? undefined : timeOf(value, rates));
  const [from, to, length] = [read(begin), read(end), read(dur)];
  if ((begin !== undefined && from === undefined) || (end !== undefined && to === undefined) || (dur !== undefined && length === undefined)) {
    problems.push({ what: `cue dropped, because its time cannot be read`, at: 0 });
    return undefined;
  }
  const startMs = parent.startMs + (from ?? 0);
  // The earlier of both ends counts (TTML 1, 10.2.4).
  const ends = [parent.endMs, ...(to === undefined ? [] : [parent.startMs + to]), ...(length === undefined ? [] : [startMs + length])];
  return { startMs: Math.round(startMs), endMs: Math.round(Math.min(...ends)) };
}

/** Clock times with a fraction or frames, and counts of hours, minutes, seconds, milliseconds, frames or ticks (10.3.1); ms. */
function timeOf(text: string, { frames, ticks }: Rates): number | undefined {
  const clock = /^\s*(\d{2,}):(\d\d):(\d\d)(?:(\.\d+)|:(\d{2,})(?:\.\d+)?)?\s*$/.exec(text);
  if (clock) {
    const [, h, m, s, fraction, frame] = clock;
    return (Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(fraction ?? 0)) * 1000 + (frame === undefined ? 0 : (Number(frame) * 1000) / frames);
  }
  const count = /^\s*(\d+(?:\.\d+)?)(h|ms|m|s|f|t)\s*$/.exec(text);
  if (!count) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, f: 1000 / frames, t: 1000 / ticks };
  return Number(count[1]) * units[count[2]!]!;
}

function ratesOf(root: XmlElement): Rates {
  const number = (name: string): number | undefined => {
    const value = Number(attribute(root, name));
    return value > 0 ? value : undefined;
  };
  const [num = 1, den = 1] = (attribute(root, "frameRateMultiplier") ?? "1 1").split(/[\s:]+/).map(Number);
  const frameRate = number("frameRate");
  const frames = (frameRate ?? 30) * (num > 0 && den > 0 ? num / den : 1);
  return { frames, ticks: number("tickRate") ?? (frameRate === undefined ? 1 : frames) };
}

function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* descendants(child);
}

const words = (element: XmlElement): string => element.content.map((piece) => (typeof piece === "string" ? piece : words(piece))).join("");
