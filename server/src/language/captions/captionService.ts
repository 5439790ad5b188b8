/** Subtitles in notebooks, their cells and subtitle files: what the language service knows of them. */
import type { CodeAction, Diagnostic, Position, Range as LspRange, TextEdit as LspTextEdit } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Span, TextEdit } from "../../format/index.js";
import { LanguageError } from "../errors.js";
import type { Commands } from "../lenses.js";
import { isVideoName, videoOf } from "../media.js";
import type { ParsedNotebooks } from "../notebooks.js";
import { lspEdit, offsetsOf, rangeOf, touches } from "../places.js";
import { orElse, type LanguagePorts } from "../ports.js";
import { folderOf, inFolder, nameOf } from "../uris.js";
import { checkCaptions, type CaptionProblem } from "./checks.js";
import { captionsOfFile, captionsOfNotebook, cuesIn, type Captions, type CueSyntax } from "./cues.js";
import { fixedText, lineEdits } from "./fixAll.js";
import { captionFixes, SPLIT } from "./fixes.js";
import { apartFrom, cueLines, freeWindows, insertCues, joinSame, type NewCue } from "./insert.js";
import { renumberCues } from "./renumber.js";
import { scaleCues, shiftCues, type SyncPoint } from "./retime.js";
import { splitCue } from "./split.js";

export interface CaptionService {
  /** Adds to all times of the cues that a range touches. Throws LanguageError, as do the next two. */
  shift(document: TextDocument, range: LspRange | undefined, byMs: number): LspTextEdit[];
  /** Stretches their times so that both points fall where they belong. */
  scale(document: TextDocument, range: LspRange | undefined, points: readonly [SyncPoint, SyncPoint]): LspTextEdit[];
  renumber(document: TextDocument, range: LspRange | undefined): LspTextEdit[];
  /** The video that the document is about, as a URI; of a subtitle file the one beside it that has its name. */
  video(document: TextDocument, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * Where cues are missing in these parts of the video, in windows of at most `windowMs` that end where a
   * segment does, and at cuts of the film where that leaves enough to read. `taken` is to stay free, too.
   */
  windows(document: TextDocument, spans: readonly Span[], windowMs: number, more?: { readonly taken?: readonly Span[] | undefined; readonly cuts?: readonly number[] }): readonly Span[];
  /** Those of `made` that are at no time on screen together with a cue that is there. */
  apart(document: TextDocument, made: readonly NewCue[]): readonly NewCue[];
  /** Adds cues; those that are there stay as they are. `note` is told how many of them it stands above. */
  insert(document: TextDocument, made: readonly NewCue[], note: (count: number) => string): LspTextEdit[];
  /** The cue without a text whose text would begin at this place. */
  emptyCue(document: TextDocument, position: Position): Span | undefined;
  /** A text as it would stand in a cue of this document. */
  cueText(document: TextDocument, text: string): string;
}

/** The command that proposes cues; its argument names the document and parts of the video. */
export const DESCRIBE = "vqa.describeScenes";

/** LSP's kind for what may run on save, and ours below it. */
export const FIX_ALL = "source.fixAll.vqa";

/** A menu with more fixes than these is no help. */
const MAX_FIXED = 20;

export class CaptionFeatures implements CaptionService {
  readonly #known = new WeakMap<TextDocument, { readonly version: number; readonly captions: Captions }>();
  readonly #notebooks: ParsedNotebooks;
  readonly #ports: LanguagePorts;

  constructor(notebooks: ParsedNotebooks, ports: LanguagePorts) {
    this.#notebooks = notebooks;
    this.#ports = ports;
  }

