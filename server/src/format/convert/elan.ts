/**
 * ELAN annotation files (EAF): tiers of annotations between time slots, in milliseconds. Each
 * annotation is a caption of a part of the video; its field `tier` says where it stood.
 */
import { FormatError } from "../errors.js";
import type { Span } from "../time.js";
import type { DatasetFormat } from "./format.js";
import { leaveOutKinds, singleSpan } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import type { Found, Piece, SegmentRecord, Source, VideoNotes } from "./records.js";
import { elements, escapeXml, parseXml, type XmlElement } from "./xml.js";

const DEFAULT_TIER = "captions";

export const ELAN: DatasetFormat = {
  name: "elan",
  title: "ELAN annotations (EAF)",
  extension: ".eaf",
  parts: [""],
  oneVideo: true,
  isDataset: false,
  recognises: ({ text }) => /<ANNOTATION_DOCUMENT[\s>]/.test(text.slice(0, 4096)),
  read,
  write,
};

interface Annotation {
  readonly tier: string;
  readonly element: XmlElement;
}

async function* read(sources: readonly Source[], losses: Losses): AsyncGenerator<Found> {
  for (const source of sources) {
    const parts: string[] = [];
    for await (const chunk of source.chunks()) parts.push(chunk);
    yield* document(parseXml(parts.join(""), source.name), source.name, losses);
  }
}

