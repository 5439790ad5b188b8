import assert from "node:assert/strict";
import { grade, normalise, questionType, summarise, timeIn } from "../../../server/src/engine/grade.js";

const check = (said: string, gold: string | string[], expected: string, timeToleranceMs?: number): void => {
  it(`${JSON.stringify(said)} for ${JSON.stringify(gold)} is ${expected}`, () => {
    const answers = typeof gold === "string" ? [gold] : gold;
    assert.equal(grade({ text: said }, { answers }, timeToleranceMs === undefined ? {} : { timeToleranceMs }), expected);
  });
};

describe("grading of open answers", () => {
  check("Butter.", "butter", "exact");
  check("the butter", "A butter", "exact");
  check("three", "3", "exact");
  check("Ten circles", "10 circles", "exact");
  check("12", "twelve", "wrong");
  check("1,000", "1000", "exact");
  check("He uses a knob of butter.", "a knob of butter", "soft");
  check("It is not red", "red", "wrong");
  check("no", "no", "exact");
  check("reddish", "red", "wrong");
  check("square", ["circle", "the square"], "exact");
  check("circle", "", "ungraded");
  check("a", "b", "wrong");
  check("It's red", "its red", "exact");
  check("Ünïcode blau", "blau", "soft");
  check("00:07", "00:08", "wrong", 500);
  check("It appears at 00:07.", "00:08", "exact", 1000);
  check("from 00:07 to 00:12", "00:08", "wrong", 5000);
  check("1:00:07", "00:07", "wrong", 1000);
  check("00:07", "00:07", "exact");
});

it("a choice is graded by its index alone", () => {
  assert.equal(grade({ text: "red", choice: 1 }, { answers: ["red"], choices: [0] }), "wrong");
  assert.equal(grade({ text: "x", choice: 2 }, { choices: [0, 2] }), "exact");
  assert.equal(grade({ text: "(A) red" }, { choices: [0] }), "wrong");
});

it("normalise keeps an article that is the whole answer", () => {
  assert.equal(normalise("A"), "a");
  assert.equal(normalise("  The  Red,CIRCLE! "), "red circle");
});

it("timeIn reads the one time of a text", () => {
  assert.equal(timeIn("at 01:02.5, about"), 62_500);
  assert.equal(timeIn("1:00:00"), 3_600_000);
  assert.equal(timeIn("00:01 or 00:02"), undefined);
  assert.equal(timeIn("none"), undefined);
});

describe("the accuracy summary", () => {
  it("counts by type and leaves out what has no gold", () => {
    const summary = summarise([
      { type: "colour", grade: "exact" },
      { type: "colour", grade: "wrong" },
      { type: "count", grade: "soft" },
      { grade: "exact" },
      { type: "count", grade: "ungraded" },
    ]);
    assert.deepEqual({ ...summary, byType: [...summary.byType] }, {
      graded: 4,
      right: 3,
      exact: 2,
      accuracy: 0.75,
      ungraded: 1,
      byType: [
        ["colour", { graded: 2, right: 1, exact: 1, accuracy: 0.5 }],
        ["count", { graded: 1, right: 1, exact: 0, accuracy: 1 }],
      ],
    });
  });
  it("has no accuracy of nothing", () => {
    assert.equal(summarise([]).accuracy, undefined);
  });
  it("takes the type from the id, else from the heading", () => {
    assert.equal(questionType("colour-3", "Part 1"), "colour");
    assert.equal(questionType("first_last12", undefined), "first_last");
    assert.equal(questionType("q1", "Colours"), "Colours");
    assert.equal(questionType("intro", "Colours"), "Colours");
    assert.equal(questionType(undefined, undefined), undefined);
  });
});
