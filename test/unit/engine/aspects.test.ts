import assert from "node:assert/strict";
import { aspectCases, aspectFigures, aspectPrompt, ASPECTS, judgeAspect, readScore } from "../../../server/src/engine/evaluate/aspects.js";
import type { Prediction } from "../../../server/src/engine/evaluate/prediction.js";

const NEVER = new AbortController().signal;
const prediction = (question: string, pred: string, answer = "red", video = "v"): Prediction => ({ video, question, pred, answers: [answer] });

describe("the five aspects", () => {
  for (const [reply, score] of [
    ['{"score": 4}', 4],
    ["{'score': 4.0}", 4],
    ['```json\n{"reason": "ok", "score": "5"}\n```', 5],
    ['{"score": 4.5}', undefined],
    ['{"score": 6}', undefined],
    ['{"score": -1}', undefined],
    ['{"score": 1} or {"score": 2}', undefined],
    ["4 of 5", undefined],
    ["", undefined],
  ] as const) {
    it(`read ${JSON.stringify(reply)}`, () => assert.equal(readScore(reply), score));
  }

  it("are asked one by one, with the known answer", () => {
    const [only] = aspectCases("detail", [prediction("What?", "blue")]);
    assert.ok(only);
    const prompts = ASPECTS.map((aspect) => aspectPrompt(aspect, only));
    assert.equal(new Set(prompts.map(({ system }) => system)).size, 5);
    assert.equal(prompts[0]?.user, "Question: What?\nKnown answer: red\nAnswer to judge: blue");
  });

  it("take two wordings of one question together for consistency, and leave out what stands alone", () => {
    const all = [prediction("A?", "1"), prediction("B?", "2"), prediction("C?", "3", "blue"), prediction("D?", "4", "blue", "w"), prediction("D?", "5", "blue", "w"), prediction("E?", "6", "blue", "w")];
    assert.deepEqual(aspectCases("consistency", all), [
      { questions: ["A?", "B?"], answer: "red", preds: ["1", "2"] },
      { questions: ["D?", "E?"], answer: "blue", preds: ["5", "6"] },
    ]);
    assert.match(aspectPrompt("consistency", aspectCases("consistency", all)[0]!).user, /Question 1: A\?\nQuestion 2: B\?\nKnown answer: red\nAnswer to judge 1: 1\nAnswer to judge 2: 2/);
  });

  it("count what cannot be read as 0, after as many tries as allowed, and ask nobody about silence", async () => {
    let asked = 0;
    const judge = { id: "j", ask: () => Promise.resolve(++asked === 3 ? '{"score": 2}' : "?") };
    const [one] = aspectCases("context", [prediction("What?", "blue")]);
    assert.deepEqual(await judgeAspect(judge, "context", one!, 1, NEVER), { unreadable: "?" });
    assert.deepEqual(await judgeAspect(judge, "context", one!, 1, NEVER), { score: 2 });
    assert.deepEqual(await judgeAspect(judge, "context", { ...one!, preds: [" "] }, 1, NEVER), { score: 0 });
    assert.equal(asked, 3);
    const { n, unreadable, score } = aspectFigures("context", [{ unreadable: "?" }, { score: 2 }]);
    assert.deepEqual([n, unreadable, score.value], [2, 1, 1]);
  });
});
