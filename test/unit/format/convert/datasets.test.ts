import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatNamed, Losses, recognise, type ConvertRecord, type DatasetFormat, type Found } from "../../../../server/src/format/index.js";
import { readAll, source, writeAll } from "../../../support/convert.js";
import { repoRoot } from "../../../support/repo.js";

const file = (name: string): string => readFileSync(join(repoRoot, "test/fixtures/convert", name), "utf8");

/** Reads files as the command does: the format found out, or given where it is not certain. */
async function read(names: readonly string[], format?: string): Promise<{ format: DatasetFormat; found: Found[]; losses: Record<string, number> }> {
  const all = names.map((name) => (format === undefined ? recognise(file(name), name) : (formatNamed(format) ?? assert.fail(format))));
  assert.equal(new Set(all).size, 1);
  const losses = new Losses();
  const [first] = all;
  const found = await readAll(first as DatasetFormat, names.map((name) => source(name, file(name), 11)), losses);
  return { format: first as DatasetFormat, found, losses: counts(losses) };
}

const counts = (losses: Losses): Record<string, number> => Object.fromEntries(losses.list().map(({ code, count }) => [code, count]));

/** A question in short: only what it has. */
function short({ video, record }: Found): unknown {
  if (record.kind !== "question") return { video, ...record };
  const { id, text, scope, choices, references, fields } = record;
  return {
    video,
    ...(id === undefined ? {} : { id }),
    q: text,
    ...(scope.length === 0 ? {} : { scope: scope.map(({ startMs, endMs }) => [startMs, endMs]) }),
    ...(choices.length === 0 ? {} : { choices: choices.map((choice) => (choice.gold ? `*${choice.text}` : choice.text)) }),
    ...(references.length === 0 ? {} : { a: references.map((reference) => reference.text) }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

/** Writes what was found again, each video a notebook, in the order of the videos. */
async function again(format: DatasetFormat, found: readonly Found[]): Promise<Record<string, string>> {
  const videos = new Map<string, ConvertRecord[]>();
  for (const { video = "file", record } of found) videos.set(video, [...(videos.get(video) ?? []), record]);
  const losses = new Losses();
  const files = await writeAll(format, [...videos].map(([video, records]) => ({ source: `${video}.vqa`, video, records: [{ kind: "header", entries: [["dataset.video", video]] }, ...records] })), losses);
  assert.deepEqual(counts(losses), {});
  return files;
}

describe("datasets", () => {
  it("ActivityNet-QA: answers find their questions in any order, with their types", async () => {
    const { format, found, losses } = await read(["anet_q.json", "anet_a.json"]);
    assert.equal(format.name, "activitynet-qa");
    assert.deepEqual(found.map(short), [
      { video: "abc-DEF_123", id: "v_abc-DEF_123_0", q: "is the person in the hat indoors", a: ["no"], fields: { type: 3 } },
      { video: "abc-DEF_123", id: "v_abc-DEF_123_1", q: "what happens after the cut", a: ["they bow"], fields: { type: 2 } },
      { video: "xyz", id: "v_xyz_0", q: "what is on the table", a: ["a bowl"], fields: { type: 5 } },
    ]);
    assert.deepEqual(losses, { unpaired: 1 });
    const files = await again(format, found);
    assert.deepEqual(JSON.parse(files["_a"] ?? ""), (JSON.parse(file("anet_a.json")) as unknown[]).filter((_, i) => i < 3));
    assert.deepEqual((JSON.parse(files["_q"] ?? "") as unknown[])[0], (JSON.parse(file("anet_q.json")) as unknown[])[0]);
    assert.equal((await read(["anet_q.json"])).found.length, 3, "a test set comes without answers");
  });

  it("ActivityNet Captions: seconds become milliseconds, exactly, and what ends before it starts is told", async () => {
    const { format, found, losses } = await read(["captions.json"]);
    assert.deepEqual(found.map(short), [
      { video: "v_abc", kind: "header", entries: [["dataset.duration", "82.73"]] },
      { video: "v_abc", kind: "segment", scope: [{ startMs: 830, endMs: 19860 }], text: "A woman ties her shoes.", fields: {} },
      { video: "v_abc", kind: "segment", scope: [{ startMs: 17370, endMs: 60810 }], text: "  She runs.", fields: {} },
      { video: "v_abc", kind: "segment", scope: [{ startMs: 56260, endMs: 79420 }], text: "She rests.", fields: {} },
      { video: "v_xyz", kind: "header", entries: [["dataset.duration", "10"]] },
    ]);
    assert.deepEqual(losses, { "bad-scope": 1, segments: 1 });
    const wanted = JSON.parse(file("captions.json")) as Record<string, { timestamps: unknown[]; sentences: unknown[] }>;
    wanted["v_xyz"] = { ...wanted["v_xyz"], timestamps: [], sentences: [] };
    assert.deepEqual(JSON.parse((await again(format, found))[""] ?? ""), wanted);
  });

  for (const [name, fixture, wanted] of [
    ["video-chatgpt", "generic_qa.json", [{ video: "v_cook", q: "What does the cook do?", a: ["He stirs a pot,\nthen tastes."] }, { video: "v_cook", q: "Where?", a: ["In a kitchen."] }]],
    [
      "video-chatgpt-consistency",
      "consistency_qa.json",
      [
        { video: "v_car", q: "What colour is the car?", a: ["It is red."], fields: { consistency: 1 } },
        { video: "v_car", q: "Which colour does the car have?", a: ["It is red."], fields: { consistency: 2 } },
      ],
    ],
    ["msrvtt-qa", "msrvtt.json", [{ video: "6513", id: "158581", q: "who is singing?", a: ["man"], fields: { category_id: 14 } }]],
    ["tgif-qa", "frameqa.tsv", [{ video: "clip_a", id: "FRAMEQA1", q: "what jumps over the fence ?", a: ["sheep"], fields: { type: "0", key: "12" } }]],
    [
      "next-qa",
      "next.csv",
      [
        { video: "4010069381", id: "6", q: "how does the man hold the guitar", choices: ["*on his knee", "over his head, upside down", 'by the "neck"', "under one arm", "behind his back"], fields: { frame_count: "369", width: "640", height: "480", type: "CH" } },
        { video: "4010069381", id: "7", q: "why did he stop", choices: ["tired", "called", "rain", "hungry", "done"], fields: { frame_count: "369", width: "640", height: "480", type: "CW" } },
      ],
    ],
    [
      "tvqa",
      "tvqa.jsonl",
      [
        { video: "show_s01e01_seg01_clip_00", id: "0", q: "What does she hold when she comes in?", scope: [[76010, 84200]], choices: ["A box", "*A cup", "A hat", "A key", "Nothing"], fields: { show_name: "A Show" } },
        { video: "show_s01e01_seg01_clip_00", id: "1", q: "How many?", choices: ["One", "Two", "Three", "Four", "Five"], fields: { show_name: "A Show" } },
      ],
    ],
    ["tgif-qa-choice", "action.tsv", [{ video: "clip_b", id: "ACTION7", q: "What does the dog do 3 times ?", choices: ["jump", "*spin", "sit", "bark", "roll over"], fields: { key: "3" } }]],
    [
      "mvbench",
      "mvbench.json",
      [
        { video: "ZS9XR.mp4", q: "What happened after he opened the book?", scope: [[11100, 17200]], choices: ["Put down the pillow.", "Took the towel.", "*Ate."] },
        { video: "166583.webm", q: "What is pushed?", choices: ["*cup", "box"] },
      ],
    ],
    [
      "video-mme",
      "video_mme.json",
      [
        {
          video: "abcDEF12345", id: "001-1", q: "How many candles are lit?", choices: ["One.", "Two.", "*Three.", "Four."],
          fields: { video_id: "001", duration: "short", domain: "Knowledge", sub_category: "History", url: "https://www.youtube.com/watch?v=abcDEF12345", task_type: "Counting Problem" },
        },
      ],
    ],
    [
      "losslesscut",
      "cuts.csv",
      [
        { video: undefined, kind: "segment", scope: [{ startMs: 12500, endMs: 13875 }], text: "opening", fields: {} },
        { video: undefined, kind: "segment", scope: [{ startMs: 20000, endMs: 31002 }], text: 'knife, then "pan"', fields: {} },
      ],
    ],
  ] as const) {
    it(`${name}: is recognised, read, and written as it was`, async () => {
      const { format, found, losses } = await read([fixture]);
      assert.equal(format.name, name);
      assert.deepEqual(found.map(short), wanted);
      assert.deepEqual(losses, {});
      const written = (await again(format, found))[""] ?? "";
      if (/\.[ct]sv$/.test(fixture)) assert.equal(written, file(fixture));
      else if (fixture.endsWith(".jsonl")) assert.deepEqual(written.trim().split("\n").map((line) => JSON.parse(line) as unknown), file(fixture).trim().split("\n").map((line) => JSON.parse(line) as unknown));
      else assert.deepEqual(JSON.parse(written), JSON.parse(file(fixture)));
    });
  }

  it("MSVD-QA looks like MSRVTT-QA without categories: the user is asked", async () => {
    await assert.rejects(read(["msvd.json"]), /msvd\.json could be of several formats: msvd-qa, msrvtt-qa/);
    const { format, found } = await read(["msvd.json"], "msvd-qa");
    assert.deepEqual(found.map(short), [
      { video: "1301", id: "0", q: "what is sleeping?", a: ["cat"] },
      { video: "1302", id: "1", q: "what is cut?", a: ["onion"] },
    ]);
    assert.deepEqual(JSON.parse((await again(format, found))[""] ?? ""), JSON.parse(file("msvd.json")));
  });

  it("EgoSchema: the known answers find their questions", async () => {
    for (const names of [["ego_questions.json", "ego_answers.json"], ["ego_answers.json", "ego_questions.json"]]) {
      const { format, found, losses } = await read(names);
      assert.equal(format.name, "egoschema");
      assert.deepEqual(found.map(short), [
        { video: "0001-aa", q: "What was the main aim?", choices: ["Cook.", "Clean.", "Paint.", "Read.", "*Repair."], fields: { google_drive_id: "xx" } },
        { video: "0002-bb", q: "Why the pause?", choices: ["A.", "B.", "C.", "D.", "E."], fields: { google_drive_id: "yy" } },
      ]);
      assert.deepEqual(losses, {});
      const files = await again(format, found);
      assert.deepEqual(JSON.parse(files["_questions"] ?? ""), JSON.parse(file("ego_questions.json")));
      assert.deepEqual(JSON.parse(files["_answers"] ?? ""), JSON.parse(file("ego_answers.json")));
    }
  });

  it("NExT-GQA: the parts of the video find their questions", async () => {
    for (const names of [["gqa.csv", "gqa_gsub.json"], ["gqa_gsub.json", "gqa.csv"]]) {
      const { format, found, losses } = await read(names);
      assert.equal(format.name, "next-gqa");
      const fields = { frame_count: "1021", width: "640", height: "480" };
      assert.deepEqual(found.map(short), [
        { video: "10001787725", kind: "header", entries: [["dataset.duration", "34"], ["dataset.fps", "29.97"]] },
        { video: "10001787725", id: "1", q: "why does the girl bend down", scope: [[1200, 5800]], choices: ["dance", "*pick up the toy", "tie her shoe", "fall", "sit"], fields: { ...fields, type: "CW" } },
        { video: "10001787725", id: "3", q: "what does the boy do after he waves", scope: [[12100, 17100], [20000, 23500]], choices: ["*run", "sit", "sing, loudly", "hide", "jump"], fields: { ...fields, type: "TN" } },
      ]);
      assert.deepEqual(losses, {});
      const files = await again(format, found);
      assert.equal(files[""], file("gqa.csv"));
      assert.deepEqual(JSON.parse(files["_gsub.json"] ?? ""), JSON.parse(file("gqa_gsub.json")));
    }
    const losses = new Losses();
    const early = file("gqa_gsub.json").replace("1.2, 5.8", "-0.1, 5.8");
    const found = await readAll(formatNamed("next-gqa") ?? assert.fail(), [source("g", early), source("q", file("gqa.csv"))], losses);
    assert.deepEqual(found.map(({ record }) => record.kind === "question" && record.scope[0]?.startMs), [false, 0, 12100]);
    assert.deepEqual(counts(losses), { "bad-scope": 1 });
  });

  it("ELAN: annotations keep their tiers, and what has no time is told", async () => {
    const { format, found, losses } = await read(["tiers.eaf"]);
    assert.equal(format.name, "elan");
    const scope = [{ startMs: 760, endMs: 1333 }];
    const segments: Found[] = [
      { video: undefined, record: { kind: "segment", scope, text: 'points & "nods"', fields: { tier: "gesture" } } },
      { video: undefined, record: { kind: "segment", scope, text: "THERE <here>", fields: { tier: "gloss" } } },
    ];
    assert.deepEqual(found, [{ video: undefined, record: { kind: "header", entries: [["video", "talk.mp4"]] } }, ...segments]);
    assert.deepEqual(losses, { fields: 3, segments: 1 });
    const written = (await again(format, found))[""] ?? "";
    assert.match(written, /RELATIVE_MEDIA_URL="talk\.mp4"/);
    assert.deepEqual((await readAll(format, [source("again", written)])).slice(1), segments);
  });

  it("ELAN: refuses documents that are cut, bring entities along, or refer to themselves without end", async () => {
    const elan = formatNamed("elan") ?? assert.fail();
    const text = file("tiers.eaf");
    for (const [bad, says] of [
      [text.slice(0, -30), /never closed|cannot be read/],
      [text.replace("<!-- made by hand -->", '<!DOCTYPE x [<!ENTITY a "b">]>'), /f:2: document types are not read/],
      [text.replace("</TIER>", "</TEIR>"), /<\/TEIR> without its beginning/],
      ["<a/>", /its root is <a>/],
      [text.replace('"milliseconds"', '"PAL-frames"'), /counts time in PAL-frames/],
      ["<ANNOTATION_DOCUMENT>".repeat(200), /nested too deep/],
    ] as const) {
      await assert.rejects(readAll(elan, [source("f", bad)]), says);
    }
    const losses = new Losses();
    assert.equal((await readAll(elan, [source("f", text.replace('ANNOTATION_REF="a1"', 'ANNOTATION_REF="a3"'))], losses)).length, 2);
    assert.equal(counts(losses)["segments"], 2);
  });

  for (const [what, format, text, losses] of [
    ["an answer that is no choice", "mvbench", '[{"video":"v","question":"q","candidates":["a"],"answer":"b"}]', { "bad-record": 1 }],
    ["a letter that is no option", "video-mme", '[{"videoID":"v","question":"q","options":["A. a"],"answer":"B"}]', { "bad-record": 1 }],
    ["a number that is no choice", "next-qa", "video,question,answer,qid,a0,a1,a2,a3,a4\nv,q,5,1,a,b,c,d,e\n", { "bad-record": 1 }],
    ["a time that is none", "tvqa", '{"vid_name":"v","qid":1,"q":"q","ts":"9-3","a0":"a","a1":"b","a2":"c","a3":"d","a4":"e","answer_idx":0}', { "bad-scope": 1 }],
    ["a time finer than milliseconds", "losslesscut", "0.0001,2,x\n", { "sub-millisecond": 1 }],
    ["a segment to the end of the video", "losslesscut", "1,,x\n", { "bad-scope": 1, segments: 1 }],
  ] as const) {
    it(`${format} tells of ${what}`, async () => {
      const found = new Losses();
      await readAll(formatNamed(format) ?? assert.fail(), [source("f", text)], found);
      assert.deepEqual(counts(found), losses);
    });
  }

  it("a dataset says what of a notebook it has no place for", async () => {
    const losses = new Losses();
    const format = formatNamed("activitynet-qa") ?? assert.fail();
    const span = { startMs: 0, endMs: 1000 };
    const files = await writeAll(format, [{
      source: "n.vqa",
      video: "films/n.mp4",
      records: [
        { kind: "header", entries: [["video", "films/n.mp4"], ["model", "micro"]] },
        { kind: "segment", scope: [span], text: "a caption", fields: {} },
        { kind: "cue", ...span, id: undefined, settings: "", text: "a word" },
        {
          kind: "question", id: "q1", text: "What?", scope: [span],
          choices: [{ text: "this", gold: true }, { text: "that", gold: false }],
          references: [{ author: "ann", text: "this one" }, { author: undefined, text: "that" }],
          answers: [{ run8: "0123abcd", in12: "0123456789ab", fields: [], text: "x", run: undefined }],
          fields: {},
        },
      ],
    }], losses);
    assert.deepEqual(counts(losses), { header: 1, segments: 1, cues: 1, scope: 1, choices: 1, author: 1, "further-answers": 1, "model-answers": 1, id: 1 });
    assert.deepEqual(JSON.parse(files["_q"] ?? ""), [{ video_name: "n", question: "What?", question_id: "n_q1" }]);
    assert.deepEqual(JSON.parse(files["_a"] ?? ""), [{ answer: "this one", question_id: "n_q1" }]);
  });
});

describe("files of records", () => {
  const jsonl = formatNamed("jsonl") ?? assert.fail();
  const bad = (text: string): Promise<Found[]> => readAll(jsonl, [source("f", text, 3)]);

  it("are refused when they are cut or no JSON", async () => {
    for (const text of ['[{"video":"v","question":"a"}', "[1,]", "[,1]", "[1}", '[{"a":1}] x', '[{"a":}]', '["\\"]', "[nul]"]) await assert.rejects(bad(text), /f is not whole JSON/, text);
  });

  it("are divided at commas outside of strings and brackets only", async () => {
    const record = { video: "v", question: 'a, "b] } \\', fields: { x: [[1, 2], { y: "]" }] } };
    for (const text of [JSON.stringify([record, record]), ` \ufeff[ ${JSON.stringify(record)} ,\r\n${JSON.stringify(record, undefined, 2)}]\n`]) {
      assert.deepEqual((await bad(text)).map(({ record: each }) => each.kind === "question" && [each.text, each.fields]), [[record.question, record.fields], [record.question, record.fields]]);
    }
    assert.deepEqual(await bad("[]"), []);
  });

  it("a single element is not let grow without end", async () => {
    const endless = async function* (): AsyncGenerator<string> {
      yield '[{"video":"v","question":"';
      for (;;) yield "x".repeat(1 << 20);
    };
    await assert.rejects(async () => {
      for await (const _ of jsonl.read([{ name: "endless.json", chunks: endless }], new Losses())) assert.fail();
    }, /endless\.json: element 1 is longer than/);
  });
});
