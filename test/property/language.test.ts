import assert from "node:assert/strict";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Range, TextEdit } from "vscode-languageserver-types";
import { parse, type Block } from "../../server/src/format/index.js";
import { createLanguageService, LanguageError, withCells, type LanguageService } from "../../server/src/language/service.js";
import { applied, MemoryWorkspace } from "../unit/language/support.js";

/** Pieces of syntax, right, nearly right and wrong, so that random texts meet every rule. */
const fragment = fc.constantFrom(
  "VQA 1", "WEBVTT", "WEBVTT - t", "video: v.mp4", "video :v", "model:", "model:micro", "sampling: 5", "context:subtitles", "#  h", "## h", "@ 00:01..00:02", "@0:01  ..  00:02   x", "@ 00:01 , 00:05..00:06 y",
  "@ 00:99", "Q: a", "Q q1: a", "Q  q1:a", "Q q1 @00:01: a", "Q q2@00:01..00:03 :  b", "Q @00:05..00:01: c", "Q @0:1: b", "Q oops what", "Q q1 :\tb", "A: b", "A ann: b", "A   ann :b",
  "M dbf3dd46 0123456789ab: c", "M  dbf3dd46   0123456789ab  t=1ms  p=0.9 : c", "M dbf3dd46 0123456789ab k=a:b :x", "M dbf3dd46 0123456789ab k=a::x", "M oops: c", "RUN dbf3dd46", "RUN 00000000", "RUN", "NOTE", "NOTE n",
  "00:01 --> 00:02", "0:00:01.5-->00:00:03.25 align:start", "00:05.000 --> 00:04.000", "00:01,5 --> 00:02,5", "00:01 --> x", "  00:01 --> 00:02", "  - [ ] c", "  - [x]   d", "  - [X] d", "\t-  [x] d", "\t- [ ] e", "- [ ] e", "  - [ ]",
  "  key: value", "  model :micro", "  decode: temperature=0", "  text", "\ttext", " one blank", "", "", "", " ", "  ", "\t", "prose", "𝄞 𝄞", "é: ü", "a --> b", "key: value", "\u2028", "\ufeff",
);
const line = fc.oneof({ weight: 8, arbitrary: fragment }, { weight: 1, arbitrary: fc.tuple(fragment, fragment).map((pair) => pair.join(" ")) }, { weight: 1, arbitrary: fc.string({ unit: "binary" }) });
const text = fc
  .record({
    bom: fc.constantFrom("", "", "\ufeff"),
    head: fc.constantFrom("", "VQA 1\nvideo: v\n\n", "WEBVTT\n\n"),
    lines: fc.array(line, { maxLength: 14 }),
    eol: fc.constantFrom("\n", "\r\n", "\r"),
    end: fc.boolean(),
  })
  .map(({ bom, head, lines, eol, end }) => bom + [...head.split("\n").slice(0, -1), ...lines].join(eol) + (end ? eol : ""));

const service: LanguageService = createLanguageService({
  workspace: new MemoryWorkspace({ "file:///w/v.mp4": "", "file:///w/v.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n", "file:///w/other.vqa": "# h\n\nQ: x\n" }),
  media: { durationMs: () => Promise.resolve(60_000), playheadMs: () => 1_500 },
  models: () => ["micro"],
});
const open = (source: string): TextDocument => TextDocument.create("file:///w/a.vqa", "vqa", 1, source);
const commands = new Set(["vqa.ask", "vqa.play"]);
const whole = (document: TextDocument): Range => ({ start: { line: 0, character: 0 }, end: document.positionAt(document.getText().length) });

/** Everything that a reader takes from a text, apart from places. */
function content(source: string): unknown {
  return parse(source).blocks.filter(({ kind }) => kind !== "blank").map((block) => said(block));
}

function said(block: Block): unknown {
  const lines = (all: readonly { text: string }[]): string[] => all.map(({ text: line }) => line);
  switch (block.kind) {
    case "header":
      return [block.syntax, block.version, block.entries.map(({ key, value }) => [key.text, value.text])];
    case "heading":
      return ["heading", block.level, block.text];
    case "segment":
      // Blanks around a segment's label are not text.
      return ["segment", block.scope.spans, lines(block.lines).map((line, i) => (i === 0 ? line.trim() : line))];
    case "question":
      return ["question", block.id?.text, block.scope?.spans, lines(block.lines), block.choices.map(({ text: choice, gold }) => [choice, gold])];
    case "model":
      return ["model", block.run8.text, block.in12.text, block.fields.map(({ key, value }) => [key, value]), lines(block.lines)];
    case "run":
      return ["run", block.run8.text, block.entries.map(({ key, value }) => [key.text, value.text])];
    case "cue":
      return ["cue", block.id?.text, block.startMs, block.endMs, block.settings, lines(block.lines)];
    default:
      return block.raw;
  }
}

const opts = { numRuns: 1500 };

