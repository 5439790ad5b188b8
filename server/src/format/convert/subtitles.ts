/** WebVTT and SubRip: what players read. Only subtitles, and nothing that would make a reader stop. */
import { decodeEntities } from "./entities.js";
import { readSrt, readVtt } from "./cueFile.js";
import { readCueFiles } from "./readCueFiles.js";
import type { DatasetFormat } from "./format.js";
import { leaveOutKinds } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { fromSrtMarkup, toSrtMarkup } from "./srtMarkup.js";
import { formatTime } from "../time.js";
import type { ConvertRecord, CueRecord, NoteRecord, Piece, VideoNotes } from "./records.js";

export const WEBVTT: DatasetFormat = {
  name: "webvtt",
  title: "WebVTT subtitles",
  extension: ".vtt",
  parts: [""],
  oneVideo: true,
  isDataset: false,
  recognises: ({ text }) => /^\ufeff?WEBVTT(?=[ \t\r\n]|$)/.test(text),
  read: (sources, losses) => readCueFiles(sources, readVtt, (markup) => markup, losses),
  async *write(notes, losses) {
    yield* oneVideo(notes, losses, (video) => printVtt(video, false, losses));
  },
};

/**
 * With STYLE and REGION blocks. They are WebVTT, yet readers that do not know them lose all that
 * follows: ffmpeg 5.1 finds no cue in such a file, and says nothing.
 */
export const WEBVTT_STYLED: DatasetFormat = {
  ...WEBVTT,
  name: "webvtt-styled",
  title: "WebVTT subtitles with styles and regions, which some readers stumble over",
  // A file of it is a file of WebVTT.
  recognises: () => false,
  async *write(notes, losses) {
    yield* oneVideo(notes, losses, (video) => printVtt(video, true, losses));
  },
};

export const SRT: DatasetFormat = {
  name: "srt",
  title: "SubRip subtitles",
  extension: ".srt",
  parts: [""],
  oneVideo: true,
  isDataset: false,
  recognises: ({ text }) => /^\ufeff?\s*(?:\d+[ \t]*\r?\n)?[ \t]*(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3}[ \t]*-->[ \t]*\d/.test(text),
  read: (sources, losses) => readCueFiles(sources, readSrt, (markup, place) => fromSrtMarkup(markup, place, losses), losses),
  async *write(notes, losses) {
    yield* oneVideo(notes, losses, (video) => printSrt(video, losses));
  },
};

/** Gives the text of the first notebook; a player's file is about one video. */
async function* oneVideo(notes: AsyncIterable<VideoNotes>, losses: Losses, print: (notes: VideoNotes) => string): AsyncGenerator<Piece> {
  let first = true;
  for await (const video of notes) {
    if (first) yield { part: "", text: print(video) };
    else losses.add("not-one-video", video.source);
    first = false;
  }
}

function printVtt(notes: VideoNotes, styled: boolean, losses: Losses): string {
  leaveOutKinds(notes, styled ? ["cue", "note", "style"] : ["cue", "note"], losses, ["webvtt", "webvtt.header"]);
  const entries = notes.records.flatMap((record) => (record.kind === "header" ? record.entries : []));
  const title = entries.find(([key]) => key === "webvtt")?.[1];
  const head = [title === undefined ? "WEBVTT" : `WEBVTT ${title.replaceAll("-->", "->")}`, ...entries.flatMap(([key, value]) => (key === "webvtt.header" ? [value.replaceAll("-->", "->")] : []))];
  // Styles and regions must come before the first cue.
  const styles = notes.records.flatMap((record) => (styled && record.kind === "style" ? [record.text] : []));
  const blocks = inOrder(notes.records).map((record) => (record.kind === "note" ? vttNote(record, notes.source, losses) : vttCue(record, notes.source, losses)));
  return `${[head.join("\n"), ...styles, ...blocks.filter((block) => block !== "")].join("\n\n")}\n`;
}

function vttNote({ text }: NoteRecord, source: string, losses: Losses): string {
  const lines = text.split("\n");
  const words = lines.filter((line) => line.trim() !== "");
  if (words.length < lines.length && words.length > 0) losses.add("blank-lines", `${source}: note`);
  const written = words.map((line) => line.replaceAll("-->", "--&gt;")).join("\n");
  if (written !== words.join("\n")) losses.add("escape", `${source}: note`);
  return written === "" ? "NOTE" : words.length === 1 ? `NOTE ${written}` : `NOTE\n${written}`;
}

function vttCue(cue: CueRecord, source: string, losses: Losses): string {
  const place = `${source}: ${formatTime(cue.startMs)}`;
  if (cue.endMs <= cue.startMs) {
    losses.add("cue-time", place);
    return "";
  }
  const settings = cue.settings.includes("-->") ? "" : cue.settings;
  if (settings !== cue.settings) losses.add("cue-settings", place);
  // Readers take such an id for the start of something else.
  const id = cue.id !== undefined && /^(NOTE|STYLE|REGION|WEBVTT)(?=\s|:|$)/.test(cue.id) ? undefined : cue.id;
  if (id !== cue.id) losses.add("cue-id", `${place}: ${cue.id ?? ""}`);
  const lines = cue.text === "" ? [] : cue.text.split("\n");
  const words = lines.filter((line) => line.trim() !== "");
  if (words.length < lines.length) losses.add("blank-lines", place);
  const timing = `${formatTime(cue.startMs)} --> ${formatTime(cue.endMs)}${settings === "" ? "" : ` ${settings}`}`;
  return [...(id === undefined ? [] : [id]), timing, ...words.map((line) => line.replaceAll("-->", "--&gt;"))].join("\n");
}

function printSrt(notes: VideoNotes, losses: Losses): string {
  leaveOutKinds(notes, ["cue"], losses);
  const cues = inOrder(notes.records.filter((record) => record.kind === "cue"));
  const blocks: string[] = [];
  for (const cue of cues) {
    if (cue.kind !== "cue") continue;
    const place = `${notes.source}: ${formatTime(cue.startMs)}`;
    const text = toSrtMarkup(cue.text, place, losses);
    if (cue.endMs <= cue.startMs) losses.add("cue-time", place);
    else if (decodeEntities(text.replace(/<\/?[biu]>/g, "")).trim() === "") losses.add("cue-empty", place);
    else {
      if (cue.id !== undefined) losses.add("cue-id", `${place}: ${cue.id}`);
      if (cue.settings !== "") losses.add("cue-settings", `${place}: ${cue.settings}`);
      const time = (ms: number): string => formatTime(ms).replace(".", ",");
      blocks.push(`${blocks.length + 1}\n${time(cue.startMs)} --> ${time(cue.endMs)}\n${text}\n`);
    }
  }
  return blocks.join("\n");
}

/** Cues by start, as readers expect them; notes stay above the cue that they stood above. */
function inOrder(records: readonly ConvertRecord[]): (CueRecord | NoteRecord)[] {
  const groups: { startMs: number; records: (CueRecord | NoteRecord)[] }[] = [];
  let waiting: (CueRecord | NoteRecord)[] = [];
  for (const record of records) {
    if (record.kind === "note") waiting.push(record);
    if (record.kind !== "cue") continue;
    groups.push({ startMs: record.startMs, records: [...waiting, record] });
    waiting = [];
  }
  groups.sort((a, b) => a.startMs - b.startMs);
  return [...groups.flatMap((group) => group.records), ...waiting];
}
