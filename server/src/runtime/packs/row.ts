import * as fs from "node:fs/promises";
import { VqaError } from "../../engine/errors.js";
import type { Matrix } from "../../engine/ports.js";

/** A learned vector: `width` little-endian float32 values and nothing else. Errors: model-missing, model-damaged. */
export async function readRow({ file, width }: { readonly file: string; readonly width: number }): Promise<Matrix> {
  const damaged = (why: string): VqaError => new VqaError("model-damaged", `${file} ${why}.`, "Install the model pack again.", { data: { file } });
  const bytes = await fs.readFile(file).catch((thrown: unknown) => {
    throw new VqaError("model-missing", `${file} cannot be read: ${(thrown as Error).message}`, "Install the model pack again.", { cause: thrown, data: { file } });
  });
  if (bytes.length !== width * 4) throw damaged(`has ${bytes.length} bytes, ${width} values of float32 take ${width * 4}`);
  const data = Float32Array.from({ length: width }, (_, i) => bytes.readFloatLE(i * 4));
  if (!data.every(Number.isFinite)) throw damaged("holds values that are not numbers");
  return { rows: 1, width, data };
}
