/** ActivityNet Captions (Krishna et al. 2017): `{video: {duration, timestamps, sentences}}`, in seconds. */
import type { JsonValue } from "../provenance.js";
import type { DatasetFormat, Raw } from "./format.js";
import { jsonElements } from "./jsonStream.js";
import { datasetEntry, datasetVideo, leaveOutKinds, singleSpan } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { safely } from "./recordFormat.js";
import type { Found, Piece, Source, VideoNotes } from "./records.js";
import { array, BadRecord, isRaw, spanOf } from "./values.js";

const KEYS = ["duration", "timestamps", "sentences"];

export const ACTIVITYNET_CAPTIONS: DatasetFormat = {
  name: "activitynet-captions",
  title: "ActivityNet Captions",
  extension: ".json",
  parts: [""],
  oneVideo: false,
  isDataset: true,
  recognises: ({ first, shape }) => shape === "json-object" && first !== undefined && "timestamps" in first && "sentences" in first,
  read,
  write,
};

async function* read(sources: readonly Source[], losses: Losses): AsyncGenerator<Found> {
  for (const source of sources) {
    for await (const { key, value } of jsonElements(source.chunks(), source.name)) {
      const place = `${source.name}, ${key ?? "element without a name"}`;
      yield* safely(() => captions(key, value, place, losses), place, losses);
    }
  }
}

function captions(video: string | undefined, value: JsonValue, place: string, losses: Losses): Found[] {
  if (video === undefined || !isRaw(value)) throw new BadRecord("it is no object with a name");
  const times = array(value, "timestamps");
  const sentences = array(value, "sentences");
  if (times.length !== sentences.length) throw new BadRecord(`${times.length} times and ${sentences.length} sentences`);
  const { duration } = value;
  const found: Found[] = [];
  if (typeof duration === "number") found.push({ video, record: { kind: "header", entries: [["dataset.duration", String(duration)]] } });
  for (const key of Object.keys(value)) if (!KEYS.includes(key)) losses.add("fields", `${place}: ${key}`);
  times.forEach((pair, i) => {
    const [start, end] = Array.isArray(pair) ? (pair as readonly JsonValue[]) : [];
    const span = spanOf(start, end, place, losses);
    const sentence = sentences[i];
    if (span !== undefined && typeof sentence === "string") found.push({ video, record: { kind: "segment", scope: [span], text: sentence, fields: {} } });
    else losses.add("segments", `${place}: ${String(sentence)}`);
  });
  return found;
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  const written = new Set<string>();
  for await (const notes of all) {
    const video = datasetVideo(notes);
    if (written.has(video)) {
      losses.add("second-notebook", `${notes.source}: ${video}`);
      continue;
    }
    const value = captionsOf(notes, losses);
    yield { part: "", text: `${written.size === 0 ? "{\n" : ",\n"}${JSON.stringify(video)}: ${JSON.stringify(value)}` };
    written.add(video);
  }
  yield { part: "", text: written.size === 0 ? "{}\n" : "\n}\n" };
}

function captionsOf(notes: VideoNotes, losses: Losses): Raw {
  leaveOutKinds(notes, ["segment"], losses, ["dataset.duration"]);
  const duration = Number(datasetEntry(notes, "duration") ?? NaN);
  const timestamps: JsonValue[] = [];
  const sentences: string[] = [];
  for (const record of notes.records) {
    if (record.kind !== "segment") continue;
    const place = `${notes.source}: ${record.text}`;
    for (const key of Object.keys(record.fields)) losses.add("fields", `${place}: ${key}`);
    const span = singleSpan(record.scope, place, losses);
    if (span === undefined) continue;
    timestamps.push([span.startMs / 1000, span.endMs / 1000]);
    sentences.push(record.text);
  }
  // To take the last caption's end would be a guess.
  if (!Number.isFinite(duration)) losses.add("missing-duration", notes.source);
  return { ...(Number.isFinite(duration) ? { duration } : {}), timestamps, sentences };
}
