import { strict as assert } from "node:assert";
import { TextStream } from "../../../server/src/runtime/llama/textStream.js";

/** A vocabulary whose token is a list of bytes, decoded as llama.cpp does it. */
function check(tokens: readonly (string | readonly number[])[], stops: readonly string[], expected: readonly string[], ended = false): void {
  const bytes = tokens.map((token) => (typeof token === "string" ? Buffer.from(token) : Buffer.from(token)));
  const deltas: string[] = [];
  const stream = new TextStream((ids) => Buffer.concat(ids.map((id) => bytes[id]!)).toString("utf8"), stops, (delta) => deltas.push(delta));
  const stopped = bytes.some((_, id) => stream.push(id));
  stream.end();
  assert.deepEqual(deltas, expected);
  assert.equal(stream.text, expected.join(""));
  assert.equal(stopped, ended);
}

describe("streamed text", () => {
  it("passes whole tokens on at once", () => check(["red", " square"], [], ["red", " square"]));

  it("waits for the end of a character", () => {
    const [a, b, c, d] = Buffer.from("😀") as unknown as [number, number, number, number];
    check(["x", [a], [b], [c], [d], "y"], [], ["x", "😀", "y"]);
    check([[a, b], [c, d]], [], ["😀"]);
    check([[0x61, a], [b], [c], [d, 0x62, a], [b, c], [d]], [], ["a", "😀b", "😀"]);
    const [e, f] = Buffer.from("é") as unknown as [number, number];
    check([[...Buffer.from("caf"), e], [f, 0x21]], [], ["caf", "é!"]);
  });

  it("drops a character whose end never comes", () => check(["ok", [0xf0, 0x9f]], [], ["ok"]));

  it("does not wait for ever on bytes that are no character", () => {
    check([[0xff], "a"], [], ["\uFFFDa"]);
    check([[0xff], [0xff], [0xff], [0xff], "a"], [], ["\uFFFD", "\uFFFD", "\uFFFD", "\uFFFDa"]);
    // A real U+FFFD is let go after four tokens that add nothing to it.
    check(["\uFFFD", "", "", "", "a"], [], ["\uFFFD", "a"]);
  });

  it("ends at a stop text, also across tokens, and shows none of it", () => {
    check(["red", "</s>", "more"], ["</s>"], ["red"], true);
    check(["red<", "/", "s>more"], ["</s>"], ["red"], true);
    check(["a END b"], ["b", "END"], ["a "], true);
  });

  it("releases what only looked like a stop text", () => {
    check(["red<", "/b>"], ["</s>"], ["red", "</b>"]);
    check(["red</"], ["</s>"], ["red", "</"]);
    check(["<<", "/s>"], ["</s>"], ["<"], true);
  });

  it("finds a stop text whose beginning repeats", () => check(["a", "a", "a", "b", "c"], ["aab"], ["a"], true));
});