  diagnostics(document: TextDocument): Diagnostic[] {
    return this.#problems(document).map(({ code, severity, message, before, ...place }) => ({
      range: rangeOf(document, place),
      severity: SEVERITY[severity],
      code,
      source: "vqa",
      message,
      ...(before === undefined ? {} : { relatedInformation: [{ location: { uri: document.uri, range: rangeOf(document, before.timing) }, message: "The cue before." }] }),
    }));
  }

  /** Quick fixes of the problems in a part. */
  fixes(document: TextDocument, part: LspRange, shown: readonly Diagnostic[] = []): CodeAction[] {
    const captions = this.#of(document);
    const range = offsetsOf(document, part);
    return this.#problems(document)
      .filter((problem) => touches(problem, range))
      .slice(0, MAX_FIXED)
      .flatMap((problem) =>
        captionFixes(captions, problem, this.#ports.captionStyle()).map(({ title, edits, preferred }) => ({
          title,
          kind: "quickfix",
          diagnostics: shown.filter(({ code, range: { start } }) => code === problem.code && document.offsetAt(start) === problem.start),
          edit: { changes: { [document.uri]: lspEdits(document, edits) } },
          ...(preferred ? { isPreferred: true } : {}),
        })),
      );
  }

  /** One action that puts right all that needs no decision; editors run it when a file is saved, if they are told to. */
  fixAll(document: TextDocument): CodeAction[] {
    const captions = this.#of(document);
    const style = this.#ports.captionStyle();
    if (!style.check) return [];
    const fixed = fixedText(captions, style);
    if (fixed === undefined) return [];
    return [{ title: "Fix all subtitle problems that can be fixed", kind: FIX_ALL, edit: { changes: { [document.uri]: lspEdits(document, lineEdits(captions.source, fixed)) } } }];
  }

  /** Rewrites of the cues in a part, and what a model may propose there. */
  rewrites(document: TextDocument, part: LspRange, commands: Commands): CodeAction[] {
    return [...this.#renumbering(document, part), ...this.#splitting(document, part), ...(commands.has(DESCRIBE) ? this.#descriptions(document, part) : [])];
  }

  #renumbering(document: TextDocument, part: LspRange): CodeAction[] {
    const edits = renumberCues(this.#of(document), offsetsOf(document, part));
    return edits.length === 0 ? [] : [{ title: "Renumber the cues", kind: "refactor.rewrite", edit: { changes: { [document.uri]: lspEdits(document, edits) } } }];
  }

  /** At the cursor where it stands inside of the words, else where it reads best. */
  #splitting(document: TextDocument, part: LspRange): CodeAction[] {
    const captions = this.#of(document);
    const { start, end } = offsetsOf(document, part);
    const [cue, ...more] = cuesIn(captions, { start, end });
    if (cue === undefined || more.length > 0) return [];
    const [first] = cue.lines;
    const inside = first !== undefined && start > first.start && start < cue.end;
    const edits = splitCue(captions, cue, this.#ports.captionStyle(), inside ? start : undefined);
    return edits === undefined ? [] : [{ title: inside ? "Split the cue here" : SPLIT, kind: "refactor.rewrite", edit: { changes: { [document.uri]: lspEdits(document, edits) } } }];
  }

  /** Of the time after a cue in which nothing is said. */
  #descriptions(document: TextDocument, part: LspRange): CodeAction[] {
    const { minGapMs, minDurationMs } = this.#ports.captionStyle();
    const captions = this.#of(document);
    const [cue] = cuesIn(captions, offsetsOf(document, part));
    if (cue === undefined) return [];
    const next = captions.cues.reduce((least, { from, to }) => (to.ms > cue.to.ms ? Math.min(least, Math.max(from.ms, cue.to.ms)) : least), Infinity);
    if (next - cue.to.ms < minDurationMs + 2 * minGapMs) return [];
    const title = next === Infinity ? "Describe what is seen after this cue" : "Describe what is seen until the next cue";
    const spans = [{ startMs: cue.to.ms, endMs: Math.min(next, Number.MAX_SAFE_INTEGER) }];
    const { uri, version } = document;
    // LSP 3.18: CodeActionTag.LLMGenerated.
    return [{ title, kind: "refactor.rewrite", tags: [1], command: { title, command: DESCRIBE, arguments: [{ textDocument: { uri, version }, spans }] } }];
  }

  shift(document: TextDocument, range: LspRange | undefined, byMs: number): LspTextEdit[] {
    return this.#edits(document, range, (captions, part) => shiftCues(captions, part, byMs));
  }

  scale(document: TextDocument, range: LspRange | undefined, points: readonly [SyncPoint, SyncPoint]): LspTextEdit[] {
    return this.#edits(document, range, (captions, part) => scaleCues(captions, part, points));
  }

  renumber(document: TextDocument, range: LspRange | undefined): LspTextEdit[] {
    return this.#edits(document, range, renumberCues);
  }

  async video(document: TextDocument, signal?: AbortSignal): Promise<string | undefined> {
    if (syntaxOf(document) === "vqa") return videoOf(document, this.#notebooks.of(document));
    const { workspace, logger } = this.#ports;
    const folder = folderOf(document.uri);
    const entries = await orElse(logger, [], () => workspace.list(folder, signal));
    const stem = nameOf(document.uri).replace(/\.[^.]*$/, "").normalize();
    const videos = entries.filter(({ name, kind }) => kind === "file" && isVideoName(name)).map(({ name }) => ({ name, stem: name.replace(/\.[^.]*$/, "").normalize() }));
    // `clip.en.srt` goes with `clip.mp4`, and rather with `clip.en.mp4`.
    const [best] = videos.filter((video) => stem === video.stem || stem.startsWith(`${video.stem}.`)).sort((a, b) => b.stem.length - a.stem.length);
    return best && inFolder(folder, best.name);
  }

  windows(document: TextDocument, spans: readonly Span[], windowMs: number, { taken = [], cuts = [] }: { readonly taken?: readonly Span[] | undefined; readonly cuts?: readonly number[] } = {}): readonly Span[] {
    const segments = syntaxOf(document) === "vqa" ? this.#notebooks.of(document).segments : [];
    const written = segments.flatMap(({ scope }) => (scope.spans ?? []).flatMap(({ startMs, endMs }) => [startMs, endMs]));
    const style = this.#ports.captionStyle();
    return freeWindows(this.#of(document), spans, windowMs, [...written, ...farApart(cuts, [...written, ...spans.flatMap(({ startMs, endMs }) => [startMs, endMs])], style.minDurationMs + style.minGapMs)], style, taken);
  }

  apart(document: TextDocument, made: readonly NewCue[]): readonly NewCue[] {
    return apartFrom(this.#of(document), made);
  }

  insert(document: TextDocument, made: readonly NewCue[], note: (count: number) => string): LspTextEdit[] {
    const style = this.#ports.captionStyle();
    return lspEdits(document, insertCues(this.#of(document), joinSame(made, style), note, style));
  }

  emptyCue(document: TextDocument, position: Position): Span | undefined {
    const offset = document.offsetAt(position);
    const cue = this.#of(document).cues.find(({ timing, lines, to, from }) => lines.length === 0 && to.ms > from.ms && document.positionAt(timing.end).line === position.line - 1);
    if (cue === undefined || document.getText({ start: { line: position.line, character: 0 }, end: { line: position.line + 1, character: 0 } }).trim() !== "") return undefined;
    return offset > cue.timing.end ? { startMs: cue.from.ms, endMs: cue.to.ms } : undefined;
  }

  cueText(document: TextDocument, text: string): string {
    return cueLines(text, syntaxOf(document), this.#ports.captionStyle()).join(this.#of(document).eol);
  }

  #of(document: TextDocument): Captions {
    const known = this.#known.get(document);
    if (known?.version === document.version) return known.captions;
    const syntax = syntaxOf(document);
    const captions = syntax === "vqa" ? captionsOfNotebook(this.#notebooks.of(document).document) : captionsOfFile(document.getText(), syntax);
    this.#known.set(document, { version: document.version, captions });
    return captions;
  }

  #problems(document: TextDocument): readonly CaptionProblem[] {
    return checkCaptions(this.#of(document), this.#ports.captionStyle());
  }

  #edits(document: TextDocument, range: LspRange | undefined, make: (captions: Captions, part: { start: number; end: number } | undefined) => TextEdit[]): LspTextEdit[] {
    const captions = this.#of(document);
    if (captions.cues.length === 0) throw new LanguageError("There are no subtitles here.", "Open a text with cues: a time, an arrow, a time, and below it the words.");
    return lspEdits(document, make(captions, range && offsetsOf(document, range)));
  }
}

/** Those that are at least this far from each other and from what was written; the earlier one wins. */
function farApart(cuts: readonly number[], written: readonly number[], leastMs: number): number[] {
  const kept: number[] = [];
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if ([...written, kept.at(-1) ?? -Infinity].every((other) => Math.abs(cut - other) >= leastMs)) kept.push(cut);
  }
  return kept;
}

/** LSP's numbers. */
const SEVERITY: Readonly<Record<CaptionProblem["severity"], 1 | 2 | 3>> = { error: 1, warning: 2, hint: 3 };

const BY_LANGUAGE: Readonly<Record<string, CueSyntax>> = { vqa: "vqa", "vqa-cues": "vqa", markdown: "vqa", srt: "srt", subrip: "srt", vtt: "vtt", webvtt: "vtt" };

/** By the language that the editor names, else by the file's name. */
export function syntaxOf({ languageId, uri }: Pick<TextDocument, "languageId" | "uri">): CueSyntax {
  return BY_LANGUAGE[languageId.toLowerCase()] ?? (/\.srt$/i.test(uri) ? "srt" : /\.vtt$/i.test(uri) ? "vtt" : "vqa");
}

function lspEdits(document: TextDocument, edits: readonly TextEdit[]): LspTextEdit[] {
  return edits.map((edit) => lspEdit(document, edit));
}

