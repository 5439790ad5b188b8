import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAss } from "../../../server/src/runtime/ffmpeg/subtitles/ass.js";
import { parseSrt, parseVtt } from "../../../server/src/runtime/ffmpeg/subtitles/cueText.js";
import { languageRank } from "../../../server/src/runtime/ffmpeg/subtitles/language.js";
import { plainAss, plainCue } from "../../../server/src/runtime/ffmpeg/subtitles/plain.js";
import { decodeText } from "../../../server/src/runtime/ffmpeg/subtitles/text.js";

const texts = (parsed: { cues: readonly { text: string }[] }) => parsed.cues.map((c) => c.text);

describe("SubRip", () => {
  it("is read", () => {
    assert.deepEqual(parseSrt("1\r\n00:00:01,500 --> 00:00:02,750\r\nOne\r\ntwo\r\n\r\n2\r\n01:00:00,000 --> 01:00:01,000\r\nThree\r\n"), {
      cues: [
        { startMs: 1500, endMs: 2750, text: "One\ntwo" },
        { startMs: 3_600_000, endMs: 3_601_000, text: "Three" },
      ],
      warnings: [],
    });
  });

  it("loses no text to missing or surplus blank lines, counters, marks and careless times", () => {
    const careless = [
      "\ufeff1", "0:00:01.5-->0:00:02,000 X1:10 X2:20", "first", "", "still first", "",
      "2", "00:03,000 --> 00:04,000", "second",
      "3", "00:00:05,000 --> 00:00:06,000", "42", "",
      "00:00:07,000 --> 00:00:08,000", "no counter", "100",
    ].join("\n");
    const parsed = parseSrt(careless);
    assert.deepEqual(texts(parsed), ["first\nstill first", "second", "42", "no counter\n100"]);
    assert.deepEqual([parsed.cues[0]?.startMs, parsed.cues[1]?.startMs], [1500, 3000]);
    assert.deepEqual(parsed.warnings, []);
  });

  it("warns of what it cannot use", () => {
    const parsed = parseSrt("hello\n1\n00:00:xx --> 00:00:02,000\nlost\n\n2\n00:00:05,000 --> 00:00:04,000\nbackwards\n\n3\n00:00:06,000 --> 00:00:07,000\nkept");
    assert.deepEqual(texts(parsed), ["kept"]);
    assert.equal(parsed.warnings.length, 3);
    assert.match(parsed.warnings.join("\n"), /text dropped.*line 1[\s\S]*time cannot be read \(line 3\)[\s\S]*ends before it begins \(line 7\)/);
  });

  it("sorts by time and keeps the order of the file within one time", () => {
    const cue = (time: string, text: string) => `${time},000 --> 00:01:00,000\n${text}\n`;
    assert.deepEqual(texts(parseSrt([cue("00:00:02", "c"), cue("00:00:01", "a"), cue("00:00:01", "b")].join("\n"))), ["a", "b", "c"]);
  });

  it("gives back every cue that was written", () => {
    const word = fc.stringMatching(/^[a-zA-Z<&{}.,0-9 -]{0,12}[a-z]$/);
    const cue = fc.record({ start: fc.integer({ min: 0, max: 9e6 }), length: fc.integer({ min: 1, max: 9999 }), lines: fc.array(word, { minLength: 1, maxLength: 3 }) });
    const stamp = (ms: number) => new Date(ms).toISOString().slice(11, 23).replace(".", ",");
    fc.assert(
      fc.property(fc.array(cue), fc.constantFrom("\n", "\r\n", "\r"), (cues, newline) => {
        const file = cues.map((c, i) => [i + 1, `${stamp(c.start)} --> ${stamp(c.start + c.length)}`, ...c.lines, "", ""].join(newline)).join("");
        const wanted = cues.map((c) => ({ startMs: c.start, endMs: c.start + c.length, text: c.lines.map((l) => l.replace(/ +/g, " ").trim()).join("\n") }));
        assert.deepEqual(parseSrt(file), { cues: wanted.sort((a, b) => a.startMs - b.startMs), warnings: [] });
      }),
    );
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void [parseSrt(text), parseVtt(text), parseAss(text)]));
  });
});

