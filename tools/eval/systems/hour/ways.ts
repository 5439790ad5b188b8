/** The ways in which questions about a long film are asked: the product's, plain sampling, and parts switched off. */
import type { AskRequest } from "../../../../server/src/engine/answer.js";
import { LONG_VIDEO, type LongVideoSettings } from "../../../../server/src/engine/longVideo/settings.js";
import type { Embedder } from "../../../../server/src/engine/ports.js";
import { Random } from "../../../clips/random.js";

export interface Way {
  readonly name: string;
  readonly about: string;
  readonly request: Partial<AskRequest>;
  readonly settings?: Partial<LongVideoSettings>;
  /** Documents that can be found; those of both kinds when absent. */
  readonly documents?: "summaries" | "subtitles" | "none";
  /** Clips of one length, wherever the film cuts. */
  readonly blind?: boolean;
}

const NO_SUBTITLES = { subtitles: "off", speech: "off" } as const;

/** @param most frames that the system takes */
export function ways(most: number): readonly Way[] {
  return [
    { name: "plain", about: "frames spread over the hour", request: { long: "off" } },
    { name: "plain, as many frames", about: `${most} of them, as many as the clips are shown with`, request: { long: "off", frames: most } },
    { name: "clips", about: "the product", request: {} },
    { name: "plain, no subtitles", about: "", request: { long: "off", frames: most, ...NO_SUBTITLES } },
    { name: "clips, no subtitles", about: "", request: NO_SUBTITLES },
    { name: "clips at random", about: "", request: {}, documents: "none" },
    { name: "clips by subtitles alone", about: "no summaries", request: {}, documents: "subtitles" },
    { name: "clips by summaries alone", about: "no cue is found, those of found clips are shown", request: {}, documents: "summaries" },
    { name: "1 clip", about: "k = 1", request: {}, settings: { top: 1 } },
    { name: "3 clips, always", about: "k = 3 as in the paper", request: {}, settings: { top: 3, atLeast: 0 } },
    { name: "5 clips, always", about: "k = 5", request: {}, settings: { top: 5, atLeast: 0 } },
    { name: "summaries whole", about: "a document a summary, as in the paper", request: {}, settings: { events: [] } },
    { name: "the video's clock", about: "times in prompts count from the beginning of the film", request: {}, settings: { clock: "video" } },
    { name: "clips of one length", about: "wherever they cut a scene in two", request: {}, blind: true },
    { name: "the paper's constants", about: "clips of 80 s, k = 3, summaries whole", request: {}, settings: { clipMs: LONG_VIDEO.clipMs, top: LONG_VIDEO.top, atLeast: 0, events: [] } },
  ];
}

/** An embedder that knows nothing of some documents: theirs are vectors of nothing, or of chance. */
export function partly(embedder: Embedder, documents: Way["documents"], { cues, questions }: { readonly cues: ReadonlySet<string>; readonly questions: ReadonlySet<string> }, seed: number): Embedder {
  if (documents === undefined) return embedder;
  const random = new Random(seed);
  return {
    width: embedder.width,
    digest: `${embedder.digest} ${documents} ${seed}`,
    embed: async (texts, signal) => {
      const { width, data } = await embedder.embed(texts, signal);
      texts.forEach((text, row) => {
        const own = data.subarray(row * width, (row + 1) * width);
        if (documents === "none") {
          own.forEach((_, i) => (own[i] = random.between(-1, 1)));
          const length = Math.hypot(...own);
          own.forEach((value, i) => (own[i] = value / length));
        } else if (!questions.has(text) && cues.has(text) !== (documents === "subtitles")) own.fill(-1);
      });
      return { rows: texts.length, width, data };
    },
  };
}
