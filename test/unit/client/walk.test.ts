import assert from "node:assert/strict";
import { nextWaiting, type Stop } from "../../../client/annotate/walk.js";

const stops = (pattern: string): Stop[] => [...pattern].map((letter, i) => ({ start: 10 + i * 10, waits: letter === "?" }));

describe("the next question that waits", () => {
  const check = (pattern: string, at: number, direction: 1 | -1): string => {
    const step = nextWaiting(stops(pattern), at, direction);
    return step === undefined ? "none" : `${step.question}${step.wrapped ? " wrapped" : ""} of ${step.waiting}`;
  };

  it("is the one below, around the end to the first", () => {
    assert.equal(check("?.?", 15, 1), "2 of 2");
    assert.equal(check("?.?", 25, 1), "2 of 2");
    assert.equal(check("?.?", 30, 1), "0 wrapped of 2");
    assert.equal(check("?.?", 0, 1), "0 of 2");
  });

  it("is the one above, around the beginning to the last", () => {
    assert.equal(check("?.?", 30, -1), "0 of 2");
    assert.equal(check("?.?", 15, -1), "2 wrapped of 2");
    assert.equal(check("?.?", 0, -1), "2 wrapped of 2");
  });

  it("is the one where the user is when it is the last, and none when all are answered", () => {
    assert.equal(check(".?.", 25, 1), "1 wrapped of 1");
    assert.equal(check(".?.", 25, -1), "1 wrapped of 1");
    assert.equal(check("...", 25, 1), "none");
    assert.equal(check("", 0, -1), "none");
  });
});
