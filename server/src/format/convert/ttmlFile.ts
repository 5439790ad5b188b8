/**
 * Timed Text Markup Language (W3C TTML 1 and 2, with its profiles DFXP, IMSC and EBU-TT-D): paragraphs
 * and spans with times become cues, their words in WebVTT markup. Regions and most styles are left out.
 */
import { trimBlanks, trimLines } from "./blanks.js";
import { FormatError } from "../errors.js";
import type { CueFile, FileCue, FileProblem } from "./cueFile.js";
import { escapeCueText } from "./srtMarkup.js";
import { clockOf, timeOf, type Clock } from "./ttmlTime.js";
import { parseXml, type XmlElement } from "./xml.js";

interface Context {
  readonly clock: Clock;
  /** Of the programme on the clock of the file, ms. */
  readonly originMs: number;
  readonly styles: ReadonlyMap<string, XmlElement>;
  readonly agents: ReadonlyMap<string, string>;
  readonly blocks: FileCue[];
  readonly problems: FileProblem[];
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
  const clock = clockOf((key) => attribute(root, key));
  // EBU Tech 3350: programmes often begin at 10:00:00:00.
  const start = all.find((e) => local(e.name) === "documentStartOfProgramme");
  const context: Context = {
    clock,
    originMs: (start && timeOf(words(start), clock)) || 0,
    styles: new Map(ids("style")),
    agents: new Map(ids("agent").map(([id, agent]) => [id, words(agent).trim()])),
    blocks: [],
    problems: [],
  };
  const body = root.children.find((child) => local(child.name) === "body");
  if (body) container(body, { startMs: 0, endMs: Infinity }, { agent: undefined, preserved: attribute(root, "space") === "preserve" }, context);
  for (const e of body === undefined ? [] : descendants(body)) {
    if (attribute(e, "backgroundImage") !== undefined || local(e.name) === "image") context.problems.push({ code: "pictures", what: "picture of text left out", at: e.line });
  }
  if (attribute(root, "timeBase") === "clock") context.problems.push({ code: "bad-scope", what: "times of day, read as times of the film", at: root.line });
  const blocks = ended(context.blocks, context.problems);
  const styling = stylingOf(root, all);
  const losses: FileProblem[] = styling.size === 0 ? [] : [{ code: "styling", what: [...styling].join(", "), at: 0 }];
  return { blocks, problems: context.problems, losses };
}

/** What has no end is shown to the end of the film, which no one means: it ends where the next begins. */
function ended(cues: readonly FileCue[], problems: FileProblem[]): readonly FileCue[] {
  if (cues.every(({ endMs }) => Number.isFinite(endMs))) return cues;
  const starts = [...new Set(cues.map(({ startMs }) => startMs))].sort((a, b) => a - b);
  const next = new Map(starts.map((start, i) => [start, starts[i + 1]]));
  return cues.flatMap((cue) => {
    if (Number.isFinite(cue.endMs)) return [cue];
    const endMs = next.get(cue.startMs);
    if (endMs !== undefined) problems.push({ code: "cue-time", what: "cue without an end, ended where the next begins", at: cue.at });
    else problems.push({ what: "cue dropped, because it has no end", at: cue.at });
    return endMs === undefined ? [] : [{ ...cue, endMs }];
  });
}

/** Names of the styles and places that are left out. */
function stylingOf(root: XmlElement, all: readonly XmlElement[]): ReadonlySet<string> {
  // The namespaces of TTML, IMSC and EBU-TT for them; which prefix a file takes is its own choice.
  const prefixes = Object.entries(root.attributes).flatMap(([key, value]) => (key.startsWith("xmlns:") && /styl/.test(value) ? [key.slice(6)] : []));
  const names = all.flatMap((e) => Object.keys(e.attributes).filter((key) => key === "region" || prefixes.includes(key.split(":")[0]!)).map(local));
  const kept = ["fontStyle", "fontWeight", "textDecoration", "ruby", "extent"];
  return new Set(names.filter((name) => !kept.includes(name)));
}

interface Inherited {
  readonly agent: string | undefined;
  /** White space counts. */
  readonly preserved: boolean;
}

function inherit(element: XmlElement, { agent, preserved }: Inherited): Inherited {
  const space = attribute(element, "space");
  return { agent: attribute(element, "agent") ?? agent, preserved: space === undefined ? preserved : space === "preserve" };
}

/** body, div and paragraph: times are relative to the parent's start. */
function container(element: XmlElement, parent: Interval, from: Inherited, context: Context): void {
  const own = intervalOf(element, parent, context);
  if (!own) return;
  const inherited = inherit(element, from);
  if (local(element.name) === "p") return paragraph(element, own, inherited, context);
  const children = element.children.filter((child) => ["div", "p"].includes(local(child.name)));
  // In a sequence each child begins where the one before ended.
  const sequence = attribute(element, "timeContainer") === "seq";
  let { startMs } = own;
  for (const child of children) {
    const within = { startMs, endMs: own.endMs };
    container(child, within, inherited, context);
    const endMs = sequence ? (intervalOf(child, within, { ...context, problems: [] })?.endMs ?? Infinity) : startMs;
    if (Number.isFinite(endMs)) startMs = endMs;
  }
}

