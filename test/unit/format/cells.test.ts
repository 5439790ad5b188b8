import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fromCells, parse, readNotebook, toCells, type Cell, type Cells } from "../../../server/src/format/index.js";
import { repoRoot } from "../../support/repo.js";

const SOURCE = `VQA 1
video: a.mp4

# One

NOTE Camera B.
  - left

00:01.000 --> 00:02.000
Hello

00:02.000 --> 00:03.000
there

@ 00:01..00:02 a label
Q q1: What?
  - [ ] this
  - [x] that

A ann: that
M 11111111 222222222222 t=1ms: (B) that

what is this
RUN 11111111
  model: m
`;

/** Kind of each cell, its role and what it shows. */
const outline = ({ cells }: Cells): string[] => cells.map(({ kind, language, source, answers, origin }) => `${kind} ${language} ${origin?.role} ${JSON.stringify(source)}${answers.length > 0 ? ` +${answers.length}` : ""}`);

function edit(cells: Cells, at: number, change: Partial<Cell>): string {
  return fromCells({ ...cells, cells: cells.cells.map((cell, i) => (i === at ? { ...cell, ...change } : cell)) });
}

describe("cells of a document", () => {
  it("are what a person would call the parts of it", () => {
    assert.deepEqual(outline(toCells(parse(SOURCE))), [
      'markup markdown heading "# One"',
      'markup markdown note "Camera B.\\n- left"',
      'code vqa-cues cues "00:01.000 --> 00:02.000\\nHello\\n\\n00:02.000 --> 00:03.000\\nthere"',
      'code vqa segment "@ 00:01..00:02 a label"',
      'code vqa question "Q q1: What?\\n  - [ ] this\\n  - [x] that\\nA ann: that" +1',
      'code vqa opaque "what is this"',
    ]);
  });

  it("hold answers with the record of their run", () => {
    const [answer] = toCells(parse(SOURCE)).cells[4]?.answers ?? [];
    assert.deepEqual(answer, { raw: "M 11111111 222222222222 t=1ms: (B) that\n", run: "RUN 11111111\n  model: m\n" });
  });

  for (const [name, text] of [
    ["a notebook", SOURCE],
    ["CRLF", SOURCE.replaceAll("\n", "\r\n")],
    ["a BOM", `\ufeff${SOURCE}`],
    ["no final newline", SOURCE.trimEnd()],
    ["nothing", ""],
    ["WebVTT", "WEBVTT\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000\nhi\n"],
  ] as const) {
    it(`print ${name} as it was`, () => assert.equal(fromCells(toCells(parse(text))), text));
  }

  it("print every notebook of the repository as it was", () => {
    const folders = ["media/demo", "test/fixtures"].map((folder) => join(repoRoot, folder));
    const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".vqa")).map((name) => join(folder, name)));
    assert.ok(files.length > 0);
    for (const file of files) {
      const text = readFileSync(file, "utf8");
      assert.equal(fromCells(toCells(parse(text))), text, file);
    }
  });

  it("change their own lines only, in the file's line ends", () => {
    const source = SOURCE.replaceAll("\n", "\r\n");
    const cells = toCells(parse(source));
    assert.equal(edit(cells, 1, { source: "Camera C.\n- left\n- right" }), source.replace("Camera B.\r\n  - left", "Camera C.\r\n  - left\r\n  - right"));
    assert.equal(edit(cells, 4, { source: "Q q1: Which?\n  - [ ] this\n  - [x] that\nA ann: that" }), source.replace("What?", "Which?"));
  });

  it("take answers away with their outputs, and leave the people's", () => {
    assert.equal(edit(toCells(parse(SOURCE)), 4, { answers: [] }), SOURCE.replace("M 11111111 222222222222 t=1ms: (B) that\n", ""));
  });

  it("bring a new answer's run to the end of the file", () => {
    const raw = "M 33333333 222222222222: (A) this\n";
    const run = "RUN 33333333\n  model: n\n";
    assert.equal(
      edit(toCells(parse(SOURCE)), 4, { answers: [...(toCells(parse(SOURCE)).cells[4]?.answers ?? []), { raw, run }] }),
      SOURCE.replace("(B) that\n", `(B) that\n${raw}`) + `\n${run}`,
    );
  });

  it("print no answer below a cell that asks nothing any more", () => {
    const after = edit(toCells(parse(SOURCE)), 4, { source: "@ 00:03 something else" });
    assert.doesNotMatch(after, /^M /m);
    assert.match(after, /^RUN 11111111$/m);
  });

  it("keep a run apart from the cell that comes to stand above it", () => {
    const cells = toCells(parse("REGION\n\nRUN 0123abcd\na --> b"));
    const [region, timing] = cells.cells as [Cell, Cell];
    const after = fromCells({ ...cells, cells: [timing, region] });
    assert.deepEqual(readNotebook(parse(after)).runs.map(({ raw }) => raw), ["RUN 0123abcd\n"]);
  });

  it("keep a run apart from an edited note, which only an empty line ends in WebVTT", () => {
    const after = edit(toCells(parse("WEBVTT\n\nVQA 1 VQA 1\n \nRUN 0123abcd\nVQA 1 VQA 1")), 0, { source: "NOTE" });
    assert.deepEqual(readNotebook(parse(after)).runs.map(({ raw }) => raw), ["RUN 0123abcd\n"]);
  });

  it("leave a run apart from the next cell when the cell above it is emptied", () => {
    for (const line of ["VQA 1", "Q: and?"]) {
      const source = `A: b\nRUN 0123abcd\n\n${line}`;
      assert.equal(edit(toCells(parse(source)), 0, { source: " " }), source.slice("A: b\n".length));
    }
  });

  it("give a run no blanks that were at the end of the file", () => {
    const cells = toCells(parse("Q: a\nRUN 0123abcd\n\t\n00:01 --> x\n\t"));
    const [question, timing] = cells.cells as [Cell, Cell];
    const after = fromCells({ ...cells, cells: [timing, question] });
    assert.deepEqual(readNotebook(parse(after)).runs.map(({ raw }) => raw), ["RUN 0123abcd\n\t\n"]);
  });

  it("keep a run at the end of the file apart from a cell that was moved there, or came to be the last", () => {
    const cells = toCells(parse("STYLE\nVQA 1\n00:01 --> x VQA 1\n\nQ q1 @00:01: a\nRUN 0123abcd"));
    const [style, timing, question] = cells.cells as [Cell, Cell, Cell];
    for (const order of [[timing, question, style], [style], [question, style]]) {
      const after = fromCells({ ...cells, cells: order });
      assert.deepEqual(readNotebook(parse(after)).runs.map(({ raw }) => raw), ["RUN 0123abcd"], after);
    }
    assert.equal(fromCells({ ...cells, cells: [style, timing, question] }), "STYLE\nVQA 1\n00:01 --> x VQA 1\n\nQ q1 @00:01: a\nRUN 0123abcd");
  });

  it("keep a run apart from a first cell that an edit makes the header", () => {
    for (const bom of ["", "\ufeff"]) {
      const source = `${bom}@ 00:01..00:02\nRUN 0123abcd\nVQA 1`;
      assert.equal(edit(toCells(parse(source)), 0, { source: "WEBVTT\nVQA 1" }), `${bom}WEBVTT\nVQA 1\n\nRUN 0123abcd\nVQA 1`);
    }
  });

  it("make a notebook out of nothing", () => {
    const cell = (source: string, kind: Cell["kind"] = "code"): Cell => ({ kind, language: "vqa", source, answers: [], origin: undefined });
    assert.equal(fromCells({ cells: [cell("# T", "markup"), cell("Q: a"), cell(""), cell("Some words", "markup")], origin: undefined }), "VQA 1\n\n# T\n\nQ: a\n\nNOTE Some words\n");
  });
});
