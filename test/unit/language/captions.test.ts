import assert from "node:assert/strict";
import { TextDocument } from "vscode-languageserver-textdocument";
import { LanguageError, NETFLIX_ENGLISH, type CaptionStyle } from "../../../server/src/language/service.js";
import { applied, at, marked, MemoryWorkspace, service } from "./support.js";

const STYLE: CaptionStyle = { ...NETFLIX_ENGLISH, minGapMs: 100, minDurationMs: 1000, maxCharactersPerSecond: 10, maxLineLength: 20 };
const language = service({ captionStyle: () => STYLE });

const FILES = { srt: "file:///films/clip.en.srt", vtt: "file:///films/clip.vtt", vqa: "file:///films/clip.vqa" };
type Kind = keyof typeof FILES;

function file(kind: Kind, text: string) {
  const { cursor, range, document } = marked(text, FILES[kind]);
  const languageId = { srt: "subrip", vtt: "plaintext", vqa: "vqa" }[kind];
  return { cursor, range, document: TextDocument.create(FILES[kind], languageId, 1, document.getText()) };
}

/** Cues without counters, in the writing of each kind of file: `1.0-2.5 text` a line, `|` for a line end. */
function film(kind: Kind, ...cues: readonly string[]): string {
  const time = (seconds: string): string => `00:00:${Number(seconds).toFixed(3).padStart(6, "0")}`.replace(".", kind === "srt" ? "," : ".");
  const blocks = cues.map((cue, i) => {
    const [, from = "", to = "", text = ""] = /^([\d.]+)-([\d.]+) ?(.*)$/.exec(cue) ?? [];
    return `${kind === "srt" ? `${i + 1}\n` : ""}${time(from)} --> ${time(to)}\n${text.replaceAll("|", "\n")}${text === "" ? "" : "\n"}`;
  });
  return { srt: "", vtt: "WEBVTT\n\n", vqa: "VQA 1\nvideo: clip.mp4\n\n" }[kind] + blocks.join("\n");
}

describe("checks of subtitles", () => {
  const cases: readonly (readonly [title: string, cues: readonly string[], expected: readonly string[]])[] = [
    ["nothing to say about good ones", ["1-3 A knob of butter", "3.1-5 and salt"], []],
    ["an overlap, at the start of the later one", ["1-3 one", "2.9-5 two"], ["warning cue-overlap 00:00:02.900"]],
    ["an overlap with a cue further above", ["1-6 one", "2-3 two", "4-5 three"], ["warning cue-overlap 00:00:02.000", "warning cue-overlap 00:00:04.000"]],
    ["a gap below the limit", ["1-3 one", "3.05-5 two"], ["hint cue-gap 00:00:03.050"]],
    ["no gap at all", ["1-3 one", "3-5 two"], ["hint cue-gap 00:00:03.000"]],
    ["cues out of order, by their times", ["3-5 two", "1-3.5 one"], ["warning cue-overlap 00:00:03.000"]],
    ["too short a time", ["1-1.5 one"], ["hint cue-too-short 00:00:01.000 --> 00:00:01.500"]],
    ["too long a time", ["1-9 one"], ["hint cue-too-long 00:00:01.000 --> 00:00:09.000"]],
    ["exactly the limits", ["1-2 one", "2.1-9.1 ten"], []],
    ["too many characters a second", ["1-2 twelve chars"], ["hint cue-too-fast 00:00:01.000 --> 00:00:02.000"]],
    ["characters that are seen, not markup", ["1-2 <v Al><i>ten</i> &amp; 1234"], []],
    ["long lines, each", ["1-7.5 this line is far too long|short|this is the longest one"], ["hint cue-line-too-long this line is far too long", "hint cue-line-too-long this is the longest one", "hint cue-too-many-lines this is the longest one"]],
    ["accents and emoji as one character each", ["1-6 e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301 👨‍👩‍👧"], []],
  ];
  for (const kind of ["srt", "vtt", "vqa"] as const) {
    for (const [title, cues, expected] of cases) {
      it(`.${kind}: ${title}`, () => {
        const { document } = file(kind, film(kind, ...cues));
        const found = language.diagnostics(document).map(({ severity, code, range }) => `${["", "error", "warning", "hint"][severity ?? 0]} ${code} ${at(document, range).replaceAll(",", ".")}`);
        assert.deepEqual(found, expected);
      });
    }
  }

  it("tells of what a player drops in subtitle files", () => {
    const { document } = file("srt", "1\n00:00:01,000 --> soon\nwords\n\n2\n00:00:05,000 --> 00:00:04,000\nreversed\n");
    assert.deepEqual(language.diagnostics(document).map(({ severity, code, range }) => [severity, code, range.start.line]), [[1, "cue-unreadable", 1], [1, "cue-ends-first", 5]]);
  });

  it("switches off, wholly and one limit after the other", () => {
    const { document } = file("srt", film("srt", "1-1.01 one two three four five six seven|a|b", "1.02-30 two"));
    const codes = (style: CaptionStyle): number => service({ captionStyle: () => style }).diagnostics(document).length;
    assert.equal(codes({ ...STYLE, check: false }), 0);
    assert.equal(codes({ check: true, minGapMs: 0, minDurationMs: 0, maxDurationMs: 0, maxCharactersPerSecond: 0, maxLineLength: 0, maxLines: 0 }), 0);
    assert.equal(codes(STYLE), 6);
  });

  it("says that there are more than it shows", () => {
    const { document } = file("srt", film("srt", ...Array.from({ length: 1200 }, () => "1-2 one")));
    const found = language.diagnostics(document);
    assert.equal(found.length, 1001);
    assert.match(String(found.at(-1)?.message), /^199 more/);
  });

  it("leaves everything else of subtitle files alone", async () => {
    const { document } = file("srt", "# Q\n1\n00:00:01,000 --> 00:00:03,000\nQ: who?\nA: me\n");
    const all = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    assert.deepEqual(language.documentSymbols(document), []);
    assert.deepEqual(language.formatting(document, undefined), []);
    assert.deepEqual(await language.codeLenses(document, new Set()), []);
    assert.deepEqual(language.semanticTokens(document, undefined).data, []);
    assert.deepEqual(language.inlayHints(document, all), []);
    assert.equal(await language.hover(document, { line: 2, character: 3 }, { markdown: true }), undefined);
  });
});