/** One cue of what has the paragraph's time, and one of each span with a time of its own. */
function paragraph(element: XmlElement, own: Interval, { agent, preserved }: Inherited, context: Context): void {
  const cues: FileCue[] = [];
  const speaker = (agent ?? "").split(/\s+/).flatMap((id) => context.agents.get(id) || []).join(", ").replace(/[<>]/g, "");
  const cue = (part: XmlElement, interval: Interval, text: string): void => {
    const lines = trimLines(text.split("\n").map(trimBlanks), (line) => line === "");
    if (lines.join("").replace(/<[^>]*>/g, "").trim() === "") return;
    const [startMs, endMs] = [interval.startMs - context.originMs, interval.endMs - context.originMs];
    if (endMs <= 0 && startMs < 0) context.problems.push({ what: "cue dropped, because it is before the start of the programme", at: part.line });
    else {
      const marked = speaker === "" ? lines : [`<v ${escapeCueText(speaker)}>${lines[0]}`, ...lines.slice(1)];
      cues.push({ kind: "cue", startMs: Math.max(0, Math.round(startMs)), endMs: Math.round(endMs), id: attribute(part, "id"), settings: "", lines: marked, at: part.line });
    }
  };
  const render = (part: XmlElement, interval: Interval, keep: boolean): string => {
    let out = "";
    for (const piece of part.content) {
      if (typeof piece === "string") {
        out += escapeCueText(keep ? piece : piece.replace(/[ \t\r\n]+/g, " "));
        continue;
      }
      const kind = local(piece.name);
      if (kind === "br") out += "\n";
      if (kind !== "span") continue;
      const timed = ["begin", "end", "dur"].some((key) => attribute(piece, key) !== undefined);
      const inner = timed ? intervalOf(piece, interval, context) : interval;
      if (!inner) continue;
      const text = styled(piece, render(piece, inner, inherit(piece, { agent, preserved: keep }).preserved), context);
      if (timed) cue(piece, inner, text);
      else out += text;
    }
    return out;
  };
  cue(element, own, styled(element, render(element, own, preserved), context));
  context.blocks.push(...cues.sort((a, b) => a.startMs - b.startMs));
}

function styled(element: XmlElement, text: string, { styles }: Context): string {
  const chain = [element];
  // Styles may refer to others; each counts once, so that a circle ends.
  for (const each of chain) {
    for (const id of (attribute(each, "style") ?? "").split(/\s+/).reverse()) {
      const style = styles.get(id);
      if (style !== undefined && !chain.includes(style)) chain.push(style);
    }
  }
  const says = (name: string): string | undefined => chain.map((e) => attribute(e, name)).find((value) => value !== undefined);
  const ruby = says("ruby");
  if (ruby === "delimiter") return "";
  const tags = [
    ...(says("fontWeight") === "bold" ? ["b"] : []),
    ...(["italic", "oblique"].includes(says("fontStyle") ?? "") ? ["i"] : []),
    ...(/(?<!no)underline/i.test(says("textDecoration") ?? "") ? ["u"] : []),
    ...(ruby === "container" ? ["ruby"] : ruby === "text" ? ["rt"] : []),
  ];
  return text.trim() === "" ? text : tags.reduce((inner, tag) => `<${tag}>${inner}</${tag}>`, text);
}

function intervalOf(element: XmlElement, parent: Interval, { clock, problems }: Context): Interval | undefined {
  const [begin, end, dur] = ["begin", "end", "dur"].map((name) => attribute(element, name));
  const read = (value: string | undefined): number | undefined => (value === undefined ? undefined : timeOf(value, clock));
  const [from, to, length] = [read(begin), read(end), read(dur)];
  if ((begin !== undefined && from === undefined) || (end !== undefined && to === undefined) || (dur !== undefined && length === undefined)) {
    problems.push({ what: `cue dropped, because its time cannot be read`, at: element.line });
    return undefined;
  }
  const startMs = parent.startMs + (from ?? 0);
  // The earlier of both ends counts (TTML 1, 10.2.4).
  const ends = [parent.endMs, ...(to === undefined ? [] : [parent.startMs + to]), ...(length === undefined ? [] : [startMs + length])];
  return { startMs, endMs: Math.min(...ends) };
}

function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* descendants(child);
}

const words = (element: XmlElement): string => element.content.map((piece) => (typeof piece === "string" ? piece : words(piece))).join("");
