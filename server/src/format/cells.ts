/**
 * A document as the cells of a notebook editor, and back. Reading and writing are exact: cells that
 * nobody touched print the bytes they were read from, and an edit of one cell changes that cell.
 *
 * What an editor must keep for this lies in `origin`, on every cell and on the whole: plain JSON, to
 * be stored as metadata that is not transient. A cell without an origin is new.
 *
 * - The header, RUN blocks and blank lines are no cells; they are in the origins.
 * - Headings and notes are markup; cues in a row are one cell; a question with its references is a
 *   cell, and its machine answers are the outputs; a segment is a cell.
 * - Everything else is a cell that shows its lines and cannot run.
 *
 * `cellPrint.ts` is the way back.
 */
import { withoutEol } from "./lines.js";
import { findRun, readNotebook } from "./questions.js";
import type { Block, Document, Eol, NoteBlock } from "./tree.js";

export type CellRole = "heading" | "note" | "cues" | "segment" | "question" | "opaque";
export type CellLanguage = "markdown" | "vqa" | "vqa-cues";

/** Lines of a cell's block or blocks. `gap`: blank lines that the cell does not show. */
export interface CellPart {
  readonly is: "source" | "answer" | "gap";
  readonly raw: string;
}

/** What stands between cells. */
export interface Trivia {
  readonly is: "blank" | "run";
  readonly raw: string;
}

/** Where a cell came from. JSON. */
export interface CellOrigin {
  /** Number of the cell in the file, from 0. */
  readonly index: number;
  readonly role: CellRole;
  readonly parts: readonly CellPart[];
  /** Up to the next cell; empty on the last one. */
  readonly after: readonly Trivia[];
  /** The source, where it is not simply the lines of the parts. */
  readonly shown?: string;
}

/** A machine's answer in a cell. JSON. */
export interface CellAnswer {
  /** The M block. */
  readonly raw: string;
  /** The RUN block that it refers to, when there is one. */
  readonly run?: string;
}

export interface Cell {
  readonly kind: "markup" | "code";
  readonly language: CellLanguage;
  /** Lines end with "\n"; none at the end. */
  readonly source: string;
  /** Of a question; empty on others. */
  readonly answers: readonly CellAnswer[];
  readonly origin: CellOrigin | undefined;
}

/** What of the file is in no cell. JSON. */
export interface CellsOrigin {
  readonly bom: boolean;
  readonly eol: Eol;
  readonly webvtt: boolean;
  /** The header block; empty without. */
  readonly header: string;
  /** Between header and first cell; in a file without cells everything after the header. */
  readonly lead: readonly Trivia[];
  /** After the last cell. */
  readonly tail: readonly Trivia[];
  /** All RUN blocks of the file, in order: they outlive the cells that they stood below. */
  readonly runs: readonly string[];
}

export interface Cells {
  readonly cells: readonly Cell[];
  /** Undefined for a new notebook. */
  readonly origin: CellsOrigin | undefined;
}

/** Reads a document into cells. Never throws. */
export function toCells(document: Document): Cells {
  const webvtt = document.header?.syntax === "webvtt";
  const notebook = readNotebook(document);
  const drafts: Draft[] = [];
  let trivia: Trivia[] = [];
  let lead: readonly Trivia[] = [];
  let current: Draft | undefined;
  for (const block of document.blocks) {
    if (block.kind === "header") continue;
    if (block.kind === "blank" || block.kind === "run") {
      trivia.push({ is: block.kind, raw: block.raw });
      continue;
    }
    if (current !== undefined && continues(current, block, trivia)) {
      const gap = current.role === "cues" ? "source" : "gap";
      for (const { raw } of trivia) current.parts.push({ is: gap, raw });
    } else {
      if (current === undefined) lead = trivia;
      else current.after = trivia;
      current = { role: roleOf(block), parts: [], after: [], answers: [] };
      if (block.kind === "note") current.shown = noteText(block);
      drafts.push(current);
    }
    trivia = [];
    if (block.kind === "model" && current.role === "question") {
      const run = findRun(notebook, block.run8.text);
      current.parts.push({ is: "answer", raw: block.raw });
      current.answers.push({ raw: block.raw, ...(run === undefined ? {} : { run: run.raw }) });
    } else {
      current.parts.push({ is: "source", raw: block.raw });
    }
  }
  if (current === undefined) lead = trivia;
  return {
    cells: drafts.map(({ answers, ...rest }, index) => {
      const origin: CellOrigin = { index, ...rest };
      return { ...kindOf(rest.role), source: sourceOf(origin), answers, origin };
    }),
    origin: {
      bom: document.bom,
      eol: document.eol,
      webvtt,
      header: document.header?.raw ?? "",
      lead,
      tail: current === undefined ? [] : trivia,
      runs: notebook.runs.map(({ raw }) => raw),
    },
  };
}

