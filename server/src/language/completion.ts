/** Completion: what can stand at the cursor, told from the text of its line before it. */
import type { CompletionItem, CompletionItemKind, CompletionList, InsertTextFormat } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { formatTime, isIntact, parseTime, type Document, type Notebook, type Range } from "../format/index.js";
import { freeId } from "./ids.js";
import { isVideoName, subtitlesOf, videoOf } from "./media.js";
import type { ParsedNotebooks } from "./notebooks.js";
import { blockAt, blockIndexAt, lineAround, rangeOf } from "./places.js";
import { orElse, type LanguagePorts, type Subtitle } from "./ports.js";
import { spansAround, timesFor } from "./timeCandidates.js";
import { folderOf, resolveUri } from "./uris.js";
import { HEADER_KEYS, STARTERS } from "./vocabulary.js";

export interface CompletionOptions {
  /** The client fills in `${1:…}`. */
  readonly snippets: boolean;
}

/** Characters after which an editor should ask. */
export const COMPLETION_TRIGGERS: readonly string[] = ["@", ".", "/", ":", "["];

/** LSP's numbers. */
const KIND = { value: 12, property: 10, file: 17, folder: 19, reference: 18, snippet: 15, unit: 11 } as const satisfies Record<string, CompletionItemKind>;
const SNIPPET = 2 satisfies InsertTextFormat;
const PLAIN = 1 satisfies InsertTextFormat;

interface Place {
  readonly document: TextDocument;
  readonly notebook: Notebook;
  readonly offset: number;
  readonly line: Range;
  /** The line up to the cursor. */
  readonly before: string;
  readonly options: CompletionOptions;
  readonly ports: LanguagePorts;
  readonly notebooks: ParsedNotebooks;
}

interface Offer {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly insert?: string;
  readonly snippet?: boolean;
  readonly detail?: string;
  readonly help?: string;
}

export async function completion(
  document: TextDocument,
  notebooks: ParsedNotebooks,
  offset: number,
  options: CompletionOptions,
  ports: LanguagePorts,
  signal?: AbortSignal,
): Promise<CompletionList> {
  const notebook = notebooks.of(document);
  const line = lineAround(notebook.document.source, offset);
  const before = notebook.document.source.slice(line.start, offset);
  const items = await itemsAt({ document, notebook, offset, line, before, options, ports, notebooks }, signal);
  return { isIncomplete: false, items: signal?.aborted ? [] : items };
}

