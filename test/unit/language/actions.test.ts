import assert from "node:assert/strict";
import { diagnose, parse, readNotebook, runId } from "../../../server/src/format/index.js";
import type { LanguagePorts } from "../../../server/src/language/service.js";
import { applied, marked, MemoryWorkspace, RUN, service } from "./support.js";

const commands = new Set(["vqa.ask"]);

async function actions(text: string, ports: Partial<LanguagePorts> = {}, only?: readonly string[]) {
  const { document, range } = marked(text);
  const diagnostics = [...service().diagnostics(document)];
  const found = await service(ports).codeActions(document, range, { commands, diagnostics, ...(only === undefined ? {} : { only }) });
  return { document, found };
}

/** The text after the action of that title. */
async function after(text: string, title: string, ports: Partial<LanguagePorts> = {}): Promise<string> {
  const { document, found } = await actions(text, ports);
  const action = found.find((one) => one.title === title);
  assert.ok(action !== undefined, `"${title}" is not among ${found.map((one) => one.title).join(" | ")}`);
  return applied(document, action.edit?.changes?.[document.uri]);
}

const titles = async (text: string, ports: Partial<LanguagePorts> = {}, only?: readonly string[]): Promise<string[]> => (await actions(text, ports, only)).found.map(({ title }) => title);

describe("quick fixes", () => {
  it("write times as the grammar wants them", async () => {
    assert.equal(await after("@ ‸1:2:70,5 a\n", "Write 01:03:10.500"), "@ 01:03:10.500 a\n");
    assert.equal(await after("Q q @‸90s-2m: a\n", "Write 00:01:30.000..00:02:00.000"), "Q q @00:01:30.000..00:02:00.000: a\n");
    assert.equal(await after("‸00:01,000 --> 00:02,500 line:0\na\n", "Write 00:00:01.000 --> 00:00:02.500 line:0"), "00:00:01.000 --> 00:00:02.500 line:0\na\n");
    assert.deepEqual(await titles("VQA 1\n\n@ ‸5 a\n"), []);
  });

  it("swap a reversed range", async () => {
    assert.equal(await after("@ ‸0:05..0:01 a\n", "Swap start and end"), "@ 00:00:01.000..00:00:05.000 a\n");
    assert.equal(await after("\ufeff‸00:05.000 --> 00:04.000 line:0\r\n𝄞\r\n", "Swap start and end"), "\ufeff00:00:04.000 --> 00:00:05.000 line:0\r\n𝄞\r\n");
  });

  it("give a second question another name", async () => {
    assert.equal(await after("Q q1: a\nQ q2: b\nQ q‸1: c\n", "Rename to q3"), "Q q1: a\nQ q2: b\nQ q3: c\n");
    assert.equal(await after("Q pan: a\nQ p‸an: c\n", "Rename to pan2"), "Q pan: a\nQ pan2: c\n");
  });

  it("indent choices below a question, and only there", async () => {
    assert.equal(await after("Q: a\n‸- [ ] b\n- [x] c\n", "Indent: a choice of the question above"), "Q: a\n  - [ ] b\n  - [x] c\n");
    assert.deepEqual(await titles("NOTE a\n\n‸- [ ] b\n"), []);
  });

  it("add a header, a version and a video", async () => {
    assert.equal(await after("\ufeff‸Q: a\r\n", "Add the header"), "\ufeffVQA 1\r\nvideo: \r\n\r\nQ: a\r\n");
    assert.equal(await after("VQA‸\nvideo: a\n", "Write VQA 1"), "VQA 1\nvideo: a\n");
    const workspace = new MemoryWorkspace({ "file:///home/ann/notes/pan.mp4": "", "file:///home/ann/notes/pan.vtt": "" });
    assert.equal(await after("VQA 1‸\n\nQ: a\n", "Add video: pan.mp4", { workspace }), "VQA 1\nvideo: pan.mp4\n\nQ: a\n");
  });

  it("repair header values and doubled keys", async () => {
    assert.equal(await after("VQA 1\nsampling: ‸every 8\n", "Write uniform 8"), "VQA 1\nsampling: uniform 8\n");
    assert.equal(await after("VQA 1\ncontext: ‸all\n", "Write none"), "VQA 1\ncontext: none\n");
    assert.equal(await after("VQA 1\nmodel: a\nmod‸el: b", "Remove this line"), "VQA 1\nmodel: a");
  });

  it("keep blocks apart", async () => {
    assert.equal(await after("VQA 1\n‸Q: a\n", "Put a blank line before it"), "VQA 1\n\nQ: a\n");
    assert.equal(await after("00:01 --> 00:02\ntext\n‸Q: a\n", "Put a blank line before it"), "00:01 --> 00:02\ntext\n\nQ: a\n");
    assert.equal(await after("‸Q: a\n00:01 --> 00:02\ntext\n", "Put a blank line after it"), "Q: a\n\n00:01 --> 00:02\ntext\n");
  });

  it("clean up choices", async () => {
    assert.equal(await after("Q: a\n  - [x] b\n  - [x‸] c\n", "Keep only (A) as right"), "Q: a\n  - [x] b\n  - [ ] c\n");
    assert.equal(await after("Q: a\n  - [x] b\n  - [ ]‸ b\n  - [ ] c\n", "Remove this choice"), "Q: a\n  - [x] b\n  - [ ] c\n");
  });

  it("make prose a note, and put a colon where a question wants one", async () => {
    assert.equal(await after("VQA 1\n\n‸some\nprose\n", "Make it a NOTE"), "VQA 1\n\nNOTE some\n  prose\n");
    assert.equal(await after("Q‸ q1 why not?\n", "Put a colon after the id"), "Q q1: why not?\n");
  });

  it("remove records that nobody uses, and copies", async () => {
    assert.equal(await after(`Q: a\n\n${RUN.replace("RUN db", "RUN d‸b")}`, "Remove this run"), "Q: a\n");
    assert.equal(await after(`Q: a\nM dbf3dd46 0123456789ab: b\n\n${RUN}\n${RUN.replace("RUN db", "RUN d‸b")}`, "Remove this copy"), `Q: a\nM dbf3dd46 0123456789ab: b\n\n${RUN}`);
  });

  it("for an answer without a record ask again or remove it: a record cannot be made up", async () => {
    const text = "VQA 1\nvideo: a\n\nQ q1: a\nA: mine\nM d‸bf3dd46 0123456789ab: b\n";
    assert.equal(await after(text, "Remove this answer"), "VQA 1\nvideo: a\n\nQ q1: a\nA: mine\n");
    const { found, document } = await actions(text);
    assert.deepEqual(found.find(({ title }) => title === "Ask again")?.command?.arguments, [{ textDocument: { uri: document.uri, version: 1 }, questions: [0] }]);
  });

  it("never remove what a person wrote as an answer", async () => {
    assert.deepEqual(await titles("VQA 1\nvideo: a\n\nA‸: lost\n"), []);
    assert.equal(await after("VQA 1\nvideo: a\n\nM‸ dbf3dd46 0123456789ab: lost\n\nNOTE b\n", "Remove this answer"), "VQA 1\nvideo: a\n\nNOTE b\n");
  });

  it("leave an empty line where the lines around would become one block", async () => {
    assert.equal(await after("VQA 1\nvideo: a\n\nprose\nM‸ dbf3dd46 0123456789ab: lost\nmore\n", "Remove this answer"), "VQA 1\nvideo: a\n\nprose\n\nmore\n");
  });

  it("carry the diagnostic that they solve", async () => {
    const { found } = await actions("VQA 1\n\n@ ‸0:05..0:01 a\n");
    assert.deepEqual(found.map(({ kind, isPreferred, diagnostics }) => [kind, isPreferred, diagnostics?.map(({ code }) => code)]), [["quickfix", true, ["end-before-start"]]]);
  });

  it("come only for the kinds that are asked for", async () => {
    assert.deepEqual(await titles("VQA 1\n\n@ ‸0:05..0:01 a\n", {}, ["refactor"]), []);
    assert.equal((await titles("VQA 1\n\n@ ‸0:05..0:01 a\n", {}, ["quickfix"])).length, 1);
  });

  it("make records that are what their id says: the tests' own one is", () => {
    assert.equal(runId([["model", "micro"], ["decode", "temperature=0"]]), "dbf3dd46");
    assert.ok(!diagnose(readNotebook(parse(RUN))).some(({ code }) => code === "run-altered"));
  });
});

