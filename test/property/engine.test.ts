import assert from "node:assert/strict";
import fc from "fast-check";
import { alignCues, cuesWithin, cuesWithinBudget } from "../../server/src/engine/align.js";
import { fitPrompt, type Limits } from "../../server/src/engine/budget.js";
import { chooseByLikelihood } from "../../server/src/engine/choices.js";
import { minigpt4Video } from "../../server/src/engine/compose/minigpt4Video.js";
import { VqaError } from "../../server/src/engine/errors.js";
import { grade, normalise } from "../../server/src/engine/grade.js";
import { fillSlots, promptRenderer } from "../../server/src/engine/interleave.js";
import type { Piece } from "../../server/src/engine/ports.js";
import { framesWithin, sampleUniform, spread } from "../../server/src/engine/sample.js";
import { resolveScope } from "../../server/src/engine/scope.js";
import { visualTokens } from "../../server/src/engine/visualTokens.js";
import { MemoryLanguage, MICRO_TEMPLATE } from "../unit/engine/memoryPorts.js";

const DURATION = 100_000;
const span = fc
  .tuple(fc.nat(DURATION - 1), fc.nat(20_000))
  .map(([startMs, length]) => ({ startMs, endMs: Math.min(DURATION, startMs + length) }));
const scope = fc.array(span, { minLength: 1, maxLength: 5 }).map((spans) => resolveScope(spans, DURATION, "a.mp4").spans);
const frames = fc.integer({ min: 1, max: 120 });
const cue = fc
  .tuple(fc.nat(DURATION), fc.nat(5000), fc.lorem({ maxCount: 4 }))
  .map(([startMs, length, text]) => ({ startMs, endMs: startMs + length, text }));
const cues = fc.array(cue, { maxLength: 30 });

describe("properties of sampling", () => {
  it("ascends, stays inside the scope, and gives as many times as the video can", () => {
    fc.assert(
      fc.property(scope, frames, (spans, n) => {
        const count = Math.min(n, framesWithin(spans, { num: 500, den: 1 }));
        const times = sampleUniform(spans, count);
        times.forEach((t, i) => {
          assert.ok(i === 0 || t > times[i - 1]!, "ascends");
          assert.ok(spans.some((s) => s.startMs <= t && t <= s.endMs), "inside");
        });
        assert.equal(times.length, count);
      }),
    );
  });

  it("leaves no part of a stretch unseen for longer than the distance of two frames", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: DURATION }), fc.integer({ min: 1, max: 100 }), (endMs, n) => {
        const step = endMs / n;
        const edges = [0, ...sampleUniform([{ startMs: 0, endMs }], n), endMs];
        edges.slice(1).forEach((t, i) => assert.ok(t - edges[i]! <= step + 1));
        assert.ok(Math.abs(edges[1]! - step / 2) <= 1 && Math.abs(endMs - edges.at(-2)! - step / 2) <= 1);
      }),
    );
  });

  it("resolves every scope to disjoint ascending spans that hold the same times", () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 6 }), fc.nat(DURATION), (written, t) => {
        const { spans } = resolveScope(written, DURATION, "a.mp4");
        spans.slice(1).forEach((s, i) => assert.ok(s.startMs > spans[i]!.endMs));
        const holds = (list: typeof written) => list.some((s) => s.startMs <= t && t <= s.endMs);
        assert.equal(holds([...spans]), holds(written));
      }),
    );
  });

  it("spread keeps order and never repeats", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { maxLength: 50 }), frames, (items, n) => {
        const taken = spread(items, n);
        assert.equal(taken.length, Math.min(n, items.length));
        assert.deepEqual(items.filter((item) => taken.includes(item)), taken);
      }),
    );
  });
});