describe("fixes of subtitles", () => {
  async function check(kind: Kind, before: readonly string[], title: RegExp, after: readonly string[]): Promise<void> {
    const { document } = file(kind, film(kind, ...before));
    const whole = { start: { line: 0, character: 0 }, end: document.positionAt(Infinity) };
    const actions = await language.codeActions(document, whole, { commands: new Set(), only: ["quickfix"], diagnostics: [...language.diagnostics(document)] });
    const action = actions.find((one) => title.test(one.title));
    assert.ok(action, `there is only: ${actions.map((one) => one.title).join("; ")}`);
    assert.equal(action.diagnostics?.length, 1);
    const edits = action.edit?.changes?.[document.uri];
    assert.equal(applied(document, edits), film(kind, ...after));
    for (const { range, newText } of edits ?? []) assert.ok(at(document, range).length <= 12 && newText.length <= 12, "a small edit");
  }

  for (const kind of ["srt", "vtt", "vqa"] as const) {
    it(`.${kind}: ends the earlier one`, () => check(kind, ["1-3 one", "2.9-5 two"], /^End the cue before/, ["1-2.8 one", "2.9-5 two"]));
    it(`.${kind}: begins the later one`, () => check(kind, ["1-3 one", "2.9-5 two"], /^Begin/, ["1-3 one", "3.1-5 two"]));
    it(`.${kind}: widens a gap`, () => check(kind, ["1-3 one", "3-5 two"], /^End/, ["1-2.9 one", "3-5 two"]));
    it(`.${kind}: shows it longer`, () => check(kind, ["1-1.5 one", "3-5 two"], /^Show it until/, ["1-2 one", "3-5 two"]));
    it(`.${kind}: shows it earlier where later there is no room`, () => check(kind, ["2-2.5 one", "2.6-5 two"], /^Show it from/, ["1.5-2.5 one", "2.6-5 two"]));
    it(`.${kind}: shows it shorter`, () => check(kind, ["1-9 one"], /^Show it until/, ["1-8 one"]));
    it(`.${kind}: gives time to read`, () => check(kind, ["1-2 twelve chars"], /^Show it until/, ["1-2.2 twelve chars"]));
    it(`.${kind}: breaks a long line in the middle`, () => check(kind, ["1-6 this line is far too long"], /^Break it into 2/, ["1-6 this line is|far too long"]));
    it(`.${kind}: puts three lines into two`, () => check(kind, ["1-6 this is|far too|long still"], /^Break it into 2/, ["1-6 this is far|too long still"]));
  }

  it("offers nothing where a fix would make another problem", async () => {
    const { document, range } = file("srt", film("srt", "1-2 ten chars!", "2.05-3.05 ten chars!", "3.1-4.1 ten chars!"));
    const actions = await language.codeActions(document, { start: range.start, end: document.positionAt(Infinity) }, { commands: new Set() });
    assert.deepEqual(actions.map(({ title }) => title), []);
  });

  it("leaves the lines of two speakers apart: they may become two cues, never one line", async () => {
    const { document } = file("srt", film("srt", "1-8 - this line is far too long|- no, not"));
    const actions = await language.codeActions(document, { start: { line: 0, character: 0 }, end: document.positionAt(Infinity) }, { commands: new Set(), only: ["quickfix"] });
    assert.deepEqual(actions.map(({ title }) => title), ["Split the cue"]);
    assert.match(applied(document, actions[0]!.edit?.changes?.[document.uri]), /\n- this line is\nfar too long\n\n2\n.*\n- no, not\n$/);
  });
});