describe("rewrites", () => {
  const text = "@ 00:01..00:09 seg\n\n00:02.000 --> 00:03.000\na\n\nQ‸ q1: b\n\n00:04.000 --> 00:05.000\nc\n";

  it("set the scope of a question from a cue or its segment", async () => {
    assert.deepEqual(await titles(text, {}, ["refactor"]), ["Write the segment's scope into the question", "Set the scope from the cue above: 00:00:02.000..00:00:03.000", "Set the scope from the cue below: 00:00:04.000..00:00:05.000"]);
    assert.match(await after(text, "Set the scope from the cue above: 00:00:02.000..00:00:03.000"), /^Q q1 @00:00:02\.000\.\.00:00:03\.000: b$/m);
    assert.match(await after(text, "Write the segment's scope into the question"), /^Q q1 @00:00:01\.000\.\.00:00:09\.000: b$/m);
    assert.match(await after(text.replace("Q‸ q1:", "Q‸:").replace(": b", ":b"), "Set the scope from the cue below: 00:00:04.000..00:00:05.000"), /^Q @00:00:04\.000\.\.00:00:05\.000: b$/m);
    assert.match(await after(text.replace("q1:", "q1 @0:07 :"), "Set the scope from the cue below: 00:00:04.000..00:00:05.000"), /^Q q1 @00:00:04\.000\.\.00:00:05\.000 : b$/m);
  });

  it("make a notebook of a WebVTT file", async () => {
    const vtt = "\ufeffWEBVTT‸ - Pancakes\r\nKind: captions\r\n\r\nNOTE\r\none\r\ntwo\r\n\r\nSTYLE\r\n::cue {}\r\n\r\n1\r\n00:01.000 --> 00:02.000\r\nHi\r\n";
    const made = await after(vtt, "Make this a notebook");
    assert.equal(made, "\ufeffVQA 1\r\ntitle: Pancakes\r\nKind: captions\r\n\r\nNOTE\r\n  one\r\n  two\r\n\r\nSTYLE\r\n::cue {}\r\n\r\n1\r\n00:01.000 --> 00:02.000\r\nHi\r\n");
    assert.deepEqual(readNotebook(parse(made)).cues.map(({ text: said }) => said), ["Hi"]);
    assert.deepEqual(parse(made).problems, []);
  });

  it("do not make a notebook of what would then read as something else", async () => {
    assert.deepEqual(await titles("WEBVTT‸\n\n00:01.000 --> 00:02.000\nHi\n \nthere\n", {}, ["refactor"]), []);
    assert.deepEqual(await titles("VQA 1‸\nvideo: a\n", {}, ["refactor"]), []);
  });
});
