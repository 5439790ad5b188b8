import assert from "node:assert/strict";
import { itemAt, itemsOn, readFilm } from "../../../client/preview/film.js";
import { frameAt, frameStartMs, middleOf } from "../../../client/preview/frames.js";
import { layOut, thumbnailTimes } from "../../../client/preview/layout.js";
import { planMark, segmentAfter, type MarkPlan } from "../../../client/preview/marking.js";
import { FromPageSchema, ToPageSchema } from "../../../client/preview/messages.js";
import { restored } from "../../../client/preview/page/memory.js";
import { FASTEST, shuttle } from "../../../client/preview/shuttle.js";
import { readNotebook, parse } from "../../../server/src/format/index.js";
import { is } from "../../../server/src/protocol/schema.js";

const TEXT = "VQA 1\nvideo: a.mp4\n\n@ 00:02..00:06 first\n\nQ: Whole segment?\n\n00:01.000 --> 00:03.000\n<v Ann>Hello\n\n@ 00:10..00:20, 00:30..00:31 second\n\nQ @ 00:04..00:05: A part?\n\n@ 00:40\n";

describe("what a preview shows of a document", () => {
  const film = readFilm(TEXT);

  it("is its video, its segments, its subtitles, and the questions with times of their own", () => {
    assert.equal(film.video, "a.mp4");
    assert.deepEqual(
      film.items.map(({ kind, spans, label }) => [kind, spans.length, spans[0]?.startMs, label]),
      [
        ["segment", 1, 2000, "first"],
        ["cue", 1, 1000, "Hello"],
        ["segment", 2, 10000, "second"],
        ["question", 1, 4000, "A part?"],
        ["segment", 1, 40000, ""],
      ],
    );
  });

  it("is found from a place in the text, and from a time", () => {
    assert.equal(itemAt(film, TEXT.indexOf("first"))?.label, "first");
    assert.equal(itemAt(film, TEXT.indexOf("Whole")), undefined);
    assert.equal(itemAt(film, TEXT.length)?.spans[0]?.startMs, 40000);
    assert.deepEqual(itemsOn(film, 2500).map(({ label }) => label), ["first", "Hello"]);
    assert.deepEqual(itemsOn(film, 3000).map(({ label }) => label), ["first"]);
    assert.deepEqual(itemsOn(film, 30500).map(({ label }) => label), ["second"]);
    assert.equal(itemsOn(film, 40200).length, 1, "a marker shows for a moment");
    assert.equal(itemsOn(film, 41000).length, 0);
  });

  it("is nothing of an empty text", () => assert.deepEqual(readFilm(""), { video: undefined, items: [] }));
});

describe("the keys In, Out and Marker", () => {
  const film = readFilm(TEXT);
  const [first, cue, second, , marker] = film.items;
  const scope = (plan: MarkPlan): string => (plan.type === "change" ? plan.scope : plan.type);

  it("move the ends of the selected segment", () => {
    assert.equal(scope(planMark(film, first, "in", 3000)), "00:00:03.000..00:00:06.000");
    assert.equal(scope(planMark(film, first, "in", 1000)), "00:00:01.000..00:00:06.000");
    assert.equal(scope(planMark(film, first, "out", 7040)), "00:00:02.000..00:00:07.040");
    assert.equal(scope(planMark(film, marker, "out", 41000)), "00:00:40.000..00:00:41.000");
  });

  it("never make an end before a start, and leave several ranges alone", () => {
    assert.deepEqual(planMark(film, first, "out", 2000), { type: "refuse", why: "out-before-in" });
    assert.deepEqual(planMark(film, second, "out", 25000), { type: "refuse", why: "several-ranges" });
    assert.deepEqual(planMark(film, cue, "out", 5000), { type: "refuse", why: "nothing-begun" });
    assert.deepEqual(planMark(film, undefined, "out", 5000), { type: "refuse", why: "nothing-begun" });
  });

  it("begin a new segment after the selected one, and a marker everywhere", () => {
    assert.equal(scope(planMark(film, first, "in", 6000)), "insert");
    assert.equal(scope(planMark(film, marker, "in", 39000)), "insert");
    assert.equal(scope(planMark(film, first, "marker", 3000)), "insert");
    assert.deepEqual(planMark(film, undefined, "marker", 3000, "goal"), { type: "insert", before: second, source: "@ 00:00:03.000 goal" });
    assert.deepEqual(planMark(film, undefined, "in", 50000), { type: "insert", before: undefined, source: "@ 00:00:50.000" });
  });

  it("label the selected segment and go on to the next, or mark a moment", () => {
    assert.deepEqual(planMark(film, first, "label", 3000, "goal"), { type: "label", segment: first, label: "goal" });
    assert.deepEqual(planMark(film, cue, "label", 3000, "goal"), { type: "insert", before: second, source: "@ 00:00:03.000 goal" });
    assert.ok(first !== undefined && marker !== undefined);
    assert.equal(segmentAfter(film, first), second);
    assert.equal(segmentAfter(film, marker), undefined);
  });

  it("take no question from the segment that it stands below", () => {
    const scopes = (text: string): unknown => readNotebook(parse(text)).questions.map(({ text: asked, scope: { spans } }) => [asked, spans]);
    for (const timeMs of [0, 1000, 2000, 5000, 15000, 30000, 50000]) {
      const plan = planMark(film, undefined, "marker", timeMs);
      assert.ok(plan.type === "insert");
      const at = plan.before?.place.start ?? TEXT.length;
      const after = plan.before === undefined ? `${TEXT}\n${plan.source}\n` : `${TEXT.slice(0, at)}${plan.source}\n\n${TEXT.slice(at)}`;
      assert.deepEqual(scopes(after), scopes(TEXT), `at ${timeMs}`);
      assert.equal(readFilm(after).items.length, film.items.length + 1);
    }
  });
});

