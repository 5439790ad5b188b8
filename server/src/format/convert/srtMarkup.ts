/**
 * Markup of subtitles between WebVTT and SubRip. SubRip has no specification; bold, italic and
 * underlined are what its players agree on, so only these are carried over. Colours, positions
 * (`{\an8}`) and the like are left out, and speakers become a part of the words.
 */
import { decodeEntities } from "./entities.js";
import type { Losses } from "./losses.js";

const SRT_TAG = /<(\/?)(b|i|u|s|font)((?:\s[^<>]*)?)>|\{\\[^{}]*\}/gi;
/** What the other direction would take for markup. */
const LOOKS_LIKE_MARKUP = /<\/?(b|i|u|s|font)(\s[^<>]*)?>|\{\\[^{}]*\}|&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,4});/i;

/** SubRip to WebVTT. What is no tag of SubRip is text, and written so that WebVTT reads it as text. */
export function fromSrtMarkup(text: string, place: string, losses: Losses): string {
  let out = "";
  let at = 0;
  for (const match of text.matchAll(SRT_TAG)) {
    out += escapeCueText(decodeEntities(text.slice(at, match.index)));
    at = match.index + match[0].length;
    const name = match[2]?.toLowerCase();
    if ((name === "b" || name === "i" || name === "u") && match[3] === "") out += `<${match[1]}${name}>`;
    else if (match[1] !== "/") losses.add("styling", `${place}: ${match[0]}`);
  }
  return out + escapeCueText(decodeEntities(text.slice(at)));
}

/** WebVTT to SubRip. */
export function toSrtMarkup(markup: string, place: string, losses: Losses): string {
  let out = "";
  for (const [, tag, words] of markup.matchAll(/(<[^<>]*>)|((?:<(?![^<>]*>)|[^<])+)/g)) {
    if (words !== undefined) out += unescape(words, place, losses);
    else out += tagOf(tag ?? "", place, losses);
  }
  return out;
}

function tagOf(tag: string, place: string, losses: Losses): string {
  if (/^<\/?[biu]>$/.test(tag)) return tag;
  const [, slash, name, classes = "", annotation = ""] = /^<(\/?)([a-z]*)((?:\.[^\s>]*)?)(?:\s+([^>]*))?>$/.exec(tag) ?? [];
  if (name === "v") {
    if (slash === "/" || annotation.trim() === "") return "";
    losses.add("voice", `${place}: ${annotation.trim()}`);
    return `${unescape(annotation.trim(), place, losses)}: `;
  }
  if (slash !== "/") losses.add("styling", `${place}: ${tag}`);
  if (name === "rt") return slash === "/" ? ")" : "(";
  return (name === "b" || name === "i" || name === "u") && classes !== "" ? `<${slash ?? ""}${name}>` : "";
}

/** References resolved, except where the plain text would then be read as markup. */
function unescape(words: string, place: string, losses: Losses): string {
  const decoded = decodeEntities(words);
  // An arrow makes a line of times of any line, and players do not read references in SubRip.
  const plain = decoded.replaceAll("-->", "-- >");
  if (plain !== decoded) losses.add("escape", `${place}: ${decoded}`);
  if (!LOOKS_LIKE_MARKUP.test(plain)) return plain;
  losses.add("escape", `${place}: ${plain}`);
  return escapeCueText(plain).replaceAll("{\\", "{&#92;");
}

/** Plain words as WebVTT writes them. */
export function escapeCueText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
