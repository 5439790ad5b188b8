/** What is said to each question, a JSON object a line: for `vqa eval` and for anybody's scripts. */
import type { Prediction } from "../../engine/evaluate/prediction.js";
import type { Outcome } from "../../engine/batch/item.js";
import type { PlannedItem } from "./plan.js";

export function predictionLine({ video, request, facts }: PlannedItem, outcome: Outcome): Prediction {
  const { id, type, references = [], gold = [], grounding } = facts;
  const choices = request.choices ?? facts.choices;
  const about = {
    video,
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    question: facts.question ?? request.question,
    ...(choices === undefined ? {} : { choices }),
    ...(gold.length === 0 ? {} : { gold }),
    ...(references.length === 0 ? {} : { answers: references }),
    ...(grounding === undefined ? {} : { grounding }),
  };
  if ("error" in outcome) return { ...about, pred: "", error: { code: outcome.error.code, message: outcome.error.message } };
  const { text, choice, p, evidence, model, modelDigest, ms, notes } = outcome.ok;
  return {
    ...about,
    pred: text,
    ...(choice === undefined ? {} : { choice }),
    ...(p === undefined ? {} : { p }),
    ...(evidence === undefined ? {} : { evidence }),
    model,
    modelDigest,
    ms,
    ...(notes.length === 0 ? {} : { notes }),
  };
}
