import { decodeEntities } from "../../../format/index.js";

/**
 * Markup to plain text. Words are never lost: a speaker tag becomes "Name: ", a ruby reading goes
 * into parentheses, and what only looks like a tag ("<3", "a < b") stays.
 */

/*
 * Both patterns stop where another tag or block begins. Would they not, each `<` of a text without `>`
 * would look for one up to the end: a file of a megabyte took hours.
 */

/** Tags of WebVTT (W3C WebVTT 1, 4.2.2) and of SubRip in practice; a timestamp tag marks karaoke. */
const TAG = /<(\/?)(b|i|u|s|c|v|font|lang|ruby|rt|br)((?:\.[^\s<>/]*)?)(?:[\s/]([^<>]*))?>|<\d+(?::\d\d){1,2}\.\d{3}>/gi;

/** Override blocks that ASS left in SRT files: `{\an8}`, `{\i1}`. */
const OVERRIDE = /\{\\[^{}]*\}/g;

const tidy = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replace(/[ \t\u00a0]+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");

/** Text of an SRT or WebVTT cue. */
export function plainCue(markup: string): string {
  const stripped = markup.replace(OVERRIDE, "").replace(TAG, (_all, slash?: string, name?: string, _classes?: string, rest?: string) => {
    switch (name?.toLowerCase()) {
      case "v":
        return slash || !rest?.trim() ? "" : `${rest.trim()}: `;
      case "rt":
        return slash ? ")" : "(";
      case "br":
        return "\n";
      default:
        return "";
    }
  });
  return tidy(decodeEntities(stripped));
}
