import assert from "node:assert/strict";
import { captionOptions, cueLines, parseMoment, parseOffset } from "../../../client/commands/captionInput.js";

describe("what is typed for subtitles", () => {
  const offsets: readonly (readonly [text: string, ms: number | undefined])[] = [
    ["+1.5", 1500], ["-2", -2000], ["\u22122", -2000], ["250 ms", 250], ["-250ms", -250], ["0,04", 40], ["3 s", 3000], ["-0:01:02.5", -62_500], ["1:02", 62_000], ["0", 0], ["-0", 0],
    ["", undefined], ["soon", undefined], ["1.2.3", undefined], ["1:2:3:4", undefined], ["1:02 ms", undefined], ["--1", undefined], ["9".repeat(20), undefined],
  ];
  for (const [text, ms] of offsets) it(`reads ${JSON.stringify(text)} as ${ms}`, () => assert.equal(parseOffset(text), ms));

  it("takes no moment before the video", () => {
    assert.equal(parseMoment("0:01:02.500"), 62_500);
    assert.equal(parseMoment("7"), 7000);
    assert.equal(parseMoment("-7"), undefined);
  });

  it("finds the lines of cues in every kind of file, in order of time", () => {
    assert.deepEqual(cueLines("1\n00:00:05,000 --> 00:00:06,000\nb\n\n2\n00:00:01,000 --> 00:00:02,000\na\nc\n", ".SRT"), [{ startMs: 1000, endMs: 2000, line: 5, text: "a c" }, { startMs: 5000, endMs: 6000, line: 1, text: "b" }]);
    assert.deepEqual(cueLines("WEBVTT\n\nname\n00:05.000 --> 00:06.000\nb\n", ".vtt"), [{ startMs: 5000, endMs: 6000, line: 3, text: "b" }]);
    assert.deepEqual(cueLines("VQA 1\n\nname\n00:05.000 --> 00:06.000\nb\n", ".vqa"), [{ startMs: 5000, endMs: 6000, line: 3, text: "b" }]);
  });

  it("passes on settings that the server understands, and no others", () => {
    assert.deepEqual(captionOptions({ check: false, maxLines: 3, minGapMs: -1, maxLineLength: "42", other: 1 }), { check: false, maxLines: 3 });
    assert.deepEqual(captionOptions(undefined), {});
  });
});
