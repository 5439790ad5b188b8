"""Auxiliary heads, used in training only.

They ask hidden states to notice what answers are made of, where it first can be
noticed: at the visual tokens, and at the words of a question that name things.
A right answer alone says too little about the long way to it: to learn "does X
appear before Y" from yes and no takes far longer than to learn, in turn, what
time a frame has, what is new in it, when X and Y were new, and which came first.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from language import WIDTH
from model import MERGE
from sound import NAMES as PITCHES
from tokenizer import VISUAL
from world import COLOURS, SHAPES

TAPS = (2, 3, 4, 5)  # the blocks after which hidden states are looked at
FRAMES = 16
# The sizes of what oracle.meaning gives: how many, colour, shape, place (2), way, onset, its minutes and seconds.
MEANING = [6, len(COLOURS), len(SHAPES), 3, 3, 5, FRAMES, 60, 60]
COLOUR, SHAPE, ONSET = 1, 2, 6


def level(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5)


class Hints(nn.Module):
    def __init__(self):
        super().__init__()
        self.clock = nn.Linear(WIDTH, 60 + 60 + FRAMES)
        self.cells = nn.Linear(WIDTH, MERGE * 6)  # of each merged cell: is it new, and five ways to move
        self.meant = nn.Linear(WIDTH, sum(MEANING))
        self.earlier = nn.Linear(WIDTH, 1)
        self.pointed = nn.Linear(WIDTH, 60 + 60)
        self.alone = nn.Linear(WIDTH, FRAMES)
        self.tones = nn.Linear(WIDTH, 4 + len(PITCHES) + 60 + 60)

    def forward(self, batch, tapped):
        """tapped: hidden states (b, l, WIDTH) after the blocks TAPS -> (loss, its parts by name)."""
        early, middle, late, last = map(level, tapped)
        visual = batch.ids == VISUAL
        parts = {
            **self.about_frames(batch, early[visual]),
            **self.about_labels(batch, early),
            **self.about_points(batch, middle[visual]),
            **self.about_cells(batch, middle[visual][batch.joined]),
            **self.about_words(batch, late),
            **self.about_tones(batch, late),
            **self.about_order(batch, last),
        }
        return sum(weight * part for weight, part in parts.values()), {name: part.item() for name, (_, part) in parts.items()}

    def about_frames(self, batch, x):
        """The clock and the number of the label that a visual token stands behind; a quarter of them will do."""
        some = (torch.rand(len(x), device=x.device) < 0.25) & (batch.shown[:, 0] >= 0)
        if not some.any():
            return {}
        number, label = batch.shown[some].unbind(1)
        said = self.clock(x[some]).split([60, 60, FRAMES], 1)
        parts = {"minutes": (0.5, F.cross_entropy(said[0], batch.minutes[label])), "seconds": (1, F.cross_entropy(said[1], batch.seconds[label]))}
        few = number < FRAMES
        if few.any():
            parts["number"] = (1, F.cross_entropy(said[2][few], number[few]))
        return parts

    def about_labels(self, batch, x):
        """The number of a time that stands alone."""
        row, at, number = batch.alone.unbind(1)
        return {"alone": (1, F.cross_entropy(self.alone(x[row, at]), number))} if len(row) else {}

    def about_tones(self, batch, x):
        """How many tones a question's words stand for, and the pitch and the clock of the first."""
        row, at, many, pitch, label = batch.tones.unbind(1)
        if not len(row):
            return {}
        said = self.tones(x[row, at]).split([4, len(PITCHES), 60, 60], 1)
        parts, some = {"tones": (2, F.cross_entropy(said[0], many))}, label >= 0
        if some.any():
            when = F.cross_entropy(said[2][some], batch.minutes[label[some]]) * 0.5 + F.cross_entropy(said[3][some], batch.seconds[label[some]])
            parts["pitch"] = (2, F.cross_entropy(said[1][some], pitch[some]))
            parts["tone time"] = (2, when)
        return parts

    def about_points(self, batch, x):
        """The clock of what a Q-former's token is about."""
        if not len(batch.points):
            return {}
        at, label = batch.points.unbind(1)
        said = self.pointed(x[at]).split([60, 60], 1)
        return {"pointed": (3, F.cross_entropy(said[0], batch.minutes[label]) * 0.5 + F.cross_entropy(said[1], batch.seconds[label]))}

    def about_cells(self, batch, x):
        """Whether a thing is new in its frame, and how it moved since the frame before."""
        if not len(x):
            return {}
        said, new, way = self.cells(x).view(-1, 6), batch.new.view(-1), batch.way.view(-1)
        there, known = new >= 0, way >= 0
        parts = {"new": (2, F.binary_cross_entropy_with_logits(said[there, 0], new[there].float()))}
        if known.any():
            parts["way"] = (1, F.cross_entropy(said[known, 1:], way[known]))
        return parts

    def about_words(self, batch, x):
        """What the words that name things stand for. Colours and shapes are smoothed as in answer_loss."""
        parts, (row, at) = {}, batch.mentions.unbind(1)
        for i, said in enumerate(self.meant(x[row, at]).split(MEANING, 1)):
            clear = batch.meant[:, i] >= 0
            if clear.any():
                smoothing = 0.1 if i in (COLOUR, SHAPE) else 0.0
                part = F.cross_entropy(said[clear], batch.meant[clear, i], label_smoothing=smoothing)
                parts[f"meant {i}"] = (2 if i >= ONSET else 1, part)
        return parts

    def about_order(self, batch, x):
        """At the second of two named things: whether the first came earlier."""
        row, at, earlier = batch.compared.unbind(1)
        if not len(row):
            return {}
        return {"order": (2, F.binary_cross_entropy_with_logits(self.earlier(x[row, at])[:, 0], earlier.float()))}
