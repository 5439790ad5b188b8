import assert from "node:assert/strict";
import { accuracy, isRight, QUESTION_COLUMNS, questionCells, statusOf, sumsOf } from "../../../client/datasets/rows.js";
import type { SurveyedQuestion } from "../../../server/src/protocol/datasets.js";

const question = (over: Partial<SurveyedQuestion>): SurveyedQuestion => ({ question: 0, id: "q", text: "What?", state: "unanswered", unanswered: true, authors: [], gold: "", models: [], ...over });
const ANSWERED = question({ state: "unknown", answer: "a", models: ["m"] });

describe("a question of the dataset view", () => {
  it("is stale before all else, then accepted, answered or neither", () => {
    assert.equal(statusOf(question({})), "unanswered");
    assert.equal(statusOf(ANSWERED), "answered");
    assert.equal(statusOf(question({ unanswered: false })), "accepted");
    assert.equal(statusOf({ ...ANSWERED, unanswered: false }), "accepted");
    assert.equal(statusOf({ ...ANSWERED, unanswered: false, state: "stale" }), "stale");
    assert.equal(statusOf({ ...ANSWERED, state: "tampered" }), "stale");
  });

  it("is right, wrong, or neither", () => {
    assert.deepEqual([isRight({ grade: "exact" }), isRight({ grade: "soft" }), isRight({ grade: "wrong" }), isRight({ grade: "ungraded" }), isRight({})], [true, true, false, undefined, undefined]);
  });

  it("has a cell for each column", () => {
    const words = { status: { unanswered: "U", answered: "A", stale: "S", accepted: "C" }, right: "R", wrong: "W" };
    const cells = questionCells("f.vqa", { video: "v.mp4" }, { ...ANSWERED, grade: "wrong", gold: "b", authors: ["ann", "bo"], type: "t", label: "l" }, words);
    assert.deepEqual(Object.fromEntries(QUESTION_COLUMNS.map((id, i) => [id, cells[i]])), { question: "What?", file: "f.vqa", video: "v.mp4", type: "t", label: "l", status: "A", grade: "W", answer: "a", gold: "b", author: "ann, bo", model: "m" });
  });
});

describe("the sums of a dataset", () => {
  it("count each question once, and the graded ones for accuracy", () => {
    const sums = sumsOf([question({}), ANSWERED, { ...ANSWERED, unanswered: false, grade: "exact" }, { ...ANSWERED, unanswered: false, grade: "wrong" }, { ...ANSWERED, state: "stale", unanswered: false, grade: "soft" }]);
    assert.deepEqual(sums, { questions: 5, unanswered: 1, answered: 1, stale: 1, accepted: 2, graded: 3, right: 2 });
    assert.equal(accuracy(sums, "en"), "66.7 %");
    assert.equal(accuracy(sums, "de"), "66,7 %");
    assert.equal(accuracy({ graded: 0, right: 0 }, "de"), "");
  });
});
