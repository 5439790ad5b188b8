import { strict as assert } from "node:assert";
import fc from "fast-check";
import { cueDocuments, summaryDocuments } from "../../server/src/engine/longVideo/documents.js";
import { partition } from "../../server/src/engine/longVideo/clips.js";
import { reelOf } from "../../server/src/engine/longVideo/reel.js";

const cutsWithin = (durationMs: number) =>
  fc
    .array(fc.record({ timeMs: fc.double({ min: 1, max: durationMs, noNaN: true }), score: fc.integer({ min: 0, max: 100 }) }), { maxLength: 60 })
    .map((cuts) => cuts.sort((a, b) => a.timeMs - b.timeMs));

const films = fc.record({ durationMs: fc.double({ min: 1, max: 4 * 3_600_000, noNaN: true }), clipMs: fc.integer({ min: 1000, max: 300_000 }) }).chain(({ durationMs, clipMs }) =>
  cutsWithin(durationMs).map((cuts) => ({ durationMs, clipMs, cuts })),
);

describe("clips of a long video", () => {
  it("cover it exactly, in order, without a gap or an overlap, within their bounds", () => {
    fc.assert(
      fc.property(films, ({ durationMs, clipMs, cuts }) => {
        const clips = partition(durationMs, cuts, clipMs);
        assert.equal(clips[0]!.startMs, 0);
        assert.equal(clips.at(-1)!.endMs, durationMs);
        clips.forEach((clip, i) => {
          if (i > 0) assert.equal(clip.startMs, clips[i - 1]!.endMs);
          const length = clip.endMs - clip.startMs;
          assert.ok(length > 0 && length <= clipMs, `${length} ms`);
          // Borders are whole milliseconds.
          if (durationMs >= clipMs / 2) assert.ok(length >= clipMs / 2 - 1, `${length} ms of ${clipMs}`);
        });
      }),
    );
  });

  it("end at a cut wherever one lies within their bounds", () => {
    fc.assert(
      fc.property(films, ({ durationMs, clipMs, cuts }) => {
        const clips = partition(durationMs, cuts, clipMs);
        for (const { startMs, endMs } of clips.slice(0, -1)) {
          const allowed = cuts.filter(({ timeMs }) => timeMs >= startMs + clipMs / 2 + 1 && timeMs <= Math.min(startMs + clipMs, durationMs - clipMs / 2) - 1);
          const best = Math.max(...allowed.map(({ score }) => score));
          if (allowed.length > 0) assert.ok(cuts.some(({ timeMs, score }) => Math.round(timeMs) === endMs && score >= best), "the strongest cut");
        }
      }),
    );
  });
});

const spans = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 60_000 })), { minLength: 1, maxLength: 6 })
  .map((steps) => {
    let at = 0;
    return steps.map(([gap, length]) => ({ startMs: at + gap, endMs: (at += gap + length) }));
  });

describe("a reel of parts", () => {
  it("takes every time of its parts there and back", () => {
    fc.assert(
      fc.property(spans, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(), (parts, share, which) => {
        const reel = reelOf(parts);
        const { startMs, endMs } = parts[which % parts.length]!;
        const time = startMs + share * (endMs - startMs);
        assert.ok(Math.abs(reel.toVideo(reel.toReel(time)) - time) < 1e-6);
        assert.equal(reel.durationMs, parts.reduce((sum, part) => sum + part.endMs - part.startMs, 0));
      }),
    );
  });

  it("restores a text that comes in any pieces as it does a whole one", () => {
    const texts = fc.array(fc.constantFrom("at ", "00:0", "3", "1:02", ":", " then ", "7", "00:00", ".", "a red ring ", "時 ", "12"), { maxLength: 12 });
    fc.assert(
      fc.property(spans, texts, (parts, pieces) => {
        const reel = reelOf(parts);
        const restorer = reel.restorer();
        const streamed = pieces.map((piece) => restorer.push(piece)).join("") + restorer.end();
        assert.equal(streamed, reel.restore(pieces.join("")));
      }),
    );
  });
});

describe("documents of clips", () => {
  const words = fc.array(fc.constantFrom("It", "was", "späť", "今天", "3.5", "«да»", "o'clock", "(sic)", "50 %"), { minLength: 1, maxLength: 8 }).map((all) => all.join(" "));
  const cues = fc.array(fc.tuple(fc.integer({ min: 0, max: 8000 }), fc.integer({ min: 1, max: 5000 }), words, fc.constantFrom("", ".", "!", "。", "?"))).map((list) => {
    let at = 0;
    return list.map(([gap, length, text, end]) => ({ startMs: (at += gap), endMs: at + length, text: text + end }));
  });

  it("lose no word of the subtitles, and put each cue into the clip in which it begins", () => {
    fc.assert(
      fc.property(cues, fc.integer({ min: 2, max: 6 }), (list, count) => {
        const end = Math.max(1000, (list.at(-1)?.endMs ?? 0) + 1);
        const clips = Array.from({ length: count }, (_, i) => ({ startMs: (end * i) / count, endMs: (end * (i + 1)) / count }));
        const documents = cueDocuments(list, clips);
        const distinct = list.filter((cue, i) => i === 0 || list[i - 1]!.text !== cue.text || cue.startMs - list[i - 1]!.endMs > 2000);
        assert.equal(documents.map(({ text }) => text).join(" "), distinct.map(({ text }) => text).join(" "));
        for (const { clip, startMs } of documents) assert.ok(clips[clip]!.startMs <= startMs && startMs < clips[clip]!.endMs);
      }),
    );
  });

  it("lose no word of a summary but the marks between events", () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 5 }), (parts) => {
        const found = summaryDocuments(parts.join(" then "), 0, { startMs: 0, endMs: 1 }, [" then "]).map(({ text }) => text);
        assert.deepEqual(found, [...new Set(parts)]);
      }),
    );
  });
});
