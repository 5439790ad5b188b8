import { strict as assert } from "node:assert";
import { cueDocuments, summaryDocuments, type ClipDocument } from "../../../../server/src/engine/longVideo/documents.js";
import { partition } from "../../../../server/src/engine/longVideo/clips.js";
import { reelOf } from "../../../../server/src/engine/longVideo/reel.js";
import { retrieve } from "../../../../server/src/engine/longVideo/retrieve.js";
import { isAboutAll, LONG_VIDEO, wayOf } from "../../../../server/src/engine/longVideo/settings.js";

const S = 1000;

describe("clips by scene and length", () => {
  it("end at the strongest cut that their bounds allow, the later of equals", () => {
    const cuts = [
      { timeMs: 5 * S, score: 90 },
      { timeMs: 45 * S, score: 30 },
      { timeMs: 60 * S, score: 50 },
      { timeMs: 75 * S, score: 50 },
    ];
    assert.deepEqual(partition(200 * S, cuts, 80 * S).map(({ startMs }) => startMs / S), [0, 75, 155]);
  });
  it("are as long as they may be without a cut, and the last two share what is left", () => {
    assert.deepEqual(partition(170 * S, [], 80 * S), [
      { startMs: 0, endMs: 80 * S },
      { startMs: 80 * S, endMs: 130 * S },
      { startMs: 130 * S, endMs: 170 * S },
    ]);
    assert.deepEqual(partition(80 * S, [{ timeMs: 40 * S, score: 99 }], 80 * S), [{ startMs: 0, endMs: 80 * S }]);
  });
});

describe("which way a question goes", () => {
  const way = (seconds: number, question: string, long?: "auto" | "clips" | "summaries" | "off") =>
    wayOf({ question, ...(long ? { long } : {}) }, [{ startMs: 0, endMs: seconds * S }], LONG_VIDEO);
  it("is a short video's up to 180 s, the clips' from there, as in Goldfish", () => {
    assert.equal(way(180, "What is the code?"), undefined);
    assert.equal(way(181, "What is the code?"), "clips");
    assert.equal(way(181, "Summarise the video."), "summaries");
  });
  it("is what the request says, wherever there are two clips", () => {
    assert.equal(way(9999, "Summarise the video.", "clips"), "clips");
    assert.equal(way(9999, "What is the code?", "summaries"), "summaries");
    assert.equal(way(9999, "What is the code?", "off"), undefined);
    assert.equal(way(100, "What is the code?", "clips"), "clips");
    assert.equal(way(80, "What is the code?", "clips"), undefined);
  });
  it("goes by the length of the scope, not of the video", () => {
    const scope = [{ startMs: 0, endMs: 100 * S }, { startMs: 3000 * S, endMs: 3080 * S }];
    assert.equal(wayOf({ question: "What?" }, scope, LONG_VIDEO), undefined);
  });
  it("knows questions about the whole", () => {
    for (const text of ["Summarize this.", "How many goals are there in total?", "What happens throughout the lecture?", "Give a summary of the entire film.", "What is the video about?", "How many people overall?"]) {
      assert.ok(isAboutAll(text), text);
    }
    for (const text of ["What colour is the overalls button?", "When does the red ring appear?", "Who wins?"]) assert.ok(!isAboutAll(text), text);
  });
});

describe("documents", () => {
  const span = { startMs: 0, endMs: 10 * S };
  it("keep punctuation, and words of every script (the release keeps ASCII letters and digits only)", () => {
    const text = "Zoë said: “C++ isn't C#!” — 東京へ行く。 Цена: 3,50 €";
    const [document] = cueDocuments([{ startMs: 0, endMs: S, text }], [span]);
    assert.equal(document!.text, text);
    assert.deepEqual(summaryDocuments("東京へ行く。雨が降る。 Всё.", 0, span, []).map((d) => d.text), ["東京へ行く。", "雨が降る。", "Всё."]);
  });
  it("put cues together to whole sentences, within a clip and without a pause", () => {
    const cue = (startMs: number, text: string) => ({ startMs, endMs: startMs + S, text });
    const clips = [span, { startMs: 10 * S, endMs: 20 * S }];
    const list = [cue(0, "The key\nlies"), cue(S, "under the mat."), cue(2 * S, "Look"), cue(6 * S, "there"), cue(9500, "and"), cue(10_500, "wait.")];
    assert.deepEqual(
      cueDocuments(list, clips).map(({ clip, text, startMs, endMs }) => [clip, text, startMs, endMs]),
      [
        [0, "The key lies under the mat.", 0, 2 * S],
        [0, "Look", 2 * S, 3 * S],
        [0, "there", 6 * S, 7 * S],
        [0, "and", 9500, 10_500],
        [1, "wait.", 10_500, 11_500],
      ],
    );
  });
  it("say a line that rolls up once, and a line that is said again twice", () => {
    const cue = (startMs: number) => ({ startMs, endMs: startMs + S, text: "Go!" });
    assert.equal(cueDocuments([cue(0), cue(S), cue(8 * S)], [span]).length, 2);
  });
  it("belong to clips by exact times: at 29.97 a rate cut to 29 would be 3 % late (the release's fault)", () => {
    // Frame 107,892 of 30000/1001 is at 59:59.996; counted at 29 a second it would be at 1:02:00.
    const frameMs = (107_892 * 1001) / 30;
    const clips = partition(2 * 3600 * S, [], 80 * S);
    const [document] = cueDocuments([{ startMs: frameMs, endMs: frameMs + 500, text: "Now." }], clips);
    const clip = clips[document!.clip]!;
    assert.ok(clip.startMs <= frameMs && frameMs < clip.endMs);
    assert.equal(document!.startMs, frameMs);
  });
});

