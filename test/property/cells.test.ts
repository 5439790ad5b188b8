import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applyEdits,
  fromCells,
  isCellOrigin,
  isCellsOrigin,
  isIntact,
  parse,
  printCells,
  readNotebook,
  runId,
  setAnswers,
  toCells,
  type Cell,
  type Cells,
} from "../../server/src/format/index.js";
import { answerText, eol, fragment, hex, questionText, runRecord, text } from "./vqaTexts.js";

const opts = { numRuns: 2000 };

/** What an editor does to cells between opening and saving: metadata become JSON, sources get line ends of one kind and lose a BOM. */
function throughEditor({ cells, origin }: Cells, lineEnd: string): Cells {
  return {
    cells: cells.map((cell) => ({ ...cell, source: cell.source.replace(/^\ufeff/, "").split("\n").join(lineEnd), origin: json(cell.origin), answers: json(cell.answers) })),
    origin: json(origin),
  };
}

function json<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

const open = (source: string, lineEnd = "\n"): Cells => throughEditor(toCells(parse(source)), lineEnd);
const withCells = (cells: Cells, change: (cells: readonly Cell[]) => readonly Cell[]): Cells => ({ ...cells, cells: change(cells.cells) });

const without = (end: string): string => end.replace(/[\r\n]+$/, "");

