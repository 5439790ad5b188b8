/**
 * Advanced SubStation Alpha, and SubStation Alpha 4: events as cues, their words in WebVTT markup.
 * Bold, italic and underlined are kept, from styles and override codes; positions, colours, layers
 * and effects are not. Times are in ms, of a file that counts hundredths.
 */
import { eventMarkup, type EventStyle } from "./assEvent.js";
import type { CueFile, FileBlock, FileCue, FileProblem } from "./cueFile.js";
import { escapeCueText } from "./srtMarkup.js";

/** Field order when the file does not say (v4.00+; the first is "Marked" in v4.00). */
const DEFAULT_FORMAT = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"];
const TIME = /^\s*(\d+):(\d{1,2}):(\d{1,2})(?:[.:](\d{1,3})\d*)?\s*$/;
const PLAIN: EventStyle = { b: false, i: false, u: false };

function timeOf(text: string | undefined): number | undefined {
  const m = TIME.exec(text ?? "");
  return m ? Number(m[1]) * 3_600_000 + Number(m[2]) * 60_000 + Number(m[3]) * 1000 + Number((m[4] ?? "0").padEnd(3, "0")) : undefined;
}

/** "Key: value", the key in small letters; empty both where the line is none. */
function entryOf(line: string): readonly [kind: string, value: string] {
  const colon = line.indexOf(":");
  const key = line.slice(0, Math.max(0, colon)).trim();
  return /^[A-Za-z][A-Za-z ]*$/.test(key) ? [key.toLowerCase(), line.slice(colon + 1).trimStart()] : ["", ""];
}

/**
 * Comment events become notes, drawings hold no words and are told as problems, and the same words
 * put on several layers (for their borders) are one cue. The speaker's name becomes a voice tag.
 * Never throws.
 */
export function readAss(text: string): CueFile {
  const blocks: (FileCue | FileBlock)[] = [];
  const problems: FileProblem[] = [];
  const losses: FileProblem[] = [];
  const styling = new Set<string>();
  const styles = new Map<string, EventStyle>();
  const seen = new Set<string>();
  let format = DEFAULT_FORMAT;
  let styleFormat: readonly string[] = [];
  let section = "";
  let wrap = 0;
  for (const [at, line] of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).entries()) {
    const name = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) {
      section = name.trim().toLowerCase();
      continue;
    }
    const [kind, value] = entryOf(line);
    const names = (): string[] => value.split(",").map((each) => each.trim().toLowerCase());
    if (section === "script info") {
      if (kind === "wrapstyle") wrap = Number(value);
      else if (kind === "title" || kind.startsWith("original ")) losses.push({ code: "header", what: line.trim(), at });
    } else if (/^v4\+? styles/.test(section)) {
      if (kind === "format") styleFormat = names();
      else if (kind === "style") {
        const fields = value.split(",");
        const on = (field: string): boolean => Number(fields[styleFormat.indexOf(field)] ?? 0) !== 0;
        styles.set((fields[styleFormat.indexOf("name")] ?? "").trim(), { b: on("bold"), i: on("italic"), u: on("underline") });
      }
    } else if (section === "events" && kind === "format") format = names();
    else if (section === "events" && kind !== "") event(kind, value, at);
  }

  function event(kind: string, value: string, at: number): void {
    if (kind !== "dialogue" && kind !== "comment") {
      problems.push({ code: "notes", what: `event "${kind}" left out`, at });
      return;
    }
    // The text is the last field and may hold commas.
    const fields = value.split(",");
    const field = (wanted: string): string => fields[format.indexOf(wanted)]?.trim() ?? "";
    const words = fields.slice(format.length - 1).join(",");
    if (kind === "comment") {
      if (words.trim() !== "") blocks.push({ kind: "note", lines: ["NOTE", ...words.split(/\\[Nn]/)] });
      return;
    }
    const styleName = field("style").replace(/^\*/, "");
    const { markup, drew, comments, codes } = eventMarkup(words, { style: styles.get(styleName) ?? PLAIN, styles, wrap });
    for (const code of codes) styling.add(`\\${code}`);
    if (!["", "default"].includes(styleName.toLowerCase())) styling.add(`style ${styleName}`);
    if (field("effect") !== "") styling.add(field("effect"));
    for (const comment of comments) losses.push({ code: "notes", what: comment, at });
    if (drew) problems.push({ code: "pictures", what: "drawing left out", at });
    if (markup === "") return;
    const [startMs, endMs] = [timeOf(field("start")), timeOf(field("end"))];
    if (startMs === undefined || endMs === undefined) {
      problems.push({ what: "cue dropped, because its time cannot be read", at });
      return;
    }
    const speaker = (field("name") || field("actor")).replace(/[<>]/g, "");
    const marked = speaker ? `<v ${escapeCueText(speaker)}>${markup}` : markup;
    const same = `${startMs} ${endMs} ${marked}`;
    if (seen.has(same)) losses.push({ code: "layers", what: marked, at });
    else blocks.push({ kind: "cue", startMs, endMs, id: undefined, settings: "", lines: marked.split("\n"), at });
    seen.add(same);
  }

  if (styling.size > 0) losses.push({ code: "styling", what: [...styling].join(", "), at: 0 });
  return { blocks, problems, losses };
}
