import assert from "node:assert/strict";
import type { NotebookCue } from "../../../server/src/engine/answer.js";
import { fitPrompt, type FitRequest, type Limits } from "../../../server/src/engine/budget.js";
import { VqaError } from "../../../server/src/engine/errors.js";
import { promptRenderer } from "../../../server/src/engine/interleave.js";
import { sampleUniform } from "../../../server/src/engine/sample.js";
import { MemoryLanguage, MICRO_TEMPLATE } from "./memoryPorts.js";

const renderer = promptRenderer(MICRO_TEMPLATE);
const spans = [{ startMs: 0, endMs: 16_000 }];
const limits = (contextSize: number, maxVisual = 64): Limits => new MemoryLanguage(contextSize, maxVisual);
const cue = (i: number): NotebookCue => ({ startMs: i * 1000, endMs: i * 1000 + 900, text: `line number ${i}` });
const request = (over: Partial<FitRequest> = {}): FitRequest => ({
  frames: 8,
  sample: (n) => sampleUniform(spans, n),
  outline: (n) => Array.from({ length: n }, (_, frame) => ({ frame, projector: "visual" as const, rows: 4 })),
  spans,
  cues: [],
  question: "What is the colour of the circle?",
  answerTokens: 16,
  ...over,
});

describe("the budget", () => {
  it("leaves alone what fits, without a note", () => {
    const fitted = fitPrompt(request({ cues: [cue(1), cue(2)] }), renderer, limits(512));
    assert.equal(fitted.timesMs.length, 8);
    assert.equal(fitted.cues.flat().length, 2);
    assert.deepEqual(fitted.notes, []);
  });

  it("lowers the frames before it touches a subtitle, and says so", () => {
    const fitted = fitPrompt(request({ cues: [cue(1), cue(2)] }), renderer, limits(90));
    assert.ok(fitted.timesMs.length < 8 && fitted.timesMs.length >= 1);
    assert.equal(fitted.cues.flat().length, 2);
    assert.deepEqual(fitted.timesMs, sampleUniform(spans, fitted.timesMs.length), "spread over the whole clip");
    assert.match(fitted.notes.join(), new RegExp(`^Looked at ${fitted.timesMs.length} of 8 frames`));
  });

  it("keeps to the visual positions of the model", () => {
    const fitted = fitPrompt(request(), renderer, limits(512, 13));
    assert.equal(fitted.timesMs.length, 3);
  });

  it("then drops the latest subtitles, and says so", () => {
    const cues = Array.from({ length: 12 }, (_, i) => cue(i));
    const fitted = fitPrompt(request({ cues }), renderer, limits(80));
    const kept = fitted.cues.flat();
    assert.equal(fitted.timesMs.length, 1);
    assert.ok(kept.length > 0 && kept.length < 12);
    assert.deepEqual(kept, cues.slice(0, kept.length));
    assert.match(fitted.notes.join(), new RegExp(`Left out the last ${12 - kept.length} of 12 subtitles`));
    const one = fitPrompt(request({ cues: cues.slice(0, kept.length + 1) }), renderer, limits(80));
    assert.equal(one.cues.flat().length, kept.length, "one more does not fit");
  });

  it("sees the same frames for questions of like length", () => {
    const short = fitPrompt(request({ question: "Who?" }), renderer, limits(90));
    const long = fitPrompt(request({ question: "Who is the person that comes in at the end?" }), renderer, limits(90));
    assert.ok(short.timesMs.length < 8);
    assert.deepEqual(short.prefix, long.prefix);
  });

  it("refuses a question that does not fit alone", () => {
    assert.throws(
      () => fitPrompt(request({ question: "why ".repeat(200) }), renderer, limits(128)),
      (e: VqaError) => e.code === "context-overflow" && e.message.includes("128") && e.next !== "",
    );
  });
});
