import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

describe("links to videos in a workspace", function () {
  this.timeout(60_000);
  const root = tempFolder(after);
  const [workspace, outside] = [join(root, "workspace"), join(root, "private")];
  let client: LspClient;

  before(async function () {
    mkdirSync(workspace);
    mkdirSync(outside);
    const film = join(repoRoot, "test/fixtures/twins/red-circle.mp4");
    copyFileSync(film, join(outside, "diary.mp4"));
    copyFileSync(film, join(workspace, "clip.mp4"));
    try {
      symlinkSync(join(workspace, "clip.mp4"), join(workspace, "same.mp4"));
      symlinkSync(join(outside, "diary.mp4"), join(workspace, "film.mp4"));
      symlinkSync(outside, join(workspace, "clips"));
      symlinkSync(workspace, join(root, "opened"));
    } catch {
      // Windows lets only some people make links.
      this.skip();
    }
    client = LspClient.stdio();
    const workspaceFolders = [{ uri: pathToFileURL(join(root, "opened")).href, name: "opened by a link" }, { uri: pathToFileURL(workspace).href, name: "films" }];
    await client.request("initialize", { processId: process.pid, rootUri: null, workspaceFolders, capabilities: {}, initializationOptions: { threads: 1 } });
    await client.notify("initialized", {});
  });
  after(() => client?.kill());

  const probe = (video: string): Promise<{ durationMs: number }> => client.request("vqa/probe", { video });

  it("are followed inside of it, and to what is named outright", async () => {
    for (const video of [join(workspace, "same.mp4"), join(workspace, "clip.mp4"), join(root, "opened", "same.mp4"), join(outside, "diary.mp4")]) assert.ok((await probe(video)).durationMs > 0, video);
  });

  for (const name of ["film.mp4", "clips/diary.mp4"]) {
    it(`are refused when they lead out: ${name}`, async () => {
      const video = join(workspace, ...name.split("/"));
      const { error } = await refusal(probe(video));
      assert.ok(error !== undefined);
      assert.equal(error.code, "video-refused");
      assert.ok(error.message.includes(join(outside, "diary.mp4")) && error.message.includes(video), error.message);
      assert.match(error.next, /add its folder to the workspace/);
    });
  }

  it("are refused for the question of a notebook, too", async () => {
    const file = join(workspace, "notes.vqa");
    const text = "VQA 1\nvideo: film.mp4\n\nQ: What colour is the object?\n";
    writeFileSync(file, text);
    const uri = pathToFileURL(file).href;
    await client.notify("textDocument/didOpen", { textDocument: { uri, languageId: "vqa", version: 1, text } });
    const { results } = await client.request<{ results: { error?: { code: string } }[] }>("vqa/run", { textDocument: { uri, version: 1 }, questions: "all" });
    assert.deepEqual(results.map(({ error }) => error?.code), ["video-refused"]);
  });

  it("leave files that are not there to the decoder's own words", async () => {
    symlinkSync(join(outside, "nothing.mp4"), join(workspace, "gone.mp4"));
    assert.equal((await refusal(probe(join(workspace, "gone.mp4")))).error?.code, "video-not-found");
  });
});
