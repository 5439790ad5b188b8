import { strict as assert } from "node:assert";
import fc from "fast-check";
import { TextStream } from "../../server/src/runtime/llama/textStream.js";

/** Bytes cut into tokens at arbitrary places, with each token as one id. */
const cut = (text: string, lengths: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  const tokens: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!;
    tokens.push(bytes.subarray(at, at + length));
    at += length;
  }
  return tokens;
};

function stream(tokens: readonly Buffer[], stops: readonly string[]): { deltas: string[]; stopped: boolean; text: string } {
  const deltas: string[] = [];
  const it = new TextStream((ids) => Buffer.concat(ids.map((id) => tokens[id]!)).toString("utf8"), stops, (delta) => deltas.push(delta));
  const stopped = tokens.some((_, id) => it.push(id));
  it.end();
  return { deltas, stopped, text: it.text };
}

describe("streamed text, of any text cut anywhere", () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom("a", "<", "/", "s", ">"), fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 })) });
  const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });

  it("is that text, whole characters at a time", () => {
    fc.assert(
      fc.property(text.filter((t) => !t.includes("\uFFFD")), lengths, (whole, at) => {
        const { deltas, text: got } = stream(cut(whole, at), []);
        assert.equal(got, whole);
        assert.equal(deltas.join(""), whole);
        for (const delta of deltas) assert.equal(Buffer.from(delta).toString("utf8").replaceAll("\uFFFD", ""), delta, "half a character");
      }),
    );
  });

  it("ends before the first stop text and shows no part of it", () => {
    fc.assert(
      fc.property(text.filter((t) => !t.includes("\uFFFD")), lengths, (whole, at) => {
        const stops = ["</s>", "sa"];
        const places = stops.map((stop) => whole.indexOf(stop)).filter((place) => place >= 0);
        const { text: got, stopped, deltas } = stream(cut(whole, at), stops);
        assert.equal(stopped, places.length > 0);
        assert.equal(got, places.length === 0 ? whole : whole.slice(0, Math.min(...places)));
        assert.equal(deltas.join(""), got);
      }),
    );
  });
});
