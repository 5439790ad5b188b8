import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { VqaError } from "../../../server/src/engine/errors.js";
import { Journal } from "../../../server/src/runtime/batch/journal.js";
import { takeLock } from "../../../server/src/runtime/batch/lock.js";
import { tempFolder } from "../../support/tempFolder.js";

interface Line {
  readonly key: string;
  readonly ok?: string;
  readonly error?: string;
}

const isOk = (line: Line): boolean => line.ok !== undefined;
const HEAD = { settings: { frames: 8 } };

describe("the journal of a batch", () => {
  const root = tempFolder(after);
  let n = 0;
  let path: string;
  beforeEach(() => (path = join(root, String(++n), "journal.jsonl")));
  const open = (others: readonly string[] = []): Promise<Journal<Line>> => Journal.open<Line>(path, HEAD, isOk, others);

  it("keeps what was noted, and gives each line back", async () => {
    const journal = await open();
    assert.equal(await journal.append({ key: "a", ok: "ä\n語" }), true);
    assert.equal(await journal.append({ key: "b", error: "no" }), true);
    assert.equal(await journal.append({ key: "a", ok: "other" }), false);
    await journal.close();
    const again = await open();
    assert.deepEqual([again.size, again.state("a"), again.state("b"), again.state("c")], [2, "ok", "error", undefined]);
    assert.deepEqual(await again.get("a"), { key: "a", ok: "ä\n語" });
    // A success takes the place of an error.
    await again.append({ key: "b", ok: "yes" });
    assert.deepEqual([again.state("b"), await again.get("b")], ["ok", { key: "b", ok: "yes" }]);
    await again.close();
    const third = await open();
    assert.deepEqual([third.state("b"), third.facts], ["ok", { repeated: 0, damaged: 0, torn: 0 }]);
    await third.close();
  });

  it("cut off at any byte, has exactly the lines before it, and goes on", async () => {
    const journal = await open();
    for (const key of ["a", "b", "c"]) await journal.append({ key, ok: `${key} 語` });
    await journal.close();
    const whole = readFileSync(path);
    const headEnd = whole.indexOf(10) + 1;
    for (let cut = headEnd; cut <= whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut));
      const cutOff = await open();
      const lines = whole.subarray(headEnd, cut).toString().split("\n").length - 1;
      assert.equal(cutOff.size, lines);
      const end = whole.subarray(0, cut).lastIndexOf(10) + 1;
      assert.equal(cutOff.facts.torn, cut - end);
      await cutOff.append({ key: "z", ok: "new" });
      await cutOff.close();
      assert.equal(readFileSync(path, "utf8"), `${whole.subarray(0, end).toString()}{"key":"z","ok":"new"}\n`);
    }
  });

  it("many appends at once are all there, each a whole line", async () => {
    const journal = await open();
    await Promise.all(Array.from({ length: 50 }, (_, i) => journal.append({ key: `k${i}`, ok: "x".repeat(i * 100) })));
    await journal.close();
    const again = await open();
    assert.deepEqual([again.size, (await again.get("k49"))?.ok?.length], [50, 4900]);
    await again.close();
  });

  it("lines that are damaged or twice there are told", async () => {
    await (await open()).close();
    appendFileSync(path, `{"key":"a","ok":"1"}\n{"key":"a","ok":"2"}\nnonsense\n{"no":1}\n`);
    const journal = await open();
    assert.deepEqual(journal.facts, { repeated: 1, damaged: 2, torn: 0 });
    assert.equal((await journal.get("a"))?.ok, "1");
    await journal.close();
  });

  it("refuses another batch's journal, and what is none", async () => {
    await (await open()).close();
    await assert.rejects(Journal.open<Line>(path, { settings: { frames: 9 } }, isOk), (error: VqaError) => error.code === "invalid-request" && /settings was \{"frames":8\} and is \{"frames":9\}/.test(error.message));
    writeFileSync(path, "a letter\n");
    await assert.rejects(open(), /no journal/);
    truncateSync(path);
    await assert.rejects(open(), /no journal/);
  });

  it("of several shares is read as one, and only its own is written to", async () => {
    const first = await open();
    await first.append({ key: "a", ok: "1" });
    await first.close();
    const other = join(root, String(n), "journal.2-of-2.jsonl");
    copyFileSync(path, other);
    appendFileSync(other, `{"key":"b","ok":"2"}\n{"key":"c","ok`);
    const torn = readFileSync(other);
    const journal = await open([other]);
    assert.deepEqual([journal.size, (await journal.get("b"))?.ok, journal.state("c")], [2, "2", undefined]);
    await journal.append({ key: "c", ok: "3" });
    await journal.close();
    assert.deepEqual(readFileSync(other), torn);
  });

  it("leaves nothing of a beginning that was killed", async () => {
    mkdirSync(join(root, String(n)));
    writeFileSync(`${path}.0123abcd.tmp`, "{");
    await (await open()).close();
    assert.deepEqual(readdirSync(join(root, String(n))), ["journal.jsonl"]);
  });
});

describe("the lock of a batch", () => {
  const root = tempFolder(after);
  const path = join(root, "lock");

  it("is one process's at a time, and nobody's after it", async () => {
    const release = await takeLock(path);
    await assert.rejects(takeLock(path), new RegExp(`Process ${process.pid} on .* is at work here`));
    await release();
    await (await takeLock(path))();
    assert.ok(!existsSync(path));
  });

  it("of a process that is gone counts for nothing; one of another machine does", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(path, JSON.stringify({ pid, host: hostname() }));
    await (await takeLock(path))();
    writeFileSync(path, JSON.stringify({ pid, host: "elsewhere.example" }));
    await assert.rejects(takeLock(path), /on elsewhere\.example is at work/);
    assert.deepEqual(readdirSync(root), ["lock"]);
  });
});