async function itemsAt(place: Place, signal?: AbortSignal): Promise<CompletionItem[]> {
  const { notebook, before, line, offset } = place;
  const tree = notebook.document;
  if (inHeader(tree, line)) return header(place, signal);
  if (!startsAnew(tree, line)) return [];
  const scope = /^(?:@|Q(?:[ \t]+[^\s:@#][^\s:]*)?[ \t]*@)[ \t]*([\d:., \t]*)$/.exec(before)?.[1];
  if (scope !== undefined) return times(place, scope, signal);
  if (/^[ \t]*\d[\d:.]*[ \t]*(?:-->[ \t]*[\d:.]*)?$/.test(before)) return times(place, before.trimStart(), signal);
  const id = /^Q[ \t]+([^\s:@#]*)$/.exec(before)?.[1];
  if (id !== undefined) return offers(place, id, [{ label: freeId(notebook, "q1"), kind: KIND.reference, detail: "The next free name" }]);
  const run = /^(?:(M)|RUN)[ \t]+([\da-f]*)$/.exec(before);
  if (run !== null) return runs(place, run[2] ?? "", run[1] !== undefined);
  const choice = /^(?: {2}|\t)[ \t]*(-?(?: ?\[?)?)$/.exec(before)?.[1];
  if (choice !== undefined && belowQuestion(tree, line)) {
    return offers(place, choice, [
      { label: "- [ ] ", kind: KIND.snippet, detail: "A choice" },
      { label: "- [x] ", kind: KIND.snippet, detail: "The right choice" },
    ]);
  }
  if (/^[#@QANR-]?[A-Z]*>?$/.test(before) && before.length < 5) return starters(place, offset);
  return [];
}

// Where the cursor is.

/** In the header, or on the line right below it, which would belong to it. */
function inHeader({ header }: Document, line: Range): boolean {
  if (header === undefined) return false;
  return line.start < header.end || (line.start === header.end && /[\r\n]$/.test(header.raw) && line.start === line.end);
}

/** The line does not belong to the text of a cue, a note or an answer. */
function startsAnew(tree: Document, line: Range): boolean {
  const block = blockAt(tree, line.start);
  if (block === undefined || block.start === line.start || block.kind === "blank" || block.kind === "opaque" || block.kind === "question") return true;
  return block.kind === "cue" && line.start <= block.timing.start && block.timing.start <= line.end;
}

function belowQuestion(tree: Document, line: Range): boolean {
  const at = blockIndexAt(tree, line.start);
  const index = at === -1 ? tree.blocks.length - 1 : at;
  const here = tree.blocks[index];
  if (here?.kind === "question") return true;
  // An indented line without text is blank to the parser until something stands on it.
  return here?.kind === "blank" && here.start === line.start && tree.blocks[index - 1]?.kind === "question";
}

// What can stand there.

async function header(place: Place, signal?: AbortSignal): Promise<CompletionItem[]> {
  const { notebook, before, line, ports } = place;
  const tree = notebook.document;
  if (line.start === tree.header?.start) return [];
  const entry = /^([A-Za-z][\w.-]*)[ \t]*:[ \t]*(.*)$/.exec(before);
  if (entry === null) {
    if (!/^[\w.-]*$/.test(before)) return [];
    const present = new Set(notebook.header.entries.filter((e) => e.start !== line.start).map((e) => e.key.text));
    const open = HEADER_KEYS.filter(({ key, repeats }) => repeats === true || !present.has(key));
    return offers(place, before, open.map(({ key, help }) => ({ label: key, insert: `${key}: `, kind: KIND.property, help })));
  }
  const [, key = "", value = ""] = entry;
  if (key === "video") return paths(place, value, signal);
  const values = key === "model" ? ports.models() : (HEADER_KEYS.find((known) => known.key === key)?.values ?? []);
  return offers(place, value, values.map((label) => ({ label, kind: KIND.value })));
}

/** Folders and videos in the folder that the path names so far. */
async function paths(place: Place, value: string, signal?: AbortSignal): Promise<CompletionItem[]> {
  const { document, ports } = place;
  const slash = Math.max(value.lastIndexOf("/"), value.lastIndexOf("\\"));
  const folder = slash === -1 ? folderOf(document.uri) : resolveUri(document.uri, value.slice(0, slash + 1));
  if (folder === undefined) return [];
  const entries = await orElse(ports.logger, [], () => ports.workspace.list(folder, signal));
  const up = /^(?:\.\.\/)*$/.test(value.slice(0, slash + 1)) ? [{ label: "../", kind: KIND.folder }] : [];
  const named = entries
    .filter(({ name, kind }) => !name.startsWith(".") && (kind === "folder" || isVideoName(name)) && !/[\r\n]/.test(name))
    .map(({ name, kind }): Offer => (kind === "folder" ? { label: `${name}/`, kind: KIND.folder } : { label: name, kind: KIND.file }));
  return offers(place, value.slice(slash + 1), [...named, ...up]);
}

/** Times and whole spans; `written` is the scope up to the cursor. */
async function times(place: Place, written: string, signal?: AbortSignal): Promise<CompletionItem[]> {
  const { document, notebook, offset, ports, notebooks } = place;
  const { media, logger } = ports;
  const video = videoOf(document, notebook);
  const durationMs = video === undefined ? undefined : await orElse(logger, undefined, () => media.durationMs(video, signal));
  if (signal?.aborted) return [];
  const cues = video === undefined ? [] : await subtitlesOf(video, notebooks, ports, signal);
  if (signal?.aborted) return [];
  const token = /(?:\d[\d:]*(?:\.\d{0,3})?)?$/.exec(written)?.[0] ?? "";
  const lead = written.slice(0, written.length - token.length);
  const from = /([\d:]+(?:\.\d{1,3})?)[ \t]*(?:\.\.|-->)[ \t]*$/.exec(lead)?.[1];
  const spans = spansAround(notebook, offset);
  const near = nearest(cues, spans[0]?.endMs ?? 0);
  const single = timesFor(spans, { durationMs, cues: near, playheadMs: video === undefined ? undefined : media.playheadMs?.(video) }, from === undefined ? undefined : parseTime(from));
  const separator = written.includes("-->") || /^\d/.test(written) ? " --> " : "..";
  const whole = from !== undefined ? [] : spans.filter(({ startMs, endMs }) => endMs > startMs);
  return offers(place, token, [
    ...single.map(({ ms, why }) => ({ label: formatTime(ms), kind: KIND.unit, detail: why })),
    ...whole.map(({ startMs, endMs, why }) => ({ label: `${formatTime(startMs)}${separator}${formatTime(endMs)}`, kind: KIND.unit, detail: why })),
  ]);
}

/** Subtitles of a film are thousands: those that follow a time, and the last ones before it. */
function nearest(cues: readonly Subtitle[], ms: number): readonly Subtitle[] {
  const at = cues.findIndex(({ endMs }) => endMs >= ms);
  return at === -1 ? cues.slice(-10) : [...cues.slice(at, at + 10), ...cues.slice(Math.max(0, at - 5), at)];
}

/** For `M` the runs that there are; for `RUN` those that answers refer to and that are missing. */
function runs(place: Place, written: string, ofAnswer: boolean): CompletionItem[] {
  const { notebook } = place;
  if (ofAnswer) {
    return offers(place, written, notebook.runs.filter(isIntact).map(({ run8, entries }) => ({
      label: run8.text,
      kind: KIND.reference,
      detail: entries.find(({ key }) => key.text === "model")?.value.text ?? "",
    })));
  }
  const missing = new Set<string>();
  for (const block of notebook.document.blocks) if (block.kind === "model" && !notebook.runsById.has(block.run8.text)) missing.add(block.run8.text);
  return offers(place, written, [...missing].map((label) => ({ label, kind: KIND.reference, detail: "An answer refers to it" })));
}

function starters(place: Place, offset: number): CompletionItem[] {
  const { notebook, before, options } = place;
  const lastMs = spansAround(notebook, offset)[0]?.endMs ?? 0;
  const fill = (snippet: string): string => snippet.replaceAll("{time}", formatTime(lastMs)).replaceAll("{id}", freeId(notebook, "q1"));
  const all: Offer[] = STARTERS.map(({ label, detail, snippet }) => ({ label, detail, kind: KIND.snippet, insert: filledIn(fill(snippet), options.snippets), snippet: true }));
  if (notebook.document.header === undefined && place.line.start <= (notebook.document.bom ? 1 : 0)) {
    all.unshift({ label: "VQA", detail: "The header", kind: KIND.snippet, insert: filledIn("VQA 1\nvideo: ${1:path}\n\n", options.snippets), snippet: true });
  }
  return offers(place, before, all);
}

/** Without snippets the places are left empty, but for times: a word to replace would stay in the file. */
function filledIn(snippet: string, snippets: boolean): string {
  return snippets ? snippet : snippet.replace(/\$\{\d+\|([^,|]*)[^|]*\|\}/g, "$1").replace(/\$\{\d+:(\d[^}]*)?[^}]*\}/g, "$1");
}

/** Items that replace `typed`, which ends at the cursor, in their order. */
function offers({ document, offset, options }: Place, typed: string, all: readonly Offer[]): CompletionItem[] {
  const range = rangeOf(document, { start: offset - typed.length, end: offset });
  return all.map(({ label, kind, insert, snippet, detail, help }, i) => ({
    label,
    kind,
    sortText: String(i).padStart(4, "0"),
    filterText: label,
    insertTextFormat: snippet === true && options.snippets ? SNIPPET : PLAIN,
    textEdit: { range, newText: insert ?? label },
    ...(detail === undefined || detail === "" ? {} : { detail }),
    ...(help === undefined ? {} : { documentation: { kind: "markdown" as const, value: help } }),
  }));
}
