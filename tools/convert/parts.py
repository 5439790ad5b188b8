"""
The parts of the four systems as modules that ONNX can be made of. Each takes the tensors of a published
checkpoint under their published names; sizes are read from the tensors, head counts are the published ones.
"""
import torch
from torch import nn
from torch.nn import functional as F


def norm(x, weights, name, eps):
    return F.layer_norm(x, weights.shapes[f"{name}.weight"], weights[f"{name}.weight"], weights[f"{name}.bias"], eps)


def linear(x, weights, name):
    return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"] if f"{name}.bias" in weights else None)


def attend(q, k, v, heads):
    """(n, queries, width), (n, keys, width) twice -> (n, queries, width)."""
    split = lambda x: x.reshape(x.shape[0], -1, heads, x.shape[-1] // heads).transpose(1, 2)
    q, k, v = split(q), split(k), split(v)
    mixed = ((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
    return mixed.transpose(1, 2).reshape(mixed.shape[0], -1, heads * mixed.shape[-1])


class Part(nn.Module):
    """Holds its tensors so that they are exported with the graph, each once."""

    def __init__(self, weights):
        super().__init__()
        self.names = {}
        # Read now: while a graph is traced, sizes are a part of it.
        self.shapes = {name: tuple(value.shape) for name, value in weights.items()}
        for i, (name, value) in enumerate(weights.items()):
            self.register_buffer(f"w{i}", value.float().contiguous())
            self.names[name] = f"w{i}"

    def __contains__(self, name):
        return name in self.names

    def __getitem__(self, name):
        return getattr(self, self.names[name])


class EvaVit(Part):
    """
    EVA-CLIP ViT-g/14 of BLIP-2 (eva_vit_g.pth; eva_vit.py, create_eva_vit_g): pre-norm blocks, query and value
    biases but none of keys, no norm at the end. (n, 3, size, size) -> (n, 1 + patches, width), then ln_vision.
    The published file has 40 blocks, of which the published code builds 39. Without ln_vision in any
    checkpoint it is one and zero, as the published MiniGPT4-Video leaves it.
    """

    def __init__(self, weights, ln_vision, depth=39, heads=16):
        wanted = ("cls_token", "pos_embed", "patch_embed.")
        kept = {k: weights[k] for k in weights if k.startswith(wanted) or (k.startswith("blocks.") and int(k.split(".")[1]) < depth)}
        width = weights["pos_embed"].shape[-1]
        kept["ln_vision.weight"] = ln_vision["weight"] if "weight" in ln_vision else torch.ones(width)
        kept["ln_vision.bias"] = ln_vision["bias"] if "bias" in ln_vision else torch.zeros(width)
        super().__init__(kept)
        have = weights.count("blocks.%d.norm1.weight")
        if have < depth:
            raise SystemExit(f"{weights.source} has {have} blocks of the vision encoder, and {depth} are wanted.")
        self.depth, self.heads, self.width = depth, heads, width
        self.patch = weights["patch_embed.proj.weight"].shape[-1]
        self.side = round((weights["pos_embed"].shape[1] - 1) ** 0.5)

    def forward(self, pixel_values):
        x = F.conv2d(pixel_values, self["patch_embed.proj.weight"], self["patch_embed.proj.bias"], stride=self.patch)
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat((self["cls_token"].expand(x.shape[0], -1, -1), x), 1) + self["pos_embed"]
        for i in range(self.depth):
            at = f"blocks.{i}"
            value = self[f"{at}.attn.v_bias"]
            bias = torch.cat((self[f"{at}.attn.q_bias"], torch.zeros_like(value), value))
            q, k, v = F.linear(norm(x, self, f"{at}.norm1", 1e-6), self[f"{at}.attn.qkv.weight"], bias).chunk(3, -1)
            x = x + linear(attend(q, k, v, self.heads), self, f"{at}.attn.proj")
            x = x + linear(F.gelu(linear(norm(x, self, f"{at}.norm2", 1e-6), self, f"{at}.mlp.fc1")), self, f"{at}.mlp.fc2")
        return norm(x, self, "ln_vision", 1e-5)


class QFormer(Part):
    """
    BLIP-2's Q-Former on queries alone (Qformer.py): post-norm BERT layers; those that have it look at the
    input by cross-attention between self-attention and the queries' own feed-forward layers. Text layers
    (intermediate, output, word embeddings) are left out. (n, rows, width in) -> (n, queries, width).
    """

    def __init__(self, weights, queries, heads=12):
        left_out = (".intermediate.", ".output.dense", ".output.LayerNorm", "word_embeddings", "position_embeddings", "position_ids")
        text = lambda k: any(part in k for part in left_out) and "attention.output" not in k
        super().__init__({**{k: weights[k] for k in weights if k.startswith("bert.") and not text(k)}, "queries": queries})
        self.heads = heads
        self.depth = weights.count("bert.encoder.layer.%d.attention.self.query.weight")
        self.queries, self.width = queries.shape[-2:]
        crossed = [k for k in weights if k.endswith("crossattention.self.key.weight")]
        if not crossed:
            raise SystemExit(f"{weights.source} is no Q-Former: it has no cross-attention.")
        self.input_width = weights[crossed[0]].shape[1]

    def attention(self, x, context, name):
        q, k, v = (linear(y, self, f"{name}.self.{part}") for y, part in ((x, "query"), (context, "key"), (context, "value")))
        return norm(linear(attend(q, k, v, self.heads), self, f"{name}.output.dense") + x, self, f"{name}.output.LayerNorm", 1e-12)

    def forward(self, tokens):
        x = norm(self["queries"].reshape(1, self.queries, self.width), self, "bert.embeddings.LayerNorm", 1e-12).expand(tokens.shape[0], -1, -1)
        for i in range(self.depth):
            at = f"bert.encoder.layer.{i}"
            x = self.attention(x, x, f"{at}.attention")
            if f"{at}.crossattention.self.query.weight" in self:
                x = self.attention(x, tokens, f"{at}.crossattention")
            y = linear(F.gelu(linear(x, self, f"{at}.intermediate_query.dense")), self, f"{at}.output_query.dense")
            x = norm(y + x, self, f"{at}.output_query.LayerNorm", 1e-12)
        return x


class ImageBindAudio(Part):
    """
    ImageBind-huge's audio branch (imagebind_huge.pth) as Video-LLaMA takes it: the head's output, brought to
    length 1 and multiplied by its scale. (n, 1, bins, frames) -> (n, 1024).
    """

    STRIDE = 10

    def __init__(self, weights, heads=12):
        parts = ("modality_preprocessors.audio.", "modality_trunks.audio.", "modality_heads.audio.", "modality_postprocessors.audio.")
        super().__init__({k: weights[k] for k in weights if k.startswith(parts)})
        self.heads = heads
        self.depth = weights.count("modality_trunks.audio.blocks.%d.norm_1.weight")
        self.width = weights["modality_heads.audio.2.weight"].shape[0]
        scale = "modality_postprocessors.audio.1.log_logit_scale"
        self.scale = float(weights[scale].exp().clamp(max=100)) if scale in weights else 20.0

    def forward(self, fbank):
        pre, trunk, head = "modality_preprocessors.audio", "modality_trunks.audio.blocks", "modality_heads.audio"
        x = F.conv2d(fbank, self[f"{pre}.rgbt_stem.proj.weight"], stride=self.STRIDE).flatten(2).transpose(1, 2)
        x = norm(x, self, f"{pre}.rgbt_stem.norm_layer", 1e-5)
        x = torch.cat((self[f"{pre}.cls_token"].expand(x.shape[0], -1, -1), x), 1) + self[f"{pre}.pos_embedding_helper.pos_embed"]
        for i in range(self.depth):
            at = f"{trunk}.{i}"
            q, k, v = F.linear(norm(x, self, f"{at}.norm_1", 1e-6), self[f"{at}.attn.in_proj_weight"], self[f"{at}.attn.in_proj_bias"]).chunk(3, -1)
            # One more key and value for all, learned.
            k = torch.cat((k, self[f"{at}.attn.bias_k"].expand(k.shape[0], -1, -1)), 1)
            v = torch.cat((v, self[f"{at}.attn.bias_v"].expand(v.shape[0], -1, -1)), 1)
            x = x + linear(attend(q, k, v, self.heads), self, f"{at}.attn.out_proj")
            x = x + linear(F.gelu(linear(norm(x, self, f"{at}.norm_2", 1e-6), self, f"{at}.mlp.fc1")), self, f"{at}.mlp.fc2")
        x = F.linear(norm(x, self, f"{head}.0", 1e-6)[:, 0], self[f"{head}.2.weight"])
        return F.normalize(x, dim=-1) * self.scale


class ClipVit(Part):
    """
    CLIP ViT-L/14 as Hugging Face publishes it (vision_model.*). Patch tokens of the last but one layer, without
    the class token, (n, patches, width), and the class token of every layer's output, the embeddings' first:
    (n, layers + 1, width). What comes after the last layer is not used.
    """

    def __init__(self, weights, heads=16):
        weights = weights.below("vision_model.") if any(k.startswith("vision_model.") for k in weights) else weights
        super().__init__({k: weights[k] for k in weights if not k.endswith("position_ids") and not k.startswith("post_layernorm")})
        self.heads = heads
        self.depth = weights.count("encoder.layers.%d.layer_norm1.weight")
        positions, self.width = weights["embeddings.position_embedding.weight"].shape
        self.patch = weights["embeddings.patch_embedding.weight"].shape[-1]
        self.side = round((positions - 1) ** 0.5)

    def forward(self, pixel_values):
        x = F.conv2d(pixel_values, self["embeddings.patch_embedding.weight"], stride=self.patch).flatten(2).transpose(1, 2)
        first = self["embeddings.class_embedding"].reshape(1, 1, -1).expand(x.shape[0], -1, -1)
        x = torch.cat((first, x), 1) + self["embeddings.position_embedding.weight"]
        x = norm(x, self, "pre_layrnorm", 1e-5)
        states = [x]
        for i in range(self.depth):
            at = f"encoder.layers.{i}"
            y = norm(x, self, f"{at}.layer_norm1", 1e-5)
            q, k, v = (linear(y, self, f"{at}.self_attn.{part}_proj") for part in "qkv")
            x = x + linear(attend(q, k, v, self.heads), self, f"{at}.self_attn.out_proj")
            y = linear(norm(x, self, f"{at}.layer_norm2", 1e-5), self, f"{at}.mlp.fc1")
            x = x + linear(y * torch.sigmoid(1.702 * y), self, f"{at}.mlp.fc2")
            states.append(x)
        return states[-2][:, 1:], torch.stack([state[:, 0] for state in states], 1)


class Linear(Part):
    """(n, width in) -> (n, width)."""

    def __init__(self, weights):
        super().__init__({k: weights[k] for k in ("weight", "bias") if k == "weight" or k in weights})
        self.width, self.input_width = weights["weight"].shape

    def forward(self, tokens):
        return F.linear(tokens, self["weight"], self["bias"] if "bias" in self else None)


class Table(Part):
    """int64 (n) -> (n, width)."""

    def __init__(self, weight):
        super().__init__({"weight": weight})
        self.count, self.width = weight.shape

    def forward(self, positions):
        return F.embedding(positions, self["weight"])
