import assert from "node:assert/strict";
import { compare } from "../../../server/src/engine/evaluate/compare.js";
import { judged, judgePrompt, readReply } from "../../../server/src/engine/evaluate/judge.js";
import { isVerdict, predictionsOf } from "../../../server/src/engine/evaluate/readPredictions.js";
import { choiceIn, rowOf, scoresOf, type Row } from "../../../server/src/engine/evaluate/score.js";
import type { JsonValue } from "../../../server/src/format/index.js";

describe("prediction files", () => {
  const good: readonly (readonly [name: string, value: JsonValue, wanted: object, key?: string])[] = [
    ["Video-ChatGPT, zero-shot sets", { id: "v_1_0", question: "who?", answer: "a man", pred: "A man.</s>" }, { video: "v_1_0", id: "v_1_0", question: "who?", answers: ["a man"], pred: "A man." }],
    ["Video-ChatGPT, its benchmark", { video_name: "v_1", Q: "who?", A: "a man", pred: "one" }, { video: "v_1", question: "who?", answers: ["a man"], pred: "one" }],
    ["lines with a prompt and a text", { question_id: 7, prompt: "who?", text: "a dog", answer: "a cat" }, { video: "7", id: "7", question: "who?", answers: ["a cat"], pred: "a dog" }],
    ["annotations with ids", { ann_id: "x", question: "who?", answer: "a", prediction: "b", type: "temporal" }, { video: "x", id: "x", type: "temporal", question: "who?", answers: ["a"], pred: "b" }],
    ["paths of videos", { video_path_mp4: "/a/b.mp4", question: "who?", answer: "a", pred: "b" }, { video: "/a/b.mp4", question: "who?", answers: ["a"], pred: "b" }],
    ["a map of videos", [{ question: "who?", answer: "a", pred: "b" }], { video: "v9", question: "who?", answers: ["a"], pred: "b" }, "v9"],
    ["what a judge said", [{ pred: "yes", score: 4.8 }, { q: "who?", a: "a", pred: "b" }], { video: "v_1_0", question: "who?", answers: ["a"], pred: "b", judged: { right: true, score: 4.8 } }, "v_1_0"],
    ["multiple choice with an index", { question: "which?", options: ["a", "b"], answer: 1, prediction: "(B)", video: "v" }, { video: "v", question: "which?", choices: ["a", "b"], gold: [1], pred: "(B)" }],
    ["multiple choice with a letter", { question: "which?", candidates: ["a", "b"], answer: "(A)", pred: "B", video: "v" }, { video: "v", question: "which?", choices: ["a", "b"], gold: [0], pred: "B" }],
    ["numbered choices", { qid: 3, question: "which?", a0: "x", a1: "y", a2: "z", a3: "u", a4: "v", answer: "z", pred_idx: 2 }, { video: "3", id: "3", question: "which?", choices: ["x", "y", "z", "u", "v"], gold: [2], pred: "z", choice: 2 }],
    ["places in seconds", { video: "v", question: "when?", answer: "a", pred: "a", location: [[1, 2.5]], pred_span: [2, 3] }, { video: "v", question: "when?", answers: ["a"], grounding: [{ startMs: 1000, endMs: 2500 }], pred: "a", evidence: [{ startMs: 2000, endMs: 3000 }] }],
    ["our own with an error", { video: "v", question: "who?", answers: ["a", "b"], pred: "", error: { code: "video-empty", message: "empty" } }, { video: "v", question: "who?", answers: ["a", "b"], pred: "", error: { code: "video-empty", message: "empty" } }],
  ];
  for (const [name, value, wanted, key] of good) it(`are read: ${name}`, () => assert.deepEqual(predictionsOf(value, key), [wanted]));

  it("are read: two wordings with one answer", () => {
    const both = predictionsOf({ video_name: "v", Q1: "a?", Q2: "b?", A: "c", pred1: "c", pred2: "d" });
    assert.deepEqual(both?.map(({ question, pred, type }) => [question, pred, type]), [["a?", "c", "consistency"], ["b?", "d", "consistency"]]);
  });

  it("a verdict alone belongs to what follows, and what says nothing is none", () => {
    assert.deepEqual([isVerdict({ pred: "no", score: 0 }), isVerdict({ question: "q", pred: "yes", score: 1 }), isVerdict({ pred: "a cat" })], [true, false, false]);
    for (const value of [1, "x", null, [], {}, { question: "who?" }, { pred: "x" }, [1]] as JsonValue[]) assert.equal(predictionsOf(value), undefined, JSON.stringify(value));
  });
});

