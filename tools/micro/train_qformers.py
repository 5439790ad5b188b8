"""Teaches the video Q-formers what to ask for, before the language model reads their answers.

    python3 train_qformers.py OUT.pt --seen FOLDER --minutes 6

Every query gets a job: query c (of the 8 colours, then the 6 shapes) finds what is first
seen of that colour or shape, query 14 + c what is last seen of it; three say what comes first, what last
and how many things there are; one is left alone. Found from the answers alone, the same
division of labour takes a language model far longer.
"""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import oracle
import schedule
from qformer import PICTURE_QUERIES, WIDTH, VideoQFormers
from seen import SeenClips
from world import COLOURS, DIRECTIONS, SHAPES, make_scene, pick

KINDS = len(COLOURS) + len(SHAPES)
FIRST, LAST, COUNT = 28, 29, 30  # queries after the 2 * KINDS
FRAMES, MOST = 16, 5
KNOWN = -1  # "does not matter" in targets


class Jobs(nn.Module):
    """Reads the queries' answers, in training only."""

    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(WIDTH, 1 + len(COLOURS) + len(SHAPES) + 2)
        self.thing = nn.Linear(WIDTH, 1 + len(COLOURS) + len(SHAPES) + 2 + FRAMES + 5)
        self.count = nn.Linear(WIDTH, MOST + 1)


def cells_of(scene):
    """-> (frames, 9, 5): there, colour, shape, x, y of the thing in each third of the picture; -1 where two meet."""
    n = len(scene.times)
    out = np.zeros((n, PICTURE_QUERIES, 5), np.float32)
    for t in scene.things:
        for i in np.flatnonzero(t.visible):
            cell = min(2, max(0, int(t.y[i] * 3))) * 3 + min(2, max(0, int(t.x[i] * 3)))
            there = out[i, cell, 0] != 0
            out[i, cell] = (KNOWN if there else 1, COLOURS.index(t.colour), SHAPES.index(t.shape), t.x[i] * 2 - 1, t.y[i] * 2 - 1)
    return out


SMOOTHING = 0.15  # so that what training never shows together is not thought impossible


def soft(scene, chances, things):
    """Targets for jobs_of's colours and shapes: (2 KINDS + 2, 14) chances of the thing that is meant."""
    by_pair = {}
    for t in scene.things:
        hue, form = chances[id(t)] if chances else (oracle.certain(COLOURS.index(t.colour), 8), oracle.certain(SHAPES.index(t.shape), 6))
        by_pair[t.pair] = np.concatenate([(1 - SMOOTHING) * hue + SMOOTHING / 8, (1 - SMOOTHING) * form + SMOOTHING / 6])
    out = np.zeros((len(things), 14), np.float32)
    for row, told in zip(out, things):
        c, s = int(told[1]), int(told[2])
        if c >= 0 and s >= 0:
            row[:] = by_pair[COLOURS[c], SHAPES[s]]
        elif c >= 0:
            row[:8] = (1 - SMOOTHING) * oracle.certain(c, 8) + SMOOTHING / 8
        elif s >= 0:
            row[8:] = (1 - SMOOTHING) * oracle.certain(s, 6) + SMOOTHING / 6
    return out


def jobs_of(scene):
    """-> things (2 KINDS + 2, 7): there, colour, shape, x, y, frame, way, and counts (KINDS + 1,); -1: does not matter."""
    out = np.full((2 * KINDS + 2, 7), KNOWN, np.float32)
    counts = np.zeros(KINDS + 1, np.int64)
    groups = [[t for t in scene.things if t.colour == c] for c in COLOURS]
    groups += [[t for t in scene.things if t.shape == s] for s in SHAPES]
    for k, things in enumerate(groups):
        counts[k] = min(MOST, len(things))
        tell(out[k], things, lambda t: t.onset, False)
        tell(out[KINDS + k], things, lambda t: -t.last, True)
    counts[KINDS] = min(MOST, len(scene.things))
    tell(out[FIRST], scene.things, lambda t: t.onset, False)
    tell(out[LAST], scene.things, lambda t: -t.onset, False)
    return out, counts


def tell(row, things, key, at_end):
    """Fills in what is first by `key` among things, as far as it is one thing."""
    row[0] = bool(things)
    if not things:
        return
    best = min(map(key, things))
    chosen = [t for t in things if key(t) == best]
    frame = chosen[0].last if at_end else chosen[0].onset
    row[5] = frame
    if len({t.colour for t in chosen}) == 1:
        row[1] = COLOURS.index(chosen[0].colour)
    if len({t.shape for t in chosen}) == 1:
        row[2] = SHAPES.index(chosen[0].shape)
    if len(chosen) == 1:
        t = chosen[0]
        row[3:5] = t.x[frame], t.y[frame]
        row[6] = 1 + list(DIRECTIONS).index(t.direction) if t.direction else 0


def chosen_error(said, wanted):
    known = wanted >= 0
    return F.cross_entropy(said[known], wanted[known].long()) if known.any() else said.sum() * 0


def spread(said, wanted):
    """Cross entropy against chances; rows of nothing but zeros do not matter."""
    known = wanted.sum(-1) > 0
    return -(wanted[known] * said[known].float().log_softmax(-1)).sum(-1).mean() if known.any() else said.sum() * 0