describe("retrieval", () => {
  const clips = [0, 1, 2, 3, 4].map((i) => ({ startMs: i * 10 * S, endMs: (i + 1) * 10 * S }));
  const near = [0.1, 0.9, 0.2, 0.9, 0.5];
  const documents: ClipDocument[] = clips.map((clip, i) => ({ ...clip, clip: i, kind: i === 4 ? "cue" : "summary", text: `clip ${i}` }));
  const vectors = { rows: 5, width: 2, data: Float32Array.from(near.flatMap((c) => [c, Math.sqrt(1 - c * c)])) };
  const ask = (text: string, top: number, atLeast = 0) => retrieve({ text, vector: { rows: 1, width: 2, data: Float32Array.from([1, 0]) } }, { clips, documents, vectors }, { top, atLeast });

  it("gives clips in the order of time, whatever their scores (the release leaves them in that of the scores)", () => {
    const { clips: found, evidence } = ask("What?", 3);
    assert.deepEqual(found, [1, 3, 4]);
    assert.deepEqual(evidence.map(({ score, startMs }) => [Number(score.toFixed(3)), startMs / S]), [[0.9, 10], [0.9, 30], [0.5, 40]]);
    assert.match(evidence[2]!.why, /subtitle.*"clip 4"/);
    assert.ok(evidence.every(({ kind }) => kind === "clip"));
  });
  it("takes the earlier of equals", () => assert.deepEqual(ask("What?", 1).clips, [1]));
  it("counts clips, not documents", () => {
    const twice = retrieve(
      { text: "What?", vector: { rows: 1, width: 1, data: Float32Array.from([1]) } },
      { clips, documents: [0, 0, 2].map((clip) => ({ ...documents[clip]!, clip })), vectors: { rows: 3, width: 1, data: Float32Array.from([0.9, 0.8, 0.1]) } },
      { top: 2, atLeast: 0 },
    );
    assert.deepEqual(twice.clips, [0, 2]);
  });
  it("leaves out what is far less near than the nearest, where the pack says so", () => assert.deepEqual(ask("What?", 5, 0.9).clips, [1, 3]));
  it("begins with the clips whose times the question names", () => {
    const { clips: found, evidence } = ask("What is shown at 00:25?", 2);
    assert.deepEqual(found, [1, 2]);
    assert.deepEqual([evidence[0]!.startMs, evidence[0]!.score, evidence[0]!.why], [20 * S, 1, "the question names 00:25"]);
    assert.deepEqual(ask("Between 00:05 and 00:45, what?", 1).clips, [0, 4]);
  });
  it("finds nothing where there is no document", () => {
    const nothing = retrieve({ text: "What?", vector: { rows: 1, width: 1, data: Float32Array.from([1]) } }, { clips, documents: [], vectors: { rows: 0, width: 1, data: new Float32Array() } }, LONG_VIDEO);
    assert.deepEqual(nothing.clips, []);
  });
});

describe("a reel", () => {
  const reel = reelOf([{ startMs: 600 * S, endMs: 620 * S }, { startMs: 3605 * S, endMs: 3625 * S }]);
  it("counts from the beginning of what is shown", () => {
    assert.equal(reel.toReel(605 * S), 5 * S);
    assert.equal(reel.toReel(3610 * S), 25 * S);
    assert.equal(reel.toVideo(25 * S), 3610 * S);
    assert.equal(reel.durationMs, 40 * S);
  });
  it("gives times in the model's words back to the video, and leaves others", () => {
    assert.equal(reel.restore("at 00:05 and 00:25, not 09:59 or 1:2 or 10:20:30:40"), "at 10:05 and 1:00:10, not 09:59 or 1:2 or 10:20:30:40");
    assert.equal(reel.hide("before 10:05 or 1:00:10, not 20:00"), "before 00:05 or 00:25, not 20:00");
  });
  it("holds back what may become a time", () => {
    const restorer = reel.restorer();
    assert.deepEqual([restorer.push("at 0"), restorer.push("0:"), restorer.push("25 it"), restorer.push(" 00:0"), restorer.push("5"), restorer.end()], ["at ", "", "1:00:10 it", " ", "", "10:05"]);
  });
});