describe("language features on any text", () => {
  it("never throw, and keep inside of the document", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.nat(), fc.nat(), async (source, a, b) => {
        const document = open(source);
        const position = document.positionAt(a % (source.length + 1));
        const range = { start: document.positionAt(Math.min(a % (source.length + 1), b % (source.length + 1))), end: document.positionAt(Math.max(a % (source.length + 1), b % (source.length + 1))) };
        service.diagnostics(document);
        const { items } = await service.completion(document, position, { snippets: a % 2 === 0 });
        for (const { textEdit } of items) {
          assert.ok(textEdit !== undefined && "range" in textEdit);
          assert.deepEqual(textEdit.range.end, position);
        }
        await service.hover(document, position, { markdown: b % 2 === 0 });
        const symbols = service.documentSymbols(document);
        const check = (all: typeof symbols, outer: Range): void => {
          for (const { range: own, selectionRange, children = [], name } of all) {
            assert.ok(name.trim() !== "");
            assert.ok(within(document, own, outer), "a symbol reaches out of its parent");
            assert.ok(within(document, selectionRange, own), "a name stands outside of its symbol");
            check(children, own);
          }
        };
        check(symbols, whole(document));
        service.foldingRanges(document).forEach(({ startLine, endLine }) => assert.ok(startLine < endLine && endLine < document.lineCount));
        await service.codeLenses(document, commands);
        service.inlayHints(document, range);
        await service.documentLinks(document);
        service.definition(document, position);
        service.references(document, position, true);
        service.documentHighlights(document, position);
        try {
          service.prepareRename(document, position);
          service.rename(document, position, "new");
        } catch (thrown) {
          assert.ok(thrown instanceof LanguageError, String(thrown));
        }
        for (let selection = service.selectionRanges(document, [position])[0]; selection !== undefined; selection = selection.parent) {
          if (selection.parent !== undefined) assert.ok(within(document, selection.range, selection.parent.range));
        }
        await service.workspaceSymbols(source.slice(0, 3));
      }),
      opts,
    );
  });

  it("colour without overlap, in order, and never over the end of a line; a range gets a part of the whole", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (source, a, b) => {
        const document = open(source);
        const all = decoded(service.semanticTokens(document, undefined).data);
        let before = { line: 0, end: 0 };
        for (const { line: row, character, length } of all) {
          assert.ok(length > 0);
          assert.ok(row > before.line || (row === before.line && character >= before.end), `tokens overlap in line ${row}`);
          assert.doesNotMatch(document.getText({ start: { line: row, character }, end: { line: row, character: character + length } }), /[\r\n]/);
          assert.equal(document.offsetAt({ line: row, character: character + length }) - document.offsetAt({ line: row, character }), length);
          before = { line: row, end: character + length };
        }
        const [start, end] = [a % (source.length + 1), b % (source.length + 1)].sort((x, y) => x - y) as [number, number];
        const known = new Set(all.map((token) => JSON.stringify(token)));
        const part = service.semanticTokens(document, { start: document.positionAt(start), end: document.positionAt(end) });
        for (const token of decoded(part.data)) assert.ok(known.has(JSON.stringify(token)));
      }),
      opts,
    );
  });
});

describe("cells with any texts", () => {
  it("have places of their own in every answer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), async (texts, pick, place) => {
        const cells = texts.map((source, i) => TextDocument.create(`cell:/w/a.vqa#${i}`, (pick + i) % 5 === 0 ? "markdown" : "vqa", 1, source));
        const language = withCells(service, (document) => (cells.includes(document) ? { uri: "file:///w/a.vqa", header: "VQA 1\nvideo: v.mp4\n", runs: [], cells } : undefined));
        const cell = cells[pick % cells.length];
        assert.ok(cell !== undefined);
        const position = cell.positionAt(place % (cell.getText().length + 1));
        const all = whole(cell);
        const inside = (range: Range): void => {
          assert.deepEqual(cell.positionAt(cell.offsetAt(range.start)), range.start);
          assert.deepEqual(cell.positionAt(cell.offsetAt(range.end)), range.end);
        };
        language.diagnostics(cell).forEach(({ range }) => inside(range));
        (await language.completion(cell, position, { snippets: true })).items.forEach(({ textEdit }) => assert.deepEqual(textEdit !== undefined && "range" in textEdit && textEdit.range.end, position));
        const hover = await language.hover(cell, position, { markdown: true });
        if (hover?.range !== undefined) inside(hover.range);
        language.documentSymbols(cell).forEach(({ range }) => inside(range));
        language.foldingRanges(cell).forEach(({ startLine, endLine }) => assert.ok(startLine >= 0 && startLine < endLine && endLine < cell.lineCount));
        decoded(language.semanticTokens(cell, undefined).data).forEach(({ line: row, character, length }) => inside({ start: { line: row, character }, end: { line: row, character: character + length } }));
        language.inlayHints(cell, all).forEach(({ position: at }) => inside({ start: at, end: at }));
        applied(cell, language.formatting(cell, undefined));
        for (const { edit } of await language.codeActions(cell, all, { commands })) {
          for (const [uri, edits] of Object.entries(edit?.changes ?? {})) {
            const target = cells.find((one) => one.uri === uri);
            assert.ok(target !== undefined);
            applied(target, edits);
          }
        }
        for (let selection = language.selectionRanges(cell, [position])[0]; selection !== undefined; selection = selection.parent) inside(selection.range);
      }),
      { numRuns: 500 },
    );
  });
});