describe("cues that are divided", () => {
  const whole = (document: TextDocument) => ({ start: { line: 0, character: 0 }, end: document.positionAt(Infinity) });
  async function split(kind: Kind, text: string, title = /^Split/): Promise<string | undefined> {
    const { document, cursor, range } = file(kind, text);
    const actions = await language.codeActions(document, cursor === undefined ? range : { start: cursor, end: cursor }, { commands: new Set(), only: ["refactor.rewrite"] });
    const action = actions.find((one) => title.test(one.title));
    return action && applied(document, action.edit?.changes?.[document.uri]);
  }

  for (const kind of ["srt", "vtt", "vqa"] as const) {
    it(`.${kind}: where a sentence ends, the time shared by the characters`, async () => {
      const before = film(kind, "1-7 We begin now.|And then it goes on");
      const { document } = file(kind, before);
      const actions = await language.codeActions(document, { start: document.positionAt(before.indexOf("-->")), end: document.positionAt(before.indexOf("-->")) }, { commands: new Set(), only: ["refactor.rewrite"] });
      const action = actions.find(({ title }) => title === "Split the cue");
      // 13 and 19 characters of 32; 5900 ms beside the gap of 100.
      assert.equal(applied(document, action?.edit?.changes?.[document.uri]), film(kind, "1-3.397 We begin now.", "3.497-7 And then it goes on"));
    });

    it(`.${kind}: a fix where the lines cannot hold it`, async () => {
      const text = film(kind, "1-8 one two three four five six seven eight nine ten eleven|twelve", "9-10 end");
      const { document } = file(kind, text);
      const actions = await language.codeActions(document, whole(document), { commands: new Set(), only: ["quickfix"] });
      const fixed = applied(document, actions.find(({ title }) => title === "Split the cue")?.edit?.changes?.[document.uri]);
      const again = file(kind, fixed).document;
      assert.deepEqual(language.diagnostics(again).filter(({ code }) => code === "cue-line-too-long" || code === "cue-too-many-lines"), []);
      assert.deepEqual(fixed.split(/\s+/).filter((word) => /^[a-z]+$/.test(word) && word !== "video"), [..."one two three four five six seven eight nine ten eleven twelve end".split(" ")]);
    });
  }

  it("at the cursor", async () => {
    const text = "1\n00:00:01,000 --> 00:00:05,000\nabcd ‸efgh ijkl\n";
    assert.equal(await split("srt", text, /^Split the cue here$/), "1\n00:00:01,000 --> 00:00:02,200\nabcd\n\n2\n00:00:02,300 --> 00:00:05,000\nefgh ijkl\n");
  });

  it("keep their settings, their styles whole, and the counters of those below counting on", async () => {
    const vtt = "WEBVTT\n\nname\n00:01.000 --> 00:05.000 align:start\n<i>one two</i> three‸\n";
    assert.equal(await split("vtt", vtt.replace("‸", ""), /x/), undefined);
    const { document } = file("vtt", vtt.replace("‸", ""));
    const actions = await language.codeActions(document, { start: { line: 3, character: 0 }, end: { line: 3, character: 0 } }, { commands: new Set(), only: ["refactor.rewrite"] });
    const done = applied(document, actions.find(({ title }) => title === "Split the cue")?.edit?.changes?.[document.uri]);
    assert.match(done, /^WEBVTT\n\nname\n00:01\.000 --> 00:0\d\.\d{3} align:start\n<i>one two<\/i>\n\n00:0\d\.\d{3} --> 00:05\.000 align:start\nthree\n$/);
    const srt = "5\n00:00:01,000 --> 00:00:05,000\nab ‸cd\n\n6\n00:00:06,000 --> 00:00:07,000\nx\n\n9\n00:00:08,000 --> 00:00:09,000\ny\n";
    const counted = await split("srt", srt, /here$/);
    assert.deepEqual(counted?.match(/^\d$/gm), ["5", "6", "7", "9"]);
  });

  it("are not offered where words have times, where a style would be cut, and where there is one word", async () => {
    for (const text of ["<00:01.500>one <00:02.000>two", "<i>one two</i>", "one"]) {
      const { document } = file("vtt", `WEBVTT\n\n00:01.000 --> 00:05.000\n${text}\n`);
      const actions = await language.codeActions(document, { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } }, { commands: new Set(), only: ["refactor.rewrite"] });
      assert.deepEqual(actions.filter(({ title }) => /^Split/.test(title)), [], text);
    }
  });
});

