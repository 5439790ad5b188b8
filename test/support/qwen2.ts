/**
 * Qwen2 by its definition, in double precision and without a cache, as transformers computes it (models/qwen2,
 * modeling_qwen2.py): an independent reading of what a converted model should say.
 */
export interface Qwen2Reference {
  /** Tensor values by their published names, row-major, behind `prefix`. */
  readonly tensor: (name: string) => ArrayLike<number>;
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly layers: number;
  readonly theta: number;
  readonly epsilon: number;
  /** Rows of the token table, which is the output matrix too. */
  readonly vocabulary: number;
}

/** Logits after the last of the tokens. */
export function qwen2Logits(model: Qwen2Reference, tokens: readonly number[]): number[] {
  const { width, heads, keyValueHeads, theta } = model;
  const size = width / heads;
  const group = heads / keyValueHeads;
  const table = model.tensor("embed_tokens.weight");
  let states = tokens.map((token) => Array.from({ length: width }, (_, k) => table[token * width + k]!));
  for (let i = 0; i < model.layers; i++) {
    const at = (name: string): ArrayLike<number> => model.tensor(`layers.${i}.${name}`);
    const inputs = states.map((x) => normalised(x, at("input_layernorm.weight"), model.epsilon));
    const project = (name: string, x: readonly number[]): number[] => linear(at(`self_attn.${name}.weight`), x, at(`self_attn.${name}.bias`));
    const turned = (v: readonly number[], position: number): number[] => v.map((value, k) => rotate(v, value, k, position, size, theta));
    const [q, k] = ["q_proj", "k_proj"].map((name) => inputs.map((x, t) => turned(project(name, x), t))) as [number[][], number[][]];
    const v = inputs.map((x) => project("v_proj", x));
    states = states.map((x, t) => {
      const mixed = Array.from({ length: heads }, (_, h) => {
        const of = (row: readonly number[], head: number): readonly number[] => row.slice(head * size, (head + 1) * size);
        const own = Math.floor(h / group);
        const weights = softmax(Array.from({ length: t + 1 }, (__, s) => dot(of(q[t]!, h), of(k[s]!, own)) / Math.sqrt(size)));
        return Array.from({ length: size }, (__, c) => weights.reduce((sum, weight, s) => sum + weight * of(v[s]!, own)[c]!, 0));
      }).flat();
      return add(x, linear(at("self_attn.o_proj.weight"), mixed));
    });
    states = states.map((x) => {
      const y = normalised(x, at("post_attention_layernorm.weight"), model.epsilon);
      const gate = linear(at("mlp.gate_proj.weight"), y);
      const up = linear(at("mlp.up_proj.weight"), y);
      return add(x, linear(at("mlp.down_proj.weight"), gate.map((g, n) => (g / (1 + Math.exp(-g))) * up[n]!)));
    });
  }
  const last = normalised(states.at(-1)!, model.tensor("norm.weight"), model.epsilon);
  return linear(table, last).slice(0, model.vocabulary);
}

/** Rotary position of one channel: the two halves of a head are the two parts of each pair. */
function rotate(v: readonly number[], value: number, k: number, position: number, size: number, theta: number): number {
  const [head, c] = [Math.floor(k / size) * size, k % size];
  const half = size / 2;
  const angle = position / theta ** ((2 * (c % half)) / size);
  const other = c < half ? -v[head + c + half]! : v[head + c - half]!;
  return value * Math.cos(angle) + other * Math.sin(angle);
}

function linear(weight: ArrayLike<number>, x: readonly number[], bias?: ArrayLike<number>): number[] {
  return Array.from({ length: weight.length / x.length }, (_, row) => x.reduce((sum, value, k) => sum + value * weight[row * x.length + k]!, bias?.[row] ?? 0));
}

function normalised(x: readonly number[], weight: ArrayLike<number>, epsilon: number): number[] {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + epsilon);
  return x.map((value, k) => value * scale * weight[k]!);
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const add = (a: readonly number[], b: readonly number[]): number[] => a.map((value, k) => value + b[k]!);

function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
