/** One ONNX model with one input and one or more float32 outputs, checked against what its manifest says. */
import { Tensor, type InferenceSession } from "./library.js";
import { VqaError } from "../../engine/errors.js";
import type { EncoderDevice } from "../../engine/hardware/devices.js";
import { createSession } from "./create.js";

/** Sizes without the batch dimension; `undefined` is a size that the caller chooses. */
export type FreeShape = readonly (number | undefined)[];

export interface OnnxOutput {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxModel {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  /** Default: float32. */
  readonly inputType?: "float32" | "int64";
  readonly inputShape: FreeShape;
  readonly outputs: readonly OnnxOutput[];
  /**
   * Idefics3 and SmolVLM as they are published: the items lie along the second dimension of the input,
   * (1, n, ...inputShape), and beside it goes a mask of the pixels that are picture, bool (1, n, height,
   * width), all true here. Their output may come flat, (n * rows, width).
   */
  readonly pictures?: { readonly mask: string } | undefined;
}

const NEXT = "Install the model pack again.";

export class OnnxSession {
  private constructor(
    private readonly session: InferenceSession,
    readonly model: OnnxModel,
  ) {}

  /**
   * Errors: model-damaged when the file cannot be read as a model, model-unsupported when it can but
   * does not have the inputs and outputs of the manifest, or needs a newer onnxruntime.
   */
  static async open(model: OnnxModel, threads: number, device: EncoderDevice = "cpu"): Promise<OnnxSession> {
    const session = await createSession(model.file, threads, device);
    try {
      const { file, input, inputType = "float32", inputShape, outputs, pictures } = model;
      check(session.inputMetadata, "input", input, inputType, pictures ? ["1", "n"] : ["n"], inputShape, file);
      if (pictures) expectMask(session.inputMetadata, pictures.mask, file);
      else for (const { name, shape } of outputs) check(session.outputMetadata, "output", name, "float32", ["n"], shape, file);
    } catch (thrown) {
      await session.release();
      throw thrown;
    }
    return new OnnxSession(session, model);
  }

  /**
   * `data` holds `batch` items of the input shape, its free sizes given by `free` in their order.
   * Returns `batch` items of each output's shape, in the order of `outputs`.
   */
  async run(data: Float32Array | BigInt64Array, batch: number, free: readonly number[] = []): Promise<readonly Float32Array[]> {
    const { input, inputType = "float32", inputShape, outputs, file, pictures } = this.model;
    const sizes = [...free];
    const item = inputShape.map((size) => size ?? sizes.shift() ?? 0);
    const feeds: Record<string, Tensor> = { [input]: new Tensor(inputType, data, pictures ? [1, batch, ...item] : [batch, ...item]) };
    if (pictures) {
      const area = item.slice(1);
      feeds[pictures.mask] = new Tensor("bool", new Uint8Array(product([batch, ...area])).fill(1), [1, batch, ...area]);
    }
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await this.session.run(feeds, outputs.map((each) => each.name));
    } catch (thrown) {
      throw new VqaError("model-damaged", `${file} failed: ${(thrown as Error).message}`, NEXT, { cause: thrown, data: { file } });
    }
    return outputs.map(({ name, shape }) => {
      const result = results[name] as Tensor | undefined;
      const expected = [batch, ...shape];
      const fits = (dims: readonly number[]): boolean => (pictures ? dims.at(-1) === expected.at(-1) && product(dims) === product(expected) : same(dims, expected));
      if (result?.type !== "float32" || !fits(result.dims)) {
        throw new VqaError(
          "model-unsupported",
          `${file}: ${name} came out as ${result?.type} [${result?.dims.join(", ")}], expected float32 [${expected.join(", ")}].`,
          NEXT,
          { data: { file } },
        );
      }
      return result.data as Float32Array;
    });
  }

  dispose(): Promise<void> {
    return this.session.release();
  }
}

/** Error: model-damaged when a model gave values that are not numbers. */
export function expectFinite(data: Float32Array, file: string): void {
  if (data.every(Number.isFinite)) return;
  throw new VqaError("model-damaged", `${file} gave values that are not numbers.`, NEXT, { data: { file } });
}

function check(
  metadata: readonly InferenceSession.ValueMetadata[],
  role: "input" | "output",
  name: string,
  type: "float32" | "int64",
  lead: readonly string[],
  shape: FreeShape,
  file: string,
): void {
  const unsupported = (why: string): VqaError => new VqaError("model-unsupported", `${file}: ${why}.`, NEXT, { data: { file } });
  const found = metadata.find((each) => each.name === name);
  if (found === undefined) {
    throw unsupported(`it has no ${role} "${name}", only ${metadata.map((each) => `"${each.name}"`).join(", ")}`);
  }
  if (!found.isTensor || found.type !== type) throw unsupported(`${role} "${name}" is not a ${type} tensor`);
  const dims = found.shape;
  // Names and negative numbers stand for sizes that are free; so are those before the shape.
  const free = (dim: number | string | undefined): boolean => typeof dim !== "number" || dim < 0;
  const fits =
    dims.length === shape.length + lead.length &&
    shape.every((size, i) => {
      const dim = dims[i + lead.length];
      return free(dim) || (size !== undefined && dim === size);
    });
  const written = [...lead, ...shape.map((size) => size ?? "any")].join(", ");
  if (!fits) throw unsupported(`${role} "${name}" has shape [${dims.join(", ")}], the manifest says [${written}]`);
}

function expectMask(metadata: readonly InferenceSession.ValueMetadata[], name: string, file: string): void {
  const found = metadata.find((each) => each.name === name);
  if (found?.isTensor === true && found.type === "bool") return;
  throw new VqaError("model-unsupported", `${file}: it has no input "${name}" that takes truth values.`, NEXT, { data: { file } });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
