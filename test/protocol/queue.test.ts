/**
 * A batch over a real Redis: workers that join and are killed, a Redis that is killed and comes back, a
 * network that is cut. Whatever happens, every question is in the result once.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { start, vqa, type Running } from "../support/cli.js";
import { gone, until, workersOf } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const twins = join(repoRoot, "test/fixtures/twins");
const CLIPS = ["blue-square", "circle-first", "moves-left", "moves-right", "red-circle", "square-first"];
const QUESTIONS = ["What colour is the object?", "What happens?"];
const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

/** A line between two ports that can be cut. */
class Cable {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  cut = false;

  async lay(to: number): Promise<number> {
    this.#server = createServer((near) => {
      if (this.cut) {
        near.destroy();
        return;
      }
      const far = connect(to, "127.0.0.1");
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    return (this.#server?.address() as AddressInfo).port;
  }

  sever(): void {
    this.cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.sever();
    this.#server?.close();
  }
}

describe("a batch over Redis", function () {
  this.timeout(300_000);
  const root = tempFolder(after);
  let folder: string;
  let n = 0;
  let redis: ChildProcess | undefined;
  let port = 0;
  const workers: Running[] = [];
  const cables: Cable[] = [];

  before(function () {
    if (hasRedis) return;
    console.warn("      There is no redis-server here: the tests of queues are skipped. Debian has it as redis-server.");
    this.skip();
  });

  async function startRedis(): Promise<void> {
    // Everything is on the disk before it is confirmed; a kill must not be milder than that of the machine.
    redis = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", folder], { stdio: "ignore" });
    await until(() => spawnSync("redis-cli", ["-p", String(port), "ping"], { encoding: "utf8" }).stdout.includes("PONG"));
  }

  beforeEach(async () => {
    mkdirSync((folder = join(root, String(++n))));
    mkdirSync(join(folder, "clips"));
    for (const name of CLIPS) copyFileSync(join(twins, `${name}.mp4`), join(folder, `clips/${name}.mp4`));
    writeFileSync(join(folder, "questions.txt"), QUESTIONS.join("\n"));
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    port = (probe.address() as AddressInfo).port;
    await new Promise((resolve) => probe.close(resolve));
    await startRedis();
  });

  afterEach(async () => {
    for (const worker of workers.splice(0)) {
      worker.child.kill("SIGKILL");
      await worker.ended;
    }
    for (const cable of cables.splice(0)) cable.close();
    const { pid } = redis ?? {};
    redis?.kill("SIGKILL");
    if (pid !== undefined) await gone(pid);
  });

  const work = (at = port): Running => {
    const worker = start(["worker", "--queue", `redis://127.0.0.1:${at}`, "--videos", "clips", "--lock", "2", "--threads", "1"], { cwd: folder });
    workers.push(worker);
    return worker;
  };
  const batch = (...more: readonly string[]): readonly string[] => ["batch", "clips", "--questions", "questions.txt", "--out", "out", "--max-tokens", "4", "--queue", `redis://127.0.0.1:${port}`, "--queue-root", "clips", ...more];
  const journal = (): string[] => {
    try {
      return readFileSync(join(folder, "out/.vqa-batch/journal.jsonl"), "utf8").split("\n").slice(1, -1);
    } catch {
      return [];
    }
  };
  const once = (): void => {
    const keys = journal().map((line) => (JSON.parse(line) as { key: string }).key);
    assert.equal(new Set(keys).size, keys.length, "a key stands twice in the journal");
    const found = readFileSync(join(folder, "out/predictions.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as { video: string; question: string; pred: string });
    assert.deepEqual(found.map(({ video, question }) => [video, question]), CLIPS.flatMap((name) => QUESTIONS.map((question) => [`${name}.mp4`, question])));
    assert.ok(found.every(({ pred }) => pred !== ""));
  };
  const kill = async (worker: Running): Promise<void> => {
    const children = workersOf(worker.child.pid as number);
    worker.child.kill("SIGKILL");
    await worker.ended;
    for (const pid of children) await gone(pid);
  };

  it("is answered by workers that join, are killed and leave, and outlives its own kill and that of Redis", async () => {
    const first = work();
    const producer = start(batch(), { cwd: folder });
    await until(() => journal().length >= 1);
    const second = work();
    await kill(first);
    await until(() => journal().length >= 3);
    // Redis dies and comes back with what it had on the disk.
    const { pid } = redis ?? {};
    redis?.kill("SIGKILL");
    if (pid !== undefined) await gone(pid);
    await startRedis();
    await until(() => journal().length >= 5);
    producer.child.kill("SIGKILL");
    await producer.ended;
    second.child.kill("SIGINT");
    const third = work();
    const { code, stderr } = await vqa(batch(), { cwd: folder });
    assert.equal(code, 0, stderr);
    once();
    // One that is asked to leave leaves in good order.
    assert.equal((await second.ended).code, 0);
    await kill(third);
  });

  it("goes on after the network was cut, and after Redis lost everything", async () => {
    const cable = new Cable();
    cables.push(cable);
    work(await cable.lay(port));
    const producer = start(batch(), { cwd: folder });
    await until(() => journal().length >= 2);
    cable.sever();
    const before = journal().length;
    spawnSync("redis-cli", ["-p", String(port), "flushall"]);
    work();
    await until(() => journal().length > before + 2);
    cable.cut = false;
    const { code, stderr } = await producer.ended;
    assert.equal(code, 0, stderr);
    once();
  });

  it("keeps what failed, with its reason, until it is asked for again", async () => {
    writeFileSync(join(folder, "clips/broken.mp4"), "no film\n".repeat(100));
    work();
    const { code, stderr } = await vqa(batch(), { cwd: folder });
    assert.equal(code, 1, stderr);
    const status = await vqa(["queue", "status", "--queue", `redis://127.0.0.1:${port}`, "--json"], { cwd: folder });
    const told = JSON.parse(status.stdout) as { counts: Record<string, number>; workers: unknown[]; dead: { video: string; reason: string; questions: number }[] };
    assert.deepEqual([told.counts["failed"], told.counts["waiting"], told.counts["completed"], told.workers.length], [1, 0, 0, 1]);
    assert.deepEqual([told.dead[0]?.video, told.dead[0]?.questions], ["broken.mp4", 2]);
    assert.match(told.dead[0]?.reason ?? "", /^video-unreadable: .*broken\.mp4/);
    assert.match((await vqa(["queue", "status", "--queue", `redis://127.0.0.1:${port}`], { cwd: folder })).stdout, /1 failed\.\nWorkers: 1\.\n {2}broken\.mp4: video-unreadable/);
    copyFileSync(join(twins, "red-circle.mp4"), join(folder, "clips/broken.mp4"));
    const again = await vqa(batch("--retry-failed"), { cwd: folder });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /2 answered now, 12 before, 0 failed/);
  });

  it("says that there is no Redis, and that a worker needs a folder", async () => {
    const nowhere = await vqa(["queue", "status", "--queue", "redis://127.0.0.1:1"], { cwd: folder });
    assert.deepEqual([nowhere.code, /no Redis at redis:\/\/127\.0\.0\.1:1/.test(nowhere.stderr)], [4, true], nowhere.stderr);
    assert.match((await vqa(["worker", "--queue", `redis://127.0.0.1:${port}`], { cwd: folder })).stderr, /--videos/);
    assert.match((await vqa(["worker", "--videos", "clips"], { cwd: folder })).stderr, /--queue/);
  });
});
