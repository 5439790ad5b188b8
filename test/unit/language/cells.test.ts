import assert from "node:assert/strict";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { SelectionRange } from "vscode-languageserver-types";
import { LanguageError, withCells, type LanguageService, type NotebookCells } from "../../../server/src/language/service.js";
import { applied, at, MemoryWorkspace, RUN, service, URI } from "./support.js";

interface Given {
  readonly language: LanguageService;
  readonly cells: readonly TextDocument[];
  readonly reads: () => number;
}

/** Cells of one notebook; a text that starts with `markdown:` is a markup cell. */
function notebook(texts: readonly string[], header = "VQA 1\r\nvideo: a.mp4\r\n"): Given {
  const cells = texts.map((text, i) => {
    const markup = text.startsWith("markdown:");
    return TextDocument.create(`vscode-notebook-cell:/home/ann/notes/kitchen.vqa#${i}`, markup ? "markdown" : "vqa", 1, markup ? text.slice(9) : text);
  });
  let reads = 0;
  const notebookOf = (document: TextDocument): NotebookCells | undefined => (cells.includes(document) ? { uri: URI, header, runs: [RUN], cells } : undefined);
  const media = { durationMs: () => (reads++, Promise.resolve(undefined)) };
  const workspace = new MemoryWorkspace({ "file:///home/ann/notes/a.mp4": "" });
  return { language: withCells(service({ media, workspace }), notebookOf), cells, reads: () => reads };
}

function cell(given: Given, index: number): TextDocument {
  const found = given.cells[index];
  assert.ok(found !== undefined);
  return found;
}

const texts = ["markdown:# Cooking", "@ 0:04..0:12 butter", "Q q1:  𝄞 What?\n  - [x]   a\n  - [ ] b", "markdown:a remark\non two lines", "00:05.000 --> 00:06.000\nHot!\n", "Q q1: Again?", "markdown:# Serving", "Q q3: Where?"];

