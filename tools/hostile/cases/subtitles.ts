/** Subtitle files beside a good film. The film opens in every case; `cues` says what becomes of them. */
import { spawnSync } from "node:child_process";
import { existsSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Ground, HostileCase } from "../case.js";

const beside = (name: string, cues: RegExp, extension: string, put: (path: string, ground: Ground) => boolean | void): HostileCase => ({
  kind: "subtitles",
  name,
  make: (ground) => {
    const path = join(ground.folder, "clip.mp4");
    writeFileSync(path, ground.film);
    return put(join(ground.folder, `clip.${extension}`), ground) === false ? undefined : path;
  },
  expect: "itself",
  cues,
});

const link = (target: string) => (path: string): boolean => {
  if (process.platform === "win32" || !existsSync(target)) return false;
  symlinkSync(target, path);
  return true;
};

const text = (content: string | ((ground: Ground) => string)) => (path: string, ground: Ground): void => writeFileSync(path, typeof content === "string" ? content : content(ground));

const ttml = (doctype: string, words: string): string => `<?xml version="1.0"?>\n${doctype}<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="0s" end="1s">${words}</p></div></body></tt>\n`;
const ass = (words: string): string => `[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,0:00:01.00,Default,${words}\n`;
const cue = (words: string): string => `1\n00:00:00,000 --> 00:00:01,000\n${words}\n`;
const LAUGHS = `<!DOCTYPE tt [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join("")}]>\n`;
const MANY = 1_000_000;
const many = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n00:00:00,000 --> 00:00:01,000\nx\n`).join("\n");

export const SUBTITLES: readonly HostileCase[] = [
  beside("a link to /dev/zero", /not a regular file/, "srt", link("/dev/zero")),
  beside("a pipe that nobody writes to", /not a regular file/, "srt", (path) => process.platform !== "win32" && spawnSync("mkfifo", [path]).status === 0),
  beside("1 GiB (sparse)", /more than the limit/, "srt", (path) => (writeFileSync(path, ""), truncateSync(path, 2 ** 30))),
  beside("NULs", /not text/, "srt", text("\0".repeat(4096))),
  // What is said to be in the other file is not among the cues: the lure holds a film.
  beside("TTML with an outside entity", /^(none|1 cue: ""|1 cue: "&e;")|subtitles-unreadable/, "ttml", text(({ lure }) => ttml(`<!DOCTYPE tt [<!ENTITY e SYSTEM "${pathToFileURL(lure("lure.txt")).href}">]>\n`, "&e;"))),
  beside("TTML with an outside document type", /^1 cue: "x"|subtitles-unreadable/, "ttml", text(({ address }) => ttml(`<!DOCTYPE tt SYSTEM "${address}/x.dtd">\n`, "x"))),
  beside("TTML that unfolds to 2 GB (a billion laughs)", /^(none|1 cue: "(&a30;)?")|subtitles-unreadable/, "ttml", text(ttml(LAUGHS, "&a30;"))),
  beside("TTML, 100 000 elements deep", /^(none|\d+ cue)|subtitles-unreadable/, "ttml", text(ttml("", `${"<span>".repeat(100_000)}x${"</span>".repeat(100_000)}`))),
  beside("SubRip, 100 000 cues", /^100000 cues/, "srt", text(many)),
  beside("SubRip, a line of a million <", /^1 cue/, "srt", text(cue("<".repeat(MANY)))),
  beside("SubRip, a line of a million {\\", /^1 cue/, "srt", text(cue("{\\".repeat(MANY)))),
  beside("SubRip, a million line breaks and blanks", /^(none|1 cue)/, "srt", text(cue(`x${" \n".repeat(MANY)}`))),
  beside("WebVTT, a million open tags", /^1 cue/, "vtt", text(`WEBVTT\n\n00:00.000 --> 00:01.000\n${"<c.a>".repeat(MANY)}x\n`)),
  beside("WebVTT, a heading of a million hyphens", /^(none|1 cue)/, "vtt", text(`WEBVTT\n\n${"-".repeat(MANY)}->\n\n00:00.000 --> 00:01.000\nx\n`)),
  beside("ASS, a million open braces", /^1 cue: "\{/, "ass", text(ass("{".repeat(MANY)))),
  beside("ASS, half a million parentheses in each other", /^1 cue/, "ass", text(ass(`{\\t${"(".repeat(MANY / 2)}\\b1${")".repeat(MANY / 2)}}x`))),
  beside("ASS, a million blanks within a line", /^1 cue/, "ass", text(ass(`x${" ".repeat(MANY)}y`))),
  beside("ASS, a million blanks for a key", /^1 cue/, "ass", text(`[Events]\n${" a".repeat(2)}${" ".repeat(MANY)}\n${ass("x")}`)),
  beside("TTML, a million blanks within a line", /^1 cue/, "ttml", text(ttml("", `<span xml:space="preserve">x${" ".repeat(MANY)}y</span>`))),
  beside("SubRip, times of a million hours", /^(none|1 cue)|subtitles-unreadable/, "srt", text(cue("x").replace("00:00:01", "999999999:00:01"))),
];
