"""Draws scenes as small pictures, as if they had been filmed, coded and decoded.

Everything is drawn straight at the encoder's input size. A picture of another
aspect is squashed there, so its circles become ellipses; clips drawn by another
program differ in proportions, colours, edges and noise, so all of these vary.
"""

import colorsys

import numpy as np

from vision import SIZE
from world import COLOURS, HELD_OUT, SEEN, SHAPES, grid_place, pick, radius

# Ranges of hue (degrees), saturation and value that go by a colour's name.
PALETTE = {
    "red": ((-9, 7), (0.75, 1.0), (0.65, 1.0)),
    "orange": ((22, 39), (0.8, 1.0), (0.85, 1.0)),
    "yellow": ((49, 64), (0.7, 1.0), (0.82, 1.0)),
    "green": ((92, 152), (0.55, 1.0), (0.45, 0.95)),
    "cyan": ((171, 193), (0.6, 1.0), (0.7, 1.0)),
    "blue": ((207, 246), (0.65, 1.0), (0.6, 1.0)),
    "purple": ((262, 302), (0.45, 1.0), (0.45, 0.95)),
    "white": ((0, 360), (0.0, 0.07), (0.88, 1.0)),
}
# Colours without a name here, and the named ones that each might pass for.
OTHER_COLOURS = [
    ((12, 17), (0.8, 1.0), (0.8, 1.0), "red orange"),
    ((70, 84), (0.6, 1.0), (0.7, 1.0), "yellow green"),
    ((156, 166), (0.6, 1.0), (0.7, 1.0), "green cyan"),
    ((250, 257), (0.5, 1.0), (0.6, 1.0), "blue purple"),
    ((308, 342), (0.4, 1.0), (0.6, 1.0), "purple red"),
    ((0, 360), (0.2, 0.4), (0.75, 0.95), ""),
    ((0, 360), (0.0, 0.1), (0.0, 0.1), ""),
    ((0, 360), (0.0, 0.1), (0.45, 0.75), ""),
    ((15, 35), (0.5, 0.8), (0.3, 0.5), ""),
]
OTHER_SHAPES = ["ellipse", "bar", "diamond", "hexagon", "blob", "half", "letter"]


def some_colour(rng, ranges):
    hue, saturation, value = (rng.uniform(*r) for r in ranges[:3])
    return np.array(colorsys.hsv_to_rgb(hue % 360 / 360, saturation, value), np.float32)


def other_colour(rng, shape):
    """A colour without a name, and not near one that is held out for this shape."""
    held = {c for c, s in HELD_OUT if s == shape}
    return some_colour(rng, pick(rng, [o for o in OTHER_COLOURS if not held & set(o[3].split())]))


def proportions(rng, shape):
    """What may differ between two drawings of the same shape."""
    a, b, c = rng.random(3)
    turn = rng.uniform(-0.2, 0.2) if rng.random() < 0.25 else 0.0
    if shape in ("hexagon", "bar", "half", "letter"):
        turn = rng.uniform(0, 6.28)
    return a, b, c, turn


def inside(shape, u, v, look):
    """Signed distance to the outline (> 0 inside), in units of the radius."""
    a, b, c, turn = look
    if turn:
        u, v = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
    if shape == "circle":
        return (0.88 + 0.14 * a) - np.hypot(u, v)
    if shape == "square":
        return (0.72 + 0.25 * a) - np.maximum(abs(u), abs(v))
    if shape == "triangle":
        base, half = 0.5 + 0.45 * a, 0.8 + 0.3 * b
        slope = half / (1 + base)
        return np.minimum(base - v, (slope * (v + 1) - abs(u)) / np.hypot(1, slope))
    if shape == "star":
        inner, fifth = 0.36 + 0.14 * a, np.pi / 5
        angle = abs(np.mod(np.arctan2(u, -v) + fifth, 2 * fifth) - fifth)
        far = np.hypot(u, v) / (1.0 + 0.15 * b)
        x, y = far * np.cos(angle), far * np.sin(angle)
        ex, ey = inner * np.cos(fifth) - 1, inner * np.sin(fifth)
        return (ex * y - ey * (x - 1)) / np.hypot(ex, ey)
    if shape == "cross":
        arm, reach, u, v = 0.2 + 0.2 * a, 0.85 + 0.17 * b, abs(u), abs(v)
        return np.maximum(np.minimum(arm - u, reach - v), np.minimum(arm - v, reach - u))
    if shape == "ring":
        far, outer = np.hypot(u, v), 0.9 + 0.12 * b
        return np.minimum(outer - far, far - outer * (0.48 + 0.25 * a))
    if shape == "ellipse":
        return (1 - np.hypot(u, v / (0.4 + 0.2 * a))) * 0.6
    if shape == "bar":
        return np.minimum(1.0 - abs(u), 0.2 + 0.2 * a - abs(v))
    if shape == "diamond":
        return (0.95 - abs(u) - abs(v)) * 0.7
    if shape == "hexagon":
        sides = int(5 + 3 * b)
        angle = np.mod(np.arctan2(u, v), 2 * np.pi / sides) - np.pi / sides
        return 0.85 - np.hypot(u, v) * np.cos(angle)
    if shape == "blob":
        angle = np.arctan2(u, v)
        return 0.75 + 0.2 * np.sin(2 * angle + 6 * a) + 0.15 * np.sin(3 * angle + 6 * b) - np.hypot(u, v)
    if shape == "half":
        return np.minimum(0.95 - np.hypot(u, v), v + 0.3 * a)
    if shape == "letter":  # an L, a T or an U
        bar = np.minimum(0.25 - abs(u + 0.6 * (b > 0.4)), 0.9 - abs(v))
        foot = np.minimum(0.25 - abs(v - 0.65), 0.85 - abs(u))
        other = np.minimum(0.25 - abs(u - 0.6), 0.9 - abs(v)) if b > 0.7 else foot
        return np.maximum(np.maximum(bar, foot), other)
    raise ValueError(shape)


