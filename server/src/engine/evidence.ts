import type { Evidence } from "./answer.js";
import { throwIfAborted } from "./errors.js";
import type { LanguageSession, Piece } from "./ports.js";
import type { LeftOut, Watched } from "./watch.js";

/** More parts than this are thinned out evenly: each costs a prefill of the whole prompt. */
const MOST = 64;

/**
 * What an answer rests on, without a look inside the model: each frame and each cue is left out once,
 * and its score is by how much the answer's log-likelihood falls, in nats. The highest first. A frame
 * that is alone cannot be left out, and one that others repeat scores low though it was seen.
 *
 * @param continuation the answer as the model is to have said it
 * @returns Leaves `session` with the last prompt as its prefix: the caller sets it anew for the next question.
 */
export async function leaveOneOut(
  session: LanguageSession,
  video: Pick<Watched, "prefix" | "question" | "frameTimesMs" | "cuesUsed" | "without" | "plan">,
  continuation: string,
  signal?: AbortSignal,
): Promise<readonly Evidence[]> {
  const likelihood = async (prefix: readonly Piece[]): Promise<number> => {
    await session.setPrefix(prefix, signal);
    throwIfAborted(signal);
    const [score] = await session.score(video.question, [continuation], signal);
    throwIfAborted(signal);
    return score!.logProb;
  };
  const { frameTimesMs: times, cuesUsed } = video;
  const ends = [...times.slice(1), video.plan.spans.at(-1)!.endMs];
  const parts: { left: LeftOut; evidence: Omit<Evidence, "score" | "why">; what: string }[] = [
    ...(times.length > 1 ? times : []).map((startMs, frame) => ({
      left: { frame },
      evidence: { kind: "frame" as const, startMs, endMs: Math.max(startMs, ends[frame]!) },
      what: "this frame",
    })),
    ...cuesUsed.map((cue) => ({
      left: { cue },
      evidence: { kind: "cue" as const, startMs: cue.startMs, endMs: cue.endMs },
      what: `the subtitle "${cue.text}"`,
    })),
  ];
  const step = Math.max(1, parts.length / MOST);
  const chosen = parts.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const whole = await likelihood(video.prefix);
  const scored: Evidence[] = [];
  for (const { left, evidence, what } of chosen) {
    const prefix = await video.without(left, signal);
    throwIfAborted(signal);
    const score = whole - (await likelihood(prefix));
    scored.push({ ...evidence, score, why: why(score, what) });
  }
  return scored.sort((a, b) => b.score - a.score);
}

/** A change that is smaller decides nothing: a hundredth of a nat is 1 % of the probability. */
const FELT = 0.01;

function why(score: number, what: string): string {
  if (Math.abs(score) < FELT) return `the answer was as likely without ${what}`;
  return `the answer was ${score > 0 ? "less" : "more"} likely without ${what}`;
}
