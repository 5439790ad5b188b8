import assert from "node:assert/strict";
import { VqaError } from "../../server/src/engine/errors.js";
import type { Policy } from "../../server/src/runtime/worker/machine.js";
import { createSupervisor, type Supervisor, type SupervisorStatus } from "../../server/src/runtime/worker/supervisor.js";
import { gone, isAlive } from "../support/processes.js";

const entry = new URL("./workers/unruly.js", import.meta.url);

describe("worker supervisor, on real processes", function () {
  this.timeout(30_000);
  let supervisor: Supervisor;

  const start = (policy: Partial<Policy> = {}): Supervisor => (supervisor = createSupervisor({ entry, policy }));
  /** Asks, collects the text, and expects it to end with an error. */
  const ask = async (question: string, signal?: AbortSignal, onText: (all: string) => unknown = () => undefined): Promise<{ text: string; error: VqaError }> => {
    let text = "";
    try {
      const hooks = { onText: (delta: string) => onText((text += delta)) };
      await supervisor.ask({ video: "/v.mp4", question }, "micro", hooks, signal);
    } catch (error) {
      assert.ok(error instanceof VqaError, String(error));
      return { text, error };
    }
    throw new Error("the worker answered");
  };
  const pidOf = async (): Promise<number> => Number((await supervisor.probe("/v.mp4")).digest);

  afterEach(async () => {
    delete process.env["UNRULY_START"];
    await supervisor.dispose();
  });

  it("starts nothing before the first question", () => {
    start();
    assert.deepEqual(supervisor.status(), { phase: "stopped", starts: 0, waiting: 0, running: 0 });
  });

  it("streams text and progress, and passes typed errors through", async () => {
    start();
    const { text, error } = await ask("fail");
    assert.match(text, /^fail \d+$/);
    assert.equal(error.code, "time-out-of-range");
    assert.equal(supervisor.status().phase, "ready");
  });

  it("reports a death by signal with the worker's last words; the next question gets a new worker", async () => {
    start();
    const { text, error } = await ask("die SIGKILL");
    assert.equal(error.code, "worker-crashed");
    assert.equal(error.data["signal"], "SIGKILL");
    assert.equal(error.data["stderr"], "out of luck");
    assert.match(error.message, /SIGKILL.*out of luck/);
    const next = await ask("fail");
    assert.equal(next.error.code, "time-out-of-range");
    assert.notEqual(next.text.split(" ")[1], text.split(" ")[1], "a new process");
    assert.equal(supervisor.status().starts, 2);
  });

  it("reports an exit code, and fails only the question that ran", async () => {
    start();
    const [first, second] = await Promise.all([ask("leave 7"), ask("fail")]);
    assert.equal(first.error.code, "worker-crashed");
    assert.equal(first.error.data["exitCode"], 7);
    assert.equal(second.error.code, "time-out-of-range");
  });

  for (const how of ["soft", "hard"]) {
    it(`kills a worker that does not react to a stop (${how}), and works on with the next`, async () => {
      start({ cancelMs: 100 });
      const controller = new AbortController();
      const { text, error } = await ask(`hang ${how}`, controller.signal, (all) => /\d/.test(all) && controller.abort());
      assert.equal(error.code, "cancelled");
      await gone(Number(text.split(" ")[1]));
      assert.equal((await ask("fail")).error.code, "time-out-of-range");
    });
  }

  it("takes the helpers of a killed worker along", async function () {
    if (process.platform === "win32") this.skip();
    start({ cancelMs: 50 });
    const controller = new AbortController();
    const { text } = await ask("helper", controller.signal, (all) => all.split(" ").length === 3 && controller.abort());
    await gone(Number(text.split(" ")[2]));
  });

  it("ends a worker that breaks the protocol", async () => {
    start();
    const { error } = await ask("babble");
    assert.equal(error.code, "worker-crashed");
    assert.match(error.message, /protocol/);
  });

  it("does not let a probe wait for an answer", async () => {
    start({ cancelMs: 50 });
    const controller = new AbortController();
    const hanging = ask("hang soft", controller.signal);
    assert.ok((await pidOf()) > 0);
    assert.equal(supervisor.status().running, 1);
    controller.abort();
    assert.equal((await hanging).error.code, "cancelled");
  });

  it("refuses a question whose signal is aborted already, without starting a worker", async () => {
    start();
    assert.equal((await ask("fail", AbortSignal.abort())).error.code, "cancelled");
    assert.equal(supervisor.status().starts, 0);
  });

  it("stops all", async () => {
    start({ cancelMs: 50 });
    const asked = [ask("hang soft"), ask("hang soft"), ask("hang soft")];
    await pidOf();
    assert.equal(supervisor.stopAll(), 3);
    assert.deepEqual((await Promise.all(asked)).map(({ error }) => error.code), ["cancelled", "cancelled", "cancelled"]);
    assert.equal(supervisor.status().starts, 1, "those that waited were not started");
  });

  it("tries a worker that does not start again, then says why it is unavailable", async () => {
    process.env["UNRULY_START"] = "crash";
    start({ backoffMs: [10, 10] });
    const { error } = await ask("fail");
    assert.equal(error.code, "worker-unavailable");
    assert.match(error.message, /exit code 3.*libmoon/);
    assert.equal(supervisor.status().starts, 3);
    assert.equal((await ask("fail")).error.code, "worker-unavailable");
    assert.equal(supervisor.status().starts, 3, "refused without another try");
    delete process.env["UNRULY_START"];
    supervisor.restart();
    assert.equal((await ask("fail")).error.code, "time-out-of-range");
  });

  it("refuses a worker of another version at once", async () => {
    process.env["UNRULY_START"] = "old";
    start();
    const { error } = await ask("fail");
    assert.equal(error.code, "worker-unavailable");
    assert.match(error.message, /999/);
    assert.equal(supervisor.status().starts, 1);
  });

  it("gives up on a worker that never gets ready", async () => {
    process.env["UNRULY_START"] = "mute";
    start({ startMs: 50, backoffMs: [10] });
    assert.equal((await ask("fail")).error.code, "worker-unavailable");
    assert.equal(supervisor.status().starts, 2);
  });

  it("lets an idle worker go", async () => {
    start({ idleMs: 20 });
    const pid = await pidOf();
    await gone(pid);
    assert.notEqual(await pidOf(), pid);
  });

  it("tells its status", async () => {
    start();
    const phases: SupervisorStatus["phase"][] = [];
    const end = supervisor.onStatus(({ phase }) => phases.at(-1) !== phase && phases.push(phase));
    await pidOf();
    await supervisor.dispose();
    end();
    assert.deepEqual(phases, ["starting", "ready", "closed"]);
  });

  it("leaves no process when it is disposed, even from a deaf worker", async () => {
    start();
    let pid = 0;
    const asked = ask("hang hard", undefined, (all) => (pid = Number(all.split(" ")[1])));
    while (!pid) await new Promise((resolve) => setTimeout(resolve, 5));
    await supervisor.dispose();
    assert.equal((await asked).error.code, "cancelled");
    assert.ok(!isAlive(pid));
  });
});
