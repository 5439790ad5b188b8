/**
 * The syntax tree of a `.vqa` file: a flat list of blocks that covers the text without gap or
 * overlap, so that joining their `raw` gives the file back. What belongs to what (answers to
 * questions, questions to segments) is not in the tree but in the view of `questions.ts`.
 *
 * Offsets are UTF-16 code units into the text that was parsed, its BOM included. Lines count from 1,
 * as compilers print them.
 */
import type { Span } from "./time.js";

export type Eol = "\n" | "\r\n" | "\r";

export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** A piece of a line with its place. */
export interface Word extends Range {
  readonly text: string;
}

interface BlockBase extends Range {
  /** Line of `start`, from 1. */
  readonly line: number;
  /** The source from `start` to `end`, line terminators included. */
  readonly raw: string;
}

/** `VQA 1` or `WEBVTT`, and the `key: value` lines down to the first blank line. */
export interface HeaderBlock extends BlockBase {
  readonly kind: "header";
  readonly syntax: "vqa" | "webvtt";
  /** Undefined for WebVTT and for a number that could not be read. */
  readonly version: number | undefined;
  readonly entries: readonly Entry[];
}

/** A `key: value` line of the header or of a RUN. The range is the line without indent and terminator. */
export interface Entry extends Range {
  readonly key: Word;
  /** Without blanks at either end. */
  readonly value: Word;
}

export interface BlankBlock extends BlockBase {
  readonly kind: "blank";
}

export interface HeadingBlock extends BlockBase {
  readonly kind: "heading";
  /** 1 to 6. */
  readonly level: number;
  readonly text: string;
}

/** A scope as written. `spans` is undefined when it could not be read; a problem says why. */
export interface WrittenScope extends Range {
  readonly spans: readonly Span[] | undefined;
}

/** `@ scope text`: a label or caption, and the default scope of what follows. */
export interface SegmentBlock extends BlockBase {
  readonly kind: "segment";
  readonly scope: WrittenScope;
  /** First line and body, indents removed. */
  readonly lines: readonly Word[];
}

export interface Choice extends Range {
  readonly text: string;
  /** Marked `[x]`: the right one. */
  readonly gold: boolean;
}

export interface QuestionBlock extends BlockBase {
  readonly kind: "question";
  readonly id: Word | undefined;
  readonly scope: WrittenScope | undefined;
  /** First line and body without the choices. */
  readonly lines: readonly Word[];
  readonly choices: readonly Choice[];
}

/** `A author: text`: what a person answered. Nothing in this library ever changes one. */
export interface ReferenceBlock extends BlockBase {
  readonly kind: "reference";
  readonly author: Word | undefined;
  readonly lines: readonly Word[];
}

/** `M run8 in12 key=value: text`: what a machine answered. */
export interface ModelBlock extends BlockBase {
  readonly kind: "model";
  readonly run8: Word;
  readonly in12: Word;
  readonly fields: readonly Field[];
  readonly lines: readonly Word[];
}

export interface Field extends Range {
  readonly key: string;
  readonly value: string;
}

/** How answers were made, under the id that they carry. */
export interface RunBlock extends BlockBase {
  readonly kind: "run";
  readonly run8: Word;
  readonly entries: readonly Entry[];
}

export interface NoteBlock extends BlockBase {
  readonly kind: "note";
  readonly lines: readonly Word[];
}

/** A subtitle, as in WebVTT. */
export interface CueBlock extends BlockBase, Span {
  readonly kind: "cue";
  readonly id: Word | undefined;
  /** From the first digit of the start to the last of the end. */
  readonly timing: Range;
  /** What follows the times: `align:start line:0`; empty without. */
  readonly settings: string;
  /** As written, markup included. */
  readonly lines: readonly Word[];
}

/** Lines that are none of the above: kept as they are. */
export interface OpaqueBlock extends BlockBase {
  readonly kind: "opaque";
  /** What the writer seems to have meant; `style` and `region` are WebVTT's and no mistake. */
  readonly resembles: "segment" | "question" | "reference" | "model" | "run" | "cue" | "header" | "style" | "region" | undefined;
}

export type Block =
  | HeaderBlock
  | BlankBlock
  | HeadingBlock
  | SegmentBlock
  | QuestionBlock
  | ReferenceBlock
  | ModelBlock
  | RunBlock
  | NoteBlock
  | CueBlock
  | OpaqueBlock;

export const PROBLEM_CODES = [
  // From parsing.
  "bad-header",
  "bad-version",
  "header-not-closed",
  "misplaced-header",
  "bad-time",
  "end-before-start",
  "bad-question",
  "bad-reference",
  "bad-model",
  "bad-provenance-id",
  "bad-run",
  "choice-outside-question",
  "keyword-in-cue",
  "unknown-line",
  "too-many-problems",
  // From checking the whole.
  "missing-header",
  "missing-video",
  "bad-sampling",
  "bad-context",
  "duplicate-key",
  "duplicate-id",
  "empty-question",
  "empty-choice",
  "few-choices",
  "duplicate-choice",
  "several-gold",
  "without-question",
  "run-missing",
  "run-unused",
  "run-altered",
  "run-duplicate",
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface Problem extends Range {
  readonly code: ProblemCode;
  /** `error`: something written does not work. `warning`: it works, perhaps not as meant. */
  readonly severity: "error" | "warning";
  /** What is wrong and how it is put right. */
  readonly message: string;
  /** Line of `start`, from 1. */
  readonly line: number;
}

export interface Document {
  /** The text that was parsed. */
  readonly source: string;
  readonly bom: boolean;
  /** The most frequent line terminator; "\n" when there is none. New lines use it. */
  readonly eol: Eol;
  /** Offset of every line. */
  readonly lineStarts: readonly number[];
  readonly header: HeaderBlock | undefined;
  readonly blocks: readonly Block[];
  /** Mistakes of syntax, in order of place. `diagnose` adds those that need the whole. */
  readonly problems: readonly Problem[];
}
