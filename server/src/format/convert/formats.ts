/** All formats, and which one a file is of. */
import { FormatError } from "../errors.js";
import type { JsonValue } from "../provenance.js";
import { ACTIVITYNET_CAPTIONS } from "./activityNetCaptions.js";
import { ACTIVITYNET_QA } from "./activityNetQa.js";
import { EGOSCHEMA } from "./egoSchema.js";
import { ELAN } from "./elan.js";
import { FIFTYONE } from "./fiftyOne.js";
import type { DatasetFormat, ImportFormat, Raw, Sample } from "./format.js";
import { JsonSplitter } from "./jsonStream.js";
import { LABEL_STUDIO } from "./labelStudio.js";
import { LOSSLESS_CUT } from "./losslessCut.js";
import { MVBENCH, NEXT_QA, TGIF_QA_CHOICE, TVQA, VIDEO_MME } from "./multipleChoice.js";
import { NEXT_GQA } from "./nextGqa.js";
import { NEXT_OE } from "./nextOe.js";
import { MSRVTT_QA, MSVD_QA, TGIF_QA, VIDEO_CHATGPT, VIDEO_CHATGPT_CONSISTENCY } from "./openDatasets.js";
import { JSONL } from "./ownJsonl.js";
import { delimiterOf } from "./recordFormat.js";
import { SRT, WEBVTT, WEBVTT_STYLED } from "./subtitles.js";
import { ASS, TTML } from "./timedText.js";
import { isRaw } from "./values.js";

export const FORMATS: readonly DatasetFormat[] = [
  WEBVTT,
  WEBVTT_STYLED,
  SRT,
  JSONL,
  ACTIVITYNET_QA,
  ACTIVITYNET_CAPTIONS,
  VIDEO_CHATGPT,
  VIDEO_CHATGPT_CONSISTENCY,
  MSVD_QA,
  MSRVTT_QA,
  TGIF_QA,
  TGIF_QA_CHOICE,
  NEXT_QA,
  NEXT_OE,
  NEXT_GQA,
  TVQA,
  EGOSCHEMA,
  MVBENCH,
  VIDEO_MME,
  LOSSLESS_CUT,
  ELAN,
  FIFTYONE,
  LABEL_STUDIO,
];

/** Those that are read; the last of them are not written. */
export const IMPORT_FORMATS: readonly ImportFormat[] = [...FORMATS, ASS, TTML];

/** How many characters of a file suffice to recognise it. */
export const SAMPLE_LENGTH = 256 * 1024;

export function formatNamed(name: string): DatasetFormat | undefined {
  return FORMATS.find((format) => format.name === name);
}

/**
 * The format of a file, by its first characters. Throws FormatError `unknown-format` when it is of
 * none, or could be of several.
 */
export function recognise(beginning: string, name: string): ImportFormat {
  const sample = sampleOf(beginning);
  const candidates = IMPORT_FORMATS.filter((format) => format.recognises(sample));
  const [only] = candidates;
  if (only === undefined) {
    throw new FormatError("unknown-format", `${name} is of no format that is known here.`, `Say which with --format: ${IMPORT_FORMATS.map((format) => format.name).join(", ")}.`);
  }
  if (candidates.length > 1) {
    const names = candidates.map((format) => format.name);
    throw new FormatError("unknown-format", `${name} could be of several formats: ${names.join(", ")}.`, `Say which with --format ${names[0]}.`);
  }
  return only;
}

export function sampleOf(beginning: string): Sample {
  const text = beginning.replace(/^\ufeff/, "");
  const none = { text, first: undefined, firstValue: undefined };
  const open = /\S/.exec(text)?.[0];
  if (open === "[") return { ...none, shape: "json-array", first: asRaw(firstElement(text)) };
  if (open === "{") {
    const line = asRaw(parsed((text.trimStart().split("\n")[0] ?? "").trim()));
    const only = line !== undefined && text.trim().split("\n").length === 1;
    // A single line may be either: a member that is an object tells a map of records.
    if (line !== undefined && !(only && isRaw(Object.values(line)[0]))) return { ...none, shape: "json-lines", first: line };
    const firstValue = firstElement(text);
    return { text, shape: "json-object", first: asRaw(firstValue), firstValue };
  }
  const [head, row] = text.split(/\r?\n/, 2).map((line) => line.split(delimiterOf(text)));
  // For recognising, a column counts though its first cell is empty.
  if (head !== undefined && head.length > 1) return { ...none, shape: "table", first: Object.fromEntries(head.map((column, i) => [column.trim(), row?.[i] ?? ""])) };
  return { ...none, shape: "text" };
}

function firstElement(text: string): JsonValue | undefined {
  try {
    for (const { value } of new JsonSplitter("").push(text)) return value;
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
  }
  return undefined;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function asRaw(value: JsonValue | undefined): Raw | undefined {
  return isRaw(value) ? value : undefined;
}
