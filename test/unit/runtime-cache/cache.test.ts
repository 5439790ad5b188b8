import { strict as assert } from "node:assert";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameFeatures } from "../../../server/src/engine/ports.js";
import { DiskFeatureCache } from "../../../server/src/runtime/cache/disk.js";
import { defaultCacheFolder } from "../../../server/src/runtime/cache/folder.js";
import { MemoryFeatureCache } from "../../../server/src/runtime/cache/memory.js";
import { tempFolder } from "../../support/tempFolder.js";

const features = (frames: number, fill: number): FrameFeatures => ({
  frames,
  tokens: 2,
  width: 3,
  data: Float32Array.from({ length: frames * 6 }, (_, i) => fill + i / 7),
});
/** 52 of header and 24 a frame. */
const bytes = (frames: number): number => 52 + frames * 24;

describe("features on disk", () => {
  const root = tempFolder(after);
  let folder: string;
  let n = 0;
  beforeEach(() => (folder = join(root, `cache${n++}`)));
  const entries = (): string[] => (existsSync(folder) ? readdirSync(folder) : []);

  it("come back bit by bit, also in another process's view of the folder", async () => {
    const odd = { ...features(3, 0.1) };
    odd.data.set([NaN, Infinity, -0, 1e-45]);
    await new DiskFeatureCache({ folder }).set("k", odd);
    const back = await new DiskFeatureCache({ folder }).get("k");
    assert.deepEqual(back, odd);
    assert.equal(await new DiskFeatureCache({ folder }).get("other"), undefined);
  });

  it("keep a part of a larger buffer as that part", async () => {
    const cache = new DiskFeatureCache({ folder });
    const part = new Float32Array(100).fill(9).subarray(10, 16).fill(2);
    await cache.set("k", { frames: 1, tokens: 2, width: 3, data: part });
    assert.deepEqual((await cache.get("k"))?.data, new Float32Array(6).fill(2));
  });

  it("are a miss when corrupt, and the entry goes", async () => {
    const cache = new DiskFeatureCache({ folder });
    await cache.set("k", features(2, 1));
    const file = join(folder, entries()[0]!);
    const good = readFileSync(file);
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at]! ^= 0x10;
      writeFileSync(file, bad);
      assert.equal(await cache.get("k"), undefined, `byte ${at}`);
      assert.deepEqual(entries(), []);
    }
    for (const bad of [good.subarray(0, 20), good.subarray(0, -4), Buffer.concat([good, Buffer.alloc(4)]), Buffer.alloc(0)]) {
      writeFileSync(file, bad);
      assert.equal(await cache.get("k"), undefined);
      assert.deepEqual(entries(), []);
    }
  });

  it("are a miss under another key's name", async () => {
    const cache = new DiskFeatureCache({ folder });
    await cache.set("a", features(1, 1));
    const [a] = entries();
    await cache.set("b", features(1, 2));
    const b = entries().find((name) => name !== a)!;
    writeFileSync(join(folder, a!), readFileSync(join(folder, b)));
    assert.equal(await cache.get("a"), undefined);
  });

  it("stay under the limit; what was used least recently goes first", async () => {
    const cache = new DiskFeatureCache({ folder, maxBytes: 3 * bytes(1) });
    const age = (name: string, minutes: number): void => {
      const at = new Date(Date.now() - minutes * 60_000);
      utimesSync(join(folder, name), at, at);
    };
    const names = new Map<string, string>();
    for (const [i, key] of ["a", "b", "c"].entries()) {
      const before = new Set(entries());
      await cache.set(key, features(1, i));
      names.set(key, entries().find((name) => !before.has(name))!);
      age(names.get(key)!, 30 - i);
    }
    assert.ok(await cache.get("a"), "used now");
    await cache.set("d", features(1, 4));
    assert.equal(await cache.get("b"), undefined);
    for (const key of ["a", "c", "d"]) assert.ok(await cache.get(key), key);
    const total = entries().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    assert.ok(total <= 3 * bytes(1));
    await cache.set("huge", features(100, 0));
    assert.equal(await cache.get("huge"), undefined);
    assert.ok(await cache.get("d"), "a value that never fits pushes nothing out");
  });

  it("survive removal of the folder, and a folder that cannot be made", async () => {
    const cache = new DiskFeatureCache({ folder });
    await cache.set("k", features(1, 1));
    rmSync(folder, { recursive: true });
    assert.equal(await cache.get("k"), undefined);
    await cache.set("k", features(1, 1));
    assert.ok(await cache.get("k"));
    writeFileSync(join(root, "file"), "");
    const impossible = new DiskFeatureCache({ folder: join(root, "file", "below") });
    await impossible.set("k", features(1, 1));
    assert.equal(await impossible.get("k"), undefined);
  });

  it("are written by many at once without a torn entry", async () => {
    const caches = [new DiskFeatureCache({ folder }), new DiskFeatureCache({ folder })];
    await Promise.all(Array.from({ length: 20 }, (_, i) => caches[i % 2]!.set("k", features(4, i))));
    const back = await caches[0]!.get("k");
    assert.ok(back && Array.from({ length: 20 }, (_, i) => features(4, i)).some((f) => f.data.every((v, j) => v === back.data[j])));
    assert.equal(entries().length, 1);
  });

  it("clear what a process that died left half-written", async () => {
    const cache = new DiskFeatureCache({ folder });
    await cache.set("a", features(1, 1));
    const left = `.${"0".repeat(64)}.1.abcd`;
    writeFileSync(join(folder, left), "half");
    await cache.set("b", features(1, 1));
    assert.ok(entries().includes(left), "it may still be written");
    const old = new Date(Date.now() - 2 * 3600_000);
    utimesSync(join(folder, left), old, old);
    await cache.set("c", features(1, 1));
    assert.ok(!entries().includes(left));
  });
});

