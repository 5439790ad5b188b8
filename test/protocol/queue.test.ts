/**
 * A batch over a real Redis: workers that join and are killed, a Redis that is killed and comes back, a
 * network that is cut. Whatever happens, every question is in the result once. Each thing happens at an
 * exact question: a worker that is loaded with `workers/holder.js` waits there until it is let go.
 */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { queueLibrary } from "../../server/src/runtime/queue/connect.js";
import { start, vqa, type Running } from "../support/cli.js";
import { NEAR, TwoMachines } from "../support/netns.js";
import { gone, until, workersOf } from "../support/processes.js";
import { Cable, hasRedis, TestRedis } from "../support/redis.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const twins = join(repoRoot, "test/fixtures/twins");
const holder = pathToFileURL(fileURLToPath(new URL("./workers/holder.js", import.meta.url))).href;
const CLIPS = ["blue-square", "circle-first", "moves-left", "moves-right", "red-circle", "square-first"];
const QUESTIONS = ["What colour is the object?", "What happens?"];

interface TestWorker extends Running {
  /** Resolves when it waits with this question of it, from 1. */
  at(question: number): Promise<void>;
  letGo(question: number): void;
  /** Holds nothing from now on. */
  letGoAll(): void;
  /** What it was asked, in order. */
  asked(): readonly string[];
}

