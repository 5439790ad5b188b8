"""BERT's encoder (arXiv 1810.04805) at a small width, as all-MiniLM-L6-v2 uses it: the sentence is the mean of its tokens."""

import torch
import torch.nn.functional as F
from torch import nn

from wordpiece import LONGEST, PAD

CONFIG = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": LONGEST, "type_vocab_size": 2}


class Layer(nn.Module):
    def __init__(self, width, heads, ffn):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.dense = (nn.Linear(width, width) for _ in range(4))
        self.attention_norm, self.norm = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.up, self.down = nn.Linear(width, ffn), nn.Linear(ffn, width)

    def forward(self, x, bias):
        b, n, d = x.shape
        q, k, v = (part(x).view(b, n, self.heads, d // self.heads).transpose(1, 2) for part in (self.query, self.key, self.value))
        weights = (q @ k.transpose(2, 3) * (d // self.heads) ** -0.5 + bias).softmax(-1)
        x = self.attention_norm(x + self.dense((weights @ v).transpose(1, 2).reshape(b, n, d)))
        return self.norm(x + self.down(F.gelu(self.up(x))))


class Bert(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        d = CONFIG["hidden_size"]
        self.words = nn.Embedding(vocabulary, d)
        self.places, self.types = nn.Embedding(LONGEST, d), nn.Embedding(CONFIG["type_vocab_size"], d)
        for table, size in ((self.words, 0.5), (self.places, 0.02), (self.types, 0.02)):
            nn.init.normal_(table.weight, std=size)
        self.norm = nn.LayerNorm(d, eps=1e-12)
        self.layers = nn.ModuleList(Layer(d, CONFIG["num_attention_heads"], CONFIG["intermediate_size"]) for _ in range(CONFIG["num_hidden_layers"]))
        self.scale = nn.Parameter(torch.tensor(2.5))  # for training only: how sharp the contrast is

    def forward(self, input_ids, attention_mask, token_type_ids):
        """-> last_hidden_state (B, tokens, width)."""
        places = torch.arange(input_ids.shape[1])
        x = self.norm(self.words(input_ids) + self.places(places) + self.types(token_type_ids))
        bias = (1.0 - attention_mask[:, None, None].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x


def pooled(hidden, mask):
    """all-MiniLM-L6-v2: the mean over the tokens that are no padding, then length 1."""
    weights = mask[..., None].to(hidden.dtype)
    return F.normalize((hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=-1)


def tensors(pieces, texts):
    rows = [pieces.encode(text) for text in texts]
    ids = torch.full((len(rows), max(map(len, rows))), PAD)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    return ids, (ids != PAD).long(), torch.zeros_like(ids)


def embed(model, pieces, texts):
    given = tensors(pieces, texts)
    return pooled(model(*given), given[1])
