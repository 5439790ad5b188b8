import assert from "node:assert/strict";
import { choiceLetter, choiceOf, cueVoice, findRun, formatChoice, formatSampling, formatScope, Header, parse, plainCueText, readNotebook, runId } from "../../../server/src/format/index.js";

const read = (text: string) => readNotebook(parse(text));

describe("scopes of questions", () => {
  /** `expected`: origin and spans of each question. */
  const check = (title: string, input: string, ...expected: string[]): void => {
    it(title, () => {
      const scopes = read(`VQA 1\n\n${input}`).questions.map(({ scope }) => `${scope.origin} ${formatScope(scope.spans)}`.trim());
      assert.deepEqual(scopes, expected);
    });
  };
  check("without any the whole video", "Q: a", "video");
  check("the question's own", "@ 00:01..00:02\nQ @00:05: a", "question 00:00:05.000");
  check("the last segment's", "@ 00:01\n@ 00:02..00:03, 00:04\nQ: a\nQ: b", "segment 00:00:02.000..00:00:03.000, 00:00:04.000", "segment 00:00:02.000..00:00:03.000, 00:00:04.000");
  check("until the next heading", "@ 00:01\n# h\nQ: a\n@ 00:02\nQ: b", "video", "segment 00:00:02.000");
  check("a segment that cannot be read is not passed over", "@ 00:01\n\n@ 00:0x\nQ: a", "invalid");
  check("nor is a scope of the question", "@ 00:01\nQ @00:99: a", "invalid");
  check("an opaque line does not end it", "@ 00:01\n\n@someone said\n\nQ: a", "segment 00:00:01.000");

  it("names the segment it comes from", () => {
    const { questions, segments } = read("VQA 1\n\n@ 00:01 label\nQ: a");
    const scope = questions[0]?.scope;
    assert.ok(scope?.origin === "segment" && scope.segment === segments[0]);
  });
});

describe("answers of questions", () => {
  const text = `VQA 1

Q one: What?
  More of it.
  - [ ] red
  - [x] blue
A ann: it is blue
  or dark blue
NOTE between

M 0123abcd 0123456789ab p=0.9: (B) blue
A: navy

Q: Second
# Section
A lost: nobody asked
M 0123abcd 0123456789ab: nor here
`;
  const { questions, orphans } = read(text);
  const [first, second] = questions;

  it("belong to the question above", () => {
    assert.deepEqual(first?.references.map((r) => [r.author, r.text]), [["ann", "it is blue\nor dark blue"], [undefined, "navy"]]);
    assert.deepEqual(first?.answers.map((a) => [a.run8, a.in12, a.text]), [["0123abcd", "0123456789ab", "(B) blue"]]);
    assert.deepEqual(first?.answers[0]?.fields.map((f) => [f.key, f.value]), [["p", "0.9"]]);
    assert.equal(second?.references.length, 0);
  });

  it("belong to none after a heading", () => assert.deepEqual(orphans.map((block) => block.kind), ["reference", "model"]));

  it("do not fall to the question before a broken one", () => {
    const notebook = read("VQA 1\n\nQ a: b\nQ c\nA: d");
    assert.equal(notebook.questions[0]?.references.length, 0);
    assert.equal(notebook.orphans.length, 1);
  });

  it("come with text, choices and gold", () => {
    assert.equal(first?.text, "What?\nMore of it.");
    assert.deepEqual(first?.choices.map((c) => c.text), ["red", "blue"]);
    assert.deepEqual(first?.gold, [1]);
    assert.deepEqual([first?.id, second?.id, second?.ordinal], ["one", "#2", 2]);
  });

  it("say what keeps a question from being asked", () => {
    const obstacles = read("VQA 1\n\nQ: a\nQ:\nQ @00:99: b").questions.map((q) => q.obstacle);
    assert.deepEqual(obstacles, [undefined, "The question has no text.", "Its scope cannot be read."]);
  });
});

