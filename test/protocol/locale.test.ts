import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SerializedError } from "../../server/src/engine/errors.js";
import type { HardwareReport } from "../../server/src/protocol/hardware.js";
import type { ImportResult } from "../../server/src/protocol/datasets.js";
import type { RunPartial, RunResult } from "../../server/src/protocol/asking.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

/** What one client is told, all of it by the same requests. */
interface Heard {
  readonly video: SerializedError;
  readonly rpc: number;
  readonly model: SerializedError;
  readonly unreadable: SerializedError;
  readonly rename: string;
  readonly run: RunResult;
  readonly finished: readonly RunPartial[];
  readonly bars: readonly { readonly title?: string; readonly message?: string }[];
  readonly imported: ImportResult;
  /** Asked for in two of them: a process looks at the machine each time. */
  readonly device: HardwareReport | undefined;
}

describe("what the server says, in the client's language", function () {
  this.timeout(180_000);
  const heard = new Map<string, Heard>();
  const folder = tempFolder(after);

  const listen = async (locale: string | undefined): Promise<Heard> => {
    const client = LspClient.stdio();
    const capabilities = { workspace: { workspaceEdit: { documentChanges: true } } };
    await client.initialize(capabilities, { threads: 1 }, locale);
    const finished: RunPartial[] = [];
    const bars: { title?: string; message?: string }[] = [];
    client.connection.onNotification("$/progress", ({ token, value }: { token: string; value: RunPartial & { title?: string } }) => {
      if (token === "bar") bars.push(value);
      else if (value.kind === "finished") finished.push(value);
    });
    const failed = async (method: string, params: unknown): Promise<{ rpc: number; error: SerializedError }> => {
      const { rpc, message, error } = await refusal(client.request(method, params));
      assert.equal(error?.message, message, "both places say the same");
      return { rpc, error: error.toJSON() };
    };
    const clip = join(folder, "clip.mp4");
    const uri = pathToFileURL(join(folder, "a.vqa")).href;
    await client.open(uri, "VQA 1\nvideo: gone.mp4\nmodel: micro\n\nQ a: What is empty?\n\nQ b: What?\n");
    const { rpc, error: video } = await failed("vqa/ask", { request: { video: join(folder, "There is no file.mp4"), question: "What?" } });
    const { error: model } = await failed("vqa/ask", { request: { video: clip, question: "What?" }, model: join(folder, "no model") });
    const { error: unreadable } = await failed("vqa/probe", { video: join(folder, "text.mp4") });
    const rename = await refusal(client.request("textDocument/rename", { textDocument: { uri }, position: { line: 4, character: 3 }, newName: "b" }));
    const run = await client.request<RunResult>("vqa/run", { textDocument: { uri }, questions: "all", partialResultToken: "parts", workDoneToken: "bar" });
    const imported = await client.request<ImportResult>("vqa/import", { files: [join(folder, "a.srt")], out: join(folder, "out"), preview: true, replace: false });
    const device = locale === undefined ? undefined : await client.request<HardwareReport>("vqa/hardware", { device: "metal" });
    assert.equal((await client.shutdown()).code, 0, client.log);
    return { video, rpc, model, unreadable, rename: rename.message, run, finished, bars, imported, device };
  };
  before(async () => {
    copyFileSync(join(repoRoot, "media/demo/shapes.mp4"), join(folder, "clip.mp4"));
    writeFileSync(join(folder, "text.mp4"), "this is a text, and no film\n");
    writeFileSync(join(folder, "a.srt"), "1\n00:00:02,000 --> 00:00:01,000\nnever\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}above\n");
    for (const locale of ["de-AT", "en", undefined]) heard.set(locale ?? "", await listen(locale));
  });
  const of = (locale: string): Heard => heard.get(locale) ?? assert.fail(`nothing was heard in ${locale}`);

  it("is English in English, and where the client names no language", () => {
    for (const locale of ["", "en"]) {
      const { video, model, unreadable, rename, run, bars } = of(locale);
      assert.match(video.message, /^There is no file .*There is no file\.mp4\.$/);
      assert.equal(video.next, "Check the path of the video.");
      assert.match(model.next, /^Install the model pack/);
      assert.match(unreadable.message, /cannot be read as a video: it is a text file\.$/);
      assert.match(rename, /^Another question is called "b"\./);
      assert.match(run.results[0]?.error?.message ?? "", /^There is no file/);
      assert.equal(bars[0]?.title, "Answering");
    }
  });

  it("is German in German, the names of files left alone", () => {
    const { video, model, unreadable, rename } = of("de-AT");
    assert.match(video.message, /^Es gibt keine Datei .*There is no file\.mp4\.$/);
    assert.equal(video.next, "Prüfen Sie den Pfad des Videos.");
    assert.match(model.message, /no model.* lässt sich nicht lesen: /);
    assert.equal(model.next, "Installieren Sie das Modellpaket, oder stellen Sie als Modell den Ordner ein, in dem seine vqa-model.json liegt.");
    assert.match(unreadable.message, /text\.mp4.* lässt sich nicht als Video lesen: es ist eine Textdatei\.$/);
    assert.equal(rename, "Eine andere Frage heißt „b“. Wählen Sie einen Namen, den keine Frage hat.");
  });

  it("has the same code, number and data in every language", () => {
    for (const locale of ["de-AT", ""]) {
      const [there, here] = [of("en"), of(locale)];
      for (const key of ["video", "model", "unreadable"] as const) assert.deepEqual([here[key].code, here[key].data], [there[key].code, there[key].data]);
      assert.equal(here.rpc, there.rpc);
    }
    assert.deepEqual([of("de-AT").video.code, of("de-AT").model.code, of("de-AT").rpc], ["video-not-found", "model-missing", -32803]);
  });

  it("reaches what stands inside of results, partial results and progress bars", () => {
    const { run, finished, bars, imported, device } = of("de-AT");
    assert.deepEqual(run.results.map(({ error }) => error?.code), ["video-not-found", "video-not-found"]);
    for (const { error } of run.results) assert.match(error?.message ?? "", /^Es gibt keine Datei .*gone\.mp4\.$/);
    assert.deepEqual(finished.map((one) => one.kind === "finished" && one.result.error), run.results.map(({ error }) => error));
    assert.equal(bars[0]?.title, "Antworten");
    assert.deepEqual(imported.leftOut.map(({ what }) => what), ["Untertitel, der nicht endet, nachdem er begonnen hat", "Gestaltung der Worte eines Untertitels"]);
    assert.deepEqual(imported.leftOut.map(({ count, examples }) => [count, examples]), of("en").imported.leftOut.map(({ count, examples }) => [count, examples]));
    assert.deepEqual(imported.samples, of("en").imported.samples, "what is made of files is the same in every language");
    const refused = (report: HardwareReport | undefined): (string | undefined)[] => [...(report?.language ?? []), ...(report?.encoders ?? [])].filter(({ usable }) => !usable).map(({ why }) => why);
    const [here, there] = [refused(device), refused(of("en").device)];
    assert.ok(there.length > 0, "this machine has every device");
    here.forEach((why, i) => assert.notEqual(why, there[i]));
  });
});
