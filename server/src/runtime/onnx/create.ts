import { InferenceSession } from "./library.js";
import { VqaError } from "../../engine/errors.js";
import type { EncoderDevice } from "../../engine/hardware/devices.js";
import { PROVIDERS } from "./providers.js";

/**
 * Loads a model of any inputs and outputs. What `device` has no operator for runs on the processor.
 * Errors: model-damaged when it cannot be read, model-unsupported when it needs a newer onnxruntime.
 */
export async function createSession(file: string, threads: number, device: EncoderDevice = "cpu"): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      executionProviders: device === "cpu" ? ["cpu"] : [PROVIDERS[device], "cpu"],
      graphOptimizationLevel: "all",
      executionMode: "sequential",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // 3 is errors only: warnings about the graph help nobody who uses it.
      logSeverityLevel: 3,
    });
  } catch (thrown) {
    const why = (thrown as Error).message;
    const newer = /opset|not implemented|IR version|not a registered|unsupported/i.test(why);
    throw new VqaError(newer ? "model-unsupported" : "model-damaged", `onnxruntime cannot load ${file}: ${why}`, "Install the model pack again.", { cause: thrown, data: { file } });
  }
}

/** Error: model-unsupported when the model lacks one of these inputs or outputs. */
export function expectNames(session: InferenceSession, file: string, inputs: readonly string[], outputs: readonly string[]): void {
  for (const [role, wanted, there] of [["input", inputs, session.inputNames], ["output", outputs, session.outputNames]] as const) {
    const missing = wanted.find((name) => !there.includes(name));
    if (missing === undefined) continue;
    throw new VqaError("model-unsupported", `${file} has no ${role} "${missing}", only ${there.map((name) => `"${name}"`).join(", ")}.`, "Use the ONNX files as their publisher names them.", { data: { file } });
  }
}
