import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeUtf8, diagnose, encodeUtf8, FormatError, MAX_PROBLEMS, parse, print, PROBLEM_CODES, readNotebook } from "../../../server/src/format/index.js";
import { repoRoot } from "../../support/repo.js";
import { outline } from "./outline.js";

const folder = join(repoRoot, "test/fixtures/format");
const fixtures = readdirSync(folder).filter((name) => !name.endsWith(".outline"));

function outlineOf(text: string): string {
  const notebook = readNotebook(parse(text));
  return outline(notebook, diagnose(notebook));
}

describe("files of the corpus", () => {
  it("are all there", () => assert.ok(fixtures.length >= 11, `${fixtures.length} files in ${folder}`));

  for (const name of fixtures) {
    it(`${name} is read as its outline says and printed byte for byte`, () => {
      const bytes = readFileSync(join(folder, name));
      const document = parse(decodeUtf8(bytes, name));
      assert.deepEqual(Buffer.from(encodeUtf8(print(document))), bytes);
      assert.equal(outlineOf(document.source), readFileSync(join(folder, `${name}.outline`), "utf8"));
    });
  }
});

describe("blocks", () => {
  /** `expected` is the outline, one line an argument. */
  const check = (title: string, input: string, ...expected: string[]): void => {
    it(title, () => {
      assert.equal(outlineOf(input), expected.map((line) => `${line}\n`).join(""));
      assert.equal(print(parse(input)), input);
    });
  };
  const head = "VQA 1\nvideo: v\n\n";
  const started = ['1 header vqa 1 video="v"', "3 blank"];

  check("words of a cue may begin as blocks do", `${head}00:01 --> 00:02\nA man says:\nQ is a letter\n`, ...started, '4 cue - 00:00:01.000-00:00:02.000 "" "A man says:\\nQ is a letter"');
  check("a block directly below a cue's words is one of them", `${head}00:01 --> 00:02\ntext\nA a1: no\n`, ...started, '4 cue - 00:00:01.000-00:00:02.000 "" "text\\nA a1: no"', "! 6 warning keyword-in-cue");
  check("a timing line wins over the keyword above it", `${head}NOTE x\n00:01 --> 00:02\ntext\n`, ...started, '4 cue NOTE x 00:00:01.000-00:00:02.000 "" "text"', "! 4 warning keyword-in-cue");
  check("a body quotes a timing line", `${head}NOTE\n  00:01 --> 00:02\n`, ...started, '4 note "\\n00:01 --> 00:02"');
  check("a timing line ends the text of a cue", `${head}00:01 --> 00:02\na\n00:02 --> 00:03\nb\n`, ...started, '4 cue - 00:00:01.000-00:00:02.000 "" "a"', '6 cue - 00:00:02.000-00:00:03.000 "" "b"');
  check("an arrow in prose is no timing", `${head}Q: is a --> b?\n`, ...started, '4 question - "is a --> b?"');
  check("a timing line ends a header", "VQA 1\n00:01 --> 00:02\nx\n", "1 header vqa 1", '2 cue - 00:00:01.000-00:00:02.000 "" "x"');
  check("a block that follows a header at once ends it", "VQA 1\nvideo: v\nQ: a\n", '1 header vqa 1 video="v"', '3 question - "a"', "! 3 warning header-not-closed");
  check("a body goes on after blank lines", `${head}A: a\n\n\n  b\n\nNOTE c\n`, ...started, '4 reference - "a\\n\\n\\nb"', "8 blank", '9 note "c"', "! 4 error without-question");
  check("a line of an indent alone belongs to the body", `${head}NOTE a\n  \n\nNOTE b`, ...started, '4 note "a\\n"', "6 blank", '7 note "b"');
  check("one blank is no indent", `${head}NOTE a\n b\n`, ...started, '4 note "a"', '5 opaque - " b\\n"', "! 5 error unknown-line");
  check("a word that starts with a keyword is none", `${head}NOTES\nRUNNING\nQuiz\nApple\nMore\n#tag\n@name\n`, ...started, '4 opaque - "NOTES\\nRUNNING\\nQuiz\\nApple\\nMore\\n#tag\\n@name\\n"', "! 4 error unknown-line");
  check("headings have six levels", `${head}# a\n###### b\n####### c\n`, ...started, '4 heading 1 "a"', '5 heading 6 "b"', '6 opaque - "####### c\\n"', "! 6 error unknown-line");
  check("the value of a field may hold colons", `${head}Q: a\nM 0123abcd 0123456789ab at=00:01.5 t=1ms: b: c\nRUN 0123abcd\n`, ...started, '4 question - "a"', '5 model 0123abcd 0123456789ab at="00:01.5" t="1ms" "b: c"', "6 run 0123abcd", "! 6 warning run-altered");
  check("hashes are written in lower case", `${head}Q: a\nM 0123ABCD 0123456789AB: b\n`, ...started, '4 question - "a"', '5 model 0123ABCD 0123456789AB "b"', "! 5 error bad-provenance-id", "! 5 warning run-missing");
  check("an author is one word", `${head}Q: a\nA Jane Doe: b\n`, ...started, '4 question - "a"', '5 opaque reference "A Jane Doe: b\\n"', "! 5 error bad-reference");
  check("a question keeps its place when its scope is broken", `${head}Q: a\nQ b @00:01..: c: d\nA: e\n`, ...started, '4 question - "a"', '5 question b @? "c: d"', '6 reference - "e"', "! 5 error bad-time");
  check("a scope may be followed by nothing but the colon", `${head}Q @00:01 x: a\n`, ...started, '4 question - @? "a"', "! 4 error bad-time");
  check("a choice below an answer is told", `${head}Q: a\nA: b\n  - [ ] c\nNOTE\n  - [ ] d\n`, ...started, '4 question - "a"', '5 reference - "b\\n- [ ] c"', '7 note "\\n- [ ] d"', "! 6 error choice-outside-question");
  check("a cue keeps its settings", `${head}id 7\n00:01-->00:02 line:0 align:end\n`, ...started, '4 cue id 7 00:00:01.000-00:00:02.000 "line:0 align:end" ""');
  check("a version of the future is told", "VQA 2\n", "1 header vqa 2", "! 1 error bad-version");
  check("a version that is no number is told", "VQA one\n", "1 header vqa -", "! 1 error bad-version");
  check("a notebook without a video is told", "VQA 1\n\nQ: a\n", "1 header vqa 1", "2 blank", '3 question - "a"', "! 1 warning missing-video");
  check("a notebook without a header is told", "Q: a\n", '1 question - "a"', "! 1 warning missing-header");
  check("runs of one id are told", `${head}RUN 0123abcd\nRUN 0123abcd\n`, ...started, "4 run 0123abcd", "5 run 0123abcd", "! 4 warning run-unused", "! 4 warning run-altered", "! 5 warning run-duplicate", "! 5 warning run-unused", "! 5 warning run-altered");
  check("a lone carriage return ends a line", "VQA 1\rvideo: v\r\rQ: a\r", ...started, '4 question - "a"');
  check("notes of WebVTT end at an empty line", "WEBVTT\n\nNOTE\na\n  \nb\n\nQ: c\n", "1 header webvtt -", "2 blank", '3 note "\\na\\n  \\nb"', "7 blank", '8 question - "c"', "! 1 warning missing-video");
});

