import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { EditorMissing } from "../../editor/cache.js";
import { openDisplay } from "../../editor/desktop/display.js";
import { ensureDesktop, reach } from "../../editor/desktop/download.js";
import { serverIsKnown } from "../../editor/setup.js";
import { tempFolder } from "../../support/tempFolder.js";

const missing = (words: RegExp) => (error: unknown): boolean => error instanceof EditorMissing && words.test(error.message);

describe("the download of a desktop editor", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  const served = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it("can be reached where its site answers", async () => {
    await reach(await served((_, response) => response.end("[]")));
  });

  it("cannot where the site refuses, is silent or is not there: said with what to do instead", async () => {
    await assert.rejects(reach(await served((_, response) => response.writeHead(503).end())), missing(/127\.0\.0\.1:\d+: status 503.*VQA_TEST_DESKTOP/));
    await assert.rejects(reach(await served(() => undefined), 50), missing(/timeout/i));
    const gone = await served(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    await assert.rejects(reach(gone), missing(/ECONNREFUSED/));
  });
});

describe("a desktop editor that is named", () => {
  const folder = tempFolder(after);
  const before = process.env["VQA_TEST_DESKTOP"];
  afterEach(() => (before === undefined ? delete process.env["VQA_TEST_DESKTOP"] : (process.env["VQA_TEST_DESKTOP"] = before)));
  const named = (...parts: readonly string[]): string => (process.env["VQA_TEST_DESKTOP"] = join(folder, ...parts));

  it("must be there, with its command line", async () => {
    named("nothing");
    await assert.rejects(ensureDesktop(), missing(/nothing, which is not there/));
    writeFileSync(named("code"), "");
    await assert.rejects(ensureDesktop(), missing(/no command line/));
  });

  it("is taken with the command line that belongs to it", async function () {
    if (process.platform !== "linux") this.skip();
    const executable = named("whole");
    mkdirSync(join(folder, "bin"));
    writeFileSync(executable, "");
    writeFileSync(join(folder, "bin", "code"), "");
    assert.deepEqual(await ensureDesktop(), { executable, cli: join(folder, "bin", "code") });
  });
});

describe("which editor the tests run in", () => {
  it("is VS Code's server on Linux, and a desktop editor elsewhere", () => {
    const known = (platform: NodeJS.Platform, arch: NodeJS.Architecture): boolean => serverIsKnown({ platform, arch });
    assert.deepEqual([known("linux", "x64"), known("linux", "arm64"), known("linux", "arm"), known("darwin", "arm64"), known("win32", "x64")], [true, true, false, false, false]);
  });
});

describe("a screen for a desktop editor", () => {
  const screens = (): number =>
    execFileSync("ps", ["-A", "-ww", "-o", "ppid=,stat=,args="], { encoding: "utf8" })
      .split("\n")
      .filter((line) => new RegExp(`^\\s*${process.pid} [^Z]\\S*\\s+Xvfb `).test(line)).length;

  it("is the one that is there", async () => {
    const display = await openDisplay({ DISPLAY: ":7" });
    assert.deepEqual(display.env, {});
    await display.end();
  });

  it("is made where there is none, and goes again", async function () {
    if (process.platform !== "linux" || spawnSync("Xvfb", ["-help"], { stdio: "ignore" }).error !== undefined) this.skip();
    const display = await openDisplay({});
    assert.match(display.env["DISPLAY"] ?? "", /^:\d+$/);
    assert.equal(screens(), 1);
    await display.end();
    assert.equal(screens(), 0);
  });
});
