"""
The parts once more, in NumPy and double precision, from the published code and without parts.py: each
formula is written out by token and by head. What it gives is what the ONNX files have to give.
"""
import math

import numpy as np

erf = np.vectorize(math.erf, otypes=[float])


def value(i):
    """Inputs that every language makes the same way: from -1 to just below 1."""
    return (i * 7919 % 1000) / 500 - 1


def ramp(*shape):
    return value(np.arange(np.prod(shape))).reshape(shape)


def gelu(x):
    return x * (1 + erf(x / math.sqrt(2))) / 2


def affine(w, name, x):
    return x @ w[f"{name}.weight"].T + w.get(f"{name}.bias", 0)


def layer_norm(w, name, x, eps):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * w[f"{name}.weight"] + w[f"{name}.bias"]


def heads(q, k, v, count):
    size = q.shape[-1] // count
    out = np.zeros((q.shape[0], v.shape[-1]))
    for h in range(count):
        part = slice(h * size, (h + 1) * size)
        for t in range(q.shape[0]):
            scores = k[:, part] @ q[t, part] / math.sqrt(size)
            weights = np.exp(scores - scores.max())
            out[t, part] = weights @ v[:, part] / weights.sum()
    return out


def patches(x, kernel, stride, bias=0):
    """A convolution without padding as sums over windows: (channels, h, w) -> (places, out)."""
    out, _, high, wide = kernel.shape
    rows = [np.tensordot(kernel, x[:, r : r + high, c : c + wide], 3) for r in range(0, x.shape[1] - high + 1, stride) for c in range(0, x.shape[2] - wide + 1, stride)]
    return np.stack(rows).reshape(-1, out) + bias


def eva(w, picture, ln, blocks=2):
    x = patches(picture, w["patch_embed.proj.weight"], 14, w["patch_embed.proj.bias"])
    x = np.concatenate([w["cls_token"][0], x]) + w["pos_embed"][0]
    for i in range(blocks):
        b = f"blocks.{i}"
        y = layer_norm(w, f"{b}.norm1", x, 1e-6)
        q, k, v = np.split(w[f"{b}.attn.qkv.weight"], 3)
        x = x + affine(w, f"{b}.attn.proj", heads(y @ q.T + w[f"{b}.attn.q_bias"], y @ k.T, y @ v.T + w[f"{b}.attn.v_bias"], 16))
        x = x + affine(w, f"{b}.mlp.fc2", gelu(affine(w, f"{b}.mlp.fc1", layer_norm(w, f"{b}.norm2", x, 1e-6))))
    return layer_norm(ln, "ln", x, 1e-5)


def qformer(w, prefix, queries, tokens, layers):
    w = {key[len(prefix) + 1 :]: array for key, array in w.items() if key.startswith(f"{prefix}.")}
    x = layer_norm(w, "bert.embeddings.LayerNorm", queries, 1e-12)

    def attention(name, x, seen):
        parts = [affine(w, f"{name}.self.{part}", y) for part, y in (("query", x), ("key", seen), ("value", seen))]
        return layer_norm(w, f"{name}.output.LayerNorm", x + affine(w, f"{name}.output.dense", heads(*parts, 12)), 1e-12)

    for i in range(layers):
        b = f"bert.encoder.layer.{i}"
        x = attention(f"{b}.attention", x, x)
        if f"{b}.crossattention.self.query.weight" in w:
            x = attention(f"{b}.crossattention", x, tokens)
        x = layer_norm(w, f"{b}.output_query.LayerNorm", x + affine(w, f"{b}.output_query.dense", gelu(affine(w, f"{b}.intermediate_query.dense", x))), 1e-12)
    return x


def imagebind(w, fbank, blocks=2):
    p = "modality_preprocessors.audio"
    x = layer_norm(w, f"{p}.rgbt_stem.norm_layer", patches(fbank, w[f"{p}.rgbt_stem.proj.weight"], 10), 1e-5)
    x = np.concatenate([w[f"{p}.cls_token"][0], x]) + w[f"{p}.pos_embedding_helper.pos_embed"][0]
    for i in range(blocks):
        b = f"modality_trunks.audio.blocks.{i}"
        y = layer_norm(w, f"{b}.norm_1", x, 1e-6)
        q, k, v = (y @ m.T + n for m, n in zip(np.split(w[f"{b}.attn.in_proj_weight"], 3), np.split(w[f"{b}.attn.in_proj_bias"], 3)))
        k, v = np.concatenate([k, w[f"{b}.attn.bias_k"][0]]), np.concatenate([v, w[f"{b}.attn.bias_v"][0]])
        x = x + affine(w, f"{b}.attn.out_proj", heads(q, k, v, 12))
        x = x + affine(w, f"{b}.mlp.fc2", gelu(affine(w, f"{b}.mlp.fc1", layer_norm(w, f"{b}.norm_2", x, 1e-6))))
    y = layer_norm(w, "modality_heads.audio.0", x[0], 1e-6) @ w["modality_heads.audio.2.weight"].T
    return 20 * y / np.linalg.norm(y)


def clip(w, picture):
    w = {key[len("vision_model.") :]: array for key, array in w.items() if key.startswith("vision_model.")}
    x = np.concatenate([w["embeddings.class_embedding"][None], patches(picture, w["embeddings.patch_embedding.weight"], 14)]) + w["embeddings.position_embedding.weight"]
    states = [layer_norm(w, "pre_layrnorm", x, 1e-5)]
    for i in range(3):
        b, x = f"encoder.layers.{i}", states[-1]
        y = layer_norm(w, f"{b}.layer_norm1", x, 1e-5)
        x = x + affine(w, f"{b}.self_attn.out_proj", heads(*(affine(w, f"{b}.self_attn.{part}_proj", y) for part in "qkv"), 16))
        y = affine(w, f"{b}.mlp.fc1", layer_norm(w, f"{b}.layer_norm2", x, 1e-5))
        states.append(x + affine(w, f"{b}.mlp.fc2", y / (1 + np.exp(-1.702 * y))))
    return states[2][1:], np.stack([state[0] for state in states])
