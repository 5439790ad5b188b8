/** Formats whose published samples were written down here by hand, from the facts of their documentation. */
import assert from "node:assert/strict";
import { formatNamed, Losses, recognise, type DatasetFormat, type VideoNotes } from "../../../../server/src/format/index.js";
import { frameRate, framesToSpan, spanToFrames } from "../../../../server/src/format/convert/frames.js";
import { readAll, source, writeAll } from "../../../support/convert.js";

const named = (name: string): DatasetFormat => formatNamed(name) ?? assert.fail(name);

describe("frames as times", () => {
  it("rates are fractions, those of NTSC too", () => {
    for (const [value, wanted] of [[25, [25, 1]], [29.97, [30000, 1001]], [29.97002997, [30000, 1001]], [23.976, [24000, 1001]], ["59.94", [60000, 1001]], ["30000/1001", [30000, 1001]], [12.5, [12_500_000, 1_000_000]]] as const) {
      const rate = frameRate(value);
      assert.deepEqual([rate?.num, rate?.den], wanted, String(value));
    }
    for (const value of [0, -1, NaN, "x", "1/0", undefined, null]) assert.equal(frameRate(value), undefined);
  });

  it("count from 1, include the last one, and come back", () => {
    assert.deepEqual(framesToSpan(1, 25, { num: 25, den: 1 }), { startMs: 0, endMs: 1000 });
    assert.deepEqual(framesToSpan(10, 10, { num: 25, den: 1 }), { startMs: 360, endMs: 400 });
    // An hour at 29.97: 107892 frames, 3.6 s behind a clock of 30.
    assert.deepEqual(framesToSpan(107892, 107892, { num: 30000, den: 1001 }).endMs, 3_599_996);
    for (const rate of [{ num: 25, den: 1 }, { num: 30000, den: 1001 }, { num: 24000, den: 1001 }, { num: 120, den: 1 }]) {
      for (let first = 1; first < 5000; first += 37) for (const length of [0, 1, 99]) assert.deepEqual(spanToFrames(framesToSpan(first, first + length, rate), rate), [first, first + length]);
    }
  });
});

describe("FiftyOne", () => {
  const file = JSON.stringify({ classes: ["running", "jumping"], labels: { clip1: [{ label: 0, timestamps: [0.5, 2.25], attributes: { confidence: 0.9 } }, { label: 1, support: [1, 50], attributes: { frame_rate: 25 } }], clip2: [{ label: 1, support: [10, 20] }, { label: "other", timestamps: [1, 2] }] } });

  it("is read by timestamps, and by frames where their rate is known", async () => {
    assert.equal(recognise(file, "labels.json").name, "fiftyone");
    const losses = new Losses();
    const found = await readAll(named("fiftyone"), [source("labels.json", file)], losses);
    assert.deepEqual(found.map(({ video, record }) => [video, record.kind === "segment" ? [record.text, record.scope[0]?.startMs, record.scope[0]?.endMs, record.fields] : []]), [
      ["clip1", ["running", 500, 2250, { confidence: 0.9 }]],
      ["clip1", ["jumping", 0, 2000, { frame_rate: 25 }]],
      ["clip2", ["other", 1000, 2000, {}]],
    ]);
    assert.deepEqual(losses.list().map(({ code, count }) => [code, count]), [["bad-scope", 1], ["segments", 1]]);
  });
});

describe("Label Studio", () => {
  const range = (start: number, end: number, label: string): object => ({ id: "r1", type: "timelinelabels", from_name: "videoLabels", to_name: "video", value: { ranges: [{ start, end }], timelinelabels: [label] } });
  const file = JSON.stringify([
    { id: 1, data: { video: "/data/upload/clip1.mp4", fps: "30000/1001" }, annotations: [{ id: 5, completed_by: 2, result: [range(1, 30, "Run"), { type: "labels", from_name: "label", to_name: "audio", value: { start: 0.5, end: 2, channel: 0, labels: ["Speech", "Noise"] } }, { type: "choices", value: { choices: ["x"] } }] }] },
    { id: 2, data: { video: "clip2.mp4" }, annotations: [{ result: [range(3, 4, "Jump")] }] },
    { id: 3, data: {}, annotations: [] },
  ]);

  it("is read by seconds, and by frames where their rate is known; the rest is told", async () => {
    assert.equal(recognise(file, "export.json").name, "label-studio");
    const losses = new Losses();
    const found = await readAll(named("label-studio"), [source("export.json", file)], losses);
    assert.deepEqual(found.map(({ video, record }) => [video, record.kind === "segment" ? [record.text, record.scope[0]?.startMs, record.scope[0]?.endMs, record.fields] : []]), [
      ["/data/upload/clip1.mp4", ["Run", 0, 1001, { from_name: "videoLabels", completed_by: 2 }]],
      ["/data/upload/clip1.mp4", ["Speech", 500, 2000, { completed_by: 2 }]],
      ["/data/upload/clip1.mp4", ["Noise", 500, 2000, { completed_by: 2 }]],
    ]);
    assert.deepEqual(Object.fromEntries(losses.list().map(({ code, count }) => [code, count])), { fields: 1, "bad-scope": 1, segments: 1, "bad-record": 1 });
  });
});

describe("NExT-QA, open-ended", () => {
  const file = "video,frame_count,width,height,question,answer,qid,type,additional_ref_answer\n4010069381,369,640,480,how do the two man play the instrument,roll the handle,6,CH,tap their feet\n4010069381,369,640,480,what is it,\"a \"\"drum\"\"\",7,DO,\n";

  it("is read with its second answers, and written as it was", async () => {
    assert.equal(recognise(file, "val.csv").name, "next-oe");
    const found = await readAll(named("next-oe"), [source("val.csv", file)]);
    assert.deepEqual(found.map(({ record }) => (record.kind === "question" ? record.references.map(({ text }) => text) : [])), [["roll the handle", "tap their feet"], ['a "drum"']]);
    const notes: VideoNotes = { source: "n.vqa", video: "4010069381", records: [{ kind: "header", entries: [["dataset.video", "4010069381"]] }, ...found.map(({ record }) => record)] };
    assert.equal((await writeAll(named("next-oe"), [notes]))[""], file);
  });
});
