import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromWorker, ToWorker } from "../../server/src/protocol/worker.js";
import { gone } from "../support/processes.js";

const entry = fileURLToPath(new URL("../../server/src/runtime/worker/entry.js", import.meta.url));

describe("worker program", function () {
  this.timeout(60_000);

  it("explains itself to somebody who starts it by hand", async () => {
    const child = spawn(process.execPath, [entry], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    assert.equal(await new Promise((resolve) => child.once("close", resolve)), 2);
    assert.match(said, /vqa --help/);
  });

  it("ends with its channel, and with what it started, even when something keeps it busy", async () => {
    const busy = 'import { spawn } from "node:child_process"; setInterval(() => {}, 1000); const c = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]); console.log(c.pid);';
    const child = fork(entry, [], {
      execArgv: [`--import=data:text/javascript,${encodeURIComponent(busy)}`],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      detached: process.platform !== "win32",
    });
    const helper = await new Promise<number>((resolve) => child.stdout!.once("data", (chunk: Buffer) => resolve(Number(chunk.toString()))));
    const ready = new Promise<FromWorker>((resolve) => child.once("message", (message) => resolve(message as FromWorker)));
    child.send({ type: "hello", protocol: 1, config: {} } satisfies ToWorker);
    assert.deepEqual(await ready, { type: "ready", protocol: 1 });
    child.disconnect();
    await gone(child.pid!);
    if (process.platform !== "win32") await gone(helper);
  });

  it("gives everything back when it is asked to go", async () => {
    const child = fork(entry, [], { serialization: "advanced", detached: process.platform !== "win32" });
    child.send({ type: "hello", protocol: 1, config: {} } satisfies ToWorker);
    child.send({ type: "bye" } satisfies ToWorker);
    assert.equal(await new Promise((resolve) => child.once("exit", resolve)), 0);
  });
});
