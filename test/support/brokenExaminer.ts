/** Stands for a machine whose Vulkan driver ends every process that touches it. */
import { allSteps } from "../../server/src/runtime/hardware/order.js";
import { look } from "../../server/src/runtime/hardware/steps.js";
import type { Start } from "../../server/src/runtime/hardware/messages.js";

const BREAKS = process.env["VQA_TEST_BREAKS"] ?? "language vulkan";
if (!allSteps("linux").includes(BREAKS as "system")) throw new Error(`There is no step "${BREAKS}".`);

process.once("message", ({ steps, options }: Start) => {
  void (async () => {
    for (const step of steps) {
      await new Promise((resolve) => process.send!({ type: "begin", step }, undefined, undefined, resolve));
      if (step === BREAKS) process.kill(process.pid, "SIGSEGV");
      const part = step === "models" || step === "choice" ? {} : await look(step, options);
      await new Promise((resolve) => process.send!({ type: "found", step, part }, undefined, undefined, resolve));
    }
    process.exit(0);
  })();
});
