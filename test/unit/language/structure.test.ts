import assert from "node:assert/strict";
import type { DocumentSymbol, SelectionRange } from "vscode-languageserver-types";
import { TOKEN_LEGEND } from "../../../server/src/language/service.js";
import { at, marked, MemoryWorkspace, RUN, service } from "./support.js";

const notebook = `VQA 1
video: a.mp4

# Cooking

NOTE one
  two

00:01.000 --> 00:02.000
a

00:03.000 --> 00:04.000
b

@ 00:04..00:12 butter

Q q1: What?
  - [ ] x
  - [x] y
A ann: y
M dbf3dd46 0123456789ab: y

Q: And then?

## Sauce

Q q3 @00:20: Why?

# Serving

${RUN}`;

describe("document symbols", () => {
  const tree = (symbols: readonly DocumentSymbol[], depth = 0): string[] =>
    symbols.flatMap(({ name, detail, children = [] }) => [`${"  ".repeat(depth)}${name}${detail === undefined ? "" : ` | ${detail}`}`, ...tree(children, depth + 1)]);

  it("nest: headings hold segments, and both hold questions", () => {
    assert.deepEqual(tree(service().documentSymbols(marked(notebook).document)), [
      "Cooking",
      "  butter | 00:00:04.000..00:00:12.000",
      "    q1: What? | 00:00:04.000..00:00:12.000",
      "    And then? | 00:00:04.000..00:00:12.000",
      "  Sauce",
      "    q3: Why? | 00:00:20.000",
      "Serving",
    ]);
  });

  it("reach to the last answer, and not over the runs", () => {
    const { document } = marked(notebook);
    const [cooking, serving] = service().documentSymbols(document);
    const question = cooking?.children?.[0]?.children?.[0];
    assert.ok(question !== undefined && serving !== undefined);
    assert.equal(at(document, question.range), "Q q1: What?\n  - [ ] x\n  - [x] y\nA ann: y\nM dbf3dd46 0123456789ab: y");
    assert.equal(at(document, question.selectionRange), "Q q1: What?");
    assert.equal(at(document, serving.range), "# Serving");
  });

  it("have names where the text has none", () => {
    assert.deepEqual(tree(service().documentSymbols(marked("@ 00:01..00:02\nQ:\n@ 00:0x\n").document)), ["00:00:01.000..00:00:02.000 | 00:00:01.000..00:00:02.000", "  #1 | 00:00:01.000..00:00:02.000", "(segment)"]);
  });
});

describe("workspace symbols", () => {
  const files = { "file:///w/a.vqa": notebook, "file:///w/b.vqa": "# Plates\n\nQ p1: How many plates?\n", "file:///w/c.txt": "# Plates\n" };
  const names = async (query: string): Promise<string[]> => (await service({ workspace: new MemoryWorkspace(files) }).workspaceSymbols(query)).map(({ name, location }) => `${location.uri.slice(-5)} ${name}`);

  it("are found in all notebooks by letters in their order", async () => {
    assert.deepEqual(await names("plt"), ["b.vqa Plates", "b.vqa p1: How many plates?"]);
    assert.deepEqual(await names("SAUCE"), ["a.vqa Sauce"]);
    assert.equal((await names("")).length, 9);
    assert.deepEqual(await names("zzz"), []);
  });

  it("cost one look a file, and a document is parsed once a version", async () => {
    const workspace = new MemoryWorkspace(files);
    const language = service({ workspace });
    await language.workspaceSymbols("x");
    assert.deepEqual(workspace.accesses, { notebooks: 1, read: 2, list: 0 });
  });

  it("stop when they are aborted", async () => {
    const workspace = new MemoryWorkspace(files);
    const controller = new AbortController();
    const stopping = { ...workspaceOf(workspace), read: (uri: string) => (controller.abort(), workspace.read(uri)) };
    assert.deepEqual(await service({ workspace: stopping }).workspaceSymbols("", controller.signal), []);
    assert.equal(workspace.accesses.read, 1);
  });

  function workspaceOf(workspace: MemoryWorkspace) {
    return { notebooks: () => workspace.notebooks(), read: (uri: string) => workspace.read(uri), list: (uri: string) => workspace.list(uri) };
  }
});

