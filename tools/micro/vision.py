"""The vision encoder: one picture -> 64 tokens, one for each cell of an 8 x 8 grid.

A convolutional stem (strides 2, 2, 1, 3: 96 px -> 8 cells) and two transformer
blocks find objects in the manner of CenterNet: every cell says whether an
object's centre lies in it, and of what colour, shape, place and size. Colour
and shape have separate heads, so that one can be learnt without the other.
The token then *is* that description, each part weighted by the chance that an
object is there, together with the same description summed over the picture:

    0        chance p of a centre in this cell
    1..8     p * colour          (world.COLOURS)
    9..14    p * shape           (world.SHAPES)
    15, 16   p * centre, x and y over the whole picture, -1..1
    17       p * size
    18..34   channels 0..16 summed over the 64 cells
    35, 36   this cell's own place, x and y, -1..1
    37..41   whether there are at least 1, 2, .. 5 things in the picture
    42..47   free context

Each group is scaled (SCALES) so that what differs between tokens outweighs what
they share. Because the meaning of the channels is known, the language model can be trained
on the same vectors made from a scene's description, without any picture.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZE, GRID, CELLS = 96, 8, 64
WIDTH = 48
INNER, HEADS = 128, 4
LEVELS = 3  # hidden states: after the stem and after each block
COLOURS, SHAPES = 8, 6
MOST = 5
FREE = 6
# (channels, scale): an object's own description, the sums, the cell's place, how many, the rest.
SCALES = [(18, 2.5), (17, 0.5), (2, 0.3), (MOST, 1.0), (FREE, 1.0)]
MEAN, STD = (0.4, 0.4, 0.4), (0.25, 0.25, 0.25)


def channel_scale():
    return torch.cat([torch.full((n,), scale) for n, scale in SCALES])


class Block(nn.Module):
    """A pre-norm transformer block, (n, 64, INNER) -> the same."""

    def __init__(self, width=INNER, heads=HEADS):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        n, cells, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(n, cells, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = torch.matmul(q, k.transpose(-1, -2)) * (width // self.heads) ** -0.5
        mixed = torch.matmul(scores.softmax(-1).to(v.dtype), v).transpose(1, 2).reshape(n, cells, width)
        x = x + self.out(mixed)
        return x + self.down(F.relu(self.up(self.norm2(x))))


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU(),
            nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(),
            nn.Conv2d(64, 64, 3, 1, 1), nn.ReLU(),
            nn.Conv2d(64, INNER, 5, 3, 1),
        )
        self.position = nn.Parameter(torch.randn(1, CELLS, INNER) * 0.02)
        self.blocks = nn.ModuleList([Block() for _ in range(2)])
        self.norm = nn.LayerNorm(INNER)
        self.presence = nn.Linear(INNER, 1)
        self.colour = nn.Linear(INNER, COLOURS)
        self.shape = nn.Linear(INNER, SHAPES)
        self.place = nn.Linear(INNER, 3)
        self.free = nn.Linear(INNER, FREE)
        nn.init.zeros_(self.free.weight)
        nn.init.zeros_(self.free.bias)
        nn.init.constant_(self.presence.bias, -3.0)
        centre = (torch.arange(GRID).float() + 0.5) / GRID * 2 - 1
        cells = torch.stack([centre.repeat(GRID), centre.repeat_interleave(GRID)], -1)
        self.register_buffer("cells", cells[None], persistent=False)
        self.register_buffer("steps", torch.arange(MOST).float(), persistent=False)
        self.register_buffer("scale", channel_scale(), persistent=False)

    def states(self, pixels):
        """pixels (n, 3, SIZE, SIZE), normalised -> the hidden states after the stem and each block, (n, 64, INNER)."""
        states = [self.stem(pixels).flatten(2).transpose(1, 2) + self.position]
        for block in self.blocks:
            states.append(block(states[-1]))
        return states

    def heads(self, pixels):
        """pixels (n, 3, SIZE, SIZE), normalised -> the heads' raw outputs, each (n, 64, .)."""
        return self.read(self.states(pixels)[-1])

    def read(self, x):
        x = self.norm(x)
        return self.presence(x), self.colour(x), self.shape(x), self.place(x), self.free(x)

    def forward(self, pixels):
        """pixels (n, 3, SIZE, SIZE), normalised -> tokens (n, 64, WIDTH)."""
        return self.tokens(*[head.float() for head in self.heads(pixels)])

    def both(self, pixels):
        """-> tokens (n, 64, WIDTH), and what stands in for class tokens (n, LEVELS, INNER):
        the mean over the cells of every hidden state, each brought to the same scale."""
        states = self.states(pixels)
        pooled = torch.stack([F.layer_norm(state.float().mean(1), (INNER,)) for state in states], 1)
        return self.tokens(*[head.float() for head in self.read(states[-1])]), pooled

    def tokens(self, presence, colour, shape, place, free):
        p = presence.sigmoid()
        centre = self.cells + place[..., :2] * (2.0 / GRID)
        local = torch.cat([p, p * colour.softmax(-1), p * shape.softmax(-1), p * centre, p * place[..., 2:]], -1)
        pooled = local[..., :17].sum(1, keepdim=True).expand(-1, CELLS, -1)
        cells = self.cells.expand(p.shape[0], -1, -1)
        many = (pooled[..., :1] - self.steps).clamp(0, 1)
        return torch.cat([local, pooled, cells, many, free], -1) * self.scale
