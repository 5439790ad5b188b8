import assert from "node:assert/strict";
import { describeTotals, totals } from "../../../server/src/cli/report.js";
import { overall } from "../../../server/src/cli/progress.js";
import { verdict } from "../../../server/src/cli/transcript.js";
import type { Answer, Timings } from "../../../server/src/engine/answer.js";
import { cancelled, VqaError } from "../../../server/src/engine/errors.js";
import type { NotebookResult, QuestionOutcome } from "../../../server/src/engine/notebook.js";
import { parse, readNotebook } from "../../../server/src/format/index.js";

const timings: Timings = {
  probeMs: 1, framesMs: 1200, subtitlesMs: 2, encodeMs: 3, composeMs: 4, prefillMs: 5, firstTokenMs: 6, generateMs: 7,
  totalMs: 1500, promptTokens: 0, prefillEvaluated: 0, answerTokens: 0, featuresCached: false,
};
const answer = (text: string, notes: string[] = []): Answer => ({ text, stop: "end", timings, provenance: { notes } as unknown as Answer["provenance"] });
const { questions } = readNotebook(parse("VQA 1\nvideo: a.mp4\n\nQ q1: What?\nA: butter\nA: oil\n\nQ q2: Why?\n  - [ ] for fun\n  - [x] for taste\n"));
const failure = new VqaError("video-empty", "a.mp4 is empty.", "Copy it again.");
const outcome = (more: Partial<QuestionOutcome>): QuestionOutcome => ({ question: 0, id: "q1", grade: "ungraded", ...more });

describe("report of a run", () => {
  const result = (outcomes: QuestionOutcome[], right: number, graded: number): NotebookResult =>
    ({ outcomes, score: { right, graded, exact: right, accuracy: undefined }, edits: [], stopped: false });

  it("adds up several notebooks", () => {
    const kept = { text: "oil" } as QuestionOutcome["kept"] & object;
    const sums = totals([result([outcome({ answer: answer("a") }), outcome({ error: failure })], 1, 2), result([outcome({ kept }), outcome({ answer: answer("b") }), outcome({ error: cancelled() })], 1, 1)], 9000);
    assert.deepEqual([sums.questions, sums.asked, sums.kept, sums.failed, sums.right, sums.graded], [5, 2, 1, 1, 2, 3]);
    assert.equal(sums.ms.frames, 2400);
    assert.deepEqual(describeTotals(sums), [
      "Right: 2 of 3 with a known answer (66.7 %).",
      "Questions: 2 answered, 1 kept, 1 failed.",
      "Time: 9.0 s, of which 3.0 s for the answers (probe 2 ms, subtitles 4 ms, frames 2.4 s, encode 6 ms, compose 8 ms, prefill 10 ms, generate 14 ms).",
    ]);
  });

  it("claims no accuracy where nothing is known", () => {
    const sums = totals([result([outcome({ kept: { text: "oil" } as never })], 0, 0)], 10);
    assert.equal(sums.accuracy, undefined);
    assert.deepEqual(describeTotals(sums), ["Questions: 0 answered, 1 kept."]);
  });
});

describe("lines below a question", () => {
  it("say right or wrong, and what was wanted", () => {
    assert.deepEqual(verdict(outcome({ answer: answer("oil"), grade: "exact" }), questions[0], true), ["(right, 1.5 s)"]);
    assert.deepEqual(verdict(outcome({ answer: answer("salt"), grade: "wrong" }), questions[0], true), ['(wrong: "butter" or "oil" was wanted, 1.5 s)']);
    assert.deepEqual(verdict(outcome({ answer: answer("for fun"), grade: "wrong" }), questions[1], false), ["for fun", '(wrong: "for taste" was wanted, 1.5 s)']);
  });

  it("tell what was kept, what failed, what was stopped, and what else should be known", () => {
    assert.deepEqual(verdict(outcome({ kept: { text: "oil" } as never, grade: "ungraded" }), questions[0], false), ["oil", "(kept, up to date)"]);
    assert.deepEqual(verdict(outcome({ error: failure }), questions[0], false), ["failed: a.mp4 is empty.", "Copy it again."]);
    assert.deepEqual(verdict(outcome({ error: cancelled() }), questions[0], true), ["stopped"]);
    assert.deepEqual(verdict(outcome({ answer: answer("oil", ["truncated"]), grade: "ungraded" }), questions[0], true), ["(1.5 s)", "truncated"]);
  });
});

describe("progress of an answer", () => {
  it("never goes back", () => {
    const stages = ["probe", "load", "subtitles", "frames", "encode", "prefill", "generate"] as const;
    const way = stages.flatMap((stage) => [0, 0.5, 1].map((fraction) => overall({ stage, fraction })));
    assert.deepEqual(way, [...way].sort((a, b) => a - b));
    assert.deepEqual([way[0], way.at(-1)], [0, 1]);
    assert.equal(overall({ stage: "encode" }), overall({ stage: "encode", fraction: 0 }));
    assert.equal(overall({ stage: "generate", fraction: 7 }), 1);
  });
});
