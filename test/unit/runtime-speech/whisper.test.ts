import assert from "node:assert/strict";
import { compression } from "../../../server/src/runtime/speech/whisper/decode.js";
import { applyRules, type RuleIds } from "../../../server/src/runtime/speech/whisper/rules.js";
import { segmentsOf } from "../../../server/src/runtime/speech/whisper/segments.js";

/** Words 0..4, end 5, <|notimestamps|> 6, times from 7. */
const IDS: RuleIds = { end: 5, firstTime: 7, noTimes: 6, suppressed: [3], notFirst: [0], latestStart: 2 };
const T = (step: number): number => 7 + step;

/** The tokens that may come after `said`; words are likely unless said otherwise. */
function allowed(said: readonly number[], logits = [9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0]): number[] {
  const ruled = Float32Array.from(logits);
  applyRules(ruled, said, IDS);
  return [...ruled.keys()].filter((id) => ruled[id]! > -Infinity);
}

describe("rules of Whisper's decoder", () => {
  it("begin with a time, and not with a late one", () => assert.deepEqual(allowed([]), [T(0), T(1), T(2)]));
  it("want words, or the end, after the time that opens a phrase", () => assert.deepEqual(allowed([T(1)]), [0, 1, 2, 4, 5]));
  it("let words go on, and close only after the opening", () => assert.deepEqual(allowed([T(1), 0]), [0, 1, 2, 4, 5, T(2), T(3), T(4)]));
  it("want the next opening or the end after a closing, never earlier", () => assert.deepEqual(allowed([T(1), 0, T(3)]), [5, T(3), T(4)]));
  it("want words after a pair", () => assert.deepEqual(allowed([T(1), 0, T(3), T(3)]), [0, 1, 2, 4, 5]));
  it("choose a time when times together are likelier than any word", () =>
    assert.deepEqual(allowed([T(1), 0], [2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1.9]), [T(2), T(3), T(4)]));
});

describe("a window's tokens as cues", () => {
  const segments = (said: readonly number[], lengthMs = 200): unknown => segmentsOf(said, 7, (ids) => ids.join(""), lengthMs);
  it("are phrases with their times; the window is settled when it ended with one", () =>
    assert.deepEqual(segments([T(0), 1, 2, T(4)]), { cues: [{ startMs: 0, endMs: 80, text: "12" }], settledMs: 200 }));
  it("leave a phrase that the window cut to the next window", () => {
    assert.deepEqual(segments([T(0), 1, T(4), T(5)]), { cues: [{ startMs: 0, endMs: 80, text: "1" }], settledMs: 80 });
    assert.deepEqual(segments([T(0), 1, T(4), T(5), 2]), { cues: [{ startMs: 0, endMs: 80, text: "1" }], settledMs: 80 });
  });
  it("of a single phrase without an end last as long as the sound", () =>
    assert.deepEqual(segments([T(1), 1]), { cues: [{ startMs: 20, endMs: 200, text: "1" }], settledMs: 200 }));
  it("never reach beyond the sound, and nothing said is no cue", () => {
    assert.deepEqual(segments([T(0), 1, T(40)]), { cues: [{ startMs: 0, endMs: 200, text: "1" }], settledMs: 200 });
    assert.deepEqual(segments([]), { cues: [], settledMs: 200 });
  });
  it("tell text that repeats itself by how it shrinks", () => {
    assert.ok(compression("I see. ".repeat(30)) > 2.4);
    assert.ok(compression("The code is 4712, and we are going to Paris.") < 2.4);
    assert.equal(compression(""), 0);
  });
});