describe("features in memory", () => {
  it("stay under the limit; what was used least recently goes first", async () => {
    const cache = new MemoryFeatureCache(undefined, 3 * 24);
    for (const key of ["a", "b", "c"]) await cache.set(key, features(1, 0));
    await cache.get("a");
    await cache.set("d", features(1, 0));
    assert.equal(await cache.get("b"), undefined);
    for (const key of ["a", "c", "d"]) assert.ok(await cache.get(key), key);
    await cache.set("a", features(3, 1));
    assert.deepEqual(await cache.get("a"), features(3, 1));
    assert.equal(await cache.get("c"), undefined);
    await cache.set("huge", features(4, 1));
    assert.equal(await cache.get("huge"), undefined);
  });

  it("stand in front of another cache", async () => {
    const behind = new MemoryFeatureCache();
    await behind.set("old", features(1, 5));
    let asked = 0;
    const counting = {
      get: (key: string) => (asked++, behind.get(key)),
      set: (key: string, value: FrameFeatures) => behind.set(key, value),
    };
    const cache = new MemoryFeatureCache(counting);
    assert.deepEqual(await cache.get("old"), features(1, 5));
    assert.deepEqual(await cache.get("old"), features(1, 5));
    assert.equal(asked, 1);
    await cache.set("new", features(1, 6));
    assert.deepEqual(await behind.get("new"), features(1, 6));
  });
});

describe("the cache folder", () => {
  it("is where the system puts caches", () => {
    assert.equal(defaultCacheFolder({}, "linux", "/home/a"), "/home/a/.cache/vqa");
    assert.equal(defaultCacheFolder({ XDG_CACHE_HOME: "/big" }, "linux", "/home/a"), "/big/vqa");
    assert.equal(defaultCacheFolder({ XDG_CACHE_HOME: "relative" }, "linux", "/home/a"), "/home/a/.cache/vqa");
    assert.equal(defaultCacheFolder({}, "darwin", "/Users/a"), "/Users/a/Library/Caches/vqa");
    assert.equal(defaultCacheFolder({ LOCALAPPDATA: "C:\\L" }, "win32", "C:\\Users\\a"), "C:\\L\\vqa\\Cache");
    assert.equal(defaultCacheFolder({}, "win32", "C:\\Users\\a"), "C:\\Users\\a\\AppData\\Local\\vqa\\Cache");
  });
});
