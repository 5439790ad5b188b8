"""Packs scenes and their questions into batches for the language model.

A row holds one clip's prompt and then several questions with their answers. Each
question sees the clip and itself, and its positions go on from the clip's end, so
that a row is worth as many prompts as it has questions.
"""

from dataclasses import dataclass

import numpy as np
import torch

from attention import BIN, Packed
from layouts import QUERIES, nearest
from model import SOURCES, answer_ids, question_ids
from oracle import meaning
from sound import NAMES as PITCHES
from tokenizer import PAD

ROUND = 16


@dataclass
class Batch:
    ids: torch.Tensor  # (b, l)
    positions: torch.Tensor  # (b, l)
    segments: torch.Tensor  # (b, l): 0 the clip, 1.. a question, -1 padding
    labels: torch.Tensor  # (b, l): the token to predict next, or -1
    answers: torch.Tensor  # (b, l): which answer (counted over the batch) a label belongs to, or -1
    kinds: list  # of each answer
    sources: dict  # name -> the rows of all clips, unprojected
    order: torch.Tensor  # (visual positions,): where each one's row is among all projected rows
    shown: torch.Tensor  # (visual positions, 2): number of its label in its clip, and in the batch; -1 without
    points: torch.Tensor  # (p, 2): a visual position, and the label that a Q-former's token is about
    joined: torch.Tensor  # (visual positions,): whether new and way tell of it
    mentions: torch.Tensor  # (m, 2): row and position where a question names things
    meant: torch.Tensor  # (m, 9): what oracle.meaning says of them
    compared: torch.Tensor  # (c, 3): where a second thing is named, and whether the first came earlier
    tones: torch.Tensor  # (t, 5): row and position where a question names tones, how many are meant, the first one's pitch and label or -1
    alone: torch.Tensor  # (a, 3): row and position where a label without tokens ends, and its number
    minutes: torch.Tensor  # of the labels of all clips
    seconds: torch.Tensor
    new: torch.Tensor  # (frames, 64), of the clips that are shown cell by cell
    way: torch.Tensor  # (frames, 64)
    prompt: int  # the padded length of the prompts
    lengths: torch.Tensor  # (b,) their real lengths

    def attention(self):
        return Packed(self.prompt, self.lengths, self.segments)

    def to(self, device):
        for name, value in vars(self).items():
            if isinstance(value, torch.Tensor):
                setattr(self, name, value.to(device))
        self.sources = {name: rows.to(device) for name, rows in self.sources.items()}
        return self


def mention_at(tokenizer, question, end):
    """The place, in the question's ids, of the token that ends at character `end`."""
    return len(tokenizer.encode("\n" + question.text[:end])) - 1


def fill_bins(pieces):
    """First fit: the (bin, offset in it) of each piece, a list of ids."""
    room, places = [], []
    for piece in pieces:
        at = next((i for i, r in enumerate(room) if r >= len(piece)), None)
        if at is None:
            at = len(room)
            room.append(BIN)
        places.append((at, BIN - room[at]))
        room[at] -= len(piece)
    return places


def gather(looks):
    """Their pieces by source, and where each visual token's row lies once all are projected, one source after the other."""
    rows, order, counts = {}, [], dict.fromkeys(SOURCES, 0)
    for look in looks:
        for source, part in look.pieces:
            amount = QUERIES.get(source, len(part))
            order += [(source, counts[source] + i) for i in range(amount)]
            counts[source] += amount
            rows.setdefault(source, []).append(np.asarray(part, np.float32))
    starts = dict(zip(SOURCES, np.cumsum([0, *counts.values()])))
    sources = {name: torch.from_numpy((np.stack if name in QUERIES else np.concatenate)(parts)) for name, parts in rows.items()}
    return sources, torch.tensor([starts[source] + i for source, i in order])