describe("formatting any text", () => {
  it("changes nothing that is read, and a second time nothing at all", () => {
    let changed = 0;
    fc.assert(
      fc.property(text, (source) => {
        const document = open(source);
        const edits = service.formatting(document, undefined);
        if (edits.length > 0) changed++;
        const once = applied(document, edits);
        assert.deepEqual(content(once), content(source));
        assert.deepEqual(service.formatting(open(once), undefined), []);
        for (const { range, newText } of edits) assert.notEqual(document.getText(range), newText, "an edit that changes nothing");
      }),
      { numRuns: 4000 },
    );
    assert.ok(changed > 1000, `only ${changed} texts were changed`);
  });

  it("leaves people's answers and all prose byte for byte", () => {
    fc.assert(
      fc.property(text, (source) => {
        const once = applied(open(source), service.formatting(open(source), undefined));
        const kept = (of: string): string[] => parse(of).blocks.filter(({ kind }) => kind === "reference" || kind === "note" || kind === "opaque" || kind === "blank").map(({ raw }) => raw);
        assert.deepEqual(kept(once), kept(source));
      }),
      opts,
    );
  });

  it("of a range is a part of formatting the whole", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (source, a, b) => {
        const document = open(source);
        const [start, end] = [a % (source.length + 1), b % (source.length + 1)].sort((x, y) => x - y) as [number, number];
        const all = new Set(service.formatting(document, undefined).map((edit) => JSON.stringify(edit)));
        for (const edit of service.formatting(document, { start: document.positionAt(start), end: document.positionAt(end) })) assert.ok(all.has(JSON.stringify(edit)));
      }),
      opts,
    );
  });
});

describe("renaming a question in any text", () => {
  it("keeps all other blocks as they were, and takes back with the old name", () => {
    let renamed = 0;
    fc.assert(
      fc.property(text, fc.nat(), fc.string({ unit: fc.constantFrom("a", "1", "-", ".", "#", "é", "𝄞", ">", "[") , minLength: 1, maxLength: 4 }), (source, pick, name) => {
        const before = parse(source);
        const ids = before.blocks.flatMap((block, i) => (block.kind === "question" && block.id !== undefined ? [{ i, id: block.id }] : []));
        const chosen = ids[pick % Math.max(1, ids.length)];
        if (chosen === undefined) return;
        const document = open(source);
        let edit;
        try {
          edit = service.rename(document, document.positionAt(chosen.id.start), name);
        } catch (thrown) {
          assert.ok(thrown instanceof LanguageError);
          return;
        }
        renamed++;
        const after = parse(applied(document, edit?.changes?.[document.uri]));
        assert.equal(after.blocks.length, before.blocks.length);
        after.blocks.forEach((block, i) => {
          if (i !== chosen.i) assert.equal(block.raw, before.blocks[i]?.raw);
          else assert.equal(block.kind === "question" ? block.id?.text : undefined, name);
        });
      }),
      { numRuns: 3000 },
    );
    assert.ok(renamed > 300, `only ${renamed} questions were renamed`);
  });
});

describe("code actions on any text", () => {
  it("fit the text; a fix makes its own problem go, and touches no answer of a person", async () => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        const document = open(source);
        const problems = service.diagnostics(document);
        for (const action of await service.codeActions(document, whole(document), { commands, diagnostics: [...problems] })) {
          if (action.edit === undefined) continue;
          tried++;
          const after = applied(document, action.edit.changes?.[document.uri] as TextEdit[]);
          assert.notEqual(after, source, action.title);
          const answers = (of: string): string[] => parse(of).blocks.filter(({ kind }) => kind === "reference").map(({ raw }) => raw.trimEnd());
          const now = answers(after);
          for (const answer of answers(source)) assert.ok(now.includes(answer), `${action.title} changed ${JSON.stringify(answer)}`);
          const [code] = action.diagnostics?.map((one) => one.code) ?? [];
          if (code === undefined) continue;
          const left = service.diagnostics(open(after)).filter((problem) => problem.code === code).length;
          const had = problems.filter((problem) => problem.code === code).length;
          assert.ok(left < had, `${action.title}: ${code} stays in ${JSON.stringify(after)}`);
        }
      }),
      { numRuns: 2500 },
    );
    assert.ok(tried > 1000, `only ${tried} actions were tried`);
  });
});

function within(document: TextDocument, inner: Range, outer: Range): boolean {
  return document.offsetAt(outer.start) <= document.offsetAt(inner.start) && document.offsetAt(inner.end) <= document.offsetAt(outer.end);
}

function decoded(data: readonly number[]): { line: number; character: number; length: number; type: number; set: number }[] {
  const tokens = [];
  let row = 0;
  let character = 0;
  for (let i = 0; i < data.length; i += 5) {
    const [lines = 0, characters = 0, length = 0, type = 0, set = 0] = data.slice(i, i + 5);
    character = lines === 0 ? character + characters : characters;
    row += lines;
    tokens.push({ line: row, character, length, type, set });
  }
  return tokens;
}