describe("all fixes at once", () => {
  async function fixAll(kind: Kind, cues: readonly string[]): Promise<string | undefined> {
    const { document } = file(kind, film(kind, ...cues));
    const actions = await language.codeActions(document, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, { commands: new Set(), only: ["source.fixAll"] });
    assert.ok(actions.length <= 1);
    return actions[0] && applied(document, actions[0].edit?.changes?.[document.uri]);
  }

  for (const kind of ["srt", "vtt", "vqa"] as const) {
    it(`.${kind}: puts right what needs no decision, and leaves the rest`, async () => {
      const done = await fixAll(kind, ["1-3 one", "2.9-5 two", "5-7 three", "8-8.5 four", "20-26 this line is far too long", "30-32 well", "40-40.2 much too much for so little time, and nowhere to go", "40.3-42 on"]);
      assert.equal(done, film(kind, "1-2.8 one", "2.9-4.9 two", "5-7 three", "8-9 four", "20-26 this line is|far too long", "30-32 well", "40-40.2 much too much for so little time, and nowhere to go", "40.3-42 on"));
    });

    it(`.${kind}: divides what no lines can hold, and counts on`, async () => {
      const long = "1-7.9 one two three four five six seven eight nine ten";
      const done = await fixAll(kind, [long, "9-10 a", "11-18 one two three four five six seven eight nine ten", "20-21 b"]);
      assert.ok(done !== undefined);
      const after = file(kind, done).document;
      assert.deepEqual(language.diagnostics(after).filter(({ code }) => code === "cue-line-too-long" || code === "cue-too-many-lines"), []);
      if (kind === "srt") assert.deepEqual(done.match(/^\d+$/gm), Array.from({ length: done.match(/-->/g)!.length }, (_, i) => String(i + 1)));
    });

    it(`.${kind}: is silent where there is nothing to do`, async () => {
      assert.equal(await fixAll(kind, ["1-3 one", "3.1-5 two"]), undefined);
    });
  }

  it("is offered only to those who ask for it", async () => {
    const { document } = file("srt", film("srt", "1-3 one", "2.9-5 two"));
    const actions = await language.codeActions(document, { start: { line: 0, character: 0 }, end: document.positionAt(Infinity) }, { commands: new Set() });
    assert.ok(actions.every(({ kind }) => kind !== "source.fixAll.vqa"));
  });

  it("changes only the lines that it has to, of thousands of cues", async () => {
    const cues = Array.from({ length: 3000 }, (_, i) => `${i * 3}-${i * 3 + 2} word${i}`).map((cue, i) => (i % 50 === 7 ? cue.replace(/-(\d+) /, (_, to: string) => `-${Number(to) + 1.05} `) : cue));
    const text = cues.map((cue, i) => {
      const [, from = "", to = "", words = ""] = /^([\d.]+)-([\d.]+) (.*)$/.exec(cue)!;
      const time = (s: string): string => new Date(Number(s) * 1000).toISOString().slice(11, 23).replace(".", ",");
      return `${i + 1}\n${time(from)} --> ${time(to)}\n${words}\n`;
    }).join("\n");
    const { document } = file("srt", text);
    const [action] = await language.codeActions(document, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, { commands: new Set(), only: ["source.fixAll.vqa"] });
    const edits = action?.edit?.changes?.[document.uri] ?? [];
    assert.equal(edits.length, 60);
    assert.ok(edits.every(({ range }) => range.end.line - range.start.line <= 1));
    assert.deepEqual(language.diagnostics(TextDocument.create("file:///a.srt", "srt", 1, applied(document, edits))), []);
  });
});