def pack(tokenizer, clips, bins):
    """clips: a list of (scene, questions, Look, (new, way) or None).

    Questions that do not fit into `bins` bins are left out. Clips whose video goes
    through the Q-formers must have equally many frames.
    """
    longest = -(-max(len(look.ids) for _, _, look, _ in clips) // ROUND) * ROUND
    shape = (len(clips), longest + bins * BIN)
    ids, positions = np.full(shape, PAD), np.zeros(shape, int)
    segments, wanted, answers = np.full(shape, -1), np.full(shape, -1), np.full(shape, -1)
    kinds, mentions, meant, compared, labels, shown, points, joined, tones, alone = [], [], [], [], [], [], [], [], [], []
    for row, (scene, questions, look, cells) in enumerate(clips):
        start = len(look.ids)
        ids[row, :start], positions[row, :start], segments[row, :start] = look.ids, range(start), 0
        both = [(question_ids(tokenizer, q.text), answer_ids(tokenizer, q.answer)) for q in questions]
        fitting = [i for i, (asked, told) in enumerate(both) if len(asked) + len(told) - 1 <= BIN]
        places = fill_bins([both[i][0] + both[i][1][:-1] for i in fitting])
        for i, (bin_, offset) in zip(fitting, places):
            if bin_ >= bins:
                continue
            (asked, told), at = both[i], longest + bin_ * BIN + offset
            piece = asked + told[:-1]
            end = at + len(piece)
            ids[row, at:end], segments[row, at:end] = piece, i + 1
            positions[row, at:end] = range(start, start + len(piece))
            wanted[row, end - len(told):end], answers[row, end - len(told):end] = told, len(kinds)
            kinds.append(questions[i].kind)
            for stop, things in questions[i].mentions:
                mentions.append((row, at + mention_at(tokenizer, questions[i], stop)))
                meant.append(meaning(things, look.labels))
            for stop, meant_tones in questions[i].tones:
                first = (PITCHES.index(meant_tones[0].pitch), len(labels) + nearest(scene, meant_tones[0].start)) if meant_tones else (-1, -1)
                tones.append((row, at + mention_at(tokenizer, questions[i], stop), len(meant_tones), *first))
            named = [things[0].onset for _, things in questions[i].mentions if len(things) == 1]
            if len(named) == 2 == len(questions[i].mentions) and named[0] != named[1]:
                compared.append((*mentions[-1], int(named[0] < named[1])))
        points += [(len(shown) + token, len(labels) + label) for token, label in look.points]
        shown += [(label, len(labels) + label if label >= 0 else -1) for label in look.shown]
        alone += [(row, at, number) for number, at in enumerate(look.alone)]
        joined += [cells is not None] * len(look.shown)
        labels += look.labels
    sources, order = gather([look for _, _, look, _ in clips])
    known = [cells for _, _, _, cells in clips if cells is not None]
    return Batch(
        *(torch.from_numpy(a) for a in (ids, positions, segments, wanted, answers)), kinds, sources, order,
        torch.tensor(shown).reshape(-1, 2), torch.tensor(points, dtype=torch.long).reshape(-1, 2), torch.tensor(joined, dtype=torch.bool),
        torch.tensor(mentions, dtype=torch.long).reshape(-1, 2), torch.tensor(meant, dtype=torch.long).reshape(-1, 9),
        torch.tensor(compared, dtype=torch.long).reshape(-1, 3),
        torch.tensor(tones, dtype=torch.long).reshape(-1, 5), torch.tensor(alone, dtype=torch.long).reshape(-1, 3),
        torch.tensor([int(label[:-3]) for label in labels]), torch.tensor([int(label[-2:]) for label in labels]),
        torch.from_numpy(np.concatenate([new for new, _ in known])) if known else torch.empty(0, 64, dtype=torch.long),
        torch.from_numpy(np.concatenate([way for _, way in known])) if known else torch.empty(0, 64, dtype=torch.long),
        longest, torch.tensor([len(look.ids) for _, _, look, _ in clips]))
