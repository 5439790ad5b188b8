import { formatClock, formatDuration } from "./clock.js";
import { inWords } from "./words.js";
import type { SegmentShape } from "./compose/port.js";
import { VqaError } from "./errors.js";
import type { PromptTemplate } from "./pack.js";
import type { Matrix, Piece, VisualGrid } from "./ports.js";

/** A prompt before its visual embeddings exist: `slot` is the place of the segment of that index. */
export type LayoutPiece = Exclude<Piece, { kind: "visual" }> | { readonly kind: "slot"; readonly segment: number; readonly grid?: VisualGrid };

export interface PromptFrame {
  readonly timeMs: number;
  /** The cues that the frame carries, in order. */
  readonly cues: readonly { readonly text: string }[];
}

/** A clip of sound that the prompt carries. */
export interface PromptClip {
  readonly startMs: number;
}

/** A pack's prompt template, read once. */
export interface PromptRenderer {
  /**
   * Everything before the question: `begin`, a clock, then each segment in the composer's order. The
   * cues of a frame stand directly behind the first segment that shows it, and those of frames that no
   * segment shows by itself behind the last one. At the end the times in words.
   * @param segments Sound first (its projector is `audio`), then the video's.
   */
  prefix(frames: readonly PromptFrame[], segments: readonly SegmentShape[], clips?: readonly PromptClip[]): readonly LayoutPiece[];
  question(text: string): readonly Exclude<Piece, { kind: "visual" }>[];
  /** The same for a video of that length, which `begin` may tell. */
  about(durationMs: number): PromptRenderer;
}

/**
 * Where pieces begin and end decides how they are tokenised, so the rule is fixed, and packs are
 * trained by it: each of the template's parts stands alone; inside a part, control marks
 * (`<...>`, `[INST]`) that follow one another are one `template` piece, and everything between marks
 * and visual slots, with what is put in for the placeholders, is one `text` piece. Text of the user
 * or of the video is put in after the marks were found, so it can never become one.
 *
 * Packs that were trained by others say `join`: pieces of one kind that touch are then one, as in a text
 * that was tokenised whole.
 *
 * Error: `model-unsupported` for a template with an unknown, missing or repeated placeholder.
 */
export function promptRenderer(template: PromptTemplate, durationMs = 0): PromptRenderer {
  const begin = parse("begin", template.begin, [], ["count", "duration"]);
  const clock = parse("clock", template.clock ?? "", [], ["time"]);
  const audio = parse("audio", template.audio ?? "{visual}", ["visual"], ["time", "visual"]);
  const frame = parse("frame", template.frame, ["visual"], ["time", "visual"]);
  const video = template.video === undefined ? frame : parse("video", template.video, ["visual"], ["visual"]);
  const segment = parse("segment", template.segment ?? "{visual}", ["visual"], ["from", "to", "visual"]);
  const cue = parse("cue", template.cue, ["text"], ["time", "text"]);
  const times = parse("times", template.times ?? "", [], ["count", "seconds"]);
  const end = parse("end", template.end, ["question"], ["question"]);

  const cuesOf = (f: PromptFrame): LayoutPiece[] =>
    f.cues.length === 0
      ? []
      : render(cue, { text: f.cues.map((c) => c.text).join(" "), time: formatClock(f.timeMs) });

  return {
    prefix(frames, segments, clips = []) {
      const time = (i: number): string => formatClock(frames[i]!.timeMs);
      const piecesOf = (shape: SegmentShape, index: number): LayoutPiece[] => {
        const { grid } = shape;
        if (shape.projector === "audio") {
          return render(audio, { time: shape.clip === undefined ? "" : formatClock(clips[shape.clip]!.startMs) }, index);
        }
        if (shape.frame !== undefined) return render(frame, { time: time(shape.frame) }, index, grid);
        if (shape.frames !== undefined) return render(segment, { from: time(shape.frames[0]), to: time(shape.frames[1]) }, index, grid);
        return render(video, { time: "" }, index, grid);
      };
      const pieces = render(begin, { count: inWords(frames.length), duration: formatDuration(durationMs) });
      frames.forEach((_, i) => pieces.push(...render(clock, { time: time(i) })));
      const shown = new Set<number>();
      segments.forEach((shape, index) => {
        pieces.push(...piecesOf(shape, index));
        const [first, last] = shape.frames ?? [shape.frame ?? 0, shape.frame ?? -1];
        for (let i = first; i <= last; i++) {
          if (shown.has(i)) continue;
          shown.add(i);
          pieces.push(...cuesOf(frames[i]!));
        }
      });
      frames.forEach((f, index) => {
        if (!shown.has(index)) pieces.push(...cuesOf(f));
      });
      const seconds = frames.map((f) => (f.timeMs / 1000).toFixed(1)).join(", ");
      pieces.push(...render(times, { count: String(frames.length), seconds }));
      return template.join === true ? joined(pieces) : pieces;
    },
    about: (length) => promptRenderer(template, length),
    question: (text) => render(end, { question: text }).filter((p) => p.kind !== "slot"),
  };
}

