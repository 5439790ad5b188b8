"""The other systems' ways from a video's tokens to fewer of them, as the product's composers do it.

Everything takes tokens (frames, 64, width) of one clip, or of several of the same
length with one more axis in front. See server/src/engine/compose for the papers.
"""

import torch
import torch.nn.functional as F

from vision import CELLS, GRID

MERGE = 4
# LongVLM: 32 frames in 8 segments, each merged from 256 tokens to 16. The paper takes half of the
# tokens away in each step, so that every even one goes into an odd one, however unlike. With few
# objects on an even background that costs the objects: of those in a segment, 23 % were still to be
# found after (128, 64, 32, 16), and all of them when a quarter goes in each step.
FRAMES, SEGMENTS, MERGES = 32, 8, (64, 48, 36, 27, 20, 15, 11, 8, 6, 5)
LOCAL = FRAMES // SEGMENTS * CELLS - sum(MERGES)
POOL_GRID, RESIZE_GRID = 4, 2


def join(tokens):
    """MiniGPT4-Video: four raster neighbours in one, (..., 64, w) -> (..., 16, 4 w)."""
    return tokens.reshape(*tokens.shape[:-2], CELLS // MERGE, MERGE * tokens.shape[-1])


def temporal(tokens):
    """RED-VILLM: (..., frames, 64, w) -> (..., frames, 4 w), the mean over a frame's joined tokens."""
    return join(tokens).mean(-2)


def spatial(tokens):
    """RED-VILLM: (..., frames, 64, w) -> (..., 16, 4 w), the mean over time."""
    return join(tokens).mean(-3)


def soft_matching(tokens, sizes, remove):
    """Bipartite soft matching: (s, n, w) and how many tokens each stands for (s, n) -> `remove` fewer.

    Every even token finds the odd one that it resembles most; the `remove` best
    matches become size-weighted means. Unmatched even tokens come first, in the
    order of their scores, then the odd ones.
    """
    metric = F.normalize(tokens, dim=-1)
    scores, match = torch.matmul(metric[:, ::2], metric[:, 1::2].transpose(1, 2)).max(-1)
    order = scores.argsort(dim=-1, descending=True, stable=True)
    gone, kept = order[:, :remove], order[:, remove:]
    weighted = torch.cat([tokens * sizes[..., None], sizes[..., None]], -1)
    even, odd = weighted[:, ::2], weighted[:, 1::2].clone()

    def pick(index):
        return even.gather(1, index[..., None].expand(-1, -1, even.shape[-1]))

    into = match.gather(1, gone)
    odd.scatter_add_(1, into[..., None].expand(-1, -1, odd.shape[-1]), pick(gone))
    out = torch.cat([pick(kept), odd], 1)
    return out[..., :-1] / out[..., -1:], out[..., -1]


def stretch(tokens):
    """(frames, 64, w) -> (FRAMES, 64, w), linearly along time, as LongVLM takes videos of fewer frames."""
    flat = tokens.float().reshape(len(tokens), -1).t()[None]
    return F.interpolate(flat, FRAMES, mode="linear", align_corners=False)[0].t().reshape(FRAMES, *tokens.shape[1:])


def merge_segments(tokens):
    """LongVLM's local tokens: (FRAMES, 64, w) -> (SEGMENTS, LOCAL, w)."""
    x = tokens.reshape(SEGMENTS, -1, tokens.shape[-1]).double()
    sizes = torch.ones(x.shape[:2], dtype=x.dtype)
    for remove in MERGES:
        x, sizes = soft_matching(x, sizes, remove)
    return x.float()


def pool(tokens):
    """Mean pooling: (frames, 64, w) -> (SEGMENTS, 16, w), over each segment's frames and 2 x 2 cells."""
    return shrink(tokens.reshape(SEGMENTS, -1, CELLS, tokens.shape[-1]).float().mean(1), POOL_GRID)


def shrink(tokens, side=RESIZE_GRID):
    """Frame resize: (frames, 64, w) -> (frames, side * side, w)."""
    grid = tokens.reshape(-1, GRID, GRID, tokens.shape[-1]).float().permute(0, 3, 1, 2)
    return F.adaptive_avg_pool2d(grid, side).flatten(2).transpose(1, 2)