describe("cells", () => {
  it("give back any text after the way through an editor", () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.string({ unit: "binary" }) }), fc.constantFrom("\n", "\r\n"), (source, lineEnd) => {
        const cells = open(source, lineEnd);
        assert.equal(fromCells(cells), source);
        assert.ok(isCellsOrigin(cells.origin) && cells.cells.every(({ origin }) => isCellOrigin(origin)));
      }),
      { numRuns: 4000 },
    );
  });

  it("stand where their ranges say, and hold every block but the header, blanks and runs", () => {
    fc.assert(
      fc.property(text, (source) => {
        const document = parse(source);
        const { ranges } = printCells(open(source));
        let at = 0;
        for (const { start, end } of ranges) {
          assert.ok(start >= at && end > start);
          at = end;
        }
        for (const block of document.blocks) {
          const inside = ranges.some(({ start, end }) => block.start >= start && block.end <= end);
          assert.ok(inside || ["header", "blank", "run"].includes(block.kind), block.kind);
        }
      }),
      opts,
    );
  });

  it("change nothing outside of one that is edited", () => {
    let edited = 0;
    fc.assert(
      fc.property(text, fc.nat(), fc.array(fc.oneof(fragment, fc.string()), { minLength: 1, maxLength: 4 }), (source, pick, lines) => {
        const cells = open(source);
        fc.pre(cells.cells.length > 0);
        const at = pick % cells.cells.length;
        const { start, end } = printCells(cells).ranges[at] ?? { start: 0, end: 0 };
        const after = fromCells(withCells(cells, (all) => all.map((cell, i) => (i === at ? { ...cell, source: lines.join("\n") } : cell))));
        // Separators may grow or go, where blocks would otherwise run into one another.
        assert.ok(after.startsWith(source.slice(0, start).replace(/[ \t\r\n]+$/, "")), "before");
        assert.ok(after.endsWith(source.slice(end).replace(/^[ \t\r\n]+/, "")), "after");
        edited++;
      }),
      opts,
    );
    assert.ok(edited > 500);
  });

  it("keep an edited question's answers, and each line of it that stays", () => {
    fc.assert(
      fc.property(questionText, fc.constantFrom("and why?", "x"), (source, more) => {
        const cells = open(source);
        const at = cells.cells.findIndex(({ origin }) => origin?.role === "question");
        fc.pre(at >= 0);
        const asked = cells.cells[at]?.source ?? "";
        const after = fromCells(withCells(cells, (all) => all.map((cell, i) => (i === at ? { ...cell, source: asked.replace(/^[^\n]*/, (first) => `${first} ${more}`) } : cell))));
        const [before, now] = [readNotebook(parse(source)), readNotebook(parse(after))];
        const head = before.document.blocks.find(({ start }) => start === before.questions.find(({ block }) => cells.cells[at]?.origin?.parts[0]?.raw === block.raw)?.block.start)?.start ?? 0;
        const line = source.slice(head).split(/\r\n|\r|\n/)[0] ?? "";
        assert.equal(after, source.slice(0, head) + `${line} ${more}` + source.slice(head + line.length));
        assert.deepEqual(now.questions.map((q) => q.answers.map((a) => a.text)), before.questions.map((q) => q.answers.map((a) => a.text)));
      }),
      opts,
    );
  });

  it("can be taken away and put elsewhere without harm to the others", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.boolean(), (source, from, to, copy) => {
        const cells = open(source);
        fc.pre(cells.cells.length > 1);
        // Lines that begin with a blank belong to the block above, wherever they are put.
        // Nor is a header's line put first, where it would be one.
        fc.pre(cells.cells.every((cell) => !/^(?:[ \t]|VQA|WEBVTT)/.test(cell.source)) && !/^.?WEBVTT/.test(source) && !source.slice(1).includes("\ufeff"));
        const moved = cells.cells[from % cells.cells.length] as Cell;
        const rest = copy ? [...cells.cells] : cells.cells.filter((cell) => cell !== moved);
        rest.splice(to % (rest.length + 1), 0, moved);
        const after = fromCells(withCells(cells, () => rest));
        // Cues that meet become one cell, and answers join a question above: but all lines are there.
        const shown = (list: readonly Cell[]): string[] =>
          list.flatMap((cell) => [cell.source, ...cell.answers.map(({ raw }) => raw)]).join("\n").split(/[\r\n]+/).filter((piece) => piece.trim() !== "").sort();
        assert.deepEqual(shown(toCells(parse(after)).cells), shown(rest));
        const runs = (of: string): string[] => readNotebook(parse(of)).runs.map(({ raw }) => without(raw)).sort();
        assert.deepEqual(runs(after), runs(source));
      }),
      opts,
    );
  });

  it("take new answers where the text edits would put them, with their runs", () => {
    let answered = 0;
    fc.assert(
      fc.property(questionText, fc.nat(), runRecord, hex(12), answerText, (source, pick, run, in12, said) => {
        const notebook = readNotebook(parse(source));
        const { header } = notebook.document;
        fc.pre(header?.syntax !== "vqa" || header.version === 1);
        const question = notebook.questions[pick % notebook.questions.length];
        fc.pre(question !== undefined);
        const wanted = applyEdits(source, setAnswers(notebook, [{ question, run, in12, text: said }]));
        const cells = open(source);
        const at = printCells(cells).ranges.findIndex(({ start, end }) => question.block.start >= start && question.block.end <= end);
        // Answers that stand apart from their question are cells of their own.
        fc.pre(question.answers.every(({ block }) => (printCells(cells).ranges[at]?.end ?? 0) >= block.end));
        const then = readNotebook(parse(wanted));
        const answers = (then.questions[question.ordinal - 1]?.answers ?? []).map(({ block, run8 }) => {
          const found = then.runsById.get(run8);
          return { raw: block.raw, ...(found === undefined ? {} : { run: found.raw }) };
        });
        const after = readNotebook(parse(fromCells(withCells(cells, (all) => all.map((cell, i) => (i === at ? { ...cell, answers } : cell))))));
        const told = ({ questions }: typeof after): unknown => questions.map((q) => q.answers.map(({ run8, in12: inputs, text: t }) => [run8, inputs, t]));
        assert.deepEqual(told(after), told(then));
        const mine = after.runsById.get(runId(Object.entries(run)));
        assert.ok(mine !== undefined && isIntact(mine));
        answered++;
      }),
      opts,
    );
    assert.ok(answered > 300, `only ${answered}`);
  });

  it("print a new notebook that is read as what was put in", () => {
    const cell = (kind: Cell["kind"], source: string): Cell => ({ kind, language: kind === "markup" ? "markdown" : "vqa", source, answers: [], origin: undefined });
    const newCell = fc.constantFrom(cell("markup", "# One"), cell("markup", "Some *prose*\n\n- and a list"), cell("code", "Q: What?\n  - [ ] a\n  - [x] b\nA: b"), cell("code", "@ 00:01..00:02 a label"), cell("code", "00:01.000 --> 00:02.000\nhello"));
    fc.assert(
      fc.property(fc.array(newCell, { maxLength: 6 }), eol, (cells, lineEnd) => {
        const after = toCells(parse(fromCells({ cells: cells.map((c) => ({ ...c, source: c.source.split("\n").join(lineEnd === "\r" ? "\n" : lineEnd) })), origin: undefined })));
        const merged = (list: readonly Cell[]): string[] => list.map(({ source }) => source);
        const expected: string[] = [];
        cells.forEach(({ source }, i) => {
          const isCue = (c: Cell | undefined): boolean => c?.source.includes("-->") === true;
          if (isCue(cells[i]) && isCue(cells[i - 1])) expected[expected.length - 1] += `\n\n${source}`;
          else expected.push(source);
        });
        assert.deepEqual(merged(after.cells), expected);
      }),
    );
  });
});
