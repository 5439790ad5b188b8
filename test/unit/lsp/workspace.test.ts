import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import { FileWorkspace } from "../../../server/src/lsp/workspace.js";
import { tempFolder } from "../../support/tempFolder.js";

describe("the workspace on disk", () => {
  const folder = tempFolder(after);
  const uri = (path: string): string => pathToFileURL(join(folder, path)).href;
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const workspace = (open: readonly TextDocument[] = [], folders: readonly string[] = [uri("in")]): FileWorkspace =>
    new FileWorkspace({ all: () => [...open], get: (wanted) => open.find((document) => document.uri === wanted) }, () => folders);

  before(() => {
    put("in/a.vqa", "# a\n");
    put("in/deep/b.vqa", "# b\n");
    put("in/node_modules/c.vqa", "# c\n");
    put("in/.git/d.vqa", "# d\n");
    put("in/clip.mp4", "");
    put("in/latin.vqa", Uint8Array.of(0x23, 0x20, 0xe9));
    put("out/e.vqa", "# e\n");
  });

  it("finds notebooks once, open or not, and none in hidden or generated folders", async () => {
    const open = [TextDocument.create(uri("in/a.vqa"), "vqa", 1, "# open\n"), TextDocument.create("untitled:1", "vqa", 1, "")];
    assert.deepEqual([...(await workspace(open).notebooks())].sort(), [uri("in/a.vqa"), uri("in/deep/b.vqa"), uri("in/latin.vqa"), "untitled:1"].sort());
  });

  it("reads a file once until it changes, and what is open from the editor", async () => {
    const open = TextDocument.create(uri("in/a.vqa"), "vqa", 7, "# open\n");
    assert.equal(await workspace([open]).read(open.uri), open);
    const files = workspace();
    const first = await files.read(open.uri);
    assert.equal(first?.getText(), "# a\n");
    assert.equal(await files.read(open.uri), first);
    put("in/a.vqa", "# changed\n");
    utimesSync(join(folder, "in/a.vqa"), 1, 1);
    assert.equal((await files.read(open.uri))?.getText(), "# changed\n");
  });

  it("refuses what is not text, and knows nothing of what is not there", async () => {
    await assert.rejects(workspace().read(uri("in/latin.vqa")), /not UTF-8/);
    assert.equal(await workspace().read(uri("in/none.vqa")), undefined);
    assert.equal(await workspace().read(uri("in/deep")), undefined);
    assert.equal(await workspace().read("https://example.com/a.vqa"), undefined);
    assert.deepEqual(await workspace().list(uri("in/none/")), []);
  });

  it("looks at nothing outside of the folders that were opened", async () => {
    assert.equal(await workspace().read(uri("out/e.vqa")), undefined);
    assert.deepEqual(await workspace().list(uri("out/")), []);
    assert.deepEqual(await workspace().list(uri("in/../out/")), []);
    assert.ok((await workspace().list(uri("in/"))).some(({ name, kind }) => name === "clip.mp4" && kind === "file"));
  });

  it("without folders takes those of the open files", async () => {
    const open = [TextDocument.create("untitled:1", "vqa", 1, ""), TextDocument.create(uri("in/deep/b.vqa"), "vqa", 1, "")];
    assert.deepEqual(await workspace(open, []).list(uri("in/deep/")), [{ name: "b.vqa", kind: "file" }]);
    assert.deepEqual(await workspace(open, []).list(uri("in/")), []);
    assert.deepEqual(await workspace([], []).list(uri("in/")), []);
  });
});
