/**
 * Predictions as the scripts of Video-ChatGPT (Maaz et al. 2023) write and read them: one JSON array.
 * Its zero-shot sets have `id, question, answer, pred`; its own benchmark `video_name, Q, A, pred`, and
 * for consistency `Q1, Q2, A, pred1, pred2`.
 */
import type { Outcome } from "../../engine/batch/item.js";
import type { PlannedItem } from "./plan.js";

type Entry = readonly [PlannedItem, Outcome];

export async function* chatGptRecords(entries: AsyncIterable<Entry>): AsyncGenerator<unknown> {
  let first: Entry | undefined;
  for await (const entry of entries) {
    const pair = pairPart(entry);
    if (pair === 1) first = entry;
    else if (pair === 2 && first !== undefined) {
      yield consistency(first, entry);
      first = undefined;
    } else yield single(entry);
  }
}

function single([item, outcome]: Entry): unknown {
  const { video, request, facts } = item;
  const { origin } = item;
  const answer = known(item);
  const pred = said(outcome);
  if (origin.kind === "dataset" && origin.format.name.startsWith("video-chatgpt")) {
    return { ...facts.fields, video_name: video, Q: facts.question ?? request.question, ...answer("A"), pred };
  }
  return { id: facts.id ?? video, video_name: video, question: facts.question ?? request.question, ...answer("answer"), ...(facts.type === undefined ? {} : { type: facts.type }), pred };
}

function consistency([one, outcome1]: Entry, [two, outcome2]: Entry): unknown {
  return { video_name: one.video, Q1: one.request.question, Q2: two.request.question, ...known(one)("A"), pred1: said(outcome1), pred2: said(outcome2) };
}

function pairPart([{ facts }]: Entry): unknown {
  return facts.fields?.["consistency"];
}

function known({ facts, request }: PlannedItem): (key: string) => Record<string, string> {
  const answer = facts.references?.[0] ?? request.choices?.[facts.gold?.[0] ?? -1];
  return (key) => (answer === undefined ? {} : { [key]: answer });
}

/** The scripts know no error: what failed said nothing. */
function said(outcome: Outcome): string {
  return "ok" in outcome ? outcome.ok.text : "";
}
