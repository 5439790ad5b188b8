import type { Cue } from "../../../engine/ports.js";
import { readAss, readSrt, readTtml, readVtt, type CueFile } from "../../../format/index.js";
import { plainCue } from "./plain.js";

/** Cues of a text, by start, and what could not be used, in words. */
export interface ParsedCues {
  readonly cues: readonly Cue[];
  readonly warnings: readonly string[];
}

/** WebVTT: styles, regions and notes carry no text of the video. */
export function parseVtt(text: string): ParsedCues {
  return plainCues(readVtt(text));
}

/** SubRip, however careless. */
export function parseSrt(text: string): ParsedCues {
  return plainCues(readSrt(text));
}

/** Advanced SubStation Alpha, and SSA. */
export function parseAss(text: string): ParsedCues {
  return plainCues(readAss(text));
}

/** TTML. Error: FormatError when it is none. */
export function parseTtml(text: string, name: string): ParsedCues {
  return plainCues(readTtml(text, name));
}

function plainCues({ blocks, problems }: CueFile): ParsedCues {
  const found = [...problems];
  const cues: Cue[] = [];
  for (const block of blocks) {
    if (block.kind !== "cue") continue;
    const { startMs, endMs, lines, at } = block;
    const text = plainCue(lines.join("\n"));
    if (text === "") continue;
    if (endMs <= startMs) found.push({ what: "cue dropped, because it ends before it begins", at });
    else cues.push({ startMs, endMs, text });
  }
  // Array.sort is stable: cues of one time keep the order of the file.
  return { cues: cues.sort((a, b) => a.startMs - b.startMs), warnings: warnings(found.sort((a, b) => a.at - b.at)) };
}

function warnings(problems: CueFile["problems"]): string[] {
  const byKind = new Map<string, number[]>();
  for (const { what, at } of problems) {
    const lines = byKind.get(what);
    if (lines === undefined) byKind.set(what, [at + 1]);
    else lines.push(at + 1);
  }
  return [...byKind].map(([what, lines]) => {
    const shown = lines.slice(0, 5).join(", ") + (lines.length > 5 ? ", ..." : "");
    return `${lines.length} x ${what} (line ${shown})`;
  });
}
