import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Hub, type HubOptions } from "../../../server/src/runtime/packs/download/hub.js";
import { listPacks } from "../../../server/src/runtime/packs/installed.js";
import { pullPack, type PullProgress } from "../../../server/src/runtime/packs/pull.js";
import { PackStore } from "../../../server/src/runtime/packs/store.js";
import { verifyFiles } from "../../../server/src/runtime/packs/verify.js";
import { readManifest } from "../../../server/src/runtime/packs/manifest.js";
import { vqaError } from "../../support/errors.js";
import { microOnHub } from "../../support/fixturePack.js";
import { COMMIT, HubServer, type Fault } from "../../support/hubServer.js";
import { tempFolder } from "../../support/tempFolder.js";

const VISION = "authors/micro/onnx/vision.onnx";

describe("pulling a model", function () {
  this.timeout(30_000);
  const root = tempFolder(after);
  let hub: HubServer;
  let store: PackStore;
  let n = 0;
  beforeEach(async () => {
    hub = await HubServer.start();
    store = new PackStore(join(root, String(n++)));
  });
  afterEach(() => hub.stop());

  const pull = async (options: { entry?: ReturnType<typeof microOnHub>; again?: boolean; onProgress?: (p: PullProgress) => void } & HubOptions = {}, signal?: AbortSignal) => {
    const client = new Hub({ endpoint: hub.endpoint, stallMs: 1000, ...options });
    try {
      return await pullPack({ entry: options.entry ?? microOnHub(hub), store, hub: client, backoffMs: 1, ...(options.again === undefined ? {} : { again: options.again }), ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }) }, signal);
    } finally {
      await client.close();
    }
  };
  /** The pack is whole, and nothing else lies about. */
  const checkWhole = async (): Promise<void> => {
    const folder = join(store.folder, "on-the-hub");
    const { files } = await readManifest(folder);
    assert.equal(files.length, 4);
    await verifyFiles(folder, files);
    assert.deepEqual(readdirSync(join(store.folder, ".incoming")), []);
  };
  const checkNothing = async (): Promise<void> => {
    assert.equal(existsSync(join(store.folder, "on-the-hub")), false);
    assert.deepEqual((await listPacks({ models: store.folder })).map(({ id }) => id), ["micro"]);
  };

  it("brings all files, says where they are from, and does nothing the second time", async () => {
    const seen: PullProgress[] = [];
    assert.deepEqual(await pull({ onProgress: (progress) => seen.push(progress) }), { folder: join(store.folder, "on-the-hub"), fresh: true });
    await checkWhole();
    const manifest = JSON.parse(readFileSync(join(store.folder, "on-the-hub/vqa-model.json"), "utf8")) as { source: string; licences: unknown; origins: { revision: string; file: string }[] };
    assert.equal(manifest.source, `authors/micro@${COMMIT}`);
    assert.deepEqual(manifest.origins.map(({ revision }) => revision), Array(4).fill(COMMIT));
    const fractions = seen.filter(({ stage }) => stage === "download").map(({ fraction }) => fraction!);
    assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
    assert.equal(fractions.at(-1), 1);
    const before = hub.seen.length;
    assert.equal((await pull()).fresh, false);
    assert.equal(hub.seen.length, before);
    assert.equal((await pull({ again: true })).fresh, true);
    await checkWhole();
  });

  const bearable: readonly (readonly [string, ...Fault[]])[] = [
    ["closes the connection twice", { kind: "cut", after: 300_000 }, { kind: "cut", after: 400_000 }],
    ["stalls", { kind: "stall", after: 500_000 }],
    ["fails for a while", { kind: "status", status: 500 }, { kind: "status", status: 503 }],
    ["asks for a pause", { kind: "status", status: 429, retryAfter: "0" }],
    ["sends more than it announced", { kind: "longer" }],
    ["sends something else once", { kind: "other" }],
    ["ignores ranges", { kind: "cut", after: 300_000 }, { kind: "whole" }],
    ["answers with another range", { kind: "cut", after: 300_000 }, { kind: "shifted" }],
    ["has no such range", { kind: "cut", after: 300_000 }, { kind: "status", status: 416 }],
  ];
  for (const [what, ...faults] of bearable) {
    it(`gets there although the server ${what}`, async () => {
      const entry = microOnHub(hub);
      hub.fault(VISION, ...faults);
      await pull({ entry });
      await checkWhole();
    });
  }

  it("goes on from where it was, with the etag that the storage gave", async () => {
    const entry = microOnHub(hub);
    hub.fault(VISION, { kind: "cut", after: 300_000 });
    await pull({ entry });
    const [first, second] = hub.gets(VISION).filter(({ host }) => host === "storage");
    assert.equal(first?.range, undefined);
    assert.match(second?.range ?? "", /^bytes=\d+-$/);
    assert.ok(Number(second!.range!.slice(6, -1)) > 0);
    assert.match(second?.ifRange ?? "", /^"[0-9a-f]{32}"$/);
  });

  it("begins anew when the file was changed between two parts, and then has the new one whole", async () => {
    const entry = microOnHub(hub);
    const file = hub.files.get(VISION)!;
    const changed = Buffer.from(file.content);
    changed[100]! ^= 1;
    hub.fault(VISION, { kind: "cut", after: 300_000 });
    const stop = new AbortController();
    // The first part of the old file arrives, then the process is stopped and the authors change the file.
    await assert.rejects(pull({ entry, onProgress: ({ bytes = 0 }) => bytes >= 200_000 && stop.abort() }, stop.signal), vqaError("cancelled"));
    await checkNothing();
    file.content = changed;
    await pull({ entry });
    await checkWhole();
    assert.deepEqual(readFileSync(join(store.folder, "on-the-hub/vision.onnx")), changed);
  });

  it("never takes parts of two files for one: a range that was begun goes to another content", async () => {
    const entry = microOnHub(hub, { known: true });
    const file = hub.files.get(VISION)!;
    const right = file.content;
    hub.fault(VISION, { kind: "cut", after: 300_000 });
    const stop = new AbortController();
    await assert.rejects(pull({ entry, onProgress: ({ bytes = 0 }) => bytes >= 200_000 && stop.abort() }, stop.signal), vqaError("cancelled"));
    file.content = Buffer.alloc(right.length, 3);
    await assert.rejects(pull({ entry }), vqaError("model-damaged", "vision.onnx"));
    await checkNothing();
    file.content = right;
    await pull({ entry });
    await checkWhole();
  });

  const hopeless: readonly (readonly [string, string, ...Fault[]])[] = [
    ["always sends something else", "model-damaged", ...Array.from({ length: 9 }, (): Fault => ({ kind: "other" }))],
    ["always sends too much", "download-failed", ...Array.from({ length: 9 }, (): Fault => ({ kind: "longer" }))],
    ["is out of order", "download-failed", ...Array.from({ length: 9 }, (): Fault => ({ kind: "status", status: 500 }))],
  ];
  for (const [what, code, ...faults] of hopeless) {
    it(`gives up when the server ${what}, and loads nothing of it`, async () => {
      const entry = microOnHub(hub);
      hub.fault(VISION, ...faults);
      await assert.rejects(pull({ entry }), vqaError(code as "model-damaged"));
      await checkNothing();
    });
  }

  it("holds the hub against the catalogue", async () => {
    const entry = microOnHub(hub, { known: true });
    hub.files.get(VISION)!.content = Buffer.from("something else");
    await assert.rejects(pull({ entry }), vqaError("model-damaged", "is expected"));
    assert.equal(hub.gets(VISION).length, 0);
  });

  it("wants a checksum from somewhere", async () => {
    const entry = microOnHub(hub);
    hub.headers = false;
    await assert.rejects(pull({ entry }), vqaError("download-failed", "neither size nor checksum"));
  });

  it("says what to do about a model that asks for a sign-in, and shows the token to the hub alone", async () => {
    const entry = microOnHub(hub);
    hub.gated.set("authors/micro", "hf_secret");
    await assert.rejects(pull({ entry }), vqaError("download-refused", "people who signed in"));
    await assert.rejects(pull({ entry, token: "hf_other" }), vqaError("download-refused", "to this token"));
    await pull({ entry, token: "hf_secret" });
    await checkWhole();
    for (const { host, authorization } of hub.seen) if (host === "storage") assert.equal(authorization, undefined);
    assert.ok(hub.seen.some(({ host, authorization }) => host === "hub" && authorization === "Bearer hf_secret"));
  });

  it("keeps what arrived when it is stopped, and goes on from there", async () => {
    const entry = microOnHub(hub);
    const stop = new AbortController();
    await assert.rejects(pull({ entry, onProgress: ({ bytes = 0 }) => bytes > 2_200_000 && stop.abort() }, stop.signal), vqaError("cancelled"));
    await checkNothing();
    hub.seen.length = 0;
    await pull({ entry });
    assert.equal(hub.gets(VISION).length, 0);
    await checkWhole();
  });

  it("of two at the same time one works and the other waits", async () => {
    const entry = microOnHub(hub);
    const stages: string[] = [];
    const both = await Promise.all([pull({ entry }), pull({ entry, onProgress: ({ stage }) => stages.push(stage) })]);
    assert.deepEqual(both.map(({ fresh }) => fresh).sort(), [false, true]);
    assert.equal(hub.gets(VISION).filter(({ host }) => host === "storage").length, 1);
    await checkWhole();
  });

  it("goes through a proxy, and past it for hosts that are excepted", async () => {
    const entry = microOnHub(hub);
    await assert.rejects(pull({ entry, proxy: "http://127.0.0.1:9" }), vqaError("download-failed", "does not answer"));
    await pull({ entry, proxy: "http://127.0.0.1:9", noProxy: ["other.example", "127.0.0.1"] });
  });

  it("takes no address that others could listen to", () => {
    assert.throws(() => new Hub({ endpoint: "http://mirror.example" }), vqaError("invalid-request", "not encrypted"));
    assert.throws(() => new Hub({ endpoint: "nonsense" }), vqaError("invalid-request", "no address"));
  });

  it("says that the disk is too small before anything is downloaded", async () => {
    const entry = microOnHub(hub);
    hub.files.set(VISION, { ...hub.files.get(VISION)!, announced: 9e15 });
    await assert.rejects(pull({ entry }), vqaError("limit-exceeded", "9000000"));
    assert.equal(hub.gets(VISION).length, 0);
  });

  it("leaves the old pack alone when the new one does not come", async () => {
    const entry = microOnHub(hub);
    await pull({ entry });
    hub.fault(VISION, ...Array.from({ length: 9 }, (): Fault => ({ kind: "status", status: 500 })));
    await assert.rejects(pull({ entry, again: true }), vqaError("download-failed"));
    const folder = join(store.folder, "on-the-hub");
    await verifyFiles(folder, (await readManifest(folder)).files);
  });

  it("is removed by its id, and nothing outside of the folder is", async () => {
    await pull();
    await store.remove("on-the-hub");
    await checkNothing();
    await assert.rejects(store.remove("on-the-hub"), vqaError("model-missing"));
    const outside = join(root, "outside");
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, "file"), "");
    for (const bad of ["../outside", outside, "..", ".incoming"]) await assert.rejects(store.remove(bad), vqaError("invalid-request"));
    assert.ok(existsSync(join(outside, "file")));
    rmSync(outside, { recursive: true });
  });
});
