"""The little world the model knows: coloured shapes that stand, move and appear.

A Scene is what a clip shows at its sampled frames, without any pixels. Places
are fractions of the picture (x of its width, y of its height), radii are
fractions of its height, times are seconds.
"""

from dataclasses import dataclass, field

import numpy as np

COLOURS = ["red", "green", "blue", "yellow", "purple", "orange", "white", "cyan"]
SHAPES = ["circle", "square", "triangle", "star", "cross", "ring"]
DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
PLACES = ["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"]

ALL_PAIRS = [(c, s) for c in COLOURS for s in SHAPES]
# Never trained on, neither drawn nor described: what is asked about them shows
# whether colour and shape were learnt apart from each other.
HELD_OUT = [
    ("red", "star"), ("blue", "triangle"), ("yellow", "circle"),
    ("green", "square"), ("purple", "cross"), ("cyan", "ring"),
]
SEEN = [pair for pair in ALL_PAIRS if pair not in HELD_OUT]
ASPECTS = [1.0, 4 / 3, 16 / 9]


@dataclass
class Thing:
    """One object; x, y and visible have one entry for every sampled frame."""

    colour: str
    shape: str
    radius: float
    x: np.ndarray
    y: np.ndarray
    visible: np.ndarray
    direction: str = ""  # "" while it stands still

    @property
    def name(self):
        return f"{self.colour} {self.shape}"

    @property
    def pair(self):
        return (self.colour, self.shape)

    @property
    def onset(self):
        return int(np.argmax(self.visible))

    @property
    def last(self):
        return len(self.visible) - 1 - int(np.argmax(self.visible[::-1]))


@dataclass
class Scene:
    kind: str  # count, motion, sequence, needle or sound (nothing to see)
    aspect: float
    times: np.ndarray  # seconds
    things: list
    cues: dict = field(default_factory=dict)  # frame -> list of cue texts
    facts: list = field(default_factory=list)
    tones: list = None  # of sound.Tone, by time; None: no sound is shown
    heard: np.ndarray = None  # (8, 64), what the audio encoder made of it

    @property
    def labels(self):
        return [clock(t) for t in self.times]


def clock(seconds):
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


def sample_times(rng, n):
    """Frames at the centres of n equal parts of a clip, or of a part of one."""
    spacing = float(np.exp(rng.uniform(np.log(0.4), np.log(8.0)))) if rng.random() < 0.5 else rng.uniform(0.5, 2.5)
    if n == 1:
        spacing = rng.uniform(1, 10)
    start = 0.0 if rng.random() < 0.6 else rng.uniform(0, 600 - spacing * n)
    if rng.random() < 0.3:
        spacing = float(np.ceil(spacing))
    return start + (np.arange(n) + 0.5) * spacing