describe("a batch over Redis", function () {
  this.timeout(180_000);
  const root = tempFolder(after);
  let folder: string;
  let n = 0;
  let redis: TestRedis;
  const running: Running[] = [];
  const cables: Cable[] = [];

  before(function () {
    if (hasRedis) return;
    console.warn("      There is no redis-server here: the tests of queues are skipped. Debian has it as redis-server.");
    this.skip();
  });

  beforeEach(async () => {
    mkdirSync((folder = join(root, String(++n))));
    mkdirSync(join(folder, "clips"));
    for (const name of CLIPS) copyFileSync(join(twins, `${name}.mp4`), join(folder, `clips/${name}.mp4`));
    writeFileSync(join(folder, "questions.txt"), QUESTIONS.join("\n"));
    redis = await TestRedis.start(folder);
  });

  afterEach(async () => {
    for (const each of running.splice(0)) {
      each.child.kill("SIGKILL");
      await each.ended;
    }
    for (const cable of cables.splice(0)) cable.close();
    await redis.kill();
  });

  const work = (hold: readonly number[] = [], url = redis.url, prefix: readonly string[] = []): TestWorker => {
    const held = join(folder, `held-${running.length}`);
    const env = { NODE_OPTIONS: `--import ${holder}`, VQA_TEST_HELD: held, VQA_TEST_HOLD: hold.join(",") };
    const worker = start(["worker", "--queue", url, "--videos", "clips", "--lock", "1", "--threads", "1"], { cwd: folder, env, prefix });
    running.push(worker);
    return {
      ...worker,
      at: async (question) => void (await until(() => existsSync(`${held}.${question}`), { what: `a worker's question ${question}`, seconds: 120, of: [worker] })),
      letGo: (question) => rmSync(`${held}.${question}`),
      letGoAll: () => {
        writeFileSync(`${held}.free`, "");
        for (const question of hold) rmSync(`${held}.${question}`, { force: true });
      },
      asked: () => readFileSync(`${held}.asked`, "utf8").trim().split("\n"),
    };
  };
  const batch = (...more: readonly string[]): readonly string[] => ["batch", "clips", "--questions", "questions.txt", "--out", "out", "--max-tokens", "4", "--queue", redis.url, "--queue-root", "clips", ...more];
  const produce = (args = batch(), prefix: readonly string[] = []): Running => {
    const producer = start(args, { cwd: folder, prefix });
    running.push(producer);
    return producer;
  };
  const journal = (): string[] => {
    try {
      return readFileSync(join(folder, "out/.vqa-batch/journal.jsonl"), "utf8").split("\n").slice(1, -1);
    } catch {
      return [];
    }
  };
  const noted = async (lines: number, producer: Running): Promise<void> => void (await until(() => journal().length >= lines, { what: `${lines} lines in the journal`, of: [producer] }));
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
    const first = work([4]);
    const producer = produce();
    await first.at(4);
    await noted(2, producer);
    // In the middle of a video: its first question is answered, and is not asked again.
    await kill(first);
    const second = work([2, 4]);
    await second.at(2);
    // Redis dies while a question is being answered, and comes back with what it had on the disk.
    await redis.kill();
    second.letGo(2);
    await redis.start();
    await second.at(4);
    assert.deepEqual(second.asked().filter((question) => first.asked().slice(0, 3).includes(question)), []);
    await noted(4, producer);
    producer.child.kill("SIGKILL");
    await producer.ended;
    // One that is asked to leave leaves in good order, with a question in hand.
    second.child.kill("SIGINT");
    assert.equal((await second.ended).code, 0, second.stderr());
    work();
    const { code, stderr } = await vqa(batch(), { cwd: folder });
    assert.equal(code, 0, stderr);
    once();
  });

  it("goes on after the network was cut, and after Redis lost everything", async () => {
    const cable = new Cable();
    cables.push(cable);
    const first = work([4], `redis://127.0.0.1:${await cable.lay(redis.port)}`);
    const producer = produce();
    await first.at(4);
    await noted(2, producer);
    cable.become("cut");
    redis.command("flushall");
    const second = work([4]);
    await second.at(4);
    // The one that was cut off answers what it has in hand, which is somebody else's by now.
    first.letGo(4);
    cable.become("open");
    second.letGo(4);
    const { code, stderr } = await producer.ended;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /\bat .*\.js:/, "a stack on standard error");
    once();
  });

  it("loses and repeats nothing when the cable between two machines is pulled", async function () {
    this.timeout(400_000);
    const machines = await TwoMachines.make();
    if (typeof machines === "string") {
      console.warn(`      Two machines with a cable cannot be had here (${machines}): what a pulled cable does is not tested.`);
      this.skip();
      return;
    }
    try {
      await redis.kill();
      redis = await TestRedis.start(folder, NEAR, machines.near);
      const far = [2, 2].map((question) => work([question], redis.url, machines.far));
      const near = work([1], redis.url, machines.near);
      const producer = produce(batch(), machines.near);
      // Each has a video in hand, and those on the far side an answer, too.
      await near.at(1);
      for (const each of far) await each.at(2);
      machines.pull();
      for (const each of [...far, near]) each.letGoAll();
      // What the far ones had in hand is taken over on the near side.
      const { code, stderr } = await producer.ended;
      assert.equal(code, 0, stderr);
      once();
      machines.plug();
      await kill(near);
      // Those that were cut off are back at work.
      writeFileSync(join(folder, "questions.txt"), "What shape is the object?");
      const more = produce([...batch(), "--out", "more"], machines.near);
      assert.equal((await more.ended).code, 0, more.stderr());
      assert.equal(readFileSync(join(folder, "more/predictions.jsonl"), "utf8").trim().split("\n").length, CLIPS.length);
    } finally {
      for (const each of running.splice(0)) {
        each.child.kill("SIGKILL");
        await each.ended;
      }
      await redis.kill();
      await machines.close();
    }
  });

  it("gives up a connection on which nothing comes back, and makes another", async () => {
    const cable = new Cable();
    cables.push(cable);
    const { connect } = await queueLibrary();
    const port = await cable.lay(redis.port);
    const client = connect(`redis://127.0.0.1:${port}`, 300);
    try {
      assert.equal(await client.ping(), "PONG");
      cable.become("silent");
      const asked = client.set("there", "yes");
      let lost = false;
      client.once("close", () => (lost = true));
      await until(() => lost, { what: "the silent connection to be given up" });
      cable.become("open");
      assert.equal(await asked, "OK");
    } finally {
      client.disconnect();
    }
  });

  it("keeps what failed, with its reason, until it is asked for again", async () => {
    writeFileSync(join(folder, "clips/broken.mp4"), "no film\n".repeat(100));
    const worker = work();
    const { code, stderr } = await vqa(batch(), { cwd: folder });
    assert.equal(code, 1, stderr);
    const status = await vqa(["queue", "status", "--queue", redis.url, "--json"], { cwd: folder });
    const told = JSON.parse(status.stdout) as { counts: Record<string, number>; workers: unknown[]; dead: { video: string; reason: string; questions: number }[] };
    assert.deepEqual([told.counts["failed"], told.counts["waiting"], told.counts["completed"], told.workers.length], [1, 0, 0, 1]);
    assert.deepEqual([told.dead[0]?.video, told.dead[0]?.questions], ["broken.mp4", 2]);
    assert.match(told.dead[0]?.reason ?? "", /^video-unreadable: .*broken\.mp4/);
    assert.match((await vqa(["queue", "status", "--queue", redis.url], { cwd: folder })).stdout, /1 failed\.\nWorkers: 1\.\n {2}broken\.mp4: video-unreadable/);
    const tend = async (...args: readonly string[]): Promise<string> => (await vqa(["queue", ...args, "--queue", redis.url], { cwd: folder })).stdout;
    copyFileSync(join(twins, "red-circle.mp4"), join(folder, "clips/broken.mp4"));
    assert.equal(await tend("retry"), "Videos asked again: 1.\n");
    const again = await vqa(batch("--retry-failed"), { cwd: folder });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /2 answered now, 12 before, 0 failed/);
    // Three that wait for nobody: two are taken out, and then all that there is.
    await kill(worker);
    const { bullmq, connect } = await queueLibrary();
    const client = connect(redis.url);
    try {
      const queue = new bullmq.Queue("vqa", { connection: client });
      await queue.add("ask", { items: [], done: [] });
      await queue.add("ask", { items: [], done: [] }, { delay: 1_000_000 });
      assert.equal(await tend("drain"), "Videos taken out: 2.\n");
      await queue.add("ask", { items: [], done: [] });
      assert.equal(await tend("clear"), "Videos taken out: 1.\n");
      assert.equal(redis.command("keys", "bull:vqa:*").trim(), "");
    } finally {
      client.disconnect();
    }
  });

  it("says that there is no Redis, and that a worker needs a folder", async () => {
    const nowhere = await vqa(["queue", "status", "--queue", "redis://127.0.0.1:1"], { cwd: folder });
    assert.deepEqual([nowhere.code, /no Redis at redis:\/\/127\.0\.0\.1:1/.test(nowhere.stderr)], [4, true], nowhere.stderr);
    assert.match((await vqa(["worker", "--queue", redis.url], { cwd: folder })).stderr, /--videos/);
    assert.match((await vqa(["worker", "--videos", "clips"], { cwd: folder })).stderr, /--queue/);
  });
});