function* document(root: XmlElement, name: string, losses: Losses): Generator<Found> {
  if (root.name !== "ANNOTATION_DOCUMENT") throw new FormatError("bad-file", `${name} is no document of ELAN: its root is <${root.name}>.`, "Check that it is the right file.");
  const header = [...elements(root, "HEADER")][0];
  const units = header?.attributes["TIME_UNITS"] ?? "milliseconds";
  if (units !== "milliseconds") throw new FormatError("bad-file", `${name} counts time in ${units}; only milliseconds are read.`, "Save it with milliseconds.");
  const media = header === undefined ? undefined : [...elements(header, "MEDIA_DESCRIPTOR")][0];
  const video = media?.attributes["RELATIVE_MEDIA_URL"]?.replace(/^\.\//, "");
  if (video !== undefined && video !== "") yield { video: undefined, record: { kind: "header", entries: [["video", video]] } };

  const slots = new Map<string, number>();
  for (const order of elements(root, "TIME_ORDER")) {
    for (const { attributes } of elements(order, "TIME_SLOT")) {
      const value = attributes["TIME_VALUE"];
      if (value !== undefined && /^\d{1,15}$/.test(value)) slots.set(attributes["TIME_SLOT_ID"] ?? "", Number(value));
    }
  }
  const annotations: Annotation[] = [];
  const byId = new Map<string, XmlElement>();
  for (const tier of elements(root, "TIER")) {
    const tierId = tier.attributes["TIER_ID"] ?? DEFAULT_TIER;
    for (const key of Object.keys(tier.attributes)) {
      if (!["TIER_ID", "LINGUISTIC_TYPE_REF", "DEFAULT_LOCALE"].includes(key)) losses.add("fields", `${name}, tier ${tierId}: ${key} ${tier.attributes[key]}`);
    }
    for (const annotation of elements(tier, "ANNOTATION")) {
      for (const element of annotation.children) {
        annotations.push({ tier: tierId, element });
        byId.set(element.attributes["ANNOTATION_ID"] ?? "", element);
      }
    }
  }
  for (const vocabulary of elements(root, "CONTROLLED_VOCABULARY")) losses.add("fields", `${name}: vocabulary ${vocabulary.attributes["CV_ID"] ?? ""}`);
  for (const { tier, element } of annotations) {
    const text = [...elements(element, "ANNOTATION_VALUE")][0]?.text ?? "";
    const span = spanOf(element, byId, slots);
    if (element.name === "REF_ANNOTATION") losses.add("fields", `${name}, tier ${tier}: "${text}" refers to another annotation, whose time it takes`);
    if (span === undefined) losses.add("segments", `${name}, tier ${tier}: ${text}`);
    else yield { video: undefined, record: { kind: "segment", scope: [span], text, fields: { tier } } };
  }
}

/** Between its slots, or those of the annotation that it refers to. */
function spanOf(element: XmlElement, byId: ReadonlyMap<string, XmlElement>, slots: ReadonlyMap<string, number>): Span | undefined {
  let aligned: XmlElement | undefined = element;
  for (let steps = 0; aligned !== undefined && aligned.name === "REF_ANNOTATION"; steps++) {
    // A reference to itself, over however many others, leads nowhere.
    if (steps > 100) return undefined;
    aligned = byId.get(aligned.attributes["ANNOTATION_REF"] ?? "");
  }
  const startMs = slots.get(aligned?.attributes["TIME_SLOT_REF1"] ?? "");
  const endMs = slots.get(aligned?.attributes["TIME_SLOT_REF2"] ?? "");
  return startMs === undefined || endMs === undefined || endMs < startMs ? undefined : { startMs, endMs };
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  let first = true;
  for await (const notes of all) {
    if (first) yield { part: "", text: print(notes, losses) };
    else losses.add("not-one-video", notes.source);
    first = false;
  }
}

function print(notes: VideoNotes, losses: Losses): string {
  leaveOutKinds(notes, ["segment"], losses);
  const tiers = new Map<string, { span: Span; text: string }[]>();
  for (const record of notes.records) {
    if (record.kind !== "segment") continue;
    const place = `${notes.source}: ${record.text}`;
    const span = singleSpan(record.scope, place, losses);
    if (span === undefined) continue;
    const tier = tierOf(record, place, losses);
    const list = tiers.get(tier) ?? [];
    tiers.set(tier, list);
    if (escapeXml(record.text).replace(/&#\d+;/g, "x").length !== record.text.length) losses.add("blanks", place);
    list.push({ span, text: record.text });
  }
  const slots: string[] = [];
  let annotations = 0;
  const slot = (ms: number): string => {
    slots.push(`    <TIME_SLOT TIME_SLOT_ID="ts${slots.length + 1}" TIME_VALUE="${ms}"/>`);
    return `ts${slots.length}`;
  };
  const printed = [...tiers].map(([tier, list]) =>
    [
      `  <TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="${escapeXml(tier)}">`,
      ...list.map(
        ({ span, text }) =>
          `    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a${++annotations}" TIME_SLOT_REF1="${slot(span.startMs)}" TIME_SLOT_REF2="${slot(span.endMs)}"><ANNOTATION_VALUE>${escapeXml(text)}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>`,
      ),
      "  </TIER>",
    ].join("\n"),
  );
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    // The date is demanded by the schema; a fixed one keeps the file the same for the same notebook.
    '<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">',
    '  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
    ...mediaOf(notes),
    "  </HEADER>",
    "  <TIME_ORDER>",
    ...slots,
    "  </TIME_ORDER>",
    ...printed,
    '  <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>',
    "</ANNOTATION_DOCUMENT>",
  ].join("\n")}\n`;
}

function tierOf(record: SegmentRecord, place: string, losses: Losses): string {
  const { tier, ...fields } = record.fields;
  for (const key of Object.keys(fields)) losses.add("fields", `${place}: ${key}`);
  return typeof tier === "string" ? tier : DEFAULT_TIER;
}

function mediaOf(notes: VideoNotes): string[] {
  const entries = notes.records.flatMap((record) => (record.kind === "header" ? record.entries : []));
  const video = entries.find(([key, value]) => key === "video" && value !== "")?.[1];
  if (video === undefined) return [];
  const extension = /\.([a-z0-9]+)$/i.exec(video)?.[1]?.toLowerCase() ?? "mp4";
  return [`    <MEDIA_DESCRIPTOR MEDIA_URL="${escapeXml(video)}" MIME_TYPE="video/${extension}" RELATIVE_MEDIA_URL="${escapeXml(video)}"/>`];
}
