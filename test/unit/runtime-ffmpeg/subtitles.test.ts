import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAss, parseSrt, parseTtml, parseVtt } from "../../../server/src/runtime/ffmpeg/subtitles/cueText.js";
import { languageRank } from "../../../server/src/runtime/ffmpeg/subtitles/language.js";
import { parseSubtitles } from "../../../server/src/runtime/ffmpeg/subtitles/parse.js";
import { plainCue } from "../../../server/src/runtime/ffmpeg/subtitles/plain.js";
import { eventMarkup } from "../../../server/src/format/convert/assEvent.js";
import { FormatError } from "../../../server/src/format/index.js";
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
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void [parseSrt(text), parseVtt(text), parseAss(text), parseAss(`[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,${text}`)]));
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
    const markup = (text: string): string => eventMarkup(text).markup;
    assert.equal(markup("{\\b1}Hello\\N{\\i1}there,\\hfriend"), "<b>Hello\n<i>there,\u00a0friend</i></b>");
    assert.equal(markup("{\\b1}a{\\i1}b{\\b0}c & <d>"), "<b>a<i>b</i></b><i>c &amp; &lt;d></i>");
    assert.equal(markup("{\\b1}{\\r}a{\\bord2}"), "a");
    assert.equal(markup("{\\i1}a{\\r\\b700}b{\\b400}c"), "<i>a</i><b>b</b>c");
    assert.equal(markup("{\\pos(1,2)\\t(0,50,\\b1\\clip(1,2,3,4))}word"), "word");
    assert.equal(markup("a\\nb {\\q2}c\\nd"), "a b c\nd");
    assert.equal(markup("\\{kept\\} {never closed"), "{kept} {never closed");
    assert.deepEqual(eventMarkup("{\\p1}m 0 0 l 10 10{\\p0}"), { markup: "", drew: true, comments: [], codes: [] });
    assert.deepEqual(eventMarkup("{\\p1}m 0 0{\\p0}word{a comment}{\\fnArial\\1c&H00FF&}"), { markup: "word", drew: true, comments: ["a comment"], codes: ["fn", "1c"] });
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
      warnings: ["1 x drawing left out (line 8)", "1 x cue dropped, because its time cannot be read (line 9)"],
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

describe("TTML", () => {
  const file = (body: string, attributes = "", head = ""): string =>
    `<?xml version="1.0"?>\n<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ${attributes}><tt:head>${head}</tt:head><tt:body>${body}</tt:body></tt:tt>`;
  const read = (...given: Parameters<typeof file>) => parseTtml(file(...given), "x.ttml");

  it("is read, with line breaks, spans, references and white space that means nothing", () => {
    const parsed = read('<tt:div><tt:p begin="00:00:01.5" end="00:00:02.750">Hello &amp; <tt:span>good\n      bye</tt:span>,<tt:br/>friend</tt:p>\n<tt:p begin="1.5s" dur="500ms">earlier in the file\'s order</tt:p></tt:div>');
    assert.deepEqual(parsed, {
      cues: [
        { startMs: 1500, endMs: 2750, text: "Hello & good bye,\nfriend" },
        { startMs: 1500, endMs: 2000, text: "earlier in the file\'s order" },
      ],
      warnings: [],
    });
  });

  it("counts frames and ticks at the file\'s rates", () => {
    const parsed = read('<tt:div><tt:p begin="00:00:01:15" end="60f">a</tt:p><tt:p begin="20000000t" end="0.001h">b</tt:p></tt:div>', 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:tickRate="10000000"');
    assert.deepEqual(parsed.cues.map(({ startMs, endMs }) => [startMs, endMs]), [[1501, 2002], [2000, 3600]]);
  });

  it("adds the times of what a paragraph stands in, and cuts it there", () => {
    const parsed = read('<tt:div begin="10s" end="14s"><tt:p begin="1s" end="2s">a</tt:p><tt:p begin="3s" end="9s">b</tt:p><tt:p begin="1s">c</tt:p></tt:div>');
    assert.deepEqual(parsed.cues.map(({ startMs, endMs, text }) => [startMs, endMs, text]), [[11000, 12000, "a"], [11000, 14000, "c"], [13000, 14000, "b"]]);
  });

  it("makes a cue of each span with a time of its own", () => {
    const parsed = read('<tt:div><tt:p begin="1s" end="9s"><tt:span begin="0s" end="1s">one</tt:span> <tt:span begin="1s" end="2s">two</tt:span></tt:p></tt:div>');
    assert.deepEqual(parsed.cues.map(({ startMs, endMs, text }) => [startMs, endMs, text]), [[1000, 2000, "one"], [2000, 3000, "two"]]);
  });

  it("follows one after the other where the file says so, and names speakers", () => {
    const head = '<tt:metadata><ttm:agent xml:id="a1"><ttm:name>Ann Lee</ttm:name></ttm:agent></tt:metadata>';
    const parsed = read('<tt:div timeContainer="seq"><tt:p dur="2s" ttm:agent="a1">a</tt:p><tt:p begin="1s" dur="1s">b</tt:p></tt:div>', "", head);
    assert.deepEqual(parsed.cues, [{ startMs: 0, endMs: 2000, text: "Ann Lee: a" }, { startMs: 3000, endMs: 4000, text: "b" }]);
  });

  it("ends what has no end where the next begins, and says so", () => {
    const parsed = read('<tt:div><tt:p begin="1s">a</tt:p><tt:p begin="1s">b</tt:p><tt:p begin="3s" dur="1s">c</tt:p><tt:p begin="4s">d</tt:p></tt:div>');
    assert.deepEqual(parsed.cues.map(({ startMs, endMs, text }) => [startMs, endMs, text]), [[1000, 3000, "a"], [1000, 3000, "b"], [3000, 4000, "c"]]);
    assert.match(parsed.warnings.join("\n"), /2 x cue without an end[^]*1 x cue dropped, because it has no end/);
  });

  it("drops nothing without a word", () => {
    const parsed = read('<tt:div><tt:p begin="soon" end="2s">a</tt:p><tt:p begin="5s">b</tt:p><tt:p begin="2s" end="1s">c</tt:p><tt:p begin="1s" end="2s" smpte:backgroundImage="#x"/></tt:div>');
    assert.deepEqual(parsed.cues, []);
    assert.match(parsed.warnings.join("\n"), /time cannot be read[\s\S]*picture of text left out[\s\S]*no end[\s\S]*ends before it begins/);
  });

  it("of a stream is several documents, which repeat what reaches over their ends", () => {
    const document = (...cues: (readonly [string, string, string])[]): string => `<?xml version="1.0"?>\n<tt><body><div>${cues.map(([begin, end, words]) => `<p begin="${begin}" end="${end}">${words}</p>`).join("")}</div></body></tt>`;
    const text = [document(["1s", "2s", "a"], ["3s", "4s", "b"]), document(["4s", "5s", "b"], ["6s", "7s", "a"]), document(["6s", "8s", "a"])].join("\n");
    assert.deepEqual(parseSubtitles({ format: "ttml", text }).cues.map(({ startMs, endMs, text: words }) => [startMs, endMs, words]), [[1000, 2000, "a"], [3000, 5000, "b"], [6000, 8000, "a"]]);
  });

  it("is refused when it is something else, or has a document type", () => {
    assert.throws(() => parseTtml("<html></html>", "x.ttml"), FormatError);
    assert.throws(() => parseTtml("1\n00:00", "x.ttml"), FormatError);
    assert.throws(() => parseTtml('<!DOCTYPE tt [<!ENTITY a "b">]><tt/>', "x.ttml"), FormatError);
  });
});
