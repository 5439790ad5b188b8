import assert from "node:assert/strict";
import { VqaError } from "../../../server/src/engine/errors.js";
import { array, between, boolean, decode, inWords, is, named, object, oneOf, optional, record, string, tagged, text, union, whole, words, type Schema } from "../../../server/src/protocol/schema.js";
import { AnswerSchema, AskRequestSchema, ErrorSchema } from "../../../server/src/protocol/values.js";

const check = (schema: Schema<unknown>, value: unknown, problem: string | undefined): void =>
  assert.equal(schema.problem(value, ""), problem, JSON.stringify(value));

describe("protocol schemas", () => {
  it("name the part that is wrong", () => {
    const schema = object({ list: array(object({ n: whole(1, 3), s: optional(string) })) });
    check(schema, { list: [{ n: 1 }, { n: 2, s: "x" }] }, undefined);
    check(schema, { list: [{ n: 1 }, { n: 4 }] }, `"list[1].n" must be a whole number from 1 to 3`);
    check(schema, { list: [{ n: 1, s: null }] }, `"list[0].s" must be a string`);
    check(schema, { list: {} }, `"list" must be a list`);
    check(schema, {}, `"list" is missing`);
    check(schema, null, "the value must be an object");
    check(schema, [], "the value must be an object");
  });

  it("let unknown fields and undefined optional ones through", () => {
    check(object({ a: optional(string) }), { a: undefined, b: 1 }, undefined);
  });

  it("do not take NaN, infinities, blanks or inherited names", () => {
    check(whole(0), NaN, "the value must be a whole number of 0 or more");
    check(between(0, 1), Infinity, "the value must be a number from 0 to 1");
    check(text, "  ", "the value must be a string that is not blank");
    check(tagged("kind", { a: object({}) }), { kind: "toString" }, `"kind" must be one of "a"`);
  });

  it("bound lists", () => {
    check(array(boolean, 2), [true, true, true], "the value must not have more than 2 items");
  });

  it("tell tagged objects apart", () => {
    const schema = tagged("kind", { text: object({ text: string }), end: object({}) });
    check(schema, { kind: "end" }, undefined);
    check(schema, { kind: "text" }, `"text" is missing`);
    assert.equal(schema.text, `{ kind: "text"; text: string } | { kind: "end" }`);
  });

  it("say the words of the program, and touch nothing else", () => {
    const loud = (english: string): string => english.toUpperCase();
    const schema = object({
      text: string,
      note: optional(words),
      list: array(object({ why: words, n: whole(0) })),
      either: union(whole(0), object({ why: words }), string),
      kind: tagged("kind", { text: object({ text: string }), told: object({ told: words }) }),
    });
    const value = { text: "a", list: [{ why: "b", n: 1 }], either: { why: "c" }, kind: { kind: "told" as const, told: "d" }, unknown: "e" };
    const before = JSON.stringify(value);
    assert.deepEqual(inWords(schema, value, loud), { text: "a", list: [{ why: "B", n: 1 }], either: { why: "C" }, kind: { kind: "told", told: "D" }, unknown: "e" });
    assert.equal(JSON.stringify(value), before, "nothing is changed in place");
    assert.deepEqual(inWords(schema, { ...value, note: "n", either: "s", kind: { kind: "text" as const, text: "t" }, list: [] }, loud), { text: "a", note: "N", list: [], either: "s", kind: { kind: "text", text: "t" }, unknown: "e" });
    const silent = { a: ["x"] };
    assert.equal(inWords(object({ a: array(string) }), silent, loud), silent, "without words it is the value itself");
    const error = { code: "video-empty" as const, message: "m", next: "n", data: { message: "m" } };
    assert.deepEqual(inWords(ErrorSchema, error, loud), { ...error, message: "M", next: "N" });
    assert.notEqual(AnswerSchema.said, undefined, "by way of names, too");
  });

  it("print themselves as types", () => {
    const schema = object({ a: array(union(string, whole(0))), b: optional(oneOf("x", "y")), c: record(named("N", object({}))) });
    assert.equal(schema.text, `{ a: (string | number)[]; b?: "x" | "y"; c: Record<string, N> }`);
    assert.deepEqual(schema.uses.map((used) => used.name), ["N"]);
  });

  it("decode to the value itself, or to a typed error that says where", () => {
    const request = { video: "/a.mp4", question: "What?" };
    assert.equal(decode(AskRequestSchema, request, "vqa/ask"), request);
    assert.ok(!is(AskRequestSchema, { ...request, frames: 0 }));
    assert.throws(
      () => decode(AskRequestSchema, { ...request, decode: { seed: -1 } }, "vqa/ask"),
      (error: VqaError) => error.code === "invalid-request" && /vqa\/ask: "decode\.seed" must be/.test(error.message),
    );
  });
});
