import { basename } from "node:path";
import { VqaError } from "../../engine/errors.js";

/** Terminals obey control characters, and marks of writing direction turn a name around: neither is shown as it is. */
const shown = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const name = (path: string): string => `"${shown(basename(path))}"`;
const data = (path: string, more: Record<string, unknown> = {}) => ({ data: { path, ...more } });

export const videoNotFound = (path: string) =>
  new VqaError("video-not-found", `There is no file ${shown(path)}.`, "Check the path of the video.", data(path));

export const videoEmpty = (path: string) =>
  new VqaError("video-empty", `${name(path)} is empty (0 bytes).`, "Copy or download the video again.", data(path));

export const videoRefused = (path: string, why: string) =>
  new VqaError("video-refused", `${name(path)} was not opened: ${why}.`, "Use a video file such as .mp4, .mkv or .webm.", data(path));

export const videoUnreadable = (path: string, why: string, stderr = "") =>
  new VqaError(
    "video-unreadable",
    `${name(path)} cannot be read as a video: ${why}.`,
    "Check that it plays in a video player; copy or convert it again if not.",
    data(path, stderr ? { stderr } : {}),
  );

export const noVideoStream = (path: string) =>
  new VqaError("no-video-stream", `${name(path)} has no video stream, only sound or text.`, "Use a file with pictures.", data(path));

export const timeOutOfRange = (path: string, timeMs: number, durationMs: number) =>
  new VqaError(
    "time-out-of-range",
    `${name(path)} has no picture at ${seconds(timeMs)}: it lasts ${seconds(durationMs)}.`,
    `Use a time between 0 and ${seconds(durationMs)}.`,
    data(path, { timeMs, durationMs }),
  );

export const decoderFailed = (path: string, what: string, stderr = "") =>
  new VqaError(
    "decoder-failed",
    `Decoding ${name(path)} failed: ${what}.${stderr ? `\n${stderr}` : ""}`,
    "Convert the video to H.264 mp4, or try another ffmpeg.",
    data(path, stderr ? { stderr } : {}),
  );

export const limitExceeded = (path: string, what: string) =>
  new VqaError("limit-exceeded", `${name(path)}: ${what}.`, "Ask for less at a time, or raise the media limits.", data(path));

export const subtitlesUnreadable = (path: string, why: string) =>
  new VqaError("subtitles-unreadable", `The subtitles ${name(path)} cannot be read: ${why}.`, "Repair or remove the subtitle file.", data(path));

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;