describe("the header", () => {
  const header = Header.of(parse("VQA 1\nvideo: a b.mp4\nvideo:\nvideo:c.mp4\nmodel: m\nsampling: uniform 16\ncontext: subtitles\nx-own: 1\nempty:\n\nvideo: not.mp4\n"));

  it("gives repeated, known and unknown keys", () => {
    assert.deepEqual(header.videos, ["a b.mp4", "c.mp4"]);
    assert.equal(header.model, "m");
    assert.deepEqual(header.sampling, { strategy: "uniform", frames: 16, mode: "exact" });
    assert.equal(header.context, "subtitles");
    assert.equal(header.get("x-own"), "1");
    assert.equal(header.get("empty"), undefined);
    assert.equal(header.get("none"), undefined);
  });

  it("gives the mode of the sampling", () => {
    const sampling = (value: string) => Header.of(parse(`VQA 1\nsampling: ${value}\n`)).sampling;
    assert.deepEqual(sampling("uniform 8 keyframe"), { strategy: "uniform", frames: 8, mode: "keyframe" });
    assert.deepEqual(sampling("uniform 8 exact"), { strategy: "uniform", frames: 8, mode: "exact" });
    assert.equal(sampling("uniform 8 nearest"), undefined);
  });

  it("gives other ways of sampling, and prints them as they were", () => {
    const sampling = (value: string) => Header.of(parse(`VQA 1\nsampling: ${value}\n`)).sampling;
    assert.deepEqual(sampling("segment 4"), { strategy: "segment", frames: 4, mode: "exact" });
    assert.deepEqual(sampling("scenes 16 keyframe"), { strategy: "scenes", frames: 16, mode: "keyframe" });
    assert.deepEqual(sampling("fps 1"), { strategy: "fps", rate: 1, mode: "exact" });
    assert.deepEqual(sampling("fps 0.5 max 32 keyframe"), { strategy: "fps", rate: 0.5, frames: 32, mode: "keyframe" });
    for (const value of ["uniform 16", "segment 4 keyframe", "scenes 9", "fps 1", "fps 0.25 max 8", "fps 2 max 3 keyframe"]) assert.equal(formatSampling(sampling(value)!), value);
  });

  it("gives nothing for what it cannot read", () => {
    for (const value of ["16", "uniform 0", "uniform 1.5", "uniform -1", "random 8", "fps", "fps 0", "fps 0.0", "fps -1", "fps 1 max", "fps 1 max 0", "uniform 4 max 8", "fps 1e3", "scenes"]) {
      assert.equal(Header.of(parse(`VQA 1\nsampling: ${value}\ncontext: ${value}\n`)).sampling, undefined, value);
      assert.equal(Header.of(parse(`VQA 1\nsampling: ${value}\ncontext: ${value}\n`)).context, undefined, value);
    }
  });
});

describe("cues", () => {
  const check = (input: string, expected: string): void => {
    it(`shows ${JSON.stringify(input)} as ${JSON.stringify(expected)}`, () => {
      assert.equal(plainCueText(input.split("\n").map((text) => ({ text }))), expected);
    });
  };
  check("<v Ann>Hi <b>you</b></v>", "Hi you");
  check("a <00:00:01.000>b", "a b");
  check("&lt;b&gt; &amp;amp; &nbsp;", "<b> &amp; \u00a0");
  check("1 < 2", "1 < 2");
  check("&unknown; &", "&unknown; &");
  check("<c.x\ny>two</c>\nlines", "two\nlines");

  it("know their speaker", () => {
    const voice = (text: string): string | undefined => cueVoice([{ text }]);
    assert.equal(voice("<v Ann Lee>Hi"), "Ann Lee");
    assert.equal(voice("<v.loud Ann>Hi"), "Ann");
    assert.equal(voice("<video>Hi"), undefined);
    assert.equal(voice("<v Ann"), undefined);
    assert.equal(voice("Hi"), undefined);
  });

  it("that end before they start are left out", () => {
    const { cues } = read("VQA 1\n\n00:02 --> 00:01\na\n\n00:01 --> 00:02\n<v X>b\nc\n");
    assert.deepEqual(cues.map(({ startMs, endMs, text, voice }) => ({ startMs, endMs, text, voice })), [{ startMs: 1000, endMs: 2000, text: "b\nc", voice: "X" }]);
  });
});

describe("choices", () => {
  it("are lettered", () => assert.deepEqual([0, 1, 25, 26, 27, 701, 702].map(choiceLetter), ["A", "B", "Z", "AA", "AB", "ZZ", "AAA"]));

  const choices = ["red", "Blue", "(C) odd"];
  const check = (answer: string, expected: number | undefined): void => {
    it(`${JSON.stringify(answer)} names ${expected}`, () => assert.equal(choiceOf(answer, choices), expected));
  };
  check(formatChoice(1, "Blue"), 1);
  check("(B)", 1);
  check(" blue ", 1);
  check("(A) blue", 1);
  check("(B) green", undefined);
  check("(D)", undefined);
  check("green", undefined);
  check("", undefined);
  check(formatChoice(2, "(C) odd"), 2);
  check("(C) odd", 2);
});

describe("runs", () => {
  it("are found by id, the intact one of several first", () => {
    const id = runId([["model", "m"]]);
    const notebook = read(`VQA 1\n\nRUN ${id}\n  model: other\n\nRUN ${id}\n  model: m\n`);
    assert.equal(findRun(notebook, id), notebook.runs[1]);
    assert.equal(findRun(notebook, "00000000"), undefined);
  });
});
