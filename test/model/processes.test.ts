import { strict as assert } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../support/tempFolder.js";
import { TINY, tinyGguf } from "../support/tinyGguf.js";

const { width, contextSize, slots } = TINY;

/** Shows its own video on every message and answers with the logits. */
const CHILD = `
const [, , modelModule, file, tempRoot] = process.argv;
const { openLlamaModel } = await import(modelModule);
const model = await openLlamaModel({ file, tempRoot, width: ${width}, contextSize: ${contextSize}, slots: ${JSON.stringify(slots)}, threads: 1 });
const session = await model.session();
process.on("message", async (seed) => {
  const data = Float32Array.from({ length: 8 * ${width} }, (_, i) => Math.sin(i * seed));
  await session.setPrefix([{ kind: "template", text: "<s>" }, { kind: "visual", embeddings: { rows: 8, width: ${width}, data } }]);
  process.send([...(await session.logits([{ kind: "text", text: "?" }]))].slice(0, 50));
});
process.send("ready");
`;

describe("two processes with one model file", () => {
  const folder = tempFolder(after);
  const file = join(folder, "shared.gguf");
  const children: ChildProcess[] = [];
  after(() => children.forEach((child) => void child.kill("SIGKILL")));

  async function start(): Promise<ChildProcess> {
    const module = new URL("../../server/src/runtime/llama/model.js", import.meta.url).href;
    // As a file: node-llama-cpp tries its binary in a child process that inherits the flags of this one.
    const script = join(folder, "child.mjs");
    writeFileSync(script, CHILD);
    const child = spawn(process.execPath, [script, module, file, folder], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    children.push(child);
    assert.equal((await once(child, "message"))[0], "ready");
    return child;
  }

  async function show(child: ChildProcess, seed: number): Promise<number[]> {
    const answer = once(child, "message") as Promise<[number[]]>;
    child.send(seed);
    return (await answer)[0];
  }

  it("do not see each other's videos, and a killed one is cleaned up by the next", async () => {
    writeFileSync(file, tinyGguf());
    const a = await start();
    const b = await start();
    const alone = new Map<number, number[]>();
    for (const seed of [1, 2, 3]) alone.set(seed, await show(a, seed));
    assert.notDeepEqual(alone.get(1), alone.get(2));
    for (const [first, second] of [[1, 2], [3, 1], [2, 3]] as const) {
      const [fromA, fromB] = await Promise.all([show(a, first), show(b, second)]);
      assert.deepEqual(fromA, alone.get(first));
      assert.deepEqual(fromB, alone.get(second));
    }

    const left = (pid: number | undefined): string[] => readdirSync(folder).filter((name) => name.startsWith(`vqa-slots-${pid}-`));
    assert.equal(left(a.pid).length, 1);
    a.kill("SIGKILL");
    await once(a, "exit");
    assert.equal(left(a.pid).length, 1, "a killed process cannot clean up");
    await start();
    assert.equal(left(a.pid).length, 0);
    assert.equal(left(b.pid).length, 1);
    assert.deepEqual(await show(b, 2), alone.get(2), "the living one is left alone");
    assert.ok(existsSync(file));
  });
});
