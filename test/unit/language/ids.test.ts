import assert from "node:assert/strict";
import { LanguageError } from "../../../server/src/language/service.js";
import { applied, at, marked, RUN, service } from "./support.js";

const notebook = `VQA 1

Q q1: a
M dbf3dd46 0123456789ab: b
M dbf3dd46 0123456789ac: c

Q q2: d

${RUN}`;

const lines = (text: string, find: (marked_: ReturnType<typeof marked>) => { range: { start: { line: number } } }[]): number[] => find(marked(text)).map(({ range }) => range.start.line);

describe("definition, references and highlights", () => {
  it("lead from an answer to the record of its run", () => {
    const { document, cursor } = marked(notebook.replace("M dbf3", "M d‸bf3"));
    const [place, ...more] = service().definition(document, cursor);
    assert.ok(place !== undefined && more.length === 0);
    assert.equal(place.uri, document.uri);
    assert.equal(place.range.start.line, 8);
    assert.equal(at(document, place.range), "dbf3dd46");
  });

  it("find the answers of a run", () => {
    const text = notebook.replace("RUN db", "RUN ‸db");
    assert.deepEqual(lines(text, ({ document, cursor }) => service().references(document, cursor, false)), [3, 4]);
    assert.deepEqual(lines(text, ({ document, cursor }) => service().references(document, cursor, true)), [3, 4, 8]);
    assert.deepEqual(lines(text, ({ document, cursor }) => service().documentHighlights(document, cursor)), [8, 3, 4]);
  });

  it("find questions of one name", () => {
    assert.deepEqual(lines("Q q1‸: a\nQ q2: b\nQ q1: c\n", ({ document, cursor }) => service().references(document, cursor, true)), [0, 2]);
    assert.deepEqual(lines("Q q1‸: a\nQ q1: c\n", ({ document, cursor }) => service().references(document, cursor, false)), []);
  });

  it("know nothing of prose", () => {
    for (const text of ["NOTE q‸1\n", "Q q1: q‸1\n", "‸"]) {
      assert.deepEqual(lines(text, ({ document, cursor }) => service().definition(document, cursor)), []);
      assert.deepEqual(lines(text, ({ document, cursor }) => service().references(document, cursor, true)), []);
    }
  });
});

describe("rename", () => {
  function rename(text: string, name: string): string {
    const { document, cursor } = marked(text);
    return applied(document, service().rename(document, cursor, name)?.changes?.[document.uri]);
  }

  it("changes the name of one question", () => {
    assert.equal(rename("Q q1‸: q1\nA: q1\nQ q2: b\n", "pan"), "Q pan: q1\nA: q1\nQ q2: b\n");
    assert.equal(rename("\ufeffVQA 1\r\n\r\nQ 𝄞‸ @00:01: 𝄞\r\n", "clef"), "\ufeffVQA 1\r\n\r\nQ clef @00:01: 𝄞\r\n");
    assert.equal(rename("Q q1: a\nQ q1‸: b\n", "q2"), "Q q1: a\nQ q2: b\n");
    assert.equal(rename("Q q1‸: a\n", "q1"), "Q q1: a\n");
  });

  it("refuses names that are taken or impossible", () => {
    for (const name of ["q2", "a b", "a:", "@a", "#a", "", "\ud800", "a\nb"]) {
      assert.throws(() => rename("Q q1‸: a\nQ q2: b\n", name), (thrown) => thrown instanceof LanguageError && thrown.next !== "", name);
    }
  });

  it("refuses the id of a run, which is made from its content", () => {
    const { document, cursor } = marked(notebook.replace("RUN db", "RUN d‸b"));
    assert.throws(() => service().prepareRename(document, cursor), LanguageError);
    assert.throws(() => service().rename(document, cursor, "00000000"), LanguageError);
  });

  it("prepares with the id under the cursor, and with nothing elsewhere", () => {
    const { document, cursor } = marked("Q q1‸: a\n");
    assert.deepEqual(service().prepareRename(document, cursor), { range: { start: { line: 0, character: 2 }, end: { line: 0, character: 4 } }, placeholder: "q1" });
    const prose = marked("Q q1: a‸\n");
    assert.equal(service().prepareRename(prose.document, prose.cursor), undefined);
    assert.equal(service().rename(prose.document, prose.cursor, "x"), undefined);
  });
});