describe("folding", () => {
  const folds = (text: string): string[] => service().foldingRanges(marked(text).document).map(({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind === undefined ? "" : ` ${kind}`}`);

  it("holds header, sections, notes, runs of cues, segments, questions with answers, and records", () => {
    assert.deepEqual(folds(notebook), ["0-1", "3-26", "5-6 comment", "8-12", "14-22", "16-20", "24-26", "30-33"]);
  });

  it("is the same under CRLF and without a final newline", () => {
    assert.deepEqual(folds(notebook.trimEnd().replace(/\n/g, "\r\n")), folds(notebook));
  });

  it("has nothing to fold in single lines", () => {
    assert.deepEqual(folds("VQA 1\n\n# a\n\n00:01 --> 00:02\n\nQ: b\n\n# c\n"), ["2-6"]);
  });
});

describe("semantic tokens", () => {
  function tokens(text: string): string[] {
    const { document } = marked(text);
    const { data } = service().semanticTokens(document, undefined);
    const found = [];
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      const [lines = 0, characters = 0, length = 0, type = 0, set = 0] = data.slice(i, i + 5);
      character = lines === 0 ? character + characters : characters;
      line += lines;
      const modifiers = TOKEN_LEGEND.tokenModifiers.filter((_, bit) => (set & (1 << bit)) !== 0);
      found.push(`${at(document, { start: { line, character }, end: { line, character: character + length } })}:${[TOKEN_LEGEND.tokenTypes[type], ...modifiers].join(".")}`);
    }
    return found;
  }

  it("name the parts of every block", () => {
    assert.deepEqual(tokens("VQA 1\nmodel: micro\n"), ["VQA:keyword", "1:number", "model:property", "micro:string"]);
    assert.deepEqual(tokens("## Title\n"), ["##:keyword", "Title:namespace.declaration"]);
    assert.deepEqual(tokens("@ 00:01..00:02, 0:05 label\n"), ["@:keyword", "00:01:number", "00:02:number", "0:05:number"]);
    assert.deepEqual(tokens("Q q1 @00:01: text\n  - [ ] a\n  - [x] b c\n"), ["Q:keyword", "q1:variable.declaration", "@:operator", "00:01:number", "- [ ]:operator", "a:enumMember", "- [x]:operator", "b c:enumMember.readonly"]);
    assert.deepEqual(tokens("A ann: text\n"), ["A:keyword", "ann:parameter"]);
    assert.deepEqual(tokens("NOTE one\n  two\n"), ["NOTE:comment", "one:comment", "two:comment"]);
    assert.deepEqual(tokens("id 7\n00:01.000 --> 00:02.000 line:0\ntext 00:03\n"), ["id 7:variable.declaration", "00:01.000:number", "00:02.000:number"]);
  });

  it("show answers whose record is altered", () => {
    const text = `M dbf3dd46 0123456789ab t=1ms: yes\n\n${RUN}`;
    assert.deepEqual(tokens(text).slice(0, 6), ["M:keyword", "dbf3dd46:variable", "0123456789ab:number", "t:property", "1ms:string", "yes:string.readonly"]);
    assert.deepEqual(tokens(text.replace("=0", "=1")).slice(1, 2), ["dbf3dd46:variable.deprecated"]);
    assert.ok(tokens(text.replace("=0", "=1")).includes("dbf3dd46:variable.declaration.deprecated"));
  });

  it("of a range are those of the blocks that it touches", () => {
    const { document, range } = marked("# one\n\nQ: ‹two›\n\n# three\n");
    assert.deepEqual(service().semanticTokens(document, range).data, [2, 0, 1, 0, 0]);
  });

  it("count in UTF-16 units after a BOM and under CRLF", () => {
    assert.deepEqual(tokens("\ufeffVQA 1\r\n𝄞: 1\r\n\r\nQ 𝄞𝄞 @00:01: 𝄞\r\n"), ["VQA:keyword", "1:number", "Q:keyword", "𝄞𝄞:variable.declaration", "@:operator", "00:01:number"]);
  });
});

describe("selection ranges", () => {
  it("grow from the word to the document", () => {
    const { document, cursor } = marked(notebook.replace("[x] y", "[x] y‸"));
    const grown: string[] = [];
    for (let one: SelectionRange | undefined = service().selectionRanges(document, [cursor])[0]; one !== undefined; one = one.parent) grown.push(at(document, one.range));
    assert.deepEqual(grown.map((text) => text.split("\n")[0]), ["y", "- [x] y", "  - [x] y", "Q q1: What?", "Q q1: What?", "@ 00:04..00:12 butter", "# Cooking", "VQA 1"]);
    assert.equal(grown.at(-1), document.getText());
  });

  it("take a time as one word", () => {
    const { document, cursor } = marked("Q q1 @00:01.5‸00..00:02: a");
    const [selection] = service().selectionRanges(document, [cursor]);
    assert.ok(selection !== undefined);
    assert.equal(at(document, selection.range), "00:01.500");
  });

  it("exist for every position, also in an empty document", () => {
    const { document, cursor } = marked("‸");
    assert.equal(service().selectionRanges(document, [cursor, cursor]).length, 2);
  });
});
