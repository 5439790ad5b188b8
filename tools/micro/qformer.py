"""Q-formers: learned queries that look at any number of tokens and come back with a fixed number.

As in Video-LLaMA: one looks at each frame, a table of frame positions is added, and
a second one looks at all frames at once. The audio branch has one of its own.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from vision import WIDTH as TOKEN_WIDTH

WIDTH, HEADS, LAYERS = 96, 4, 2
PICTURE_QUERIES, VIDEO_QUERIES, AUDIO_QUERIES = 9, 32, 8
POSITIONS = 32  # frames at most, as in the paper
CLIPS, CLIP_WIDTH = 8, 64  # of sound


class Attention(nn.Module):
    def __init__(self, width, inside, heads=HEADS):
        super().__init__()
        self.heads = heads
        self.q, self.kv, self.out = nn.Linear(width, width), nn.Linear(inside, 2 * width), nn.Linear(width, width)

    def forward(self, x, y):
        """x (n, queries, width) looks at y (n, rows, inside)."""
        n, queries, width = x.shape
        head = width // self.heads
        q = self.q(x).reshape(n, queries, self.heads, head).transpose(1, 2)
        k, v = self.kv(y).reshape(n, y.shape[1], 2, self.heads, head).permute(2, 0, 3, 1, 4).unbind(0)
        scores = torch.matmul(q, k.transpose(-1, -2)) * head ** -0.5
        mixed = torch.matmul(scores.softmax(-1), v).transpose(1, 2)
        return self.out(mixed.reshape(n, queries, width))


class Layer(nn.Module):
    def __init__(self, width, inside):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.among, self.across = Attention(width, width), Attention(width, inside)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x, y):
        own = self.norm1(x)
        x = x + self.among(own, own)
        x = x + self.across(self.norm2(x), y)
        return x + self.down(F.gelu(self.up(self.norm3(x))))


class QFormer(nn.Module):
    """(n, rows, inside) -> (n, queries, width)."""

    def __init__(self, queries, inside, width=WIDTH, layers=LAYERS):
        super().__init__()
        self.queries = nn.Parameter(torch.randn(queries, width) * 0.5)
        self.enter = nn.Linear(inside, width)
        self.layers = nn.ModuleList([Layer(width, width) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)

    def forward(self, rows):
        y = self.enter(rows)
        x = self.queries.expand(rows.shape[0], -1, -1)
        for layer in self.layers:
            x = layer(x, y)
        return self.norm(x)


class VideoQFormers(nn.Module):
    """Video-LLaMA's vision branch: (n, frames, 64, TOKEN_WIDTH) -> (n, VIDEO_QUERIES, WIDTH)."""

    def __init__(self):
        super().__init__()
        self.picture = QFormer(PICTURE_QUERIES, TOKEN_WIDTH, layers=1)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.video = QFormer(VIDEO_QUERIES, WIDTH)

    def pictures(self, tokens):
        n, frames = tokens.shape[:2]
        return self.picture(tokens.flatten(0, 1)).view(n, frames, PICTURE_QUERIES, WIDTH)

    def forward(self, tokens):
        seen = self.pictures(tokens)
        placed = seen + self.positions.weight[:tokens.shape[1], None]
        return self.video(placed.flatten(1, 2))


class AudioQFormer(nn.Module):
    """Video-LLaMA's audio branch after the encoder: (n, CLIPS, CLIP_WIDTH) -> (n, AUDIO_QUERIES, WIDTH)."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Embedding(CLIPS, CLIP_WIDTH)
        self.audio = QFormer(AUDIO_QUERIES, CLIP_WIDTH)

    def forward(self, clips):
        return self.audio(clips + self.positions.weight)
