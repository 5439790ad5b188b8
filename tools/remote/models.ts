/** A language model and its eyes as llama-server takes them, tiny and untrained: real files for real programs. */
import { random } from "../../test/support/random.js";
import { GgufWriter, TINY, tinyGguf } from "../../test/support/tinyGguf.js";

export { tinyGguf };

const [IMAGE, PATCH, WIDTH, HIDDEN] = [32, 8, 32, 64];
const FLOAT32 = 6;

/** A vision tower of one block with LLaVA's two-layer projector (`clip.projector_type` mlp), 16 positions a picture. */
export function tinyEyes(): Buffer {
  const next = random(7);
  const writer = new GgufWriter();
  const tensor = (name: string, ...dimensions: readonly number[]): void => {
    const size = dimensions.reduce((all, n) => all * n, 1);
    writer.tensor(name, dimensions, Float32Array.from({ length: size }, () => (next() - 0.5) / 4), "F32");
  };
  const floats = (key: string, values: readonly number[]): void => writer.array(key, FLOAT32, values.length, Buffer.from(Float32Array.from(values).buffer));

  writer.text("general.architecture", "clip");
  writer.boolean("clip.has_vision_encoder", true);
  writer.text("clip.projector_type", "mlp");
  writer.boolean("clip.use_gelu", true);
  const sizes = { image_size: IMAGE, patch_size: PATCH, embedding_length: WIDTH, feed_forward_length: HIDDEN, block_count: 1, projection_dim: TINY.width, "attention.head_count": 2 };
  for (const [key, value] of Object.entries(sizes)) writer.uint32(`clip.vision.${key}`, value);
  writer.float32("clip.vision.attention.layer_norm_epsilon", 1e-6);
  floats("clip.vision.image_mean", [0.5, 0.5, 0.5]);
  floats("clip.vision.image_std", [0.5, 0.5, 0.5]);

  tensor("v.patch_embd.weight", PATCH, PATCH, 3, WIDTH);
  tensor("v.patch_embd.bias", WIDTH);
  tensor("v.position_embd.weight", WIDTH, (IMAGE / PATCH) ** 2);
  for (const part of ["attn_q", "attn_k", "attn_v", "attn_out"]) {
    tensor(`v.blk.0.${part}.weight`, WIDTH, WIDTH);
    tensor(`v.blk.0.${part}.bias`, WIDTH);
  }
  tensor("v.blk.0.ffn_up.weight", WIDTH, HIDDEN);
  tensor("v.blk.0.ffn_up.bias", HIDDEN);
  tensor("v.blk.0.ffn_down.weight", HIDDEN, WIDTH);
  tensor("v.blk.0.ffn_down.bias", WIDTH);
  for (const part of ["blk.0.ln1", "blk.0.ln2", "post_ln"]) for (const kind of ["weight", "bias"]) tensor(`v.${part}.${kind}`, WIDTH);
  tensor("mm.0.weight", WIDTH, TINY.width);
  tensor("mm.0.bias", TINY.width);
  tensor("mm.2.weight", TINY.width, TINY.width);
  tensor("mm.2.bias", TINY.width);
  return writer.whole();
}
