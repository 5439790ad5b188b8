/**
 * Advanced SubStation Alpha (and SSA): events as cues, their words in WebVTT markup. Override codes
 * become bold, italic and underlined where they say so; positions, colours and effects are left out.
 */
import type { CueFile, FileCue } from "./cueFile.js";
import { escapeCueText } from "./srtMarkup.js";

/** Field order when the file does not say (v4.00+). */
const DEFAULT_FORMAT = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"];
const TIME = /^\s*(\d+):(\d{1,2}):(\d{1,2})(?:[.:](\d{1,3}))?\s*$/;

function timeOf(text: string | undefined): number | undefined {
  const m = TIME.exec(text ?? "");
  return m ? Number(m[1]) * 3_600_000 + Number(m[2]) * 60_000 + Number(m[3]) * 1000 + Number((m[4] ?? "0").padEnd(3, "0")) : undefined;
}

/**
 * Comments are not shown and not read; drawings hold no words and are told as problems. The speaker's
 * name, when given, becomes a voice tag. Never throws.
 */
export function readAss(text: string): CueFile {
  const blocks: FileCue[] = [];
  const problems: { what: string; at: number }[] = [];
  let format = DEFAULT_FORMAT;
  let inEvents = false;
  for (const [at, line] of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).entries()) {
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
    const words = eventMarkup(fields.slice(format.length - 1).join(","));
    const [startMs, endMs] = [timeOf(field("start")), timeOf(field("end"))];
    if (words === undefined) problems.push({ what: "drawing left out", at });
    else if (startMs === undefined || endMs === undefined) problems.push({ what: "cue dropped, because its time cannot be read", at });
    else if (words !== "") {
      const speaker = (field("name") ?? field("actor") ?? "").trim().replace(/[<>]/g, "");
      const marked = speaker ? `<v ${escapeCueText(speaker)}>${words}` : words;
      blocks.push({ kind: "cue", startMs, endMs, id: undefined, settings: "", lines: marked.split("\n"), at });
    }
  }
  return { blocks, problems };
}

/** Markup of an event's text; undefined for a drawing (`{\p1}` and shapes), which holds no words. */
export function eventMarkup(event: string): string | undefined {
  let drawing = false;
  let drew = false;
  let out = "";
  let open: string[] = [];
  const style = (tag: string, on: boolean): void => {
    if (on && !open.includes(tag)) {
      open.push(tag);
      out += `<${tag}>`;
    } else if (!on && open.includes(tag)) {
      // Tags must nest: those inside are closed with it and opened again.
      const inside = open.slice(open.indexOf(tag) + 1);
      out += [...inside].reverse().map((t) => `</${t}>`).join("") + `</${tag}>` + inside.map((t) => `<${t}>`).join("");
      open = open.filter((t) => t !== tag);
    }
  };
  for (const part of event.split(/(\{[^}]*\})/)) {
    if (part.startsWith("{") && part.endsWith("}")) {
      for (const [, code, value] of part.matchAll(/\\(p|[biu])(\d+)(?![a-zA-Z(])/g)) {
        if (code === "p") drawing = Number(value) > 0;
        else style(code!, Number(value) > 0);
      }
      if (/\\r/.test(part)) for (const tag of [...open].reverse()) style(tag, false);
    } else if (drawing) drew ||= part.trim() !== "";
    else out += escapeCueText(part.replace(/\\[Nn]/g, "\n").replace(/\\h/g, " "));
  }
  for (const tag of [...open].reverse()) style(tag, false);
  const text = out.replace(/<([biu])>(\s*)<\/\1>/g, "$2");
  const empty = text.replace(/<[^>]*>/g, "").trim() === "";
  return empty ? (drew ? undefined : "") : text;
}