def grid_place(rng, cell, jitter=0.055):
    x = (cell % 3) / 3 + 1 / 6 + rng.uniform(-jitter, jitter)
    y = (cell // 3) / 3 + 1 / 6 + rng.uniform(-jitter, jitter)
    return x, y


def radius(rng, low=0.085, high=0.165):
    return rng.uniform(low, high)


def still(rng, pair, cell, n):
    x, y = grid_place(rng, cell)
    return Thing(*pair, radius(rng, high=0.155), np.full(n, x), np.full(n, y), np.ones(n, bool))


def count_scene(rng, pairs, n, most=5):
    amount = int(rng.integers(1, most + 1))
    base, things = pick(rng, pairs), []
    for cell in rng.permutation(9)[:amount]:
        pair = pick(rng, pairs)
        if rng.random() < 0.45:  # repeat a colour or a shape, so that counts above one occur
            by = int(rng.random() < 0.5)
            pair = pick(rng, [p for p in pairs if p[by] == base[by]])
        things.append(still(rng, pair, int(cell), n))
    return things


def some_pairs(rng, pairs, amount):
    """Different pairs, mostly with different shapes and colours too."""
    chosen = []
    while len(chosen) < amount:
        pair = pick(rng, pairs)
        clash = sum(pair[0] == c or pair[1] == s for c, s in chosen)
        if pair not in chosen and (not clash or rng.random() < 0.25):
            chosen.append(pair)
    return chosen


def path(rng, direction, n, travel, lane, middle):
    """Places along a straight way through `middle`, in the lane beside it."""
    dx, dy = DIRECTIONS[direction]
    f = (np.arange(n) + 0.5) / n - 0.5
    if rng.random() < 0.2:  # starts later or ends sooner than the clip
        a, b = sorted(rng.uniform(-0.5, 0.5, 2))
        if b - a > 0.4:
            f = np.clip(f, a, b)
    along = middle + f * travel * (dx + dy)
    across = np.full(n, lane)
    return (along, across) if dx else (across, along)


def motion_scene(rng, pairs, n):
    amount = 1 + int(rng.random() < 0.45)
    horizontal, lanes, things = rng.random() < 0.5, rng.permutation(3), []
    for i, pair in enumerate(some_pairs(rng, pairs, amount)):
        lane, middle = (lanes[i] + 0.5) / 3 + rng.uniform(-0.05, 0.05), rng.uniform(0.44, 0.56)
        travel = rng.uniform(0.25, 0.85)
        if amount == 1:
            lane = rng.uniform(0.15, 0.85)
            middle = rng.uniform(0.13 + travel / 2, 0.87 - travel / 2) if travel < 0.72 else 0.5
        direction = "" if rng.random() < 0.2 else pick(rng, ["left", "right"] if horizontal else ["up", "down"])
        x, y = path(rng, direction or ("left" if horizontal else "up"), n, travel if direction else 0.0, lane, middle)
        things.append(Thing(*pair, radius(rng, high=0.15), x, y, np.ones(n, bool), direction))
    return things


def sequence_scene(rng, pairs, n):
    amount = min(n, 2 + int(rng.choice(3, p=[0.45, 0.35, 0.2])))
    starts = np.sort(rng.choice(np.arange(1, n), amount - 1, replace=False)) if n > 1 else np.array([], int)
    starts = np.concatenate([[0], starts]).astype(int)
    if rng.random() < 0.25 and (amount == 1 or starts[1] > 1):
        starts[0] = 1 if n > 1 else 0  # an empty picture at first
    following = np.concatenate([starts[1:], [n]])
    style, cells, things = rng.random(), rng.permutation(9), []
    for i, pair in enumerate(some_pairs(rng, pairs, amount)):
        a, end = int(starts[i]), int(following[i])
        if style > 0.5:  # may stay on, beside what comes after it
            end = n if rng.random() < 0.5 else int(rng.integers(a + 1, n + 1))
        elif rng.random() < 0.15:
            end = int(rng.integers(a + 1, end + 1))
        x, y = grid_place(rng, int(cells[i]))
        xs, ys, direction = np.full(n, x), np.full(n, y), ""
        if style < 0.2 and end - a >= 3 and rng.random() < 0.6:
            direction = pick(rng, list(DIRECTIONS))
            moved = path(rng, direction, end - a, rng.uniform(0.4, 0.7), rng.uniform(0.3, 0.7), 0.5)
            xs[a:end], ys[a:end] = moved
        visible = (np.arange(n) >= a) & (np.arange(n) < end)
        things.append(Thing(*pair, radius(rng), xs, ys, visible, direction))
    return things


def needle_scene(rng, pairs, n):
    """Things that stand there all the time, and one or two that are shown only briefly."""
    amount, brief = int(rng.integers(1, 4)), 1 + int(rng.random() < 0.3 and n > 3)
    cells, things = rng.permutation(9), []
    frames = rng.choice(np.arange(1, n), brief, replace=False) if n > brief else np.zeros(1, int)
    for i, pair in enumerate(some_pairs(rng, pairs, amount + len(frames))):
        thing = still(rng, pair, int(cells[i]), n)
        if i >= amount:
            thing.visible = np.arange(n) == frames[i - amount]
        things.append(thing)
    return things


def refine(rng, scene, k):
    """The same scene at k times as many frames: what one coarse frame shows, at least one of its k shows too.

    -> (the coarse scene with the time of the first frame of each part, the fine scene).
    """
    n = len(scene.times)
    spacing = scene.times[1] - scene.times[0] if n > 1 else 2 * scene.times[0]
    times = scene.times[0] - spacing / 2 + (np.arange(n * k) + 0.5) * spacing / k
    at = (np.arange(n * k) + 0.5) / k - 0.5
    things = []
    for t in scene.things:
        a, b = t.onset * k, (t.last + 1) * k
        if t.visible.sum() == 1 and n > 1:  # only briefly there
            length = int(rng.integers(1, k + 1))
            a += int(rng.integers(k - length + 1))
            b = a + length
        else:
            a += int(rng.integers(k)) if t.onset else 0
            b -= int(rng.integers(k)) if t.last < n - 1 else 0
        shown = (np.arange(n * k) >= a) & (np.arange(n * k) < b)
        seen = np.flatnonzero(t.visible)
        # np.interp keeps still outside; a thing that moves goes on to the edge of its first and last part.
        x, y = (line(at, seen, values[seen]) for values in (t.x, t.y))
        things.append(Thing(t.colour, t.shape, t.radius, x, y, shown, t.direction))
    coarse = Scene(scene.kind, scene.aspect, times[::k], scene.things)
    return coarse, Scene(scene.kind, scene.aspect, times, things)


def line(at, known, values):
    """Values at `at` between those at `known`, going on straight for at most half a step beyond them."""
    if len(known) > 1 and (values != values[0]).any():
        known = np.concatenate([[known[0] - 0.5], known, [known[-1] + 0.5]])
        values = np.concatenate([[1.5 * values[0] - 0.5 * values[1]], values, [1.5 * values[-1] - 0.5 * values[-2]]])
    return np.interp(at, known, values)


def make_scene(rng, pairs=SEEN, frames=8, kind=None, most=5):
    """A random scene of at most `most` standing things. In one frame only counting makes sense."""
    kind = kind or pick(rng, ["count", "motion", "sequence", "sequence"])
    if frames == 1:
        kind = "count"
    if kind == "count":
        things = count_scene(rng, pairs, frames, most)
    else:
        things = {"motion": motion_scene, "sequence": sequence_scene, "needle": needle_scene}[kind](rng, pairs, frames)
    return Scene(kind, pick(rng, ASPECTS), sample_times(rng, frames), things)
