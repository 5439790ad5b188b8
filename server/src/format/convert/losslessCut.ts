/** LosslessCut's CSV of segments: start and end in seconds, and a label; no header. */
import type { DatasetFormat } from "./format.js";
import { leaveOutKinds, singleSpan } from "./leaveOut.js";
import { csvRow, csvRows, withoutBom } from "./lineStream.js";
import type { Losses } from "./losses.js";
import type { Found, Piece, Source, VideoNotes } from "./records.js";
import { spanOf } from "./values.js";

const ROW = /^\s*(\d+(\.\d+)?)?\s*,\s*(\d+(\.\d+)?)?\s*(,|\r?\n|$)/;

export const LOSSLESS_CUT: DatasetFormat = {
  name: "losslesscut",
  title: "LosslessCut segments (CSV, seconds)",
  extension: ".csv",
  parts: [""],
  oneVideo: true,
  isDataset: false,
  // Only the first row: later lines may be within a label.
  recognises: ({ text, shape }) => shape === "table" && ROW.test(text) && /\d/.test(text.split(",", 2).join("")),
  read,
  write,
};

async function* read(sources: readonly Source[], losses: Losses): AsyncGenerator<Found> {
  for (const source of sources) {
    let n = 0;
    for await (const [start = "", end = "", label = "", ...more] of csvRows(withoutBom(source.chunks()), ",", source.name)) {
      const place = `${source.name}, row ${++n}`;
      // No start is the start of the video; no end is its end, which is not known here.
      const span = spanOf(start.trim() === "" ? 0 : start, end, place, losses);
      if (span === undefined) losses.add("segments", `${place}: ${label}`);
      else yield { video: undefined, record: { kind: "segment", scope: [span], text: label, fields: {} } };
      if (more.some((cell) => cell !== "")) losses.add("fields", `${place}: ${more.join(",")}`);
    }
  }
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  let first = true;
  for await (const notes of all) {
    if (!first) {
      losses.add("not-one-video", notes.source);
      continue;
    }
    first = false;
    leaveOutKinds(notes, ["segment"], losses);
    for (const record of notes.records) {
      if (record.kind !== "segment") continue;
      const place = `${notes.source}: ${record.text}`;
      for (const key of Object.keys(record.fields)) losses.add("fields", `${place}: ${key}`);
      const span = singleSpan(record.scope, place, losses);
      // It refuses a file with a segment of no length.
      if (span === undefined || span.startMs === span.endMs) losses.add("segments", place);
      else yield { part: "", text: csvRow([String(span.startMs / 1000), String(span.endMs / 1000), record.text], ",") };
    }
  }
}