function joined(pieces: readonly LayoutPiece[]): LayoutPiece[] {
  const out: LayoutPiece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last !== undefined && last.kind !== "slot" && last.kind === piece.kind) out[out.length - 1] = { ...last, text: last.text + piece.text };
    else out.push(piece);
  }
  return out;
}

/** Puts the projected segments into their slots. */
export function fillSlots(layout: readonly LayoutPiece[], segments: readonly Matrix[]): readonly Piece[] {
  return layout.map((piece) =>
    piece.kind === "slot" ? { kind: "visual", embeddings: segments[piece.segment]!, ...(piece.grid === undefined ? {} : { grid: piece.grid }) } : piece,
  );
}

type Part =
  | { readonly kind: "mark"; readonly text: string }
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "placeholder"; readonly name: string };

const PARTS = /\{(?<name>[a-z]+)\}|(?<mark><{1,2}[^<>{}\s]+>{1,2}|\[\/?[A-Z][A-Z0-9_]*\])/g;

function parse(key: string, template: string, required: readonly string[], allowed: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of template.matchAll(PARTS)) {
    if (match.index > from) parts.push({ kind: "literal", text: template.slice(from, match.index) });
    const { name, mark } = match.groups!;
    parts.push(name === undefined ? { kind: "mark", text: mark! } : { kind: "placeholder", name });
    from = match.index + match[0].length;
  }
  if (from < template.length) parts.push({ kind: "literal", text: template.slice(from) });

  const names = parts.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
  const wrong =
    names.find((name) => !allowed.includes(name)) ?? required.find((name) => names.filter((n) => n === name).length !== 1);
  if (wrong !== undefined) {
    throw new VqaError(
      "model-unsupported",
      `The prompt template's "${key}" is ${JSON.stringify(template)}: {${wrong}} must ${allowed.includes(wrong) ? "stand in it once" : "not stand in it"}.`,
      "Correct the prompt template of the model pack.",
    );
  }
  return parts;
}

function render(parts: readonly Part[], values: Readonly<Record<string, string>>, segment = 0, grid?: VisualGrid): LayoutPiece[] {
  const pieces: LayoutPiece[] = [];
  const add = (kind: "template" | "text", text: string): void => {
    const last = pieces.at(-1);
    if (text === "") return;
    if (last?.kind === kind) pieces[pieces.length - 1] = { kind, text: last.text + text };
    else pieces.push({ kind, text });
  };
  for (const part of parts) {
    if (part.kind === "mark") add("template", part.text);
    else if (part.kind === "literal") add("text", part.text);
    else if (part.name !== "visual") add("text", values[part.name] ?? "");
    else pieces.push({ kind: "slot", segment, ...(grid === undefined ? {} : { grid }) });
  }
  return pieces;
}
