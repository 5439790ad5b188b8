/**
 * FiftyOne's temporal detections: the JSON of `FiftyOneTemporalDetectionDataset`, with the labels' names
 * in one list and a list of detections for each video, placed by `timestamps` in seconds or by `support`,
 * the first and the last frame, counted from 1, both included. Frames need the rate of the video, which
 * the file does not hold; an entry may bring it as the attribute `frame_rate`. Written are timestamps,
 * which keep every millisecond.
 */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";
import type { DatasetFormat } from "./format.js";
import { frameRate, framesToSpan } from "./frames.js";
import { jsonElements } from "./jsonStream.js";
import { datasetVideo, leaveOutKinds, singleSpan } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import type { Fields, Found, Piece, Source, VideoNotes } from "./records.js";
import { isRaw, spanOf } from "./values.js";

export const FIFTYONE: DatasetFormat = {
  name: "fiftyone",
  title: "FiftyOne, temporal detections",
  extension: ".json",
  parts: [""],
  oneVideo: false,
  isDataset: true,
  recognises: ({ text, shape }) => (shape === "json-object" || shape === "json-lines") && /^\s*\{\s*"classes"\s*:/.test(text),
  read,
  write,
};

async function* read(sources: readonly Source[], losses: Losses): AsyncGenerator<Found> {
  for (const source of sources) {
    let classes: readonly JsonValue[] = [];
    for await (const { key, value } of jsonElements(source.chunks(), source.name)) {
      if (key === "classes" && Array.isArray(value)) classes = value as readonly JsonValue[];
      else if (key === "labels" && isRaw(value)) {
        for (const [video, list] of Object.entries(value)) {
          for (const [i, entry] of (Array.isArray(list) ? (list as readonly JsonValue[]) : []).entries()) {
            const found = detection(entry, classes, `${source.name}, ${video}, ${i + 1}`, losses);
            if (found !== undefined) yield { video, record: { kind: "segment", ...found } };
          }
        }
      } else losses.add("fields", `${source.name}: ${key ?? ""}`);
    }
  }
}

function detection(entry: JsonValue, classes: readonly JsonValue[], place: string, losses: Losses): { readonly scope: readonly Span[]; readonly text: string; readonly fields: Fields } | undefined {
  const raw = isRaw(entry) ? entry : {};
  const { label, support, timestamps, attributes } = raw;
  const name = typeof label === "number" ? classes[label] : label;
  const fields: Record<string, JsonValue> = isRaw(attributes) ? { ...attributes } : {};
  if (typeof name !== "string") {
    losses.add("bad-record", `${place}: it has no label`);
    return undefined;
  }
  for (const key of Object.keys(raw)) if (!["label", "support", "timestamps", "attributes"].includes(key)) losses.add("fields", `${place}: ${key}`);
  const span = Array.isArray(timestamps) ? spanOf(timestamps[0], timestamps[1], place, losses) : frames(support, fields["frame_rate"], place, losses);
  if (span === undefined) losses.add("segments", `${place}: ${name}`);
  return span === undefined ? undefined : { scope: [span], text: name, fields };
}

function frames(support: JsonValue | undefined, rate: JsonValue | undefined, place: string, losses: Losses): Span | undefined {
  const [first, last] = Array.isArray(support) ? (support as readonly JsonValue[]) : [];
  const known = frameRate(rate);
  if (typeof first === "number" && typeof last === "number" && first >= 1 && last >= first && known !== undefined) return framesToSpan(first, last, known);
  losses.add("bad-scope", `${place}: frames ${String(first)} to ${String(last)}${known === undefined ? " without a frame_rate" : ""}`);
  return undefined;
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  const classes = new Map<string, number>();
  const written = new Set<string>();
  // The names come first in the file, and are known when all was seen; what waits for them is short.
  const pieces: string[] = [];
  for await (const notes of all) {
    const video = datasetVideo(notes);
    if (written.has(video)) {
      losses.add("second-notebook", `${notes.source}: ${video}`);
      continue;
    }
    written.add(video);
    leaveOutKinds(notes, ["segment"], losses);
    const list = notes.records.flatMap((record): JsonValue[] => {
      if (record.kind !== "segment") return [];
      const span = singleSpan(record.scope, `${notes.source}: ${record.text}`, losses);
      if (span === undefined) return [];
      const label = classes.get(record.text) ?? classes.size;
      classes.set(record.text, label);
      return [{ label, timestamps: [span.startMs / 1000, span.endMs / 1000], ...(Object.keys(record.fields).length === 0 ? {} : { attributes: record.fields }) }];
    });
    pieces.push(`${JSON.stringify(video)}: ${JSON.stringify(list)}`);
  }
  yield { part: "", text: `{"classes": ${JSON.stringify([...classes.keys()])},\n"labels": {\n${pieces.join(",\n")}\n}}\n` };
}
