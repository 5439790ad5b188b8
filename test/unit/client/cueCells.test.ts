import assert from "node:assert/strict";
import { heardText, rangeOfCues, withHeard } from "../../../client/notebook/cueCells.js";
import { parse } from "../../../server/src/format/index.js";

const CELL = "00:01.000 --> 00:04.000\n<v Ann>Hello   there\n\nid7\n00:04.000 --> 00:09.000\n";

describe("a cell of subtitles", () => {
  it("stands for the time from its first to its last", () => {
    assert.deepEqual(rangeOfCues(CELL), { startMs: 1000, endMs: 9000 });
    assert.equal(rangeOfCues("just words"), undefined);
  });

  it("takes what was heard where nothing is written, and keeps every byte of what is", () => {
    const heard = [{ startMs: 500, endMs: 1000, text: " Hi. " }, { startMs: 3500, endMs: 4500, text: "over it" }, { startMs: 4500, endMs: 6000, text: "a < b -->\n\n& c" }];
    const { source, added } = withHeard(CELL, heard);
    assert.equal(source, "00:00:00.500 --> 00:00:01.000\nHi.\n\n00:01.000 --> 00:04.000\n<v Ann>Hello   there\n\n00:00:04.500 --> 00:00:06.000\na &lt; b -&gt; &amp; c");
    assert.deepEqual(added, [heard[0], heard[2]]);
    assert.deepEqual(parse(source).blocks.filter(({ kind }) => kind !== "blank" as string).map(({ kind }) => kind), ["cue", "cue", "cue"]);
  });

  it("stays as it is when there is no room for what was heard, or nothing was", () => {
    for (const heard of [[], [{ startMs: 1500, endMs: 2000, text: "no" }], [{ startMs: 5000, endMs: 6000, text: "  " }]]) assert.deepEqual(withHeard(CELL, heard), { source: CELL, added: [] });
  });

  it("is shown a line a cue", () => {
    assert.equal(heardText([{ startMs: 0, endMs: 1500, text: "one\ntwo" }]), "00:00:00.000 \u2013 00:00:01.500  one two");
  });
});
