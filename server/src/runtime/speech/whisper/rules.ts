/**
 * What a Whisper model may say next (arXiv 2212.04356, section 4.5, and the rules of its published
 * decoder): suppressed tokens never; times in pairs, never going back; a time when times together are
 * likelier than any single word.
 */
export interface RuleIds {
  readonly end: number;
  readonly firstTime: number;
  readonly noTimes: number;
  /** Never: special tokens and what the model's publisher has ruled out. */
  readonly suppressed: readonly number[];
  /** Not as the first token. */
  readonly notFirst: readonly number[];
  /** Latest time of the first token, counted in steps of 20 ms. */
  readonly latestStart: number | undefined;
}

/** Rules `logits` in place. `said` are the tokens after the prompt. */
export function applyRules(logits: Float32Array, said: readonly number[], ids: RuleIds): void {
  const { end, firstTime } = ids;
  const ban = (from: number, to: number): void => void logits.fill(-Infinity, from, to);
  for (const id of ids.suppressed) logits[id] = -Infinity;
  logits[ids.noTimes] = -Infinity;
  const isTime = (id: number | undefined): boolean => id !== undefined && id >= firstTime;

  if (said.length === 0) {
    for (const id of ids.notFirst) logits[id] = -Infinity;
    // It begins with a time.
    ban(0, firstTime);
    if (ids.latestStart !== undefined) ban(firstTime + ids.latestStart + 1, logits.length);
    return;
  }
  const last = said.at(-1)!;
  if (isTime(last)) {
    // After a pair words must come; after the end of a phrase the next begins, or it is over.
    if (said.length < 2 || isTime(said.at(-2))) ban(firstTime, logits.length);
    else ban(0, end);
  }
  const latest = said.findLast(isTime);
  if (latest !== undefined) {
    // A phrase may begin where the last one ended, but takes time itself.
    const opened = isTime(last) && isTime(said.at(-2));
    const closing = !isTime(last) || opened;
    ban(firstTime, closing ? latest + 1 : latest);
  }
  const text = logits.subarray(0, firstTime);
  const most = text.reduce((a, b) => Math.max(a, b), -Infinity);
  const times = logits.subarray(firstTime);
  const top = times.reduce((a, b) => Math.max(a, b), -Infinity);
  if (top === -Infinity) return;
  let sum = 0;
  for (const value of times) sum += Math.exp(value - top);
  if (top + Math.log(sum) > most) ban(0, firstTime);
}

/** Natural logarithms of the probabilities. */
export function logSoftmax(logits: Float32Array): Float32Array {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - top);
  const shift = top + Math.log(sum);
  return logits.map((value) => value - shift);
}