describe("times and counters of many cues", () => {
  const srt = "1\n0:00:01,5 --> 00:00:02,000\none\n\n7\n00:01:00,000 --> 00:01:01,000 X1:5\ntwo\n\n9\n01:00:00,000 --> 01:00:01,000\nthree\n";

  it("shifts all, in the writing of the file", () => {
    const { document } = file("srt", srt);
    assert.equal(applied(document, language.captions.shift(document, undefined, 1250)), "1\n0:00:02,750 --> 00:00:03,250\none\n\n7\n00:01:01,250 --> 00:01:02,250 X1:5\ntwo\n\n9\n01:00:01,250 --> 01:00:02,250\nthree\n");
  });

  it("shifts those of a selection, and words that have times", () => {
    const { document, range } = file("vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:03.000 ‹--> 00:04.000\n<00:03.500>two\n\n00:05.000› --> 00:06.000 align:start\nthree");
    assert.equal(applied(document, language.captions.shift(document, range, -500)), "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:02.500 --> 00:03.500\n<00:03.000>two\n\n00:04.500 --> 00:05.500 align:start\nthree");
  });

  it("refuses a time before the video, and changes nothing then", () => {
    const { document } = file("srt", srt);
    assert.throws(() => language.captions.shift(document, undefined, -1501), LanguageError);
    assert.throws(() => language.captions.shift(document, undefined, 0.5), LanguageError);
    assert.throws(() => language.captions.shift(file("vqa", "VQA 1\n").document, undefined, 1), LanguageError);
  });

  it("stretches between two points", () => {
    const { document } = file("vqa", film("vqa", "10-12 one", "20-22 two"));
    const edits = language.captions.scale(document, undefined, [{ fromMs: 10_000, toMs: 11_000 }, { fromMs: 20_000, toMs: 31_000 }]);
    assert.equal(applied(document, edits), film("vqa", "11-15 one", "31-35 two"));
  });

  it("refuses points that turn time around, or are one", () => {
    const { document } = file("vqa", film("vqa", "10-12 one"));
    assert.throws(() => language.captions.scale(document, undefined, [{ fromMs: 1, toMs: 1 }, { fromMs: 1, toMs: 2 }]), LanguageError);
    assert.throws(() => language.captions.scale(document, undefined, [{ fromMs: 1, toMs: 3 }, { fromMs: 2, toMs: 2 }]), LanguageError);
    assert.throws(() => language.captions.scale(document, undefined, [{ fromMs: 1, toMs: 3 }, { fromMs: 2, toMs: 3 }]), LanguageError);
  });

  it("counts anew, and gives a counter to cues without one", () => {
    const { document } = file("srt", "5\n00:00:01,000 --> 00:00:02,000\none\n\n00:00:03,000 --> 00:00:04,000\n12\n\n7\n00:00:05,000 --> 00:00:06,000\nthree\n");
    assert.equal(applied(document, language.captions.renumber(document, undefined)), "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:00:03,000 --> 00:00:04,000\n12\n\n3\n00:00:05,000 --> 00:00:06,000\nthree\n");
  });

  it("counts a selection on from the cue above, and leaves names alone", () => {
    const { document, range } = file("vtt", "WEBVTT\n\n4\n00:01.000 --> 00:02.000\na\n\nintro\n00:03.000 --> 00:04.000\n‹b\n\n1\n00:05.000 --> 00:06.000\n›c\n\n2\n00:07.000 --> 00:08.000\nd\n");
    assert.equal(applied(document, language.captions.renumber(document, range)), document.getText().replace("\n\n1\n", "\n\n5\n"));
  });

  it("offers it as a rewrite only where a number is wrong", async () => {
    for (const [text, expected] of [["2\n00:00:01,000 --> 00:00:03,000\none\n", ["Renumber the cues"]], ["1\n00:00:01,000 --> 00:00:03,000\none\n", []]] as const) {
      const { document } = file("srt", text);
      const all = { start: { line: 0, character: 0 }, end: document.positionAt(Infinity) };
      assert.deepEqual((await language.codeActions(document, all, { commands: new Set(), only: ["refactor"] })).map(({ title }) => title), expected);
    }
  });
});