describe("choices in an answer", () => {
  const choices = ["a red circle", "red", "a blue square"];
  for (const [said, wanted] of [
    ["(B)", 1], ["B", 1], ["b.", 1], ["C) a blue square", 2], ["The answer is (A)", 0], ["the correct option is: C", 2], ["Answer: B. red", 1], ["I think it is a blue square there", 2],
    ["It is a red circle", 0], ["D", undefined], ["", undefined], ["a red circle or a blue square", undefined], ["nothing", undefined],
  ] as const) it(`${JSON.stringify(said)} names ${wanted}`, () => assert.equal(choiceIn(said, choices), wanted));
});

describe("the judge", () => {
  const signal = new AbortController().signal;
  for (const [reply, wanted] of [
    ['{"verdict": "yes", "score": 5}', ["yes", 5]],
    ["```json\n{\"verdict\": \"no\", \"score\": 0}\n```", ["no", 0]],
    ["{'pred': 'yes', 'score': 4}", ["yes", 4]],
    ["Sure! {'pred': 'No', 'score': 2.0} is my verdict", ["no", 2]],
    ['{"score": "3", "verdict": "no"}', ["no", 3]],
    ['{"verdict": "yes", "score": 4.8}', undefined],
    ['{"verdict": "yes", "score": 6}', undefined],
    ['{"verdict": "yes", "score": -1}', undefined],
    ['{"verdict": "maybe", "score": 3}', undefined],
    ["yes, 5", undefined],
    ['{"verdict":"yes","score":5} or {"verdict":"no","score":0}', undefined],
    ["", undefined],
  ] as const) it(`reads ${JSON.stringify(reply)}`, () => {
    const read = readReply(reply);
    assert.deepEqual(read === undefined ? undefined : [read.verdict, read.score], wanted);
  });

  it("is asked again a bounded number of times, and what cannot be read is told", async () => {
    const replies = ["hm", "still", '{"verdict":"yes","score":4}'];
    const attempts: number[] = [];
    const judge = { id: "j", ask: async (_: unknown, attempt: number) => (attempts.push(attempt), replies[attempt] ?? "") };
    const what = { question: "q", answers: ["a"], pred: "b" };
    assert.deepEqual(await judged(judge, what, 2, signal), { verdict: "yes", score: 4, replies: 3 });
    assert.deepEqual(await judged(judge, what, 1, signal), { unreadable: "still", replies: 2 });
    assert.deepEqual(attempts, [0, 1, 2, 0, 1]);
    // Nothing said needs no judge.
    assert.deepEqual(await judged(judge, { ...what, pred: " " }, 2, signal), { verdict: "no", score: 0, replies: 0 });
    assert.equal(attempts.length, 5);
  });

  it("is given all known answers and what was said", () => {
    const { user } = judgePrompt({ question: "who?", answers: ["a man", "a boy"], pred: "someone" });
    for (const words of ["who?", "a man", "a boy", "someone"]) assert.ok(user.includes(words));
  });
});

