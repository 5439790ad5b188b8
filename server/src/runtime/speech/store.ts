/**
 * Transcripts on disk, as WebVTT that people can read, named by the digest of what they were made
 * from. Entries appear by rename and never change; the folder may be emptied at any time. A cache
 * must never fail an answer: what cannot be read is a miss, what cannot be written is not kept.
 */
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import type { Span } from "../../engine/answer.js";
import type { SpeechOutcome, Transcript } from "../../engine/ports.js";
import { canonicalJson } from "../../format/index.js";
import { parseVtt } from "../ffmpeg/subtitles/cueText.js";
import { printVtt } from "./vtt.js";

export type Kept = Pick<Transcript, "cues" | "outcome" | "language">;

export interface TranscriptStore {
  get(key: string): Promise<Kept | undefined>;
  set(key: string, transcript: Kept): Promise<void>;
}

/** Grows when the same sound would be written down in another way. */
const RECIPE = 1;

export interface TranscriptOf {
  /** sha256 of the video's bytes. */
  readonly video: string;
  readonly recogniser: string;
  readonly languages: readonly string[];
  readonly spans: readonly Span[];
}

export function transcriptKey({ video, recogniser, languages, spans }: TranscriptOf): string {
  const parts = spans.map(({ startMs, endMs }) => [Math.round(startMs), Math.round(endMs)]);
  return createHash("sha256").update(canonicalJson({ recipe: RECIPE, video, recogniser, languages: [...languages], spans: parts })).digest("hex");
}

/** Bytes; an hour of speech takes about 60 kB. The transcripts that were not used for longest go first. */
const MAX_BYTES = 64 * 2 ** 20;
const STALE_MS = 60 * 60 * 1000;
const ENTRY = /^[0-9a-f]{64}\.vtt$/;
const TEMPORARY = /^\.[0-9a-f]{64}\..*\.part$/;
const NOTE = /^NOTE outcome (speech|no-sound|silence|no-speech)(?: in ([a-z]{2,3}))?, sha256 ([0-9a-f]{64})$/m;

export class DiskTranscripts implements TranscriptStore {
  constructor(
    readonly folder: string,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  async get(key: string): Promise<Kept | undefined> {
    const file = join(this.folder, `${key}.vtt`);
    const text = await fs.readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const [, outcome, language, digest] = NOTE.exec(text) ?? [];
    const { cues } = parseVtt(text);
    // Half a file, or one that somebody has edited, is no longer what the recogniser heard.
    if (outcome === undefined || digest !== digestOf(key, cues)) {
      await fs.rm(file, { force: true }).catch(() => undefined);
      return undefined;
    }
    const now = new Date();
    await fs.utimes(file, now, now).catch(() => undefined);
    return { cues, outcome: outcome as SpeechOutcome, ...(language === undefined ? {} : { language }) };
  }

  async set(key: string, { cues, outcome, language }: Kept): Promise<void> {
    const temporary = join(this.folder, `.${key}.${process.pid}.${randomBytes(4).toString("hex")}.part`);
    // What is digested is what will be read: whole milliseconds, without blanks around.
    const read = parseVtt(printVtt(cues)).cues;
    const note = `outcome ${outcome}${language === undefined ? "" : ` in ${language}`}, sha256 ${digestOf(key, read)}`;
    try {
      await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
      await fs.writeFile(temporary, printVtt(cues, note), { mode: 0o600 });
      await fs.rename(temporary, join(this.folder, `${key}.vtt`));
      await this.trim();
    } catch {
      await fs.rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  private async trim(): Promise<void> {
    const entries: { file: string; bytes: number; usedMs: number }[] = [];
    for (const name of await fs.readdir(this.folder)) {
      const file = join(this.folder, name);
      const stat = await fs.stat(file).catch(() => undefined);
      if (stat === undefined) continue;
      if (ENTRY.test(name)) entries.push({ file, bytes: stat.size, usedMs: stat.mtimeMs });
      else if (TEMPORARY.test(name) && Date.now() - stat.mtimeMs > STALE_MS) await fs.rm(file, { force: true });
    }
    entries.sort((a, b) => b.usedMs - a.usedMs);
    let total = 0;
    for (const { file, bytes } of entries) {
      total += bytes;
      if (total > this.maxBytes) await fs.rm(file, { force: true });
    }
  }
}

/** Covers the key: a file under a wrong name is as wrong as one with a changed word. */
function digestOf(key: string, cues: Kept["cues"]): string {
  const plain = cues.map(({ startMs, endMs, text }) => [startMs, endMs, text] as const);
  return createHash("sha256").update(`${key}\n${JSON.stringify(plain)}`).digest("hex");
}
