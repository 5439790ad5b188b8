/** Writes small ONNX models, so that tests see exactly what goes in and comes out. */

/** Sizes without the leading one, which is free; `undefined` is free, too. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: "float32" | "int64";
  readonly shape: readonly (number | undefined)[];
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: Readonly<Record<string, { readonly dims: readonly number[]; readonly data: BigInt64Array | Float32Array }>>;
  /** Operators without attributes. */
  readonly nodes: readonly { readonly op: string; readonly inputs: readonly string[]; readonly output: string }[];
  readonly opset?: number;
}

export function onnxGraph({ inputs, outputs, constants, nodes, opset = 16 }: OnnxGraph): Buffer {
  const graph = message(
    ...nodes.map(({ op, inputs: from, output }): Field => [1, bytes(message(...from.map((name): Field => [1, bytes(name)]), [2, bytes(output)], [4, bytes(op)]))]),
    [2, bytes("tiny")],
    ...Object.entries(constants).map(([name, { dims, data }]): Field => {
      const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return [5, bytes(message(...dims.map((size): Field => [1, varint(size)]), [2, varint(data instanceof Float32Array ? FLOAT : INT64)], [8, bytes(name)], [9, bytes(raw)]))];
    }),
    ...inputs.map((value): Field => [11, bytes(valueInfo(value))]),
    ...outputs.map((value): Field => [12, bytes(valueInfo(value))]),
  );
  return message([1, varint(8)], [7, bytes(graph)], [8, bytes(message([2, varint(opset)]))]);
}

/** One Reshape: (n, ...input) to (n, ...output). What comes out is what went in. */
export interface TinyOnnx {
  readonly input: string;
  readonly inputShape: readonly number[];
  readonly output: string;
  readonly outputShape: readonly number[];
  readonly opset?: number;
}

export function tinyOnnx({ input, inputShape, output, outputShape, opset }: TinyOnnx): Buffer {
  const shape = BigInt64Array.from([0n, ...outputShape.map(BigInt)]);
  return onnxGraph({
    inputs: [{ name: input, shape: inputShape }],
    outputs: [{ name: output, shape: outputShape }],
    constants: { shape: { dims: [shape.length], data: shape } },
    nodes: [{ op: "Reshape", inputs: [input, "shape"], output }],
    ...(opset === undefined ? {} : { opset }),
  });
}

/** TensorProto.DataType. */
const [FLOAT, INT64] = [1, 7];

function valueInfo({ name, type = "float32", shape }: OnnxValue): Buffer {
  const dims = [undefined, ...shape].map((size, i) => (size === undefined ? message([2, bytes(`n${i}`)]) : message([1, varint(size)])));
  const tensorShape = message(...dims.map((dim): Field => [1, bytes(dim)]));
  const tensor = message([1, varint(type === "float32" ? FLOAT : INT64)], [2, bytes(tensorShape)]);
  return message([1, bytes(name)], [2, bytes(message([1, bytes(tensor)]))]);
}

/** A protobuf field: its number, and its value with the wire type. */
type Field = readonly [number, { readonly wire: 0 | 2; readonly value: Buffer }];

function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([number, { wire, value }]) => [encodeVarint(number * 8 + wire), value]));
}

function varint(value: number): Field[1] {
  return { wire: 0, value: encodeVarint(value) };
}

function bytes(value: string | Buffer): Field[1] {
  const data = Buffer.from(value as string);
  return { wire: 2, value: Buffer.concat([encodeVarint(data.length), data]) };
}

function encodeVarint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) + 128);
  }
}
