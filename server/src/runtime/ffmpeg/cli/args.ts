import type { MediaLimits } from "../limits.js";
import type { CheckedFile } from "../file.js";
import { FIRST_PIPE } from "../run.js";
import { FORMATS, PROTOCOLS } from "../whitelist.js";

/** Options in front of every input: no terminal, no other file, no other protocol. */
export function inputArgs(file: CheckedFile, limits: MediaLimits, before: readonly string[] = []): string[] {
  return [
    ...before,
    "-max_pixels", String(limits.maxPixels),
    "-protocol_whitelist", PROTOCOLS,
    "-format_whitelist", FORMATS,
    "-i", file.url,
  ];
}

export const QUIET = ["-nostdin", "-hide_banner", "-nostats"] as const;

/** One frame out for each frame in, with its own time: the option's name changed in 5.1. */
export function passthroughArgs(version: string): readonly string[] {
  const [major = 99, minor = 0] = (/^n?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  return major < 5 || (major === 5 && minor < 1) ? ["-vsync", "passthrough"] : ["-fps_mode", "passthrough"];
}

/**
 * Filter that writes the timestamp of each frame to a descriptor, in ticks. Printing needs a key on
 * the frame, so one is added.
 */
export const reportPts = (descriptor: number = FIRST_PIPE): string => `metadata=mode=add:key=vqa:value=1,metadata=mode=print:key=vqa:file='pipe\\:${descriptor}'`;

export const PTS_LINE = /^frame:\d+\s+pts:(-?\d+)\s/;
