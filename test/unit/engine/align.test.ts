import assert from "node:assert/strict";
import { alignCues, cuesWithin, cuesWithinBudget } from "../../../server/src/engine/align.js";

const cue = (startMs: number, endMs: number, text: string) => ({ startMs, endMs, text });
const whole = [{ startMs: 0, endMs: 10_000 }];
const texts = (lists: readonly (readonly { text: string }[])[]) => lists.map((l) => l.map((c) => c.text));

describe("subtitle alignment", () => {
  it("gives a frame every cue that began since the frame before", () => {
    const cues = [cue(0, 900, "a"), cue(1000, 2000, "b"), cue(1500, 9000, "c"), cue(4000, 5000, "d")];
    assert.deepEqual(texts(alignCues(cues, [1000, 3000, 5000], whole)), [["a", "b"], ["c"], ["d"]]);
  });
  it("gives the tail to the last frame", () => {
    assert.deepEqual(texts(alignCues([cue(9000, 9500, "end")], [1000, 5000], whole)), [[], ["end"]]);
  });
  it("gives a cue that runs into the scope to the scope's first frame", () => {
    const spans = [{ startMs: 4000, endMs: 6000 }];
    const cues = cuesWithin([cue(0, 3000, "before"), cue(3000, 4500, "into"), cue(5500, 9000, "late"), cue(6000, 7000, "after")], spans);
    assert.deepEqual(texts(alignCues(cues, [4500, 5500], spans)), [["into"], ["late"]]);
  });
  it("waits for the second span with a cue of the second span", () => {
    const spans = [{ startMs: 0, endMs: 1000 }, { startMs: 5000, endMs: 7000 }];
    const cues = cuesWithin([cue(4000, 5200, "into the second")], spans);
    assert.deepEqual(texts(alignCues(cues, [500, 6000], spans)), [[], ["into the second"]]);
  });
});

describe("cues of a scope", () => {
  it("holds each distinct text once, lines joined", () => {
    const cues = cuesWithin([cue(2000, 3000, "two\nlines"), cue(0, 1000, "hello "), cue(3000, 4000, "two lines"), cue(5000, 6000, " \n ")], whole);
    assert.deepEqual(cues, [cue(0, 1000, "hello"), cue(2000, 3000, "two lines")]);
  });
  it("takes what is on screen at a moment", () => {
    const at = [{ startMs: 2000, endMs: 2000 }];
    const cues = [cue(0, 2000, "over"), cue(1000, 3000, "now"), cue(2000, 4000, "just now"), cue(2001, 3000, "next")];
    assert.deepEqual(cuesWithin(cues, at).map((c) => c.text), ["now", "just now"]);
  });
});

it("the budget for subtitles drops the later ones", () => {
  const words = (text: string) => text.split(" ").length;
  const cues = [cue(0, 1, "one two"), cue(1, 2, "three four five"), cue(2, 3, "six")];
  assert.deepEqual(cuesWithinBudget(cues, 5, words), cues.slice(0, 2));
  // A short cue after one that did not fit stays out: what is kept is a beginning without holes.
  assert.deepEqual(cuesWithinBudget(cues, 3, words), cues.slice(0, 1));
  assert.deepEqual(cuesWithinBudget(cues, 6, words), cues);
});
