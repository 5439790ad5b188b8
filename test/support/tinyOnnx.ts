/**
 * Writes an ONNX model of one Reshape: (n, ...input) to (n, ...output). What comes out is what went
 * in, so tests can see normalisation, channel order and the class token exactly.
 */
export interface TinyOnnx {
  readonly input: string;
  readonly inputShape: readonly number[];
  readonly output: string;
  readonly outputShape: readonly number[];
  readonly opset?: number;
}

export function tinyOnnx(model: TinyOnnx): Buffer {
  const target = [0n, ...model.outputShape.map(BigInt)];
  const shape = new BigInt64Array(target);
  const initializer = message(
    [1, varint(shape.length)], // dims
    [2, varint(7)], // int64
    [8, bytes("shape")],
    [9, bytes(Buffer.from(shape.buffer))],
  );
  const node = message([1, bytes(model.input)], [1, bytes("shape")], [2, bytes(model.output)], [4, bytes("Reshape")]);
  const graph = message(
    [1, bytes(node)],
    [2, bytes("tiny")],
    [5, bytes(initializer)],
    [11, bytes(valueInfo(model.input, model.inputShape))],
    [12, bytes(valueInfo(model.output, model.outputShape))],
  );
  const opset = message([2, varint(model.opset ?? 16)]);
  return message([1, varint(8)], [7, bytes(graph)], [8, bytes(opset)]);
}

/** A float32 tensor whose first dimension is free. */
function valueInfo(name: string, shape: readonly number[]): Buffer {
  const free = message([2, bytes("n")]);
  const dims = shape.map((size) => message([1, varint(size)]));
  const tensorShape = message(...[free, ...dims].map((dim): Field => [1, bytes(dim)]));
  const tensor = message([1, varint(1)], [2, bytes(tensorShape)]);
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
