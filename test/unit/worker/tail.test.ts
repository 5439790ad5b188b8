import assert from "node:assert/strict";
import fc from "fast-check";
import { Tail } from "../../../server/src/runtime/worker/tail.js";

describe("tail of a process's output", () => {
  const tail = (limit: number, ...chunks: string[]): Tail => {
    const t = new Tail(limit);
    for (const chunk of chunks) t.push(Buffer.from(chunk));
    return t;
  };

  it("keeps the last bytes, however they arrive", () => {
    assert.equal(tail(4, "abcdefgh").text(), "efgh");
    assert.equal(tail(4, ..."abcdefgh").text(), "efgh");
    assert.equal(tail(4, "abc", "defgh").text(), "efgh");
    assert.equal(tail(4, "abcd", "e").text(), "bcde");
  });

  it("gives the last lines without blanks, colours and control characters", () => {
    assert.equal(tail(99, "one\r\n\n", "\u001b[31mtwo\u001b[0m\nthr\u0007ee\n").text(2), "two\nthree");
  });

  it("is empty when nothing was written", () => {
    assert.equal(tail(9).text(), "");
  });

  it("keeps exactly the last bytes of whatever was written", () => {
    const chunk = fc.stringMatching(/^[a-z]{0,40}$/);
    fc.assert(
      fc.property(fc.array(chunk), fc.integer({ min: 1, max: 50 }), (chunks, limit) => {
        assert.equal(tail(limit, ...chunks).text(), chunks.join("").slice(-limit));
      }),
    );
  });
});
