import type { Evidence, Span } from "../answer.js";
import { formatClock } from "../clock.js";
import type { Matrix } from "../ports.js";
import type { ClipDocument } from "./documents.js";
import { timesIn } from "./reel.js";

export interface Retrieved {
  /** In time order, none twice. (Goldfish's code leaves them in the order of their scores.) */
  readonly clips: readonly number[];
  /** One for each of them, the highest score first. */
  readonly evidence: readonly Evidence[];
  /** The documents by which they were found. */
  readonly documents: readonly ClipDocument[];
}

/**
 * The `top` clips whose nearest document is nearest to the question, by cosine similarity; of equals the
 * earlier, and none that is less near than `atLeast` times the nearest. A clip that the question names a
 * time of comes before all others, with a score of 1.
 *
 * @param question (1, width), of length 1.
 * @param vectors (documents, width), each row of length 1.
 */
export function retrieve(
  question: { readonly text: string; readonly vector: Matrix },
  { clips, documents, vectors }: { readonly clips: readonly Span[]; readonly documents: readonly ClipDocument[]; readonly vectors: Matrix },
  { top, atLeast }: { readonly top: number; readonly atLeast: number },
): Retrieved {
  const found = new Map<number, { readonly score: number; readonly why: string; readonly document?: ClipDocument }>();
  for (const ms of timesIn(question.text)) {
    const clip = clips.findIndex(({ startMs, endMs }) => ms >= startMs - 999 && ms < endMs);
    if (clip >= 0) found.set(clip, { score: 1, why: `the question names ${formatClock(ms)}` });
  }
  const named = found.size;
  const scores = similarities(question.vector, vectors);
  const order = documents.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || documents[a]!.startMs - documents[b]!.startMs || a - b);
  for (const i of order) {
    if (found.size >= Math.max(top, named)) break;
    const document = documents[i]!;
    if (found.size > 0 && scores[i]! < atLeast * scores[order[0]!]!) break;
    if (!found.has(document.clip)) found.set(document.clip, { score: scores[i]!, why: why(document), document });
  }
  const entries = [...found.entries()];
  return {
    clips: entries.map(([clip]) => clip).sort((a, b) => a - b),
    evidence: entries.map(([clip, { score, why: reason }]) => ({ kind: "clip" as const, ...spanOf(clips[clip]!), score, why: reason })).sort((a, b) => b.score - a.score || a.startMs - b.startMs),
    documents: entries.flatMap(([, { document }]) => (document ? [document] : [])),
  };
}

function why({ kind, text }: ClipDocument): string {
  return `its ${kind === "cue" ? "subtitle" : "summary"} is near to the question: "${text}"`;
}

const spanOf = ({ startMs, endMs }: Span): Span => ({ startMs, endMs });

function similarities(question: Matrix, { rows, width, data }: Matrix): Float64Array {
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += question.data[i]! * data[row * width + i]!;
    scores[row] = sum;
  }
  return scores;
}