describe("WebVTT", () => {
  it("is read, with its styles, regions, notes, identifiers and settings", () => {
    const file = [
      "WEBVTT - a title", "Kind: captions", "",
      "STYLE", "::cue(b) { color: red }", "", "REGION", "id:fred", "width:40%", "", "NOTE a note", "over two lines", "",
      "intro", "00:01.000 --> 00:02.000 align:start position:10%", "<v.loud Mary>Hello <b>there</b></v>", "",
      "100:00:00.000 --> 100:00:01.000", "position: first", "line two",
    ].join("\n");
    assert.deepEqual(parseVtt(file), {
      cues: [
        { startMs: 1000, endMs: 2000, text: "Mary: Hello there" },
        { startMs: 360_000_000, endMs: 360_001_000, text: "position: first\nline two" },
      ],
      warnings: [],
    });
  });

  it("warns of text without a time and of times that cannot be read", () => {
    const parsed = parseVtt("WEBVTT\n\nforgotten\n\n1:2:3:4 --> 5\nlost\n\n00:01.000 --> 00:02.000\nkept");
    assert.deepEqual(texts(parsed), ["kept"]);
    assert.match(parsed.warnings.join("\n"), /line 3[\s\S]*line 5/);
  });

  it("begins a new cue at a time without a blank line before it", () => {
    assert.deepEqual(texts(parseVtt("WEBVTT\n\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo")), ["one", "two"]);
  });
});

describe("plain text", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["<i>one</i> <font color=\"#fff\">two</font>", "one two"],
    ["<c.yellow.bg_blue>x</c><00:00:01.500>y", "xy"],
    ["I <3 you, a < b > c", "I <3 you, a < b > c"],
    ["{\\an8}top {not a tag}", "top {not a tag}"],
    ["&lt;i&gt; &amp;amp; &#233;&#xE9; &nbsp;x &unknown;", "<i> &amp; éé x &unknown;"],
    ["<ruby>漢<rt>kan</rt></ruby>", "漢(kan)"],
    ["<v Fred>Hi\n<v Ann>Ho", "Fred: Hi\nAnn: Ho"],
    ["one<br>two<br/>three", "one\ntwo\nthree"],
    ["  spaced \t out  \n\n x ", "spaced out\nx"],
  ];
  for (const [markup, plain] of cases) it(`of ${JSON.stringify(markup)}`, () => assert.equal(plainCue(markup), plain));

  it("of an event of Advanced SubStation Alpha", () => {
    assert.equal(plainAss("{\\b1}Hello\\N{\\i1}there,\\hfriend"), "Hello\nthere, friend");
    assert.equal(plainAss("{\\p1}m 0 0 l 10 10{\\p0}"), undefined);
    assert.equal(plainAss("{\\p1}m 0 0{\\p0}word"), "word");
    assert.equal(plainAss("{\\pos(1,2)}word"), "word");
  });
});

describe("Advanced SubStation Alpha", () => {
  it("is read", () => {
    const file = [
      "[Script Info]", "Title: x", "[Events]", "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
      "Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not shown",
      "Dialogue: 0,0:00:02.00,0:00:03.50,Default,,0,0,0,,later, with a comma",
      "Dialogue: 0,0:00:01.05,0:00:02.00,Default,Bob,0,0,0,,{\\an8}first",
      "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}",
      "Dialogue: 0,bad,0:00:02.00,Default,,0,0,0,,lost",
      "[Fonts]", "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not an event",
    ].join("\n");
    assert.deepEqual(parseAss(file), {
      cues: [
        { startMs: 1050, endMs: 2000, text: "Bob: first" },
        { startMs: 2000, endMs: 3500, text: "later, with a comma" },
      ],
      warnings: ["1 x cue dropped, because its time cannot be read", "1 x drawing left out"],
    });
  });

  it("follows the format line", () => {
    const file = "[Events]\nFormat: Start, End, Actor, Text\nDialogue: 0:00:01.00,0:00:02.00,Zoë,hello, all";
    assert.deepEqual(parseAss(file).cues, [{ startMs: 1000, endMs: 2000, text: "Zoë: hello, all" }]);
  });
});

describe("encodings of subtitle files", () => {
  const text = "Привет, как у тебя дела сегодня? Всё хорошо, спасибо большое.";

  it("are UTF-8 and UTF-16 for sure", () => {
    assert.deepEqual(decodeText(Buffer.from(`\ufeff${text}`)), { text });
    assert.deepEqual(decodeText(Buffer.from(`\ufeff${text}`, "utf16le")), { text });
    assert.deepEqual(decodeText(Buffer.from(`\ufeff${text}`, "utf16le").swap16()), { text });
  });

  it("are guessed otherwise", () => {
    const cp1251 = Uint8Array.from(text, (c) => (c === "ё" ? 0xb8 : c === "Ё" ? 0xa8 : c >= "А" && c <= "я" ? c.charCodeAt(0) - 0x410 + 0xc0 : c.charCodeAt(0)));
    assert.deepEqual(decodeText(cp1251), { text, guessed: "windows-1251" });
  });

  it("are none for binary data", () => {
    assert.equal(decodeText(Uint8Array.of(65, 0, 66)), undefined);
  });
});

describe("languages", () => {
  it("are ranked by preference, in any form of the tag", () => {
    const rank = (tag: string | undefined) => languageRank(tag, ["de", "eng"]);
    assert.deepEqual(["ger", "de_AT", "en", "en-US", undefined, "fr"].map(rank), [0, 0, 1, 1, 2, 3]);
  });
});
