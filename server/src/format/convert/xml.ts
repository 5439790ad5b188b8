/**
 * The part of XML 1.0 that annotation files are written in: elements, attributes, text, references,
 * comments, CDATA and processing instructions. Document types are refused: with them come entities
 * that grow without end and files that are fetched.
 */
import { FormatError } from "../errors.js";

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, that of its children left out. */
  readonly text: string;
  /** Text and children as they follow each other. */
  readonly content: readonly (string | XmlElement)[];
  /** Where it begins, from 0. */
  readonly line: number;
}

interface Building {
  name: string;
  attributes: Record<string, string>;
  children: Building[];
  text: string;
  content: (string | Building)[];
  line: number;
}

const MARKUP = /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const MAX_DEPTH = 100;

/** The root element. Throws FormatError `bad-file`. */
export function parseXml(source: string, name: string): XmlElement {
  const root: Building = { name: "", attributes: Object.create(null) as Record<string, string>, children: [], text: "", content: [], line: 0 };
  const open: Building[] = [root];
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 0;
  const bad = (why: string): FormatError => {
    const line = source.slice(0, at).split("\n").length;
    return new FormatError("bad-file", `${name}:${line}: ${why}.`, "Check the file, or save it again.");
  };
  while (at < source.length) {
    const next = source.indexOf("<", at);
    const inner = open.at(-1) as Building;
    const words = source.slice(at, next === -1 ? source.length : next);
    if (inner === root && words.trim() !== "") throw bad("text outside of all elements");
    line += lineEnds(words);
    say(inner, unescape(words));
    if (next === -1) break;
    at = next;
    MARKUP.lastIndex = at;
    const match = MARKUP.exec(source);
    if (match === null) throw bad(source.startsWith("<!DOCTYPE", at) ? "document types are not read" : "markup that cannot be read");
    const [whole, data, end, start, attributes = "", slash] = match;
    if (data !== undefined) say(inner, data);
    else if (end !== undefined) {
      if (inner === root || inner.name !== end) throw bad(`</${end}> without its beginning`);
      open.pop();
    } else if (start !== undefined) {
      const element: Building = { name: start, attributes: Object.create(null) as Record<string, string>, children: [], text: "", content: [], line };
      for (const [, key = "", double, single] of attributes.matchAll(ATTRIBUTE)) element.attributes[key] = unescape(double ?? single ?? "");
      inner.children.push(element);
      inner.content.push(element);
      if (slash !== "/") open.push(element);
      if (open.length > MAX_DEPTH) throw bad("its elements are nested too deep");
    }
    line += lineEnds(whole);
    at += whole.length;
  }
  const [only, ...more] = root.children;
  if (open.length > 1) throw bad(`<${open.at(-1)?.name}> is never closed`);
  if (only === undefined || more.length > 0) throw bad("it has no single root element");
  return only;
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function say(element: Building, text: string): void {
  if (text === "") return;
  element.text += text;
  element.content.push(text);
}

export function* elements(parent: XmlElement, name: string): Generator<XmlElement> {
  for (const child of parent.children) if (child.name === name) yield child;
}

/** For text and attributes. Characters that XML cannot hold, not even by number, are left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "")
    .replace(/[&<>"\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescape(text: string): string {
  // What is written as a line end is "\n", however it was written (XML 1.0, 2.11).
  return text.replace(/\r\n?/g, "\n").replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? all;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : all;
  });
}
