/**
 * Loaded before the command line by a test: kills the process at one exact point of what it does to
 * its files, and notes every question that it sends to a worker. `VQA_TEST_KILL` is `POINT:N`, the
 * N-th time that the point is met.
 */
import { appendFileSync, writeSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { onAsked } from "./asked.js";

const [point, times] = (process.env["VQA_TEST_KILL"] ?? "").split(":");
let left = Number(times ?? 1);

function meet(name: string): void {
  if (name === point && --left === 0) process.kill(process.pid, "SIGKILL");
}

const handle = await fs.open(process.execPath);
const prototype = Object.getPrototypeOf(handle) as {
  write: (this: { fd: number }, bytes: Uint8Array, offset: number, length: number, position: number) => Promise<unknown>;
  datasync: () => Promise<void>;
};
await handle.close();

const { write, datasync } = prototype;
prototype.write = async function (bytes, offset, length, position) {
  meet("write");
  if (point === "torn" && left === 1) writeSync(this.fd, bytes, offset, length >> 1, position);
  meet("torn");
  const written = await write.call(this, bytes, offset, length, position);
  meet("written");
  return written;
};
prototype.datasync = async function () {
  await datasync.call(this);
  meet("synced");
};

for (const name of ["rename", "link"] as const) {
  const real = fs[name];
  fs[name] = async (from, to) => {
    meet(name);
    await real(from, to);
    meet(`${name}d`);
  };
}

onAsked((request, send) => {
  const log = process.env["VQA_TEST_ASKED"];
  if (log !== undefined) appendFileSync(log, `${JSON.stringify([request.video, request.question])}\n`);
  const sent = send();
  meet("asked");
  return sent;
});

syncBuiltinESMExports();
