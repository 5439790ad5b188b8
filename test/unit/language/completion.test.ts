import assert from "node:assert/strict";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { LanguagePorts } from "../../../server/src/language/service.js";
import { marked, MemoryWorkspace, RUN, service, URI } from "./support.js";

/** Labels offered at the cursor, in the editor's order. */
async function labels(text: string, ports: Partial<LanguagePorts> = {}): Promise<string[]> {
  const { document, cursor } = marked(text);
  const { items } = await service(ports).completion(document, cursor, { snippets: true });
  return [...items].sort((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1)).map(({ label }) => label);
}

/** The text after the item of that label was taken. */
async function taken(text: string, label: string, ports: Partial<LanguagePorts> = {}, snippets = false): Promise<string> {
  const { document, cursor } = marked(text);
  const { items } = await service(ports).completion(document, cursor, { snippets });
  const item = items.find((one) => one.label === label);
  assert.ok(item?.textEdit !== undefined && "range" in item.textEdit, `${label} is not among ${items.map((one) => one.label).join(", ")}`);
  return TextDocument.applyEdits(document, [item.textEdit]);
}

describe("completion", () => {
  describe("in the header", () => {
    it("offers the keys that are missing, and video again", async () => {
      const keys = await labels("VQA 1\nvideo: a.mp4\nmodel: micro\n‸\n\nQ: x\n");
      assert.ok(keys.includes("video") && keys.includes("sampling") && keys.includes("context"));
      assert.ok(!keys.includes("model"));
      assert.ok(!keys.includes("Q"));
    });

    it("offers keys on the line below an unfinished header, and replaces what was typed", async () => {
      assert.equal(await taken("VQA 1\nsam‸", "sampling"), "VQA 1\nsampling: ");
      assert.ok((await labels("VQA 1\n‸")).includes("video"));
    });

    it("offers values of a key", async () => {
      assert.deepEqual(await labels("VQA 1\ncontext: ‸\n"), ["subtitles", "none"]);
      assert.deepEqual(await labels("VQA 1\nmodel: ‸\n", { models: () => ["micro", "/packs/big"] }), ["micro", "/packs/big"]);
      assert.equal(await taken("VQA 1\nsampling: uni‸\n", "uniform 16"), "VQA 1\nsampling: uniform 16\n");
    });

    it("offers videos and folders by their path, and looks at one folder", async () => {
      const workspace = new MemoryWorkspace({
        "file:///home/ann/notes/a%20b.mp4": "",
        "file:///home/ann/notes/text.md": "",
        "file:///home/ann/notes/.hidden.mp4": "",
        "file:///home/ann/notes/raw/c.mkv": "",
        "file:///home/ann/clips/k%C3%BCche%231.webm": "",
      });
      assert.deepEqual(await labels("VQA 1\nvideo: ‸\n", { workspace }), ["a b.mp4", "raw/", "../"]);
      assert.deepEqual(workspace.accesses, { notebooks: 0, read: 0, list: 1 });
      assert.equal(await taken("VQA 1\nvideo: ../clips/k‸\n", "küche#1.webm", { workspace }), "VQA 1\nvideo: ../clips/küche#1.webm\n");
      assert.equal(workspace.accesses.list, 2);
      assert.equal(await taken("VQA 1\nvideo: ra‸\n", "raw/", { workspace }), "VQA 1\nvideo: raw/\n");
    });

    it("offers nothing in the first line", async () => {
      assert.deepEqual(await labels("VQA ‸\nvideo: a\n"), []);
    });
  });

  describe("of times", () => {
    const text = "VQA 1\nvideo: a.mp4\n\n@ 00:04..00:12.5 butter\n\n00:20.000 --> 00:22.000\nHello\n\nQ q1 @‸\n";

    it("offers where things around begin and end, nearest first", async () => {
      const offered = await labels(text);
      assert.deepEqual(offered.slice(0, 4), ["00:00:22.000", "00:00:20.000", "00:00:12.500", "00:00:04.000"]);
      assert.ok(offered.includes("00:00:20.000..00:00:22.000"));
    });

    it("puts the playhead first, and knows the end of the video", async () => {
      const media = { durationMs: () => Promise.resolve(60_000), playheadMs: () => 7_250 };
      const offered = await labels(text, { media });
      assert.equal(offered[0], "00:00:07.250");
      assert.ok(offered.includes("00:01:00.000"));
    });

    it("after .. offers only what is later", async () => {
      const offered = await labels(text.replace("@‸", "@00:12.5..‸"));
      assert.deepEqual(offered, ["00:00:22.000", "00:00:20.000"]);
    });

    it("replaces a time that was begun", async () => {
      assert.equal(await taken("VQA 1\n\n00:20.000 --> 00:22.000\nx\n\n@ 00:01, 00:2‸", "00:00:22.000"), "VQA 1\n\n00:20.000 --> 00:22.000\nx\n\n@ 00:01, 00:00:22.000");
      assert.equal(await taken("VQA 1\n\n@ 00:04..00:12 x\n\n00:04 --> 00:‸", "00:00:12.000"), "VQA 1\n\n@ 00:04..00:12 x\n\n00:04 --> 00:00:12.000");
    });

    it("reads the subtitles beside the video, and not those of another", async () => {
      const workspace = new MemoryWorkspace({ "file:///home/ann/notes/a.mp4": "", "file:///home/ann/notes/a.en.vtt": "WEBVTT\n\n00:31.000 --> 00:33.000\nBeside\n", "file:///home/ann/notes/ab.vtt": "WEBVTT\n\n00:41.000 --> 00:43.000\nNo\n" });
      const offered = await labels("VQA 1\nvideo: a.mp4\n\n@ ‸\n", { workspace });
      assert.deepEqual(offered, ["00:00:31.000", "00:00:33.000"]);
    });

    it("does without ports that fail, and says so in the log", async () => {
      const warned: string[] = [];
      const media = { durationMs: () => Promise.reject(new Error("no decoder")) };
      const offered = await labels(text, { media, logger: { warn: (message) => warned.push(message) } });
      assert.ok(offered.includes("00:00:22.000"));
      assert.deepEqual(warned, ["no decoder"]);
    });
  });

  describe("of blocks", () => {
    it("offers what can begin at the margin, with the next free id", async () => {
      assert.deepEqual(await labels("VQA 1\nvideo: a\n\n‸"), ["Q", "Q choices", "@", "A", "NOTE", "#", "-->"]);
      assert.equal(await taken("VQA 1\nvideo: a\n\nQ q1: x\n\n‸", "Q"), "VQA 1\nvideo: a\n\nQ q1: x\n\nQ q2: ");
      assert.match(await taken("VQA 1\nvideo: a\n\n‸", "Q choices", {}, true), /Q q1: \$\{1:question\}\n {2}- \[\$\{2\| ,x\|\}\]/);
      assert.match(await taken("VQA 1\nvideo: a\n\n‸", "Q choices"), /Q q1: \n {2}- \[ \] \n {2}- \[ \] $/);
      assert.equal(await taken("‸", "A"), "A: ");
      assert.equal(await taken("@ 0:01..0:05 x\n\n‸", "@"), "@ 0:01..0:05 x\n\n@ 00:00:05.000..00:00:05.000 ");
    });

    it("offers the header in an empty file", async () => {
      assert.equal((await labels("‸"))[0], "VQA");
      assert.equal((await labels("\ufeff‸"))[0], "VQA");
      assert.ok(!(await labels("NOTE a\n\n‸")).includes("VQA"));
    });

    it("offers them on the line below a block, which is not its own", async () => {
      assert.ok((await labels("VQA 1\n\nNOTE a\n‸")).includes("Q"));
      assert.ok((await labels("VQA 1\n\nQ: a\n‸\n")).includes("A"));
    });

    it("offers nothing inside of prose and subtitles", async () => {
      assert.deepEqual(await labels("VQA 1\n\nNOTE a\n  N‸\n"), []);
      assert.deepEqual(await labels("VQA 1\n\n00:01 --> 00:02\nQ‸\n"), []);
      assert.deepEqual(await labels("VQA 1\n\nQ q1: what @‸\n"), []);
    });

    it("offers choices below a question only", async () => {
      assert.deepEqual(await labels("VQA 1\n\nQ: a\n  ‸\n"), ["- [ ] ", "- [x] "]);
      assert.equal(await taken("VQA 1\n\nQ: a\n  - [ ] b\n  - [‸\n", "- [x] "), "VQA 1\n\nQ: a\n  - [ ] b\n  - [x] \n");
      assert.deepEqual(await labels("VQA 1\n\nNOTE a\n  ‸\n"), []);
    });
  });

  it("offers ids: the next of a question, runs for answers, missing runs for records", async () => {
    assert.deepEqual(await labels("VQA 1\n\nQ q1: a\n\nQ ‸"), ["q2"]);
    const runs = `VQA 1\n\nQ q1: a\nM ‸\nM 00000000 0123456789ab: b\n\n${RUN}`;
    assert.deepEqual(await labels(runs), ["dbf3dd46"]);
    assert.deepEqual(await labels(`${runs.replace("‸", "")}\nRUN ‸`), ["00000000"]);
  });

  it("keeps places under CRLF, a BOM and characters outside of the basic plane", async () => {
    const text = "\ufeffVQA 1\r\nvideo: 𝄞.mp4\r\n\r\n@ 00:04..00:12 𝄞𝄞\r\n\r\nQ 𝄞 @‸: x\r\n";
    assert.equal(await taken(text, "00:00:12.000"), text.replace("‸", "00:00:12.000"));
  });

  it("gives nothing once it was aborted, also while it waits", async () => {
    const controller = new AbortController();
    const { document, cursor } = marked("VQA 1\nvideo: a.mp4\n\n@ 00:04..00:12 a\n\n@ ‸");
    const media = {
      durationMs: () => {
        controller.abort();
        return Promise.resolve(1);
      },
    };
    assert.deepEqual((await service({ media }).completion(document, cursor, { snippets: true }, controller.signal)).items, []);
  });

  it("parses a version once", async () => {
    const { document, cursor } = marked("VQA 1\n\n‸");
    let reads = 0;
    const counted = new Proxy(document, { get: (target, key) => (key === "getText" && reads++, Reflect.get(target, key, target)) });
    const language = service();
    await language.completion(counted, cursor, { snippets: true });
    language.diagnostics(counted);
    language.foldingRanges(counted);
    assert.equal(reads, 1);
    TextDocument.update(document, [{ text: "VQA 1\n\nQ: a\n" }], 2);
    assert.equal(language.documentSymbols(counted).length, 1);
    assert.equal(reads, 2);
  });

  it("works in a document without a place", async () => {
    const document = TextDocument.create("untitled:Untitled-1", "vqa", 1, "VQA 1\nvideo: a/\n\n@ ");
    assert.deepEqual((await service().completion(document, { line: 1, character: 9 }, { snippets: true })).items, []);
    assert.notEqual(URI, document.uri);
    await service().completion(document, { line: 3, character: 2 }, { snippets: true });
  });
});