describe("cells of a notebook", () => {
  it("have the diagnostics of the whole, each in its own cell and nothing of the header", () => {
    const given = notebook(texts);
    assert.deepEqual(given.cells.map((one) => given.language.diagnostics(one).map(({ code, range }) => `${String(code)} ${at(one, range)}`)), [[], [], [], [], [], ["duplicate-id q1"], [], []]);
    const bare = notebook(["Q: a"], "");
    assert.deepEqual(bare.language.diagnostics(cell(bare, 0)), []);
  });

  it("of cues know the video of the header, what other cells say, and where segments end; changes stay in the cell", async () => {
    const given = notebook(["00:00.000 --> 00:02.000\none", "@ 0:04..0:07 butter", "00:09.000 --> 00:10.000\ntwo"]);
    const document = cell(given, 2);
    const { captions } = given.language;
    assert.equal(await captions.video(document), "file:///home/ann/notes/a.mp4");
    const windows = captions.windows(document, [{ startMs: 0, endMs: 12_000 }], 60_000);
    assert.deepEqual(windows.map(({ startMs, endMs }) => [startMs, endMs]), [[2083, 3917], [4000, 6917], [7000, 8917], [10_083, 12_000]]);
    const cut = captions.windows(document, [{ startMs: 10_083, endMs: 16_000 }], 60_000, { cuts: [10_200, 13_000, 13_200, 15_900] });
    assert.deepEqual(cut.map(({ startMs, endMs }) => [startMs, endMs]), [[10_083, 12_917], [13_000, 16_000]]);
    assert.equal(applied(document, captions.insert(document, [{ startMs: 10_083, endMs: 12_000, text: "three" }], () => "seen")), "00:09.000 --> 00:10.000\ntwo\n\nNOTE seen\n\n00:00:10.083 --> 00:00:12.000\nthree");
  });

  it("complete with times of other cells", async () => {
    const given = notebook([...texts, "Q q4 @"]);
    const document = cell(given, 8);
    const { items } = await given.language.completion(document, { line: 0, character: 6 }, { snippets: false });
    const item = items.find(({ label }) => label === "00:00:06.000");
    assert.ok(item?.textEdit !== undefined && "range" in item.textEdit);
    assert.equal(TextDocument.applyEdits(document, [item.textEdit]), "Q q4 @00:00:06.000");
    assert.equal(given.reads(), 1, "the video of the header is known");
  });

  it("show the scope that comes from a segment in another cell, to the next heading", async () => {
    const given = notebook(texts);
    const hints = (index: number) => given.language.inlayHints(cell(given, index), { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } });
    assert.deepEqual(hints(5).map(({ label, position }) => [label, position]), [["@00:00:04.000..00:00:12.000", { line: 0, character: 4 }]]);
    assert.deepEqual(hints(7), []);
    const hover = await given.language.hover(cell(given, 1), { line: 0, character: 4 }, { markdown: true });
    assert.ok(hover?.range !== undefined);
    assert.equal(at(cell(given, 1), hover.range), "0:04");
  });

  it("are coloured, folded and outlined one by one", () => {
    const given = notebook(texts);
    const question = cell(given, 2);
    assert.deepEqual(given.language.semanticTokens(question, undefined).data.slice(0, 15), [0, 0, 1, 0, 0, 0, 2, 2, 2, 1, 1, 2, 5, 4, 0]);
    assert.deepEqual(given.language.semanticTokens(cell(given, 0), undefined).data, []);
    assert.deepEqual(given.language.foldingRanges(question), [{ startLine: 0, endLine: 2 }]);
    assert.deepEqual(given.language.documentSymbols(question).map(({ name, range }) => [name, at(question, range)]), [["q1: 𝄞 What?", question.getText()]]);
    assert.deepEqual(given.language.documentSymbols(cell(given, 1)).map(({ name, children }) => [name, children]), [["butter", []]]);
  });

  it("are formatted one by one", () => {
    const given = notebook(texts);
    assert.equal(applied(cell(given, 2), given.language.formatting(cell(given, 2), undefined)), "Q q1:  𝄞 What?\n  - [x] a\n  - [ ] b");
    assert.equal(applied(cell(given, 1), given.language.formatting(cell(given, 1), undefined)), "@ 00:00:04.000..00:00:12.000 butter");
    assert.deepEqual(given.language.formatting(cell(given, 0), undefined), []);
  });

  it("rename in their own cell, and find names in others", () => {
    const given = notebook(texts);
    const position = { line: 0, character: 3 };
    assert.deepEqual(given.language.references(cell(given, 5), position, true).map(({ uri }) => uri), [cell(given, 2).uri, cell(given, 5).uri]);
    assert.deepEqual(Object.keys(given.language.rename(cell(given, 5), position, "q2")?.changes ?? {}), [cell(given, 5).uri]);
    assert.throws(() => given.language.rename(cell(given, 5), position, "q3"), LanguageError);
    assert.equal(given.language.prepareRename(cell(given, 7), position)?.placeholder, "q3");
  });

  it("offer fixes and rewrites that stay in cells", async () => {
    const given = notebook(texts);
    const start = { line: 0, character: 2 };
    const document = cell(given, 5);
    const actions = await given.language.codeActions(document, { start, end: start }, { commands: new Set(["vqa.ask"]), diagnostics: [...given.language.diagnostics(document)] });
    assert.deepEqual(actions.map(({ title }) => title), ["Rename to q2", "Write the segment's scope into the question", "Set the scope from the cue above: 00:00:05.000..00:00:06.000"]);
    assert.deepEqual(actions[0]?.diagnostics?.map(({ code }) => code), ["duplicate-id"]);
    assert.equal(applied(document, actions[2]?.edit?.changes?.[document.uri]), "Q q1 @00:00:05.000..00:00:06.000: Again?");
  });

  it("grow selections to the cell", () => {
    const given = notebook(texts);
    const document = cell(given, 2);
    const grown: string[] = [];
    for (let one: SelectionRange | undefined = given.language.selectionRanges(document, [{ line: 1, character: 10 }])[0]; one !== undefined; one = one.parent) grown.push(at(document, one.range));
    assert.equal(grown[0], "a");
    assert.equal(grown.at(-1), document.getText());
  });

  it("offer to play, and leave asking to the cell's own button", async () => {
    const given = notebook(texts);
    assert.deepEqual((await given.language.codeLenses(cell(given, 1), new Set(["vqa.ask", "vqa.play"]))).map(({ command }) => command?.title), ["Play"]);
    assert.deepEqual(await given.language.codeLenses(cell(given, 2), new Set(["vqa.ask", "vqa.play"])), []);
    assert.deepEqual(await given.language.documentLinks(cell(given, 2)), []);
  });

  it("follow a change of another cell", () => {
    const given = notebook(texts);
    assert.equal(given.language.diagnostics(cell(given, 5)).length, 1);
    TextDocument.update(cell(given, 2), [{ text: "Q other: a" }], 2);
    assert.deepEqual(given.language.diagnostics(cell(given, 5)), []);
  });

  it("keep their places whatever their neighbours end with", () => {
    const given = notebook(["Q q1: a\r", "Q q2: b\r\n\n", "", "Q q2: c"]);
    assert.deepEqual(given.language.diagnostics(cell(given, 3)).map(({ range }) => range.start), [{ line: 0, character: 2 }]);
    assert.deepEqual(given.language.diagnostics(cell(given, 2)), []);
  });

  it("leave documents that are no cells to the service", () => {
    const given = notebook(texts);
    const document = TextDocument.create(URI, "vqa", 1, "VQA 1\n\nQ q1: a\n");
    assert.equal(given.language.documentSymbols(document).length, 1);
    assert.deepEqual(given.language.diagnostics(document), service().diagnostics(document));
  });
});
