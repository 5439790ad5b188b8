import type { Cue } from "../../../engine/ports.js";
import type { ParsedCues } from "./cueText.js";
import { plainAss } from "./plain.js";

/** Field order of SSA/ASS when the file does not say (v4.00+). */
const DEFAULT_FORMAT = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"];
const TIME = /^\s*(\d+):(\d{1,2}):(\d{1,2})(?:[.:](\d{1,3}))?\s*$/;

function timeOf(text: string | undefined): number | undefined {
  const m = TIME.exec(text ?? "");
  return m ? Number(m[1]) * 3_600_000 + Number(m[2]) * 60_000 + Number(m[3]) * 1000 + Number((m[4] ?? "0").padEnd(3, "0")) : undefined;
}

/**
 * Events of Advanced SubStation Alpha (and SSA). Comments are not shown and not read; drawings hold
 * no words and are counted. The speaker's name, when given, stands before the text.
 */
export function parseAss(text: string): ParsedCues {
  const cues: Cue[] = [];
  let format = DEFAULT_FORMAT;
  let inEvents = false;
  let unreadable = 0;
  let drawings = 0;
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)) {
    const section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) inEvents = section.trim().toLowerCase() === "events";
    const entry = /^\s*(Format|Dialogue)\s*:\s*(.*)$/i.exec(line);
    if (!inEvents || !entry) continue;
    if (entry[1]!.toLowerCase() === "format") {
      format = entry[2]!.split(",").map((name) => name.trim().toLowerCase());
      continue;
    }
    // The text is the last field and may hold commas.
    const fields = entry[2]!.split(",");
    const field = (name: string): string | undefined => fields[format.indexOf(name)];
    const words = plainAss(fields.slice(format.length - 1).join(","));
    const start = timeOf(field("start"));
    const end = timeOf(field("end"));
    if (words === undefined) drawings++;
    else if (start === undefined || end === undefined || end <= start) unreadable++;
    else if (words !== "") {
      const speaker = (field("name") ?? field("actor") ?? "").trim();
      cues.push({ startMs: start, endMs: end, text: speaker ? `${speaker}: ${words}` : words });
    }
  }
  const warnings: string[] = [];
  if (unreadable > 0) warnings.push(`${unreadable} x cue dropped, because its time cannot be read`);
  if (drawings > 0) warnings.push(`${drawings} x drawing left out`);
  return { cues: cues.sort((a, b) => a.startMs - b.startMs), warnings };
}