describe("frames of a player", () => {
  it("are stepped one at a time, for every usual rate", () => {
    for (const rate of [23.976, 24000 / 1001, 25, 29.97, 30000 / 1001, 50, 60]) {
      for (let frame = 0; frame < 5000; frame++) assert.equal(frameAt(middleOf(frame, rate), rate), frame);
    }
  });

  it("begin at a time that leads to the same frame again", () => {
    for (const rate of [24000 / 1001, 25, 30]) for (let frame = 0; frame < 2000; frame++) assert.equal(frameAt(frame / rate, rate), frame);
    assert.equal(frameStartMs(middleOf(251, 25), 25), 10040);
    assert.equal(frameStartMs(1.2345, undefined), 1235);
    assert.equal(middleOf(-3, 25), 0.02);
  });
});

describe("J K L", () => {
  it("double the speed and turn round", () => {
    assert.deepEqual([shuttle(0, "forward"), shuttle(1, "forward"), shuttle(FASTEST, "forward")], [1, 2, FASTEST]);
    assert.deepEqual([shuttle(0, "back"), shuttle(-1, "back"), shuttle(-FASTEST, "back")], [-1, -2, -FASTEST]);
    assert.deepEqual([shuttle(4, "back"), shuttle(-4, "forward"), shuttle(4, "pause")], [-1, 1, 0]);
    assert.deepEqual([shuttle(0, "toggle"), shuttle(2, "toggle"), shuttle(-2, "toggle")], [1, 0, 0]);
  });
});

describe("the timeline", () => {
  const span = (startMs: number, endMs: number) => ({ startMs, endMs });

  it("puts what overlaps into lanes, and uses a lane again", () => {
    const placed = layOut([span(0, 5000), span(2000, 3000), span(5000, 8000), span(2500, 6000)], 10000);
    assert.deepEqual(placed.map(({ lane }) => lane), [0, 1, 0, 2]);
    assert.deepEqual([placed[0]?.left, placed[0]?.width, placed[2]?.left], [0, 0.5, 0.5]);
  });

  it("stays inside, and shows what has no length", () => {
    const placed = layOut([span(9000, 99000), span(4000, 4000)], 10000);
    assert.equal((placed[0]?.left ?? 0) + (placed[0]?.width ?? 0), 1);
    assert.ok((placed[1]?.width ?? 0) > 0);
    assert.ok(layOut([span(1, 2)], 0).every(({ left }) => left === 0));
  });

  it("takes its pictures from the middles of equal parts", () => assert.deepEqual(thumbnailTimes(1000, 4), [125, 375, 625, 875]));
});

describe("what the preview's page and the extension say", () => {
  it("is checked at both ends", () => {
    assert.ok(is(FromPageSchema, { type: "mark", mark: "in", timeMs: 5 }));
    assert.ok(is(ToPageSchema, { type: "seek", spans: [{ startMs: 0, endMs: 1 }], play: false }));
    for (const wrong of [undefined, {}, { type: "mark", mark: "delete", timeMs: 5 }, { type: "mark", mark: "in", timeMs: -1 }, { type: "playhead", timeMs: Number.NaN, playing: true }, { type: "choose", id: "0" }, { type: "eval", code: "1" }]) {
      assert.ok(!is(FromPageSchema, wrong), JSON.stringify(wrong));
    }
    for (const wrong of [{ type: "command", name: "format" }, { type: "seek", spans: [{ startMs: -1, endMs: 1 }], play: false }, { type: "notice", text: 5, cancellable: false }]) assert.ok(!is(ToPageSchema, wrong), JSON.stringify(wrong));
  });
});

describe("what the preview's page remembers", () => {
  it("comes back field by field, whatever was kept", () => {
    const kept = { key: "file:///a.mp4", timeMs: 12_000, loop: { startMs: 10_000, endMs: 20_000 }, document: "file:///a.vqa", cells: false, cursor: 60, captions: false, sound: true, follow: false };
    assert.deepEqual(restored(JSON.parse(JSON.stringify(kept))), kept);
    const empty = { key: "", timeMs: 0, loop: undefined, document: "", cells: true, cursor: undefined, captions: true, sound: true, follow: true };
    for (const wrong of [undefined, null, 5, [], { timeMs: -1, loop: { startMs: 5, endMs: 5 }, cursor: "60" }, { timeMs: null, loop: { startMs: 1 } }]) assert.deepEqual(restored(wrong), empty, JSON.stringify(wrong));
  });
});
