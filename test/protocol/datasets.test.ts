import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import type { ExportResult, ImportResult } from "../../server/src/protocol/datasets.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { tempFolder } from "../support/tempFolder.js";

const MSVD = [
  { id: 1, video_id: "clip one", question: "what is cut?", answer: "onion", rating: 5 },
  { id: 2, video_id: "clip one", question: "who cuts?", answer: "woman" },
  { id: 3, video_id: "two", question: "what is played?", answer: "guitar" },
];

describe("datasets over stdio", function () {
  this.timeout(60_000);
  let client: LspClient;
  const folder = tempFolder(after);
  const at = (...parts: readonly string[]): string => join(folder, ...parts);
  before(async () => {
    client = LspClient.stdio();
    await client.initialize();
  });
  after(() => client.kill());

  const importing = (given: object): Promise<ImportResult> => client.request("vqa/import", { files: [at("msvd.json")], out: at("notes"), preview: false, replace: false, ...given });
  const exporting = (given: object): Promise<ExportResult> => client.request("vqa/export", { notebooks: [{ notebook: at("a.vqa") }], format: "jsonl", out: at("out.jsonl"), preview: false, replace: false, ...given });

  it("an import is shown before, with everything that it would write and lose, and nothing is written", async () => {
    writeFileSync(at("msvd.json"), JSON.stringify(MSVD));
    const shown = await importing({ format: "msvd-qa", preview: true });
    assert.deepEqual([shown.formats, shown.total, shown.existing, shown.counts], [["msvd-qa"], 2, 0, { question: 3 }]);
    assert.deepEqual(shown.notebooks.map(({ file, video }) => [file, video]), [[{ path: at("notes", "clip one.vqa"), exists: false }, "clip one"], [{ path: at("notes", "two.vqa"), exists: false }, "two"]]);
    assert.match(shown.samples[0]?.text ?? "", /^VQA 1\nvideo: clip one\ndataset: msvd-qa\ndataset\.video: clip one\n\nQ 1: what is cut\?\nNOTE fields \{"rating":5\}\nA: onion\n/);
    assert.ok(!existsSync(at("notes")));
    assert.deepEqual(readdirSync(folder), ["msvd.json"]);
  });

  it("an import writes what was shown, and never over a notebook unless it is told to", async () => {
    const [shown, written] = [await importing({ format: "msvd-qa", preview: true }), await importing({ format: "msvd-qa" })];
    assert.deepEqual(written.total, 2);
    assert.equal(readFileSync(at("notes", "clip one.vqa"), "utf8"), shown.samples[0]?.text);
    writeFileSync(at("notes", "two.vqa"), "mine");
    const again = await importing({ format: "msvd-qa", preview: true });
    assert.equal(again.existing, 2);
    assert.match((await refusal(importing({ format: "msvd-qa" }))).message, /exist already; nothing was written/);
    assert.equal(readFileSync(at("notes", "two.vqa"), "utf8"), "mine");
    await importing({ format: "msvd-qa", replace: true });
    assert.equal(readFileSync(at("notes", "two.vqa"), "utf8"), shown.samples[1]?.text);
  });

  it("an import can be stopped, says how far it is, and leaves nothing behind", async () => {
    const many = Array.from({ length: 200_000 }, (_, i) => JSON.stringify({ video: `v${i % 50}.mp4`, question: `what is ${i}?`, references: [{ text: "this" }] }));
    writeFileSync(at("many.jsonl"), many.join("\n"));
    const stop = new CancellationTokenSource();
    let records = 0;
    client.connection.onNotification("$/progress", ({ token, value }: { token: string; value: { records: number } }) => {
      if (token !== "many") return;
      records = value.records;
      stop.cancel();
    });
    const end = await refusal(client.request("vqa/import", { files: [at("many.jsonl")], out: at("stopped"), preview: false, replace: false, partialResultToken: "many" }, stop.token));
    assert.equal(end.error?.code, "cancelled");
    assert.ok(records >= 1000, String(records));
    assert.deepEqual(existsSync(at("stopped")) ? readdirSync(at("stopped")) : [], []);
  });

  it("an export shows each file and what cannot be carried over, from what is on the screen and not in the file", async () => {
    writeFileSync(at("a.vqa"), "VQA 1\nvideo: a.mp4\n\nQ one: old?\nA: this\n");
    const text = "VQA 1\nvideo: a.mp4\n\n# Part\n\nQ one: new?\nA ann: this\n\nQ two: else?\n";
    const shown = await exporting({ notebooks: [{ notebook: at("a.vqa"), text }], format: "activitynet-qa", out: at("val.json"), preview: true });
    assert.deepEqual(shown.files, [{ path: at("val_q.json"), exists: false }, { path: at("val_a.json"), exists: false }]);
    assert.deepEqual(shown.counts, { header: 1, heading: 1, question: 2 });
    assert.match(shown.samples[0]?.text ?? "", /new/);
    assert.deepEqual(shown.leftOut.map(({ what, count }) => [what, count]).sort(), [["heading", 1], ["id in a form that cannot be kept", 2], ["name of who answered", 1]].sort());
    assert.ok(!existsSync(at("val_q.json")));
  });

  it("an export writes its files, one for each notebook where the format is about one video", async () => {
    writeFileSync(at("b.vqa"), "VQA 1\nvideo: b.mp4\n\n00:01.000 --> 00:02.000\nhello\n");
    const written = await exporting({ notebooks: [{ notebook: at("a.vqa") }, { notebook: at("b.vqa") }], format: "srt", out: folder });
    assert.deepEqual(written.files.map(({ path }) => path), [at("a.srt"), at("b.srt")]);
    assert.match(readFileSync(at("b.srt"), "utf8"), /00:00:01,000 --> 00:00:02,000\r?\nhello/);
    assert.match((await refusal(exporting({ format: "srt", out: folder }))).message, /a\.srt exists already; nothing was written/);
    assert.match((await refusal(exporting({ format: "no such" }))).message, /no format "no such"/);
  });
});
