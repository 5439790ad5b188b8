/**
 * Label Studio's JSON export: a list of tasks, each with its video in `data` and the parts that people
 * labelled in `annotations[].result[]`. Two kinds of results are parts of time: `timelinelabels`, in
 * frames of the video, counted from 1 with the last one included, and `labels`, in seconds. Frames need
 * the rate, which the export does not hold: it is taken from `fps` or `frame_rate` in `data`. Written are
 * seconds, which keep every millisecond.
 */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";
import type { DatasetFormat, Raw } from "./format.js";
import { frameRate, framesToSpan } from "./frames.js";
import { datasetVideo, leaveOutKinds, singleSpan } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { recordFormat } from "./recordFormat.js";
import type { Found, SegmentRecord, VideoNotes } from "./records.js";
import { array, BadRecord, isRaw, spanOf } from "./values.js";

const VIDEO = ["video", "video_url", "audio"];
const NAME = "label";

export const LABEL_STUDIO: DatasetFormat = recordFormat({
  name: "label-studio",
  title: "Label Studio, labelled parts of videos",
  shape: "json-array",
  recognises: (first) => isRaw(first["data"]) && Array.isArray(first["annotations"]),
  read(raw, place, losses): Iterable<Found> {
    const data = isRaw(raw["data"]) ? raw["data"] : {};
    const video = VIDEO.map((key) => data[key]).find((value) => typeof value === "string");
    if (typeof video !== "string") throw new BadRecord("its data name no video");
    const rate = data["fps"] ?? data["frame_rate"];
    const found: Found[] = [];
    for (const annotation of array(raw, "annotations")) {
      const by = isRaw(annotation) ? annotation["completed_by"] : undefined;
      const author = isRaw(by) ? by["email"] : by;
      for (const result of isRaw(annotation) ? array(annotation, "result") : []) {
        for (const record of isRaw(result) ? segments(result, rate, author, place, losses) : []) found.push({ video, record });
      }
    }
    return found;
  },
  *write(notes: VideoNotes, losses: Losses): Generator<Raw> {
    leaveOutKinds(notes, ["segment"], losses);
    const byAuthor = new Map<JsonValue | undefined, JsonValue[]>();
    for (const record of notes.records) {
      if (record.kind !== "segment") continue;
      const place = `${notes.source}: ${record.text}`;
      const span = singleSpan(record.scope, place, losses);
      if (span === undefined) continue;
      const { from_name: name = NAME, completed_by: author, ...more } = record.fields;
      for (const key of Object.keys(more)) losses.add("fields", `${place}: ${key}`);
      const result = { type: "labels", from_name: name, to_name: "video", value: { start: span.startMs / 1000, end: span.endMs / 1000, labels: [record.text] } };
      byAuthor.set(author, [...(byAuthor.get(author) ?? []), result]);
    }
    const annotations = [...byAuthor].map(([author, result]) => ({ ...(author === undefined ? {} : { completed_by: author }), result }));
    yield { data: { video: datasetVideo(notes) }, annotations };
  },
});

function* segments(result: Raw, rate: JsonValue | undefined, author: JsonValue | undefined, place: string, losses: Losses): Generator<SegmentRecord> {
  const { type, from_name: name } = result;
  const value = isRaw(result["value"]) ? result["value"] : {};
  const labels = typeof type === "string" && (type === "timelinelabels" || type === "labels") ? value[type] : undefined;
  if (!Array.isArray(labels)) {
    losses.add("fields", `${place}: a result of type ${String(type)}`);
    return;
  }
  const spans = type === "labels" ? [spanOf(value["start"], value["end"], place, losses)] : ranges(value["ranges"], rate, place, losses);
  const fields = { ...(name === undefined || name === NAME ? {} : { from_name: name }), ...(author === undefined || author === null ? {} : { completed_by: author }) };
  for (const label of labels) {
    for (const span of spans) {
      if (span === undefined) losses.add("segments", `${place}: ${String(label)}`);
      else yield { kind: "segment", scope: [span], text: String(label), fields };
    }
  }
}

function ranges(value: JsonValue | undefined, rate: JsonValue | undefined, place: string, losses: Losses): readonly (Span | undefined)[] {
  const known = frameRate(rate);
  return (Array.isArray(value) ? (value as readonly JsonValue[]) : []).map((each) => {
    const { start, end } = isRaw(each) ? each : {};
    if (typeof start === "number" && typeof end === "number" && start >= 1 && end >= start && known !== undefined) return framesToSpan(start, end, known);
    losses.add("bad-scope", `${place}: frames ${String(start)} to ${String(end)}${known === undefined ? " without fps in its data" : ""}`);
    return undefined;
  });
}
