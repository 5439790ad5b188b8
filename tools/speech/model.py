"""Whisper's architecture (arXiv 2212.04356, section 2.2) at a small width, with Hugging Face's names of its parts."""

import math

import torch
import torch.nn.functional as F
from torch import nn

CONFIG = {
    "d_model": 96,
    "encoder_layers": 3,
    "encoder_attention_heads": 4,
    "encoder_ffn_dim": 384,
    "decoder_layers": 2,
    "decoder_attention_heads": 4,
    "decoder_ffn_dim": 384,
    "num_mel_bins": 80,
    "max_source_positions": 1500,
    "max_target_positions": 448,
}


def sinusoids(length, width):
    """The encoder's positions: fixed, not learnt."""
    rates = torch.exp(-math.log(10_000) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * rates[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def split(self, x):
        b, n, d = x.shape
        return x.view(b, n, self.heads, d // self.heads).transpose(1, 2)

    def forward(self, x, source, causal=False):
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(source)), self.split(self.v_proj(source))
        # By hand: torch's fused attention is several times slower backwards on a CPU at these widths.
        scores = q @ k.transpose(2, 3) * q.shape[-1] ** -0.5
        if causal:
            scores = scores + torch.full(scores.shape[2:], -1e9, dtype=scores.dtype).triu(1)
        y = scores.float().softmax(-1).to(v.dtype) @ v
        return self.out_proj(y.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self, width, heads, ffn, cross):
        super().__init__()
        self.self_attn, self.self_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        if cross:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        self.fc1, self.fc2, self.final_layer_norm = nn.Linear(width, ffn), nn.Linear(ffn, width), nn.LayerNorm(width)

    def forward(self, x, source=None):
        h = self.self_attn_layer_norm(x)
        x = x + self.self_attn(h, h, causal=source is not None)
        if source is not None:
            x = x + self.encoder_attn(self.encoder_attn_layer_norm(x), source)
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))


class Whisper(nn.Module):
    def __init__(self, vocabulary, letters, time0):
        super().__init__()
        c = CONFIG
        d = c["d_model"]
        self.conv1 = nn.Conv1d(c["num_mel_bins"], d, 3, padding=1)
        self.conv2 = nn.Conv1d(d, d, 3, stride=2, padding=1)
        self.register_buffer("positions", sinusoids(c["max_source_positions"], d))
        self.encoder = nn.ModuleList(Layer(d, c["encoder_attention_heads"], c["encoder_ffn_dim"], False) for _ in range(c["encoder_layers"]))
        self.encoder_norm = nn.LayerNorm(d)
        self.embed = nn.Parameter(torch.randn(vocabulary, d) * 0.05)
        self.places = nn.Parameter(torch.randn(c["max_target_positions"], d) * 0.02)
        self.decoder = nn.ModuleList(Layer(d, c["decoder_attention_heads"], c["decoder_ffn_dim"], True) for _ in range(c["decoder_layers"]))
        self.decoder_norm = nn.LayerNorm(d)
        # For training only: which letter is said when (CTC). It shows the encoder what to listen for.
        self.letters = nn.Linear(d, letters)
        with torch.no_grad():
            # A time begins as the position that it names: near times look alike from the start.
            times = sinusoids(vocabulary - time0, d)
            self.embed[time0:] = times * 0.05 * d**0.5 / times.norm(dim=1, keepdim=True)

    def encode(self, mel, offset=0):
        """mel (B, 80, frames); offset: number of positions of the 30 s window that come before it."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positions[offset : offset + x.shape[1]]
        for layer in self.encoder:
            x = layer(x)
        return self.encoder_norm(x)

    def decode(self, ids, heard):
        x = self.embed[ids] + self.places[: ids.shape[1]]
        for layer in self.decoder:
            x = layer(x, heard)
        return self.decoder_norm(x) @ self.embed.t()
