/** What `vqa doctor` and the editor are told of this machine: real looks, by real processes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { examine } from "../../server/src/runtime/hardware/examine.js";
import { HardwareReportSchema, type HardwareReport } from "../../server/src/protocol/hardware.js";
import { is } from "../../server/src/protocol/schema.js";
import { vqa } from "../support/cli.js";
import { vqaError } from "../support/errors.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const BROKEN = new URL("../support/brokenExaminer.js", import.meta.url);

describe("a look at the machine", function () {
  this.timeout(60_000);
  const folder = tempFolder(after);
  const options = { device: "auto", cacheFolder: join(folder, "cache"), modelsFolder: join(folder, "models") } as const;
  let report: HardwareReport;
  before(async () => void (report = await examine(options)));

  it("finds the system, a decoder, the disks and every device of the platform, usable or with a reason", () => {
    assert.ok(is(HardwareReportSchema, report));
    const { system, decoder, folders, language, encoders } = report;
    assert.ok(system.cores >= 1 && system.threads >= 1 && system.free > 0 && system.free <= system.memory && system.processor !== "");
    assert.match(decoder.found ?? "", /ffmpeg|node-av/);
    assert.ok(folders.every(({ free }) => (free ?? 0) > 0), "the disk of a folder that is still to come is not found");
    assert.ok(language.length > 0 && encoders.length > 0);
    for (const { device, usable, why } of [...language, ...encoders]) assert.ok(usable || why, `${device} is not usable, and nobody says why`);
    assert.deepEqual(report.crashes, []);
  });

  it("plans the memory of the embedded model, which fits", () => {
    const micro = report.models.find(({ id }) => id === "micro");
    assert.ok(micro?.plan?.fits);
    // The language model's file has 4 MB, and its context of 2048 positions holds two halves of 6 layers of keys and values.
    assert.ok(micro.plan.total.memory + micro.plan.total.deviceMemory > 8e6 && micro.plan.total.memory < 200e6);
    assert.equal(micro.plan.contextSize, 2048);
  });

  it("goes on where a driver ends the process that looks, and says so", async () => {
    const broken = await examine(options, undefined, BROKEN);
    if (process.platform === "linux" || process.platform === "win32") {
      assert.deepEqual(broken.crashes.map((crash) => crash.while), ["llama.cpp on vulkan"]);
      assert.match(broken.advice[0]!.next, /driver|cpu/);
      assert.match(broken.language.find(({ device }) => device === "vulkan")?.why ?? "", /ended the process/);
    }
    assert.equal(broken.encoders.length, report.encoders.length);
    assert.ok(is(HardwareReportSchema, broken));
  });

  it("can be stopped", async () => {
    const stop = new AbortController();
    const looking = examine(options, stop.signal);
    stop.abort();
    await assert.rejects(looking, vqaError("cancelled"));
  });

  it("is told on the command line, with an exit code that scripts can use", async () => {
    const cwd = repoRoot;
    const plain = await vqa(["doctor"], { cwd });
    assert.equal(plain.code, 0, plain.stderr);
    for (const part of ["processor", "decoder", "llama.cpp cpu", "onnxruntime cpu", "micro  fits"]) assert.ok(plain.stdout.includes(part), part);
    const json = await vqa(["doctor", "--json", "--device", "cpu", "--context-size", "1024"], { cwd });
    const told = JSON.parse(json.stdout) as HardwareReport;
    assert.ok(is(HardwareReportSchema, told));
    assert.deepEqual([told.uses.setting, told.uses.language.device, told.models[0]?.plan?.contextSize], ["cpu", "cpu", 1024]);
    assert.equal((await vqa(["doctor", "--device", "tpu"], { cwd })).code, 2);
    // No platform has both of these.
    const wanted = process.platform === "darwin" ? "directml" : "coreml";
    const absent = await vqa(["doctor", "--device", wanted], { cwd });
    assert.equal(absent.code, 1, absent.stdout);
    assert.match(absent.stdout, new RegExp(`The device is set to ${wanted}, and the encoders cannot use it`));
  });
});
