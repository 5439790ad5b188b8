/** The one door to onnxruntime: nothing of ours loads it in another way. */
// First of all: the library looks at it while it loads.
import "./noTelemetry.js";
export { InferenceSession, listSupportedBackends, Tensor } from "onnxruntime-node";