def loss_of(model, jobs, tokens, cells, things, chances, counts):
    seen = model.pictures(tokens)
    said = jobs.cell(seen)
    clear = cells[..., 0] >= 0
    there = cells[..., 0] > 0
    parts = {"cell": F.binary_cross_entropy_with_logits(said[..., 0][clear], cells[..., 0][clear]) * 4}
    parts["cell colour"] = F.cross_entropy(said[there][:, 1:9], cells[there][:, 1].long(), label_smoothing=SMOOTHING)
    parts["cell shape"] = F.cross_entropy(said[there][:, 9:15], cells[there][:, 2].long(), label_smoothing=SMOOTHING)
    parts["cell place"] = (said[there][:, 15:17] - cells[there][:, 3:5]).abs().mean()
    out = model.video((seen + model.positions.weight[:tokens.shape[1], None]).flatten(1, 2))
    said = jobs.thing(out[:, :len(things[0])])
    exists = things[..., 0]
    parts["there"] = 2 * F.binary_cross_entropy_with_logits(said[..., 0], exists)
    said, told, chances = said[exists > 0], things[exists > 0], chances[exists > 0]
    parts["colour"], parts["shape"] = spread(said[:, 1:9], chances[:, :8]), spread(said[:, 9:15], chances[:, 8:])
    parts["frame"], parts["way"] = chosen_error(said[:, 15:31], told[:, 5]), chosen_error(said[:, 31:36], told[:, 6])
    at = 36
    placed = told[:, 3] >= 0
    parts["place"] = 2 * (said[placed][:, at:] - told[placed][:, 3:5]).abs().mean()
    many = jobs.count(torch.cat([out[:, :KINDS], out[:, COUNT:COUNT + 1]], 1))
    parts["count"] = F.cross_entropy(many.flatten(0, 1), counts.flatten())
    right = {"cell": ((said_cell := jobs.cell(seen))[..., 0] > 0)[clear].eq(there[clear]).float().mean().item(),
             "frame": (jobs.thing(out[:, :len(things[0])])[exists > 0][:, 15:31].argmax(-1) == told[:, 5]).float().mean().item(),
             "way": (said[:, 31:36].argmax(-1) == told[:, 6])[told[:, 6] >= 0].float().mean().item(),
             "count": (many.argmax(-1) == counts).float().mean().item(),
             "colour": (said[:, 1:9].argmax(-1) == told[:, 1])[told[:, 1] >= 0].float().mean().item(),
             "shape": (said[:, 9:15].argmax(-1) == told[:, 2])[told[:, 2] >= 0].float().mean().item()}
    return sum(parts.values()), parts, right


def draw(rng, seen, frames, amount, share):
    scenes, tokens, all_chances = [], [], []
    for _ in range(amount):
        chances = None
        if seen and rng.random() < share:
            scene, x = seen.draw(rng, frames)
        else:
            scene = make_scene(rng, frames=frames, kind=pick(rng, ["count", "motion", "sequence", "sequence", "needle"]) if frames > 3 else None)
            x, chances = doubtful_tokens(rng, scene)
        if len(scene.times) != frames:
            continue
        scenes.append(scene)
        tokens.append(x)
        all_chances.append(chances)
    return scenes, torch.from_numpy(np.stack(tokens).astype(np.float32)), all_chances


def doubtful_tokens(rng, scene):
    """-> tokens, and of every thing the chances of its colour and of its shape that they tell of.

    What a query says of a shape must not lean on the colour that it looks for (held-out pairs would be
    seen wrongly); a little of another shape, whichever, is asked back as it is.
    """
    told = []

    def attribute(index, size):
        told.append(oracle.doubtful(rng, index, size))
        return told[-1]

    tokens = oracle.visual_tokens(rng, scene, attribute)
    return tokens, dict(zip(map(id, scene.things), zip(told[::2], told[1::2])))


if __name__ == "__main__":
    parser = schedule.parser(minutes=6, rate=0.006)
    parser.add_argument("--seen")
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    model, jobs, seen = VideoQFormers().to(options.device), Jobs().to(options.device), SeenClips(options.seen) if options.seen else None
    training = schedule.Schedule(options, {"model": model, "jobs": jobs}, model)
    while training.done < 1:
        frames = 8 if rng.random() < 0.7 else int(rng.integers(1, 17))
        scenes, tokens, all_chances = draw(rng, seen, frames, options.batch, options.share)
        cells = torch.from_numpy(np.stack([cells_of(s) for s in scenes]))
        told = [jobs_of(s) for s in scenes]
        things, counts = torch.from_numpy(np.stack([t for t, _ in told])), torch.from_numpy(np.stack([c for _, c in told]))
        chances = torch.from_numpy(np.stack([soft(s, c, t) for s, c, (t, _) in zip(scenes, all_chances, told)]))
        tokens, cells, things, chances, counts = (t.to(options.device) for t in (tokens, cells, things, chances, counts))
        with torch.autocast(options.device, dtype=torch.bfloat16):
            loss, parts, right = loss_of(model, jobs, tokens, cells, things, chances, counts)
        training.update(loss, parts, right)
    training.save()
