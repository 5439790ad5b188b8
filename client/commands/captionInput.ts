/** What people type and select for the commands on subtitles, as what the server takes. Pure. */
import { parse, parseTime, readSrt, readVtt, type Span } from "../../server/src/format/index.js";

/** A cue with the line of its times, from 0. */
export interface CueLine extends Span {
  readonly line: number;
  readonly text: string;
}

/** `+1.5` and `-2` are seconds, `250 ms` is what it says, `-0:01:02.5` is a time. Undefined for anything else. */
export function parseOffset(text: string): number | undefined {
  const [, sign = "", amount = "", unit = ""] = /^\s*([+\u2212-]?)\s*([\d:.,]+)\s*(ms|s)?\s*$/.exec(text) ?? [];
  const written = amount.replace(",", ".");
  const ms = written.includes(":") ? (unit === "" ? parseTime(written) : undefined) : /^\d+(\.\d+)?$/.test(written) ? Math.round(Number(written) * (unit === "ms" ? 1 : 1000)) : undefined;
  if (ms === undefined || !Number.isSafeInteger(ms)) return undefined;
  return sign === "" || sign === "+" || ms === 0 ? ms : -ms;
}

/** A time as in the file, or in seconds. */
export function parseMoment(text: string): number | undefined {
  const ms = parseOffset(text.replace(/^\s*[+\u2212-]/, "x"));
  return ms === undefined || ms < 0 ? undefined : ms;
}

/** The cues of a text, in order of time. `extension` is that of the file, with its dot. */
export function cueLines(source: string, extension: string): CueLine[] {
  const kind = extension.toLowerCase();
  const cues =
    kind === ".srt" || kind === ".vtt"
      ? (kind === ".srt" ? readSrt : readVtt)(source).blocks.flatMap((block) => (block.kind === "cue" ? [{ startMs: block.startMs, endMs: block.endMs, line: block.at, text: block.lines.join(" ").trim() }] : []))
      : parse(source).blocks.flatMap((block) =>
          block.kind === "cue" ? [{ startMs: block.startMs, endMs: block.endMs, line: block.line - 1 + (block.id === undefined ? 0 : 1), text: block.lines.map((line) => line.text).join(" ").trim() }] : [],
        );
  return cues.sort((a, b) => a.startMs - b.startMs);
}

const LIMITS = ["minGapMs", "minDurationMs", "maxDurationMs", "maxCharactersPerSecond", "maxLineLength", "maxLines"] as const;

/** The settings as the server takes them: what somebody mistyped is left out, and does not keep it from starting. */
export function captionOptions(settings: unknown): { check?: boolean } & { [K in (typeof LIMITS)[number]]?: number } {
  const given = (typeof settings === "object" && settings !== null ? settings : {}) as Readonly<Record<string, unknown>>;
  const limits = LIMITS.flatMap((key) => {
    const value = given[key];
    return typeof value === "number" && value >= 0 && value <= 1_000_000 ? [[key, value] as const] : [];
  });
  return { ...(typeof given["check"] === "boolean" ? { check: given["check"] } : {}), ...Object.fromEntries(limits) };
}
