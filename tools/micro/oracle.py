"""Visual tokens without pictures: what a perfect vision encoder would say of a scene.

The channels are those of vision.py. Training the language model on these first
is hundreds of times cheaper than on pictures, and separates reasoning from
seeing; a little doubt and noise keeps it used to what real eyes report.
"""

import numpy as np

from vision import CELLS, GRID, MOST, WIDTH, channel_scale
from world import COLOURS, DIRECTIONS, SHAPES

STILL, LEFT, RIGHT, UP, DOWN = range(5)
EDGES = np.arange(GRID + 1, dtype=np.float32)
CENTRES = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID * 2 - 1
SCALE = channel_scale().numpy()
OWN_PLACE = np.stack([np.tile(CENTRES, GRID), np.repeat(CENTRES, GRID)], -1)


def certain(index, size):
    """No doubt about a colour or a shape: doubt would teach to guess from what is usual."""
    p = np.zeros(size, np.float32)
    p[index] = 1
    return p


def between(place, blur):
    """place (n,) in cells -> (n, GRID): how much of each column (or row) it lies in."""
    cut = 1 / (1 + np.exp(-np.clip((place[:, None] - EDGES) / blur, -30, 30)))
    return cut[:, :-1] - cut[:, 1:]


def doubtful(rng, index, size):
    """Mostly one colour or shape, and a little of another."""
    p = certain(index, size)
    if rng.random() < 0.5:
        other = rng.uniform(0, 0.4)
        p *= 1 - other
        p[int(rng.integers(size))] += other
    return p


def visual_tokens(rng, scene, attribute=certain):
    """-> (frames, 64, WIDTH) float32. attribute(index, size) gives the chances of a thing's colour or shape."""
    n = len(scene.times)
    tokens = np.zeros((n, CELLS, WIDTH), np.float32)
    blur = rng.uniform(0.005, 0.06)
    for t in scene.things:
        x = t.x + rng.normal(0, 0.004) + rng.normal(0, 0.002, n)
        y = t.y + rng.normal(0, 0.004) + rng.normal(0, 0.002, n)
        share = between(y * GRID, blur)[:, :, None] * between(x * GRID, blur)[:, None, :]
        sure = 1 - rng.random((n, 1)) ** 6 * 0.3
        p = share.reshape(n, CELLS) * sure * t.visible[:, None]
        size = t.radius * 6 + rng.normal(0, 0.03)
        fixed = np.concatenate([[1.0], attribute(COLOURS.index(t.colour), 8), attribute(SHAPES.index(t.shape), 6)])
        what = np.concatenate([np.tile(fixed, (n, 1)), (x * 2 - 1)[:, None], (y * 2 - 1)[:, None], np.full((n, 1), size)], 1)
        tokens[..., :18] += p[..., None] * what[:, None]
    tokens[..., :15] += np.maximum(0, rng.normal(0, 0.003, (n, CELLS, 15)))
    tokens[..., 18:35] = tokens[..., :17].sum(1, keepdims=True)
    tokens[..., 35:37] = OWN_PLACE
    tokens[..., 37:37 + MOST] = np.clip(tokens[..., 18:19] - np.arange(MOST), 0, 1)
    return tokens * SCALE


def hints(scene):
    """What is worth noticing in each cell, for auxiliary losses.

    -> new (frames, 64): -1 nothing there, 1 first seen in this frame, else 0;
       way (frames, 64): -1 unknown, else how the thing moved since the frame before.
    """
    n = len(scene.times)
    new, way = np.full((n, CELLS), -1), np.full((n, CELLS), -1)
    for t in scene.things:
        column = np.clip((t.x * GRID).astype(int), 0, GRID - 1)
        row = np.clip((t.y * GRID).astype(int), 0, GRID - 1)
        for i in np.flatnonzero(t.visible):
            cell = row[i] * GRID + column[i]
            new[i, cell] = int(i == t.onset)
            if i > t.onset and t.visible[i - 1]:
                dx, dy = t.x[i] - t.x[i - 1], t.y[i] - t.y[i - 1]
                if max(abs(dx), abs(dy)) < 0.004:
                    way[i, cell] = STILL
                elif abs(dx) > abs(dy):
                    way[i, cell] = LEFT if dx < 0 else RIGHT
                else:
                    way[i, cell] = UP if dy < 0 else DOWN
    return new, way


def meaning(things, labels):
    """What a question's words for some things stand for; -1 where that is not one value.

    -> how many there are, colour, shape, third of the picture across and down, way,
       onset frame, and the minutes and seconds of its time (labels).
    """
    def common(values):
        values = set(values)
        return values.pop() if len(values) == 1 else -1

    return [
        min(5, len(things)),
        common(COLOURS.index(t.colour) for t in things),
        common(SHAPES.index(t.shape) for t in things),
        common(min(2, int(x * 3)) for t in things for x in t.x[t.visible][[0, -1]]),
        common(min(2, int(y * 3)) for t in things for y in t.y[t.visible][[0, -1]]),
        common(1 + list(DIRECTIONS).index(t.direction) if t.direction else 0 for t in things),
        common(t.onset for t in things) if all(t.onset < 16 for t in things) else -1,
        common(int(labels[t.onset][:-3]) for t in things),
        common(int(labels[t.onset][-2:]) for t in things),
    ]