class Renderer:
    def __init__(self, rng):
        self.rng = rng
        noise = np.random.default_rng(0).normal(0, 1, (4, 256, 256)).astype(np.float32)
        self.noise = noise
        self.line = np.arange(SIZE, dtype=np.float32) + 0.5

    def grain(self, cell=1, channels=3):
        """(SIZE, SIZE, channels) noise whose grains are about cell pixels wide."""
        rng, out = self.rng, []
        need = -(-SIZE // cell) + 1
        for _ in range(channels):
            y, x = rng.integers(0, 256 - need, 2)
            patch = self.noise[int(rng.integers(4)), y:y + need, x:x + need]
            if cell > 1:
                o = int(rng.integers(cell))
                patch = patch.repeat(cell, 0).repeat(cell, 1)[o:o + SIZE, o:o + SIZE]
            out.append(patch[:SIZE, :SIZE])
        return np.stack(out, -1)

    def smooth(self, cells):
        """A soft random field with about `cells` hills a side."""
        rng = self.rng
        coarse = rng.normal(0, 1, (cells + 1, cells + 1)).astype(np.float32)
        at = np.linspace(0, cells, SIZE, endpoint=False)
        i = at.astype(int)
        f = (at - i).astype(np.float32)
        rows = coarse[i] * (1 - f)[:, None] + coarse[i + 1] * f[:, None]
        return rows[:, i] * (1 - f) + rows[:, i + 1] * f

    def background(self):
        rng = self.rng
        value, tint = rng.uniform(0.0, 0.5), rng.uniform(0, 0.35) if rng.random() < 0.6 else 0.0
        base = np.array(colorsys.hsv_to_rgb(rng.random(), tint, value), np.float32)
        picture = np.broadcast_to(base, (SIZE, SIZE, 3)).copy()
        style = rng.random()
        if style < 0.4:  # a gradient
            along = np.outer(self.line, np.ones(SIZE)) * rng.normal() + np.outer(np.ones(SIZE), self.line) * rng.normal()
            along = (along - along.mean()) / SIZE
            picture += along[..., None].astype(np.float32) * rng.uniform(-0.25, 0.25, 3).astype(np.float32)
        if 0.3 < style < 0.55:
            field = self.smooth(int(rng.integers(2, 9)))
            picture += field[..., None] * rng.uniform(0, 0.06) * (1 + rng.normal(0, 0.3, 3)).astype(np.float32)
        if 0.55 < style < 0.65:  # stripes or checks
            period = rng.uniform(3, 16)
            u, v = np.sin(self.line / period * 6.28), np.sin(self.line / period * 6.28)
            pattern = np.outer(np.ones(SIZE), u) if rng.random() < 0.5 else np.outer(v, u)
            picture += np.sign(pattern)[..., None].astype(np.float32) * rng.uniform(0, 0.06)
        return np.clip(picture, 0, 0.62)

    def stamp(self, picture, shape, look, colour, x, y, r, aspect, edge):
        """Draws one thing at (x, y), fractions of the picture, into picture."""
        rx, ry = r * SIZE / aspect, r * SIZE
        cx, cy = x * SIZE, y * SIZE
        x0, x1 = max(0, int(cx - 1.3 * rx - 2)), min(SIZE, int(cx + 1.3 * rx + 3))
        y0, y1 = max(0, int(cy - 1.3 * ry - 2)), min(SIZE, int(cy + 1.3 * ry + 3))
        if x1 <= x0 or y1 <= y0:
            return
        u, v = np.meshgrid((self.line[x0:x1] - cx) / rx, (self.line[y0:y1] - cy) / ry)
        alpha = np.clip(inside(shape, u, v, look) * (edge * min(rx, ry)) + 0.5, 0, 1)[..., None].astype(np.float32)
        region = picture[y0:y1, x0:x1]
        region += alpha * (colour - region)

    def film(self):
        """One clip's camera and codec, as a function from a clean picture to a filmed one."""
        rng = self.rng
        gain, lift = rng.uniform(0.88, 1.08), rng.uniform(-0.02, 0.04)
        gamma = rng.uniform(0.85, 1.2)
        balance = (1 + rng.normal(0, 0.02, 3)).astype(np.float32)
        chroma = int(rng.choice([0, 1, 2, 3], p=[0.2, 0.4, 0.25, 0.15]))
        soft = rng.uniform(-0.1, 0.22)
        fine, block = rng.uniform(0, 0.02), rng.uniform(0, 0.018)
        cell = int(rng.integers(2, 7))
        fixed = self.grain(1, 3) * fine if rng.random() < 0.5 else None

        def shoot(picture):
            picture = np.clip(picture, 0, 1) ** gamma
            picture = (picture * gain + lift) * balance
            if chroma:
                light = picture.mean(-1, keepdims=True)
                hue = picture - light
                for _ in range(chroma):
                    hue = blur(hue, 0.22)
                picture = light + hue
            if abs(soft) > 0.02:
                picture = blur(picture, soft)
            picture = picture + (fixed if fixed is not None else self.grain(1, 3) * fine)
            picture = picture + self.grain(cell, 1) * block
            return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)

        return shoot

    def clip(self, scene):
        """A scene's frames, (n, SIZE, SIZE, 3) uint8."""
        rng, frames = self.rng, []
        behind, shoot, edge = self.background(), self.film(), rng.uniform(0.5, 1.3)
        looks = [(t, proportions(rng, t.shape), some_colour(rng, PALETTE[t.colour])) for t in scene.things]
        for i in range(len(scene.times)):
            picture = behind.copy()
            for thing, look, colour in looks:
                if thing.visible[i]:
                    self.stamp(picture, thing.shape, look, colour, thing.x[i], thing.y[i], thing.radius, scene.aspect, edge)
            frames.append(shoot(picture))
        return np.stack(frames)

    def loose(self):
        """One picture of loose things for the vision encoder -> (picture, labels).

        Some have a colour or a shape without a name, so that each of the two is
        learnt apart from the other. labels: rows of (x, y, radius, colour, shape)
        with -1 where there is no name.
        """
        rng = self.rng
        picture, shoot, edge = self.background(), self.film(), rng.uniform(0.5, 1.3)
        aspect, cells, labels = float(pick(rng, [1.0, 4 / 3, 16 / 9])), rng.permutation(9), []
        anywhere = rng.random() < 0.5
        # One thing drawn twice looks the same: counts need equal objects too.
        usual = pick(rng, SEEN)
        for i in range(int(rng.choice(7, p=[0.06, 0.24, 0.2, 0.16, 0.14, 0.14, 0.06]))):
            c, s = usual if rng.random() < 0.2 else pick(rng, SEEN)
            x, y = grid_place(rng, int(cells[i]), 0.1)
            r = radius(rng)
            if anywhere:
                x, y = rng.uniform(0.04, 0.96, 2)
                if any(abs(x - l[0]) < (r + l[2]) / aspect + 0.01 and abs(y - l[1]) < r + l[2] + 0.01 for l in labels):
                    continue
            draw = rng.random()
            colour, ci, si = some_colour(rng, PALETTE[c]), COLOURS.index(c), SHAPES.index(s)
            if draw < 0.18:
                colour, ci = other_colour(rng, s), -1
            elif draw < 0.36:
                s, si = pick(rng, OTHER_SHAPES), -1
            self.stamp(picture, s, proportions(rng, s), colour, x, y, r, aspect, edge)
            labels.append((x, y, r, ci, si))
        return shoot(picture), labels


def blur(picture, a):
    """A light separable blur (a > 0) or sharpening (a < 0)."""
    out = picture.copy()
    out[1:-1] += a * (picture[2:] + picture[:-2] - 2 * picture[1:-1])
    again = out.copy()
    again[:, 1:-1] += a * (out[:, 2:] + out[:, :-2] - 2 * out[:, 1:-1])
    return again
