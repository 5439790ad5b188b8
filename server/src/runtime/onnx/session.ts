/** One ONNX model with one float32 input and one float32 output, checked against what its manifest says. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { VqaError } from "../../engine/errors.js";

export interface OnnxModel {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  readonly output: string;
  /** Shapes without the batch dimension. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /**
   * Idefics3 and SmolVLM as they are published: the items lie along the second dimension of the input,
   * (1, n, ...inputShape), and beside it goes a mask of the pixels that are picture, bool (1, n, height,
   * width), all true here. Their output may come flat, (n * rows, width).
   */
  readonly pictures?: { readonly mask: string };
}

const NEXT = "Install the model pack again.";

export class OnnxSession {
  private constructor(
    private readonly session: InferenceSession,
    private readonly model: OnnxModel,
  ) {}

  /**
   * Errors: model-damaged when the file cannot be read as a model, model-unsupported when it can but
   * does not have the inputs and outputs of the manifest, or needs a newer onnxruntime.
   */
  static async open(model: OnnxModel, threads: number): Promise<OnnxSession> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(model.file, {
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
      throw new VqaError(newer ? "model-unsupported" : "model-damaged", `onnxruntime cannot load ${model.file}: ${why}`, NEXT, {
        cause: thrown,
        data: { file: model.file },
      });
    }
    try {
      const lead = model.pictures === undefined ? ["n"] : ["1", "n"];
      check(session.inputMetadata, "input", model.input, lead, model.inputShape, model.file);
      if (model.pictures === undefined) check(session.outputMetadata, "output", model.output, ["n"], model.outputShape, model.file);
      else expectMask(session.inputMetadata, model.pictures.mask, model.file);
    } catch (thrown) {
      await session.release();
      throw thrown;
    }
    return new OnnxSession(session, model);
  }

  /** `data` holds `batch` items of the input shape; returns as many of the output shape. */
  async run(data: Float32Array, batch: number): Promise<Float32Array> {
    const { input, output, inputShape, outputShape, file, pictures } = this.model;
    const lead = pictures === undefined ? [batch] : [1, batch];
    const feeds: Record<string, Tensor> = { [input]: new Tensor("float32", data, [...lead, ...inputShape]) };
    if (pictures !== undefined) {
      const area = inputShape.slice(1);
      const pixels = area.reduce((product, size) => product * size, batch);
      feeds[pictures.mask] = new Tensor("bool", new Uint8Array(pixels).fill(1), [1, batch, ...area]);
    }
    let result: Tensor | undefined;
    try {
      result = (await this.session.run(feeds, [output]))[output] as Tensor | undefined;
    } catch (thrown) {
      throw new VqaError("model-damaged", `${file} failed: ${(thrown as Error).message}`, NEXT, { cause: thrown, data: { file } });
    }
    const shape = [batch, ...outputShape];
    const values = shape.reduce((product, size) => product * size, 1);
    const fits = (dims: readonly number[]): boolean => (pictures === undefined ? same(dims, shape) : dims.at(-1) === shape.at(-1) && dims.reduce((product, size) => product * size, 1) === values);
    if (result?.type !== "float32" || !fits(result.dims)) {
      throw new VqaError(
        "model-unsupported",
        `${file}: ${output} came out as ${result?.type} [${result?.dims.join(", ")}], expected float32 [${shape.join(", ")}].`,
        NEXT,
        { data: { file } },
      );
    }
    return result.data as Float32Array;
  }

  dispose(): Promise<void> {
    return this.session.release();
  }
}

function check(
  metadata: readonly InferenceSession.ValueMetadata[],
  role: "input" | "output",
  name: string,
  lead: readonly string[],
  shape: readonly number[],
  file: string,
): void {
  const unsupported = (why: string): VqaError => new VqaError("model-unsupported", `${file}: ${why}.`, NEXT, { data: { file } });
  const found = metadata.find((each) => each.name === name);
  if (found === undefined) {
    throw unsupported(`it has no ${role} "${name}", only ${metadata.map((each) => `"${each.name}"`).join(", ")}`);
  }
  if (!found.isTensor || found.type !== "float32") throw unsupported(`${role} "${name}" is not a float32 tensor`);
  const dims = found.shape;
  // Names and negative numbers stand for sizes that are free; so are those before the shape.
  const fits =
    dims.length === shape.length + lead.length &&
    shape.every((size, i) => {
      const dim = dims[i + lead.length];
      return typeof dim !== "number" || dim < 0 || dim === size;
    });
  if (!fits) throw unsupported(`${role} "${name}" has shape [${dims.join(", ")}], the manifest says [${[...lead, ...shape].join(", ")}]`);
}

function expectMask(metadata: readonly InferenceSession.ValueMetadata[], name: string, file: string): void {
  const found = metadata.find((each) => each.name === name);
  if (found?.isTensor === true && found.type === "bool") return;
  throw new VqaError("model-unsupported", `${file}: it has no input "${name}" that takes truth values.`, NEXT, { data: { file } });
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
