/** Does with a hostile file what the product does with every video, and says what came of it. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { throwIfAborted, VqaError, type ErrorCode } from "../../server/src/engine/errors.js";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import type { HostileCase } from "./case.js";

export interface Outcome {
  /** Undefined when it opened. */
  readonly code: ErrorCode | undefined;
  /** For people: what was seen of it, or the error. */
  readonly says: string;
  /** Only where it opened. */
  readonly cues: string;
  /** It opened as something else than the bytes that are in it. */
  readonly other: boolean;
}

/** What may come of a file that is only odd. */
const ORDINARY: readonly ErrorCode[] = ["video-refused", "video-unreadable", "no-video-stream", "limit-exceeded", "decoder-failed", "time-out-of-range"];
/** Digests are compared up to here. */
const COMPARED_BYTES = 64 * 2 ** 20;

export async function attempt(media: Media, path: string, signal?: AbortSignal): Promise<Outcome> {
  try {
    const info = await media.frames.probe(path, signal);
    throwIfAborted(signal);
    const other = statSync(path).size <= COMPARED_BYTES && info.digest !== createHash("sha256").update(readFileSync(path)).digest("hex");
    const cues = await wordsOf(media, info, signal);
    const seen: string[] = [];
    if (info.video) {
      const timesMs = [0, Math.floor(info.durationMs / 2), Math.floor(info.durationMs)];
      const frames = await media.frames.frames({ path, timesMs, width: 32, height: 32, resize: "squash", mode: "exact" }, signal);
      seen.push(`${info.video.codec} ${info.video.width} x ${info.video.height}, ${frames.length} frames`);
    }
    if (info.audio.length > 0) seen.push(`${(await media.audio.pcm16k(path, 0, Math.min(500, info.durationMs), signal))?.length ?? 0} samples of sound`);
    return { code: undefined, says: `opens: ${seen.join(", ") || "subtitles only"}`, cues, other };
  } catch (thrown) {
    if (!(thrown instanceof VqaError) || thrown.code === "internal") throw thrown;
    return { code: thrown.code, says: `${thrown.code}: ${thrown.message.split("\n")[0]}`, cues: "", other: false };
  }
}

async function wordsOf(media: Media, info: Parameters<Media["cues"]["cues"]>[0], signal?: AbortSignal): Promise<string> {
  try {
    const track = await media.cues.cues(info, [], signal);
    if (track === undefined) return "none";
    return `${track.cues.length} cue${track.cues.length === 1 ? "" : "s"}: "${track.cues[0]?.text.slice(0, 40) ?? ""}"`;
  } catch (thrown) {
    if (!(thrown instanceof VqaError) || thrown.code === "internal") throw thrown;
    return `${thrown.code}: ${thrown.message.split("\n")[0]}`;
  }
}

/** What of an outcome must not be; undefined when all is well. */
export function complaint({ expect, cues }: HostileCase, { code, says, cues: words, other }: Outcome): string | undefined {
  if (other) return "another file was opened";
  if (code === undefined && cues && !cues.test(words)) return `its subtitles gave ${words}`;
  if (expect === "harmless") return code === undefined || ORDINARY.includes(code) ? undefined : says;
  if (expect === "itself") return code === undefined ? undefined : says;
  return code !== undefined && expect.includes(code) ? undefined : says;
}