/** What a cell of this origin shows as long as nobody edits it. */
export function sourceOf({ role, parts, shown }: Pick<CellOrigin, "role" | "parts" | "shown">): string {
  if (shown !== undefined) return shown;
  const sources = parts.filter(({ is }) => is === "source").map(({ raw }) => raw);
  const text = role === "cues" ? trimEol(sources.join("")) : sources.map(trimEol).join("\n");
  return text.replace(/\r\n?/g, "\n");
}

/** Whether a value from an editor's metadata is an origin of a cell. */
export function isCellOrigin(value: unknown): value is CellOrigin {
  if (!isObject(value)) return false;
  const { index, role, parts, after, shown } = value;
  return (
    typeof index === "number" &&
    ["heading", "note", "cues", "segment", "question", "opaque"].includes(role as string) &&
    isPieces(parts, ["source", "answer", "gap"]) &&
    isPieces(after, ["blank", "run"]) &&
    (shown === undefined || typeof shown === "string")
  );
}

/** Whether a value from an editor's metadata is an origin of a notebook. */
export function isCellsOrigin(value: unknown): value is CellsOrigin {
  if (!isObject(value)) return false;
  const { bom, eol, webvtt, header, lead, tail, runs } = value;
  return (
    typeof bom === "boolean" &&
    ["\n", "\r\n", "\r"].includes(eol as string) &&
    typeof webvtt === "boolean" &&
    typeof header === "string" &&
    isPieces(lead, ["blank", "run"]) &&
    isPieces(tail, ["blank", "run"]) &&
    Array.isArray(runs) &&
    runs.every((run) => typeof run === "string")
  );
}

export function isCellAnswer(value: unknown): value is CellAnswer {
  return isObject(value) && typeof value["raw"] === "string" && (value["run"] === undefined || typeof value["run"] === "string");
}

interface Draft {
  role: CellRole;
  parts: CellPart[];
  after: Trivia[];
  answers: CellAnswer[];
  shown?: string;
}

/** Cues go on after blank lines, and so does a question with its answers. A RUN between parts them. */
function continues({ role }: Draft, block: Block, between: readonly Trivia[]): boolean {
  if (between.some(({ is }) => is === "run")) return false;
  if (role === "cues") return block.kind === "cue";
  return role === "question" && (block.kind === "reference" || block.kind === "model");
}

function roleOf({ kind }: Block): CellRole {
  switch (kind) {
    case "heading":
    case "note":
    case "segment":
    case "question":
      return kind;
    case "cue":
      return "cues";
    // An answer without its question, too.
    default:
      return "opaque";
  }
}

function kindOf(role: CellRole): Pick<Cell, "kind" | "language"> {
  if (role === "heading" || role === "note") return { kind: "markup", language: "markdown" };
  return { kind: "code", language: role === "cues" ? "vqa-cues" : "vqa" };
}

function noteText({ lines }: NoteBlock): string {
  return lines.map(({ text }) => text).join("\n");
}

function trimEol(raw: string): string {
  return raw.slice(0, withoutEol(raw));
}

function isPieces(value: unknown, kinds: readonly string[]): boolean {
  return Array.isArray(value) && value.every((piece) => isObject(piece) && kinds.includes(piece["is"] as string) && typeof piece["raw"] === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
