/** Subtitles that are read, not written; the samples were written by hand from the formats' descriptions. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { FormatError, FORMATS, IMPORT_FORMATS, Losses, readAss, readTtml, recognise, type CueFile } from "../../../../server/src/format/index.js";
import { timeOf, clockOf } from "../../../../server/src/format/convert/ttmlTime.js";
import { repoRoot } from "../../../support/repo.js";
import { readAll, source } from "../../../support/convert.js";

const file = (name: string): string => readFileSync(join(repoRoot, "test/fixtures/convert", name), "utf8");

async function imported(name: string): Promise<{ format: string; records: unknown[]; losses: (readonly [string, number])[] }> {
  const format = recognise(file(name), name);
  const losses = new Losses();
  const found = await readAll(format, [source(name, file(name))], losses);
  const records = found.map(({ record }) => (record.kind === "cue" ? [record.startMs, record.endMs, record.text, ...(record.id === undefined ? [] : [record.id])] : record.kind === "note" ? record.text : record));
  return { format: format.name, records, losses: losses.list().map(({ code, count }) => [code, count] as const) };
}

const cues = ({ blocks }: CueFile) => blocks.flatMap((block) => (block.kind === "cue" ? [[block.startMs, block.endMs, block.lines.join("\n")]] : []));

describe("import of subtitles with layout", () => {
  it("Advanced SubStation Alpha: words, speakers, emphasis and comments; what was left out is said", async () => {
    assert.deepEqual(await imported("talk.ass"), {
      format: "ass",
      records: [
        "checked twice",
        [1000, 2500, "<v Ann>Salt &amp; pepper, <i>please</i>."],
        [2000, 3000, "<i>Is 1 &lt; 2?\n</i>Yes."],
        [3_600_050, 3_600_100, "- Here.\n- Thanks!"],
      ],
      losses: [["pictures", 1], ["bad-record", 1], ["header", 1], ["layers", 1], ["notes", 1], ["styling", 1]],
    });
  });

  it("SubStation Alpha 4", async () => {
    assert.deepEqual((await imported("old.ssa")).records, [[1000, 2000, "<v NTP><b>Loud, and old</b>"]]);
  });

  it("Timed Text: frames, ticks, references of styles, speakers, blanks that count, ruby", async () => {
    assert.deepEqual(await imported("talk.ttml"), {
      format: "ttml",
      records: [
        [1000, 2500, "<v Ann>Salt &amp; pepper, <i>please</i>.", "opening"],
        [2000, 3000, "<i>Is 1 &lt; 2?\nYes.</i>"],
        [3002, 5000, "<v Ann, Bob>two  blanks"],
        [5000, 6000, "<ruby>漢<rt>kan</rt></ruby>"],
      ],
      losses: [["bad-record", 1], ["styling", 1]],
    });
  });

  it("every format that is written is read, and no two have one name", () => {
    assert.deepEqual(IMPORT_FORMATS.slice(0, FORMATS.length), FORMATS);
    assert.equal(new Set(IMPORT_FORMATS.map(({ name }) => name)).size, IMPORT_FORMATS.length);
  });
});

describe("times of Timed Text", () => {
  const clock = (attributes: Record<string, string>) => clockOf((name) => attributes[name]);
  const cases: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
    ["00:00:01.25", {}, 1250],
    ["100:00:00", {}, 360_000_000],
    ["00:00:01:15", {}, 1500],
    ["00:00:00:12.1", { frameRate: "25", subFrameRate: "2" }, 500],
    ["1.5h", {}, 5_400_000],
    ["2m", {}, 120_000],
    ["30f", { frameRate: "24" }, 1250],
    ["50t", { frameRate: "25", subFrameRate: "2" }, 1000],
    ["3t", {}, 3000],
    // An hour of a clock that counts 30 frames a second while 29.97 pass: 3.6 s late, without and with dropped numbers.
    ["01:00:00:00", { timeBase: "smpte", frameRate: "30", frameRateMultiplier: "1000 1001" }, 3_603_600],
    ["01:00:00:00", { timeBase: "smpte", frameRate: "30", frameRateMultiplier: "1000 1001", dropMode: "dropNTSC" }, 3_599_996.4],
    ["00:11:00:02", { timeBase: "smpte", frameRate: "30", frameRateMultiplier: "1000 1001", dropMode: "dropNTSC" }, ((11 * 1800 + 2 - 20) * 1001) / 30],
    ["1:00:00", {}, undefined],
    ["1.5", {}, undefined],
    ["-1s", {}, undefined],
    ["wallclock(2020-01-01T00:00)", {}, undefined],
  ];
  for (const [text, attributes, ms] of cases) {
    it(`${text} ${JSON.stringify(attributes)} is ${ms}`, () => {
      const read = timeOf(text, clock(attributes));
      if (ms === undefined) assert.equal(read, undefined);
      else assert.ok(read !== undefined && Math.abs(read - ms) < 1e-3, String(read));
    });
  }

  it("count from where the programme begins", () => {
    const tt = '<tt xmlns:ebuttm="urn:ebu:tt:metadata" timeBase="smpte" frameRate="25"><head><metadata><ebuttm:documentStartOfProgramme>10:00:00:00</ebuttm:documentStartOfProgramme></metadata></head><body><div><p begin="09:59:00:00" end="09:59:01:00">before</p><p begin="10:00:01:05" end="10:00:02:00">a</p></div></body></tt>';
    const read = readTtml(tt, "x");
    assert.deepEqual(cues(read), [[1200, 2000, "a"]]);
    assert.equal(read.problems.length, 1);
    assert.deepEqual(readTtml("<tt>\n<body><div>\n<p\n begin='x'>a</p>\n<p begin='y'/></div></body></tt>", "x").problems.map(({ at }) => at), [2, 4]);
  });
});

describe("subtitles with layout, whatever they hold", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9 ,&<>:;']{0,12}$/).map((text) => text.trim()).filter((text) => text !== "");
  const cs = fc.integer({ min: 0, max: 3_600_000 });
  const two = (n: number): string => String(n).padStart(2, "0");
  const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

  it("all words of events come through, in their lines and at their times", () => {
    const code = fc.constantFrom("", "{\\an8}", "{\\pos(1,2)}", "{\\c&HFF&}", "{\\k20}", "{\\fad(1,2)\\bord0}", "{\\t(\\fs10)}");
    const event = fc.record({ start: cs, length: fc.integer({ min: 1, max: 999 }), lines: fc.array(fc.tuple(code, word), { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(fc.uniqueArray(event, { maxLength: 6, selector: ({ start }) => start }), (events) => {
        const time = (n: number): string => `${Math.floor(n / 360_000)}:${two(Math.floor(n / 6000) % 60)}:${two(Math.floor(n / 100) % 60)}.${two(n % 100)}`;
        const text = ["[Events]", ...events.map(({ start, length, lines }) => `Dialogue: 0,${time(start)},${time(start + length)},Default,,0,0,0,,${lines.map((line) => line.join("")).join("\\N")}`)].join("\r\n");
        const read = readAss(text);
        assert.deepEqual(cues(read), events.map(({ start, length, lines }) => [start * 10, (start + length) * 10, lines.map(([, words]) => escaped(words)).join("\n")]));
        assert.deepEqual(read.problems, []);
      }),
    );
  });

  it("all words of paragraphs come through, under any prefix", () => {
    const paragraph = fc.record({ start: cs, length: fc.integer({ min: 1, max: 999 }), lines: fc.array(word.map((text) => text.replace(/ +/g, " ")), { minLength: 1, maxLength: 3 }), span: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom("", "tt:", "x-1:"), fc.array(paragraph, { maxLength: 6 }), (prefix, paragraphs) => {
        const xml = (text: string): string => escaped(text).replaceAll(">", "&#x3E;");
        const body = paragraphs.map(({ start, length, lines, span }) => {
          const inner = lines.map((line) => (span ? `<${prefix}span>${xml(line)}</${prefix}span>` : xml(line))).join(`\n  <${prefix}br/>\n  `);
          return `<${prefix}p begin="${start}0ms" dur="${length}0ms">${inner}</${prefix}p>`;
        });
        const read = readTtml(`<${prefix}tt><${prefix}body><${prefix}div>${body.join("\n")}</${prefix}div></${prefix}body></${prefix}tt>`, "x");
        assert.deepEqual(cues(read), paragraphs.map(({ start, length, lines }) => [start * 10, (start + length) * 10, lines.map(escaped).join("\n")]));
        assert.deepEqual(read.problems, []);
      }),
    );
  });

  it("nothing but FormatError is thrown", () => {
    const piece = fc.constantFrom("<tt>", "</tt>", "<body>", "</body>", '<p begin="1s">', '<p end="2t" dur="x">', "</p>", "<span begin='1f'>", "</span>", "<br/>", "&#0;", "&lt;", "<!--", "-->", "<![CDATA[", "]]>", "<tt timeBase='smpte' frameRate='0'>", "words", "\n");
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 12 }), (pieces) => {
        try {
          readTtml(pieces.join(""), "x");
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
        readAss(pieces.join(""));
      }),
    );
  });
});
