"""The language model: a small llama, laid out as llama.cpp runs it.

RMSNorm, rotary positions on interleaved pairs (llama.cpp's own order for this
architecture, so nothing is permuted at export), SwiGLU, untied output.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTH, LAYERS, HEADS, HIDDEN = 192, 6, 6, 512
HEAD = WIDTH // HEADS
THETA = 100000.0
EPSILON = 1e-5


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + EPSILON) * self.weight


def rotate(x, cos, sin):
    """Rotary positions. x (b, heads, l, HEAD), cos and sin (b, 1, l, HEAD / 2)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


def masked(mask):
    """Plain attention under an additive mask; q comes already scaled."""
    def attend(q, k, v):
        return torch.matmul((torch.matmul(q, k.transpose(-1, -2)) + mask).softmax(-1), v)
    return attend


class Block(nn.Module):
    def __init__(self, width=WIDTH, heads=HEADS, hidden=HIDDEN):
        super().__init__()
        self.heads = heads
        self.attention_norm = RMSNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.ffn_norm = RMSNorm(width)
        self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x, cos, sin, attend, past=None):
        b, l, width = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(b, l, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scale = (width // self.heads) ** -0.5
        q, k = rotate(q, cos * scale, sin * scale).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        a = attend(q, k, v)
        x = x + self.out(a.transpose(1, 2).reshape(b, l, width)).float()
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up).float(), (k, v)


class Language(nn.Module):
    def __init__(self, vocabulary, width=WIDTH, layers=LAYERS, heads=HEADS, hidden=HIDDEN):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList([Block(width, heads, hidden) for _ in range(layers)])
        self.norm = RMSNorm(width)
        self.output = nn.Linear(width, vocabulary, bias=False)
        head = width // heads
        self.register_buffer("frequencies", THETA ** (-torch.arange(0, head, 2).float() / head), persistent=False)
        for name, p in self.named_parameters():
            if name.startswith("embedding"):
                nn.init.normal_(p, 0, 0.05)
            elif name.startswith("output"):
                nn.init.normal_(p, 0, 0.01)
            elif p.dim() == 2:
                residual = "out" in name or "down" in name
                nn.init.normal_(p, 0, 0.1 * p.shape[1] ** -0.5 if residual else p.shape[1] ** -0.5)

    def angles(self, positions):
        angle = positions.float()[:, None, :, None] * self.frequencies
        return angle.cos(), angle.sin()

    def forward(self, x, positions, attend, taps=()):
        """x (b, l, width) -> the final hidden states, and those after the blocks in `taps`.

        attend(q, k, v) is the attention to use: attention.Packed or masked(mask).
        """
        cos, sin = self.angles(positions)
        tapped = []
        for i, block in enumerate(self.blocks):
            x, _ = block(x, cos, sin, attend)
            if i + 1 in taps:
                tapped.append(x)
        return self.norm(x), tapped
