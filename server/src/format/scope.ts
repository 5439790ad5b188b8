/** Which part of the video a question is about. */
import type { Span } from "./time.js";
import type { Block, QuestionBlock, SegmentBlock } from "./tree.js";

export type EffectiveScope =
  /** Written in the question, or inherited from `segment`. At least one span. */
  | { readonly origin: "question"; readonly spans: readonly Span[] }
  | { readonly origin: "segment"; readonly spans: readonly Span[]; readonly segment: SegmentBlock }
  /** Nothing narrows it down: the whole video. */
  | { readonly origin: "video"; readonly spans: readonly [] }
  /** It is written, but cannot be read. To take the whole video instead would be a guess. */
  | { readonly origin: "invalid"; readonly spans: readonly [] };

/**
 * Walks the blocks of a document in order and tells the scope of each question: its own, else that of
 * the last segment since the last heading, else the whole video.
 */
export class ScopeTracker {
  #segment: SegmentBlock | undefined;

  /** Call for every block, in order, before `of` is asked about a question that comes later. */
  see(block: Block): void {
    if (block.kind === "heading") this.#segment = undefined;
    else if (block.kind === "segment") this.#segment = block;
  }

  of(question: QuestionBlock): EffectiveScope {
    if (question.scope !== undefined) {
      const { spans } = question.scope;
      return spans === undefined ? { origin: "invalid", spans: [] } : { origin: "question", spans };
    }
    const segment = this.#segment;
    if (segment === undefined) return { origin: "video", spans: [] };
    const { spans } = segment.scope;
    return spans === undefined ? { origin: "invalid", spans: [] } : { origin: "segment", spans, segment };
  }
}
