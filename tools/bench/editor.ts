/**
 * What an editor waits for in a notebook of ten thousand blocks: the time that the server's part takes,
 * in this process, without the wire. Keys are pressed near the top, where most of the text is behind them.
 */
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Position } from "vscode-languageserver-types";
import { encodeUtf8, fromCells, parse, readNotebook, setAnswers, toCells, type Cells } from "../../server/src/format/index.js";
import { createLanguageService, withCells, type LanguageService, type NotebookCells } from "../../server/src/language/service.js";
import { notebookOfBlocks } from "./notebook.js";
import { measure, timed, type Measure } from "./stats.js";

const BLOCKS = 10_000;
const KEYS = 40;

/** Error: the notebook has no block to type in, or what is measured gives nothing. */
export async function editing(runs: number): Promise<Measure[]> {
  const text = notebookOfBlocks(BLOCKS);
  // Once for the compiler: an editor's server runs for hours.
  await asText(text, 1);
  await asCells(text, 1);
  return [...(await asText(text, runs)), ...(await asCells(text, runs)), ...(await saving(text, runs))];
}

async function asText(text: string, runs: number): Promise<Measure[]> {
  const [open, key, spent, complete]: [number[], number[], number[], number[]] = [[], [], [], []];
  const uri = "file:///bench/long.vqa";
  for (let run = 0; run < runs; run++) {
    const language = createLanguageService();
    const document = TextDocument.create(uri, "vqa", 1, text);
    open.push((await timed(() => language.diagnostics(document))).ms);
    const at = text.indexOf(":", text.indexOf("\nQ q2")) + 2;
    for (let i = 0; i < KEYS / 2; i++) {
      const range = { start: document.positionAt(at + i), end: document.positionAt(at + i) };
      const { ms, cpuMs } = await timed(() => language.diagnostics(TextDocument.update(document, [{ range, text: "x" }], document.version + 1)));
      key.push(ms);
      spent.push(cpuMs);
    }
    complete.push(await completing(language, document, (next) => TextDocument.update(document, [{ text: next }], document.version + 1)));
  }
  return [measure(`opening ${BLOCKS} blocks as text, to diagnostics`, "ms", open), measure("key to diagnostics, as text", "ms", key), measure("  of that on the processor, with collecting", "ms", spent), measure("completion, as text", "ms", complete)];
}

/** A new line below the first segment, and on it the beginning of a question's scope. */
async function completing(language: LanguageService, document: TextDocument, change: (text: string) => void): Promise<number> {
  const text = document.getText();
  const at = text.indexOf("\n\n", text.indexOf("\n@")) + 2;
  change(`${text.slice(0, at)}Q new @00:0\n\n${text.slice(at)}`);
  const position = document.positionAt(at + "Q new @00:0".length);
  const { ms, value } = await timed(() => language.completion(document, position, { snippets: true }));
  if (value.items.length === 0) throw new Error("There is nothing to complete.");
  return ms;
}

async function asCells(text: string, runs: number): Promise<Measure[]> {
  const [open, key, spent, complete]: [number[], number[], number[], number[]] = [[], [], [], []];
  const { cells: all, origin } = toCells(parse(text));
  for (let run = 0; run < runs; run++) {
    const cells = all.map(({ source, language }, i) => TextDocument.create(`vscode-notebook-cell:/bench/long.vqa#${i}`, language, 1, source));
    let notebook: NotebookCells = { uri: "file:///bench/long.vqa", header: origin?.header ?? "", runs: origin?.runs ?? [], cells };
    const language = withCells(createLanguageService(), () => notebook);
    const asked = cells[all.findIndex(({ origin: from }) => from?.role === "question")];
    if (asked === undefined) throw new Error("The notebook has no question.");
    open.push((await timed(() => language.diagnostics(asked))).ms);
    const type = (position: Position, typed: string): void => {
      TextDocument.update(asked, [{ range: { start: position, end: position }, text: typed }], asked.version + 1);
      notebook = { ...notebook };
    };
    for (let i = 0; i < KEYS / 2; i++) {
      const { ms, cpuMs } = await timed(() => {
        type({ line: 0, character: (asked.getText().split("\n", 1)[0] ?? "").length }, "x");
        return language.diagnostics(asked);
      });
      key.push(ms);
      spent.push(cpuMs);
    }
    type({ line: 0, character: asked.getText().indexOf(":") }, " @00:0");
    const { ms, value } = await timed(() => language.completion(asked, { line: 0, character: asked.getText().indexOf("@") + "@00:0".length }, { snippets: true }));
    if (value.items.length === 0) throw new Error("There is nothing to complete in the cell.");
    complete.push(ms);
  }
  return [measure(`opening ${all.length} cells, to diagnostics`, "ms", open), measure("key to diagnostics, in a cell", "ms", key), measure("  of that on the processor, with collecting", "ms", spent), measure("completion, in a cell", "ms", complete)];
}

/** From an edited cell to the bytes of the file, and from a new answer to the edit that stores it. */
async function saving(text: string, runs: number): Promise<Measure[]> {
  const [save, store]: [number[], number[]] = [[], []];
  const cells = toCells(parse(text));
  const edited: Cells = { ...cells, cells: cells.cells.map((cell, i) => (i === 1 ? { ...cell, source: `${cell.source} more` } : cell)) };
  const notebook = readNotebook(parse(text));
  const [question] = notebook.questions;
  if (question === undefined) throw new Error("The notebook has no question.");
  for (let run = 0; run < runs + 1; run++) {
    const saved = await timed(() => encodeUtf8(fromCells(edited)));
    const stored = await timed(() => setAnswers(notebook, [{ question, run: { model: `m${run}` }, in12: "0123456789ab", text: "an answer" }]));
    if (saved.value.length <= text.length || stored.value.length === 0) throw new Error("Nothing was saved.");
    // The first one is for the compiler.
    if (run > 0) [save, store].forEach((list, i) => list.push([saved.ms, stored.ms][i] ?? 0));
  }
  return [measure(`saving ${cells.cells.length} cells with an edited one`, "ms", save), measure("the edit that stores an answer", "ms", store)];
}