describe("problems", () => {
  it("name the place and the line", () => {
    const source = "VQA 1\nvideo: v\n\nQ @00:70: a\n";
    const [problem] = parse(source).problems;
    assert.ok(problem !== undefined);
    assert.equal(source.slice(problem.start, problem.end), "00:70");
    assert.equal(problem.line, 4);
  });

  it("count the byte order mark as a character of the text", () => {
    const source = "\ufeffVQA 1\nhello\n";
    const [problem] = parse(source).problems;
    assert.equal(source.slice(problem?.start, problem?.end), "hello");
  });

  it("are listed up to a limit, and the rest counted", () => {
    const { problems } = parse("A b c\n".repeat(MAX_PROBLEMS + 5));
    assert.equal(problems.length, MAX_PROBLEMS + 1);
    assert.equal(problems.at(-1)?.code, "too-many-problems");
    assert.match(problems.at(-1)?.message ?? "", /^5 more/);
  });

  it("of every kind occur in the corpus or in the cases above", () => {
    const texts = fixtures.map((name) => readFileSync(join(folder, name), "utf8"));
    texts.push("VQA 1\nNOTE\n", "VQA 2\n", "VQA 1\n\nQ: a\n  - [ ] b\n", "A b c\n".repeat(MAX_PROBLEMS + 1), "RUN 0\nRUN 0\n");
    const seen = new Set(texts.flatMap((text) => diagnose(readNotebook(parse(text))).map((problem) => problem.code)));
    assert.deepEqual(PROBLEM_CODES.filter((code) => !seen.has(code)), []);
  });
});

describe("hostile texts", () => {
  // Each would take hours if any rule looked back or ahead without bound.
  const size = 5_000_000;
  const texts: Record<string, string> = {
    "one line without end": "Q ".repeat(size / 2),
    "blank lines": "\n".repeat(size),
    "blank lines between body lines": "NOTE\n" + "\n\n\n\n\n\n\n  \n".repeat(size / 10),
    "blank lines after many bodies": "NOTE\n\n\n\n\n\n\n".repeat(size / 11),
    "digits and colons": "0:".repeat(size / 2),
    "one long scope": "@ " + "00:01,".repeat(size / 6),
    "one long scope of a question": "Q @" + "00:01, ".repeat(size / 7) + "x: a",
    "fields without end": "M 01234567 0123456789ab" + " a=:".repeat(size / 4),
    "open tags": "00:01 --> 00:02\n" + "<".repeat(size),
    "arrows": "00:01 -->\n".repeat(size / 10),
    "carriage returns": "\r".repeat(size),
    "blanks before an arrow": "1" + " ".repeat(size),
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`${name}: 5 MB are read and printed`, function () {
      this.timeout(120_000);
      const document = parse(text);
      assert.equal(print(document), text);
      readNotebook(document);
    });
  }
});

describe("bytes", () => {
  it("that are not UTF-8 are refused by name", () => {
    assert.throws(() => decodeUtf8(Uint8Array.of(0x51, 0xff), "notes.vqa"), (e: unknown) => e instanceof FormatError && e.code === "not-utf8" && e.message.includes("notes.vqa"));
  });
});
