import assert from "node:assert/strict";
import type { LanguagePorts } from "../../../server/src/language/service.js";
import { at, marked, MemoryWorkspace, RUN, service, URI } from "./support.js";

const all = new Set(["vqa.ask", "vqa.play"]);

describe("code lenses", () => {
  const text = `VQA 1\nvideo: ../clips/a b.mp4\n\n@ 00:04..00:12 butter\n\nQ q1: a\n\nQ q2 @00:01: b\nM dbf3dd46 0123456789ab: c\n\nQ:\n\n${RUN}`;
  const lenses = async (from: string, commands: ReadonlySet<string>, ports: Partial<LanguagePorts> = {}) =>
    (await service(ports).codeLenses(marked(from).document, commands)).map(({ range, command }) => `${range.start.line} ${command?.title}`);

  it("play segments and spans, ask questions, and ask again where there is an answer", async () => {
    assert.deepEqual(await lenses(text, all), ["0 Ask new and stale", "0 Ask all", "3 Play", "5 Ask", "7 Play", "7 Ask again"]);
  });

  it("offer a person's decision on a model's answer until a person has answered", async () => {
    const decide = new Set(["vqa.acceptAnswer", "vqa.rejectAnswer"]);
    assert.deepEqual(await lenses(text, decide), ["8 Accept", "8 Reject"]);
    assert.deepEqual(await lenses(text.replace(": b\n", ": b\nA: c\n"), decide), []);
    const [accept] = await service().codeLenses(marked(text).document, decide);
    assert.deepEqual(accept?.command?.arguments, [{ uri: URI, question: 1, answer: 0 }]);
  });

  it("name no command that nobody carries out", async () => {
    assert.deepEqual(await lenses(text, new Set(["vqa.ask"])), ["0 Ask new and stale", "0 Ask all", "5 Ask", "7 Ask again"]);
    assert.deepEqual(await lenses(text, new Set(["vqa.play"])), ["3 Play", "7 Play"]);
    assert.deepEqual(await lenses(text, new Set()), []);
  });

  it("say why to ask again", async () => {
    assert.ok((await lenses(text, all, { currentInput: () => Promise.resolve("ffffffffffff") })).includes("7 Ask again (stale)"));
    assert.ok((await lenses(text, all, { currentInput: () => Promise.resolve("0123456789ab") })).includes("7 Ask again"));
    assert.ok((await lenses(text.replace("=0", "=1"), all)).includes("7 Ask again (record altered)"));
  });

  it("carry what the commands take", async () => {
    const found = await service().codeLenses(marked(text).document, all);
    assert.deepEqual(found.map(({ command }) => command?.arguments?.[0]), [
      { textDocument: { uri: URI, version: 1 }, questions: "stale" },
      { textDocument: { uri: URI, version: 1 }, questions: "all" },
      { video: "file:///home/ann/clips/a%20b.mp4", spans: [{ startMs: 4000, endMs: 12_000 }] },
      { textDocument: { uri: URI, version: 1 }, questions: [0] },
      { video: "file:///home/ann/clips/a%20b.mp4", spans: [{ startMs: 1000, endMs: 1000 }] },
      { textDocument: { uri: URI, version: 1 }, questions: [1] },
    ]);
  });

  it("stop when they are aborted", async () => {
    const controller = new AbortController();
    const currentInput = () => (controller.abort(), Promise.resolve("0123456789ab"));
    assert.deepEqual(await service({ currentInput }).codeLenses(marked(text).document, all, controller.signal), []);
  });
});

describe("inlay hints", () => {
  const hints = (text: string) => {
    const { document, range } = marked(text);
    const whole = { start: { line: 0, character: 0 }, end: { line: document.lineCount, character: 0 } };
    const part = range.start.line === range.end.line && range.start.character === range.end.character ? whole : range;
    return service().inlayHints(document, part).map(({ position, label }) => {
      const before = at(document, { start: { line: position.line, character: 0 }, end: position });
      return `${before}⟦${String(label)}⟧`;
    });
  };

  it("show the scope that a question has from its segment", () => {
    assert.deepEqual(hints("@ 00:01..00:02 x\n\nQ q1: a\nQ: b\nQ q2 @00:01: c\n\n# end\n\nQ: d\n"), ["Q q1⟦@00:00:01.000..00:00:02.000⟧", "Q⟦@00:00:01.000..00:00:02.000⟧"]);
  });

  it("show whether an answer is the gold one", () => {
    assert.deepEqual(hints("Q: a\n  - [ ] red\n  - [x] blue\nM dbf3dd46 0123456789ab: (A) red\nM dbf3dd47 0123456789ab: (B) blue\n"), ["M dbf3dd46 0123456789ab: (A) red⟦✗ gold: (B) blue⟧", "M dbf3dd47 0123456789ab: (B) blue⟦✓⟧"]);
    assert.deepEqual(hints("Q: a\nA: A knob of butter.\nM dbf3dd46 0123456789ab: a knob of  butter\nM dbf3dd47 0123456789ab: butter\n"), ["M dbf3dd46 0123456789ab: a knob of  butter⟦✓⟧"]);
  });

  it("come for the asked part only", () => {
    assert.deepEqual(hints("@ 00:01..00:02 x\n\nQ q1: a\n\n‹Q q2: b›\n"), ["Q q2⟦@00:00:01.000..00:00:02.000⟧"]);
  });
});

describe("document links", () => {
  it("lead to the video, and to the subtitles beside it", async () => {
    const workspace = new MemoryWorkspace({ "file:///home/ann/clips/k%C3%BCche.mp4": "", "file:///home/ann/clips/k%C3%BCche.en.srt": "", "file:///home/ann/clips/k%C3%BCche.vtt": "", "file:///home/ann/clips/k%C3%BCche2.vtt": "" });
    const { document } = marked("VQA 1\nvideo: ../clips/küche.mp4\ncontext: subtitles\n");
    const links = await service({ workspace }).documentLinks(document);
    assert.deepEqual(links.map(({ range, target }) => [at(document, range), target]), [
      ["../clips/küche.mp4", "file:///home/ann/clips/k%C3%BCche.mp4"],
      ["subtitles", "file:///home/ann/clips/k%C3%BCche.vtt"],
    ]);
    assert.deepEqual(workspace.accesses, { notebooks: 0, read: 0, list: 1 });
    assert.equal((await service({ workspace }).documentLinks(marked("VQA 1\nvideo: ../clips/küche.mp4\ncontext: none\n").document)).length, 1);
  });

  it("take absolute paths and addresses as they are", async () => {
    const { document } = marked("VQA 1\nvideo: /a b/c#1.mp4\nvideo: C:\\d\\e.mp4\nvideo: https://example.com/f.mp4\nvideo:\n");
    assert.deepEqual((await service().documentLinks(document)).map(({ target }) => target), ["file:///a%20b/c%231.mp4", "file:///C:/d/e.mp4", "https://example.com/f.mp4"]);
  });
});
