/** Subtitle files as records of a notebook. */
import { trimLines } from "./blanks.js";
import type { CueFile } from "./cueFile.js";
import type { Losses } from "./losses.js";
import type { Found, Source } from "./records.js";

/**
 * @param read also gets the file's name, for messages
 * @param markup a cue's text as WebVTT markup; `place` is for messages
 */
export async function* readCueFiles(
  sources: readonly Source[],
  read: (text: string, name: string) => CueFile,
  markup: (text: string, place: string) => string,
  losses: Losses,
): AsyncGenerator<Found> {
  for (const source of sources) {
    // Of a size that decoders read whole as well.
    const parts: string[] = [];
    for await (const chunk of source.chunks()) parts.push(chunk);
    const { blocks, problems, losses: forms = [] } = read(parts.join(""), source.name);
    for (const { code = "bad-record", what, at } of [...problems, ...forms]) losses.add(code, `${source.name}:${at + 1}: ${what}`);
    for (const block of blocks) {
      if (block.kind === "cue") {
        const { startMs, endMs, id, settings, at } = block;
        const lines = trimLines(block.lines, (line) => line.trim() === "");
        yield { video: undefined, record: { kind: "cue", startMs, endMs, id, settings, text: markup(lines.join("\n"), `${source.name}:${at + 1}`) } };
      } else yield* fromBlock(block.kind, block.lines);
    }
  }
}

function* fromBlock(kind: "header" | "note" | "style", lines: readonly string[]): Generator<Found> {
  const [first = "", ...more] = lines;
  if (kind === "style") yield { video: undefined, record: { kind, text: lines.map((line) => line.trimEnd()).join("\n").replace(/^REGION:/, "REGION") } };
  else if (kind === "note") yield { video: undefined, record: { kind, text: [first.replace(/^NOTE[ \t]*/, ""), ...more].join("\n").trim() } };
  else {
    const title = first.replace(/^\ufeff?WEBVTT/, "").trim();
    const entries = [...(title === "" ? [] : [["webvtt", title] as const]), ...more.map((line) => ["webvtt.header", line.trim()] as const)];
    if (entries.length > 0) yield { video: undefined, record: { kind: "header", entries } };
  }
}