describe("properties of subtitle alignment", () => {
  it("puts every cue into one frame, in order, and not before it began unless it is the tail", () => {
    fc.assert(
      fc.property(scope, frames, cues, (spans, n, list) => {
        const times = sampleUniform(spans, n);
        const within = cuesWithin(list, spans);
        const aligned = alignCues(within, times, spans);
        assert.equal(aligned.length, times.length);
        assert.deepEqual(aligned.flat().toSorted((a, b) => within.indexOf(a) - within.indexOf(b)), within);
        aligned.forEach((own, i) => {
          assert.deepEqual(own.toSorted((a, b) => a.startMs - b.startMs), own);
          if (i < times.length - 1) for (const c of own) assert.ok(c.startMs <= times[i]!, "not before its beginning");
        });
      }),
    );
  });

  it("shows nothing outside of the scope and no text twice", () => {
    fc.assert(
      fc.property(scope, cues, (spans, list) => {
        const within = cuesWithin(list, spans);
        assert.equal(new Set(within.map((c) => c.text)).size, within.length);
        for (const c of within) assert.ok(spans.some((s) => c.startMs <= s.endMs && c.endMs >= s.startMs));
      }),
    );
  });

  it("keeps the longest beginning that fits the budget", () => {
    const count = (text: string) => text.split(" ").length;
    fc.assert(
      fc.property(cues, fc.nat(80), (list, budget) => {
        const kept = cuesWithinBudget(list, budget, count);
        assert.deepEqual(kept, list.slice(0, kept.length));
        const tokens = (n: number) => list.slice(0, n).reduce((sum, c) => sum + count(c.text), 0);
        assert.ok(tokens(kept.length) <= budget);
        assert.ok(kept.length === list.length || tokens(kept.length + 1) > budget);
      }),
    );
  });
});

describe("properties of the budget", () => {
  const renderer = promptRenderer(MICRO_TEMPLATE);
  const question = fc.lorem({ maxCount: 12 });

  it("always fits, and never touches the instruction or the question", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 400 }), fc.integer({ min: 4, max: 80 }), frames, cues, question, fc.integer({ min: 1, max: 40 }), (contextSize, maxVisual, n, list, asked, answerTokens) => {
        const limits: Limits = new MemoryLanguage(contextSize, maxVisual);
        const spans = [{ startMs: 0, endMs: DURATION }];
        const outline = (k: number) => Array.from({ length: k }, (_, frame) => ({ frame, projector: "visual" as const, rows: 4 }));
        const request = { frames: n, sample: (k: number) => sampleUniform(spans, k), outline, spans, cues: cuesWithin(list, spans), question: asked, answerTokens };
        const exact = limits.countTokens(renderer.question(asked));
        const least = limits.countTokens(renderer.prefix([{ timeMs: 0, cues: [] }], []) as Piece[]) + 2 + 4 + exact + answerTokens;
        try {
          const fitted = fitPrompt(request, renderer, limits);
          const pieces = [...fillSlots(fitted.prefix, fitted.segments.map(({ rows }) => ({ rows, width: 0, data: new Float32Array() }))), ...fitted.question];
          assert.equal(limits.countTokens(pieces), fitted.positions);
          assert.ok(fitted.positions + answerTokens <= contextSize);
          assert.ok(fitted.segments.reduce((sum, s) => sum + s.rows, 0) <= maxVisual);
          assert.deepEqual(pieces[0], { kind: "template", text: "<s>[INST]" });
          assert.deepEqual(pieces.slice(-2), [{ kind: "text", text: `\n${asked}` }, { kind: "template", text: "[/INST]" }]);
          const shown = fitted.timesMs.length;
          const heard = fitted.cues.flat().length;
          assert.ok(heard === request.cues.length || shown === 1, "subtitles go only after the frames");
          assert.equal(fitted.notes.length > 0, shown < n || heard < request.cues.length);
        } catch (thrown) {
          assert.ok(thrown instanceof VqaError && thrown.code === "context-overflow", String(thrown));
          assert.ok(least > contextSize, "refused though one frame fits");
        }
      }),
    );
  });
});