describe("scores", () => {
  const row = (part: object, judgment?: Parameters<typeof rowOf>[1]): Row => rowOf({ video: "v", question: "q", pred: "", ...part }, judgment, { captions: "caption" in part });

  it("count every question once, the failed and the unreadable ones too", () => {
    const rows = [
      row({ type: "a", answers: ["red"], pred: "Red." }, { verdict: "yes", score: 5, replies: 1 }),
      row({ type: "a", answers: ["red"], pred: "it is red" }, { verdict: "yes", score: 4, replies: 1 }),
      row({ type: "a", answers: ["red"], pred: "blue" }, { unreadable: "hm", replies: 3 }),
      row({ type: "b", answers: ["red"], error: { code: "video-empty", message: "" } }, { verdict: "no", score: 0, replies: 0 }),
      row({ type: "b", choices: ["x", "y"], gold: [1], pred: "B" }),
      row({ type: "b", choices: ["x", "y"], gold: [1], choice: 0, p: [0.7, 0.3] }),
      row({ type: "b", choices: ["x", "y"], gold: [1], pred: "neither" }),
      row({ type: "b", pred: "who knows" }),
    ];
    const { all, types } = scoresOf(rows);
    assert.deepEqual([all.n, all.failed, all.graded, all.right, all.exact], [8, 1, 7, 3, 2]);
    assert.deepEqual(all.choices, { n: 3, right: 1, byLikelihood: 1, notRead: 1 });
    assert.deepEqual([all.judge?.n, all.judge?.yes, all.judge?.unreadable, all.judge?.accuracy.value, all.judge?.score.value], [4, 2, 1, 0.5, 2.25]);
    assert.deepEqual(types.map(({ type, n, right }) => [type, n, right]), [["a", 3, 2], ["b", 5, 1]]);
  });

  it("of grounding count who names no part as not found", () => {
    const grounding = [{ startMs: 0, endMs: 1000 }];
    const { grounding: found } = scoresOf([
      row({ grounding, answers: ["a"], pred: "a", evidence: [{ startMs: 0, endMs: 500 }] }),
      row({ grounding, answers: ["a"], pred: "b", evidence: [{ startMs: 0, endMs: 1000 }] }),
      row({ grounding, answers: ["a"], pred: "a" }),
      row({ grounding, answers: ["a"], pred: "a", evidence: [{ startMs: 900, endMs: 2900 }] }),
    ]).all;
    assert.equal(found?.without, 1);
    assert.ok(Math.abs((found?.mIoU.value ?? 0) - (0.5 + 1 + 0 + 100 / 2900) / 4) < 1e-12);
    assert.deepEqual(found?.recall.map(({ at, share }) => [at, share.value]), [[0.3, 0.5], [0.5, 0.5], [0.7, 0.25]]);
    assert.deepEqual(found?.iop.map(({ share }) => share.value), [0.5, 0.5]);
    assert.equal(found?.groundedAccuracy.value, 0.25);
  });

  it("of captions are those of the set", () => {
    const { captions } = scoresOf([row({ caption: true, answers: ["A man runs fast."], pred: "a man runs fast" }), row({ caption: true, answers: ["Two dogs sleep here."], pred: "cats" })]).all;
    assert.equal(captions?.n, 2);
    assert.deepEqual([captions?.rougeL.value, captions?.ciderD.value], [0.5, 5]);
    assert.ok((captions?.bleu[0]?.value ?? 0) > 0 && (captions?.bleu[0]?.value ?? 0) < 0.9);
  });

  it("of two runs are compared question by question", () => {
    const run = (...right: readonly boolean[]): Row[] => right.map((is, i) => row({ id: `${i}`, type: i % 2 === 0 ? "a" : "b", answers: ["x"], pred: is ? "x" : "y" }));
    const compared = compare(run(true, true, false, false, true), run(true, false, true, true).concat(row({ id: "99", answers: ["x"] })));
    assert.deepEqual([compared.all.n, compared.all.right, compared.onlyFirst, compared.onlySecond], [4, [2, 3], 1, 1]);
    assert.deepEqual(compared.all.test, { first: 1, second: 2, p: 1 });
    assert.deepEqual(compared.changed.map(({ first }) => first.id), ["1", "2", "3"]);
    assert.deepEqual(compared.types.map(({ type, n }) => [type, n]), [["a", 2], ["b", 2]]);
  });
});
