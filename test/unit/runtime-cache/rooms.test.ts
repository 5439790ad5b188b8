import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DiskDigests, WORTH_BYTES } from "../../../server/src/runtime/cache/digests.js";
import { FileCache } from "../../../server/src/runtime/cache/files.js";
import { clearCache, measureCache } from "../../../server/src/runtime/cache/rooms.js";
import { tempFolder } from "../../support/tempFolder.js";

const hex = (n: number): string => n.toString(16).padStart(64, "0");

describe("the rooms of a cache folder", () => {
  const folder = tempFolder(after);

  it("are measured and cleared, and nothing else in them is touched", async () => {
    mkdirSync(join(folder, "features"));
    mkdirSync(join(folder, "proxies"));
    writeFileSync(join(folder, "features", `${hex(1)}.f32`), "12345");
    writeFileSync(join(folder, "features", "thesis.txt"), "mine");
    writeFileSync(join(folder, "proxies", `${hex(2)}-all-1.mp4`), "123");
    writeFileSync(join(folder, "diary.txt"), "mine");
    const wanted = [
      { name: "features", entries: 1, bytes: 5 },
      { name: "transcripts", entries: 0, bytes: 0 },
      { name: "summaries", entries: 0, bytes: 0 },
      { name: "proxies", entries: 1, bytes: 3 },
      { name: "sprites", entries: 0, bytes: 0 },
      { name: "digests", entries: 0, bytes: 0 },
    ];
    assert.deepEqual(await measureCache(folder), wanted);
    assert.deepEqual(await clearCache(folder), wanted);
    assert.ok((await measureCache(folder)).every(({ entries }) => entries === 0));
    assert.deepEqual(readdirSync(join(folder, "features")), ["thesis.txt"]);
    assert.equal(readFileSync(join(folder, "diary.txt"), "utf8"), "mine");
  });

  it("may not be there", async () => {
    assert.ok((await clearCache(join(folder, "nothing"))).every(({ entries }) => entries === 0));
    assert.equal(existsSync(join(folder, "nothing")), false);
  });
});

describe("files of a cache", () => {
  const folder = tempFolder(after);
  const entries = /^e\d+$/;

  it("are kept within a bound, the longest unused go first, the newest stays", async () => {
    const cache = new FileCache({ folder: join(folder, "bound"), entries, maxBytes: 25 });
    for (let i = 0; i < 3; i++) {
      const path = (await cache.make(`e${i}`, async (temporary) => (writeFileSync(temporary, "x".repeat(10)), true)))!;
      utimesSync(path, 1000 + i, 1000 + i);
    }
    assert.deepEqual(readdirSync(join(folder, "bound")).sort(), ["e1", "e2"]);
    assert.ok(await cache.find("e1"));
    await cache.make("e3", async (temporary) => (writeFileSync(temporary, "x".repeat(10)), true));
    assert.deepEqual(readdirSync(join(folder, "bound")).sort(), ["e1", "e3"]);
    await cache.make("e4", async (temporary) => (writeFileSync(temporary, "x".repeat(90)), true));
    assert.deepEqual(readdirSync(join(folder, "bound")), ["e4"]);
  });

  it("appear whole or not at all", async () => {
    const cache = new FileCache({ folder: join(folder, "whole"), entries, maxBytes: 100 });
    assert.equal(await cache.make("e1", async (temporary) => (writeFileSync(temporary, "half"), false)), undefined);
    await assert.rejects(cache.make("e1", async (temporary) => {
      writeFileSync(temporary, "half");
      throw new Error("stopped");
    }), /stopped/);
    assert.deepEqual(readdirSync(join(folder, "whole")), []);
  });

  it("are shared by processes that write, read and clear at once", async function () {
    this.timeout(60_000);
    const shared = join(folder, "proxies");
    const program = join(folder, "writer.mjs");
    const module = new URL("../../../server/src/runtime/cache/", import.meta.url).href;
    writeFileSync(program, `
      import { readFileSync, writeFileSync } from "node:fs";
      const { FileCache } = await import("${module}files.js");
      const { clearCache } = await import("${module}rooms.js");
      const [folder, seed] = process.argv.slice(2);
      const cache = new FileCache({ folder: folder + "/proxies", entries: /^[0-9a-f]{64}-all-1\\.mp4$/, maxBytes: 200_000 });
      for (let i = 0; i < 40; i++) {
        const n = (i * 7 + Number(seed)) % 10;
        const name = String(n).padStart(64, "0") + "-all-1.mp4";
        const path = (await cache.find(name)) ?? (await cache.make(name, async (t) => (writeFileSync(t, String(n).repeat(20_000)), true)));
        let text;
        try { text = readFileSync(path, "utf8"); } catch { continue; }
        if (text !== String(n).repeat(20_000)) { console.error("torn", n, text.length); process.exit(1); }
        if (i % 13 === 12) await clearCache(folder);
      }
    `);
    const codes = await Promise.all([1, 2, 3].map((seed) => new Promise<number | null>((done) => {
      fork(program, [folder, String(seed)], { execArgv: [] }).once("exit", done);
    })));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.ok(readdirSync(shared).every((name) => !name.endsWith(".part")));
  });
});

describe("digests of large files", () => {
  const folder = tempFolder(after);
  const path = join(folder, "film.mp4");
  const file = { path, bytes: WORTH_BYTES, key: "a" };

  it("are found again by what the file is, and not for small or fresh ones", async () => {
    const digests = new DiskDigests(join(folder, "digests"));
    writeFileSync(path, "");
    truncateSync(path, WORTH_BYTES);
    await digests.set(file, hex(7));
    assert.equal(await digests.get(file), undefined);
    utimesSync(path, 1000, 1000);
    await digests.set(file, hex(7));
    assert.equal(await digests.get(file), hex(7));
    assert.equal(await digests.get({ ...file, key: "b" }), undefined);
    assert.equal(await digests.get({ ...file, bytes: 5 }), undefined);
  });

  it("are a miss when their entry is damaged", async () => {
    const digests = new DiskDigests(join(folder, "digests"));
    const [entry] = readdirSync(join(folder, "digests"));
    writeFileSync(join(folder, "digests", entry!), "half");
    assert.equal(await digests.get(file), undefined);
  });
});