describe("new cues", () => {
  const note = (count: number): string => `${count} by a model`;
  const insert = (kind: Kind, text: string, ...made: { startMs: number; endMs: number; text: string }[]): string => {
    const { document } = file(kind, text);
    return applied(document, language.captions.insert(document, made, note));
  };

  it("stand in order of time, below a note of where they come from", () => {
    const made = [{ startMs: 3000, endMs: 4000, text: "A man walks\n\nslowly" }, { startMs: 500, endMs: 900, text: "<b> --> & Q: x" }];
    assert.equal(
      insert("vtt", film("vtt", "1-2 one", "5-6 two"), ...made),
      "WEBVTT\n\nNOTE 1 by a model\n\n00:00:00.500 --> 00:00:00.900\n&lt;b&gt; -&gt; &amp; Q: x\n\n00:00:01.000 --> 00:00:02.000\none\n\nNOTE 1 by a model\n\n00:00:03.000 --> 00:00:04.000\nA man walks slowly\n\n00:00:05.000 --> 00:00:06.000\ntwo\n",
    );
  });

  it("count on in SubRip, and those below them too", () => {
    assert.equal(
      insert("srt", film("srt", "1-2 one", "5-6 two"), { startMs: 3000, endMs: 4000, text: "new" }),
      film("srt", "1-2 one", "3-4 new", "5-6 two"),
    );
    assert.equal(insert("srt", "", { startMs: 3000, endMs: 4000, text: "new" }), film("srt", "3-4 new"));
  });

  it("that say the same become one", () => {
    const [a, b] = [{ startMs: 1000, endMs: 2000, text: "same" }, { startMs: 2100, endMs: 3000, text: "same" }];
    assert.equal(insert("srt", "", a, b), film("srt", "1-3 same"));
  });

  it("are wanted where there are none, at the borders of scenes, with a gap", () => {
    const { document } = file("vqa", "VQA 1\nvideo: clip.mp4\n\n@0:00..0:03 scene\n\n00:00:05.000 --> 00:00:06.000\nhere\n");
    const windows = language.captions.windows(document, [{ startMs: 0, endMs: 10_000 }], 4000);
    assert.deepEqual(windows.map(({ startMs, endMs }) => [startMs, endMs]), [[0, 2900], [3000, 4900], [6100, 10_000]]);
  });

  it("begin where a cue has a time and no text", () => {
    const at = (text: string) => {
      const { document, cursor } = file("srt", text);
      return language.captions.emptyCue(document, cursor);
    };
    assert.deepEqual(at("1\n00:00:01,000 --> 00:00:03,000\n‸\n"), { startMs: 1000, endMs: 3000 });
    assert.deepEqual(at("1\n00:00:01,000 --> 00:00:03,000\n‸"), { startMs: 1000, endMs: 3000 });
    assert.equal(at("1\n00:00:01,000 --> 00:00:03,000‸\n\n"), undefined);
    assert.equal(at("1\n00:00:01,000 --> 00:00:03,000\n‸words\n"), undefined);
    assert.equal(at("1\n00:00:03,000 --> 00:00:03,000\n‸\n"), undefined);
  });

  it("are about the video beside a subtitle file that has its name", async () => {
    const workspace = new MemoryWorkspace({ "file:///films/clip.mp4": "", "file:///films/clips.mp4": "", "file:///films/clip.en.txt": "" });
    const { captions } = service({ workspace });
    assert.equal(await captions.video(file("srt", "").document), "file:///films/clip.mp4");
    assert.equal(await captions.video(file("vqa", "VQA 1\nvideo: other.mp4\n").document), "file:///films/other.mp4");
    assert.equal(await captions.video(TextDocument.create("file:///films/cl.srt", "subrip", 1, "")), undefined);
  });
});
