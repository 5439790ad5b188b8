import assert from "node:assert/strict";
import fc from "fast-check";
import { eventsOf } from "../../../server/src/runtime/remote/sse.js";

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    yield bytes.subarray(from, end);
    from = end;
  }
}

async function read(text: string, cuts: readonly number[] = []): Promise<string[]> {
  const events: string[] = [];
  for await (const event of eventsOf(inPieces(new TextEncoder().encode(text), cuts))) events.push(event);
  return events;
}

describe("server-sent events", () => {
  for (const [what, text, wanted] of [
    ["lines that end in LF, CRLF and CR", "data: a\n\ndata: b\r\n\r\ndata: c\r\r", ["a", "b", "c"]],
    ["several data lines", "data: a\ndata: b\n\n", ["a\nb"]],
    ["comments, names and ids", ": hi\n\nevent: x\nid: 1\nretry: 5\ndata:a\n\n", ["a"]],
    ["one blank after the colon", "data:  a\n\n", [" a"]],
    ["an end without an empty line", "data: a", ["a"]],
    ["nothing", "", []],
  ] as const) {
    it(`reads ${what}`, async () => assert.deepEqual(await read(text), wanted));
  }

  it("reads the same wherever the bytes are cut", async () => {
    const events = fc.array(fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replace(/[\r\n]/g, "x")), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat(400)), async (wanted, end, cuts) => {
        const text = wanted.map((data) => `data: ${data}${end}${end}`).join("");
        assert.deepEqual(await read(text, cuts), wanted);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
