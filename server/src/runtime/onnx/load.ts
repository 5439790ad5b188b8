/** An ONNX file as an onnxruntime session: one way to load, one way to fail. */
import { InferenceSession } from "onnxruntime-node";
import { VqaError } from "../../engine/errors.js";

/** Errors: model-damaged when the file is no model, model-unsupported when it needs a newer onnxruntime. */
export async function loadOnnx(file: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      executionProviders: ["cpu"],
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
    throw new VqaError(newer ? "model-unsupported" : "model-damaged", `onnxruntime cannot load ${file}: ${why}`, "Install the model pack again.", {
      cause: thrown,
      data: { file },
    });
  }
}