describe("properties of the prompt", () => {
  const renderer = promptRenderer(MICRO_TEMPLATE);
  it("has one visual slot a segment, in order, and the texts of all cues", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(DURATION), fc.array(cue, { maxLength: 3 })), { minLength: 1, maxLength: 20 }), (list) => {
        const promptFrames = list.map(([timeMs, own]) => ({ timeMs, cues: own }));
        const layout = renderer.prefix(promptFrames, list.map((_, frame) => ({ frame, projector: "visual" as const, rows: 4 })));
        assert.deepEqual(layout.flatMap((p) => (p.kind === "slot" ? [p.segment] : [])), list.map((_, i) => i));
        const said = layout.flatMap((p, i) => (p.kind === "text" && (layout[i - 1] as { text?: string }).text === "<Cap>" ? [p.text] : []));
        assert.deepEqual(said, list.filter(([, own]) => own.length > 0).map(([, own]) => ` ${own.map((c) => c.text).join(" ")}`));
      }),
    );
  });

  it("makes no control piece of anything that the user wrote", () => {
    const hostile = fc.string({ unit: fc.constantFrom("<", ">", "[", "]", "/", "{", "}", "INST", "visual", "s", " ") });
    fc.assert(
      fc.property(hostile, (text) => {
        const pieces = renderer.question(text);
        assert.deepEqual(pieces, [{ kind: "text", text: `\n${text}` }, { kind: "template", text: "[/INST]" }]);
      }),
    );
  });
});

describe("properties of the 4-to-1 merge", () => {
  it("keeps every number once: element (t, r, m, d) lies at row r of frame t, place m * D + d", async () => {
    const shape = fc.record({ frames: fc.integer({ min: 1, max: 5 }), rows: fc.integer({ min: 1, max: 6 }), merge: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(shape, async ({ frames, rows, merge, width }) => {
        const tokens = rows * merge;
        const composer = minigpt4Video({ name: "minigpt4-video", merge }, { tokens, width, grid: [1, tokens] });
        const wide = composer.widths.visual!;
        const data = Float32Array.from({ length: frames * tokens * width }, (_, i) => i);
        // Through a projector that changes nothing, so that stacking and unstacking are in it too.
        const identity = { inputWidth: wide, width: wide, project: async <T>(m: T) => m };
        const segments = await visualTokens({ frames, tokens, width, data }, composer, { parts: {}, projectors: { visual: identity } });
        const seen = new Set<number>();
        for (let t = 0; t < frames; t++) {
          for (let r = 0; r < rows; r++) {
            for (let m = 0; m < merge; m++) {
              for (let d = 0; d < width; d++) {
                const value = segments[t]!.data[r * wide + m * width + d]!;
                assert.equal(value, ((t * rows + r) * merge + m) * width + d);
                seen.add(value);
              }
            }
          }
        }
        assert.equal(seen.size, data.length);
      }),
    );
  });
});

it("property: probabilities of choices add up to 1 and the chosen one is the greatest", () => {
  const score = fc.record({ logProb: fc.double({ min: -1e6, max: 0, noNaN: true }), tokens: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(fc.array(score, { minLength: 2, maxLength: 8 }), (scores) => {
      const { choice, probabilities } = chooseByLikelihood(scores);
      assert.ok(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1) < 1e-9);
      assert.equal(probabilities[choice], Math.max(...probabilities));
    }),
  );
});

describe("properties of grading", () => {
  it("takes every gold answer for itself, whatever its blanks and full stop", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (gold) => {
        const said = `  ${gold} .`;
        assert.equal(grade({ text: said }, { answers: ["something else entirely", gold] }), normalise(gold) === "" ? "wrong" : "exact");
      }),
    );
  });

  it("normalises once and for all", () => {
    fc.assert(fc.property(fc.lorem({ maxCount: 8 }), (text) => assert.equal(normalise(normalise(text)), normalise(text))));
  });
});
