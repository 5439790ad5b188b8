import assert from "node:assert/strict";
import { questionEnds, reduceStreams, shownText, type Streams } from "../../../client/inline/streams.js";
import type { RunPartial } from "../../../server/src/protocol/asking.js";

const stage = ({ stage: name }: { readonly stage: string }): string => name;
const shown = (streams: Streams): (string | undefined)[] => streams.map((stream) => shownText(stream, stage));
const after = (...partials: readonly RunPartial[]): Streams => partials.reduce(reduceStreams, []);

describe("answers on their way into a text", () => {
  it("say what is done until words come, and the words from then on", () => {
    const started: RunPartial = { kind: "started", question: 2, of: 3 };
    assert.deepEqual(shown(after(started)), ["…"]);
    const looking: RunPartial = { kind: "progress", question: 2, progress: { stage: "frames" } };
    assert.deepEqual(shown(after(started, looking)), ["frames …"]);
    const said = [" a red", "\ncircle"].map((text): RunPartial => ({ kind: "text", question: 2, text }));
    assert.deepEqual(shown(after(started, looking, ...said, looking)), ["a red circle"]);
  });

  it("keep what is whole, drop what failed, and know nothing of questions that did not begin", () => {
    const answer = { text: "blue" } as never;
    const begun: RunPartial[] = [0, 1].map((question) => ({ kind: "started", question, of: 2 }));
    const ended: RunPartial[] = [
      { kind: "finished", result: { question: 0, answer } as never },
      { kind: "finished", result: { question: 1, error: { code: "internal", message: "", next: "" } } as never },
    ];
    assert.deepEqual(shown(after(...begun, ...ended)), ["blue", undefined]);
    assert.deepEqual(after({ kind: "text", question: 7, text: "late" }), []);
  });

  it("show the newest words of a long one", () => {
    const long = after({ kind: "started", question: 0, of: 1 }, { kind: "text", question: 0, text: `${"word ".repeat(100)}end` });
    const [text = ""] = shown(long);
    assert.ok(text?.startsWith("… ") && text.endsWith("word end") && text.length <= 162);
  });

  it("stand behind the first lines of their questions", () => {
    const text = "VQA 1\r\nvideo: a.mp4\r\n\r\nQ: What?\r\n  - [ ] a\r\n  - [x] b\r\n\r\nQ two: Where?";
    assert.deepEqual(questionEnds(text).map((end) => text.slice(0, end).split("\r\n").at(-1)), ["Q: What?", "Q two: Where?"]);
  });
});
