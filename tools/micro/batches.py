"""Packs scenes and their questions into batches for the language model.

A row holds one clip's prompt and then several questions with their answers. Each
question sees the clip and itself, and its positions go on from the clip's end, so
that a row is worth as many prompts as it has questions.
"""

from dataclasses import dataclass

import numpy as np
import torch

from attention import BIN, Packed
from model import PER_FRAME, answer_ids, frames_prompt, question_ids
from oracle import meaning
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
    tokens: torch.Tensor  # (frames of all clips, 64, token width)
    frame_of: torch.Tensor  # (visual positions, 2): index of its frame in its clip, and in the batch
    mentions: torch.Tensor  # (m, 2): row and position where a question names things
    meant: torch.Tensor  # (m, 9): what oracle.meaning says of them
    compared: torch.Tensor  # (c, 3): where a second thing is named, and whether the first came earlier
    labels_of_frames: list  # clock times, over all clips
    new: torch.Tensor  # (frames, 64)
    way: torch.Tensor  # (frames, 64)
    prompt: int  # the padded length of the prompts
    lengths: torch.Tensor  # (b,) their real lengths

    def attention(self):
        return Packed(self.prompt, self.lengths, self.segments)


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


def pack(tokenizer, clips, bins):
    """clips: a list of (scene, questions, tokens (n, 64, width), (new, way)).

    Questions that do not fit into `bins` bins are left out.
    """
    prompts = [frames_prompt(tokenizer, scene.labels, scene.cues) for scene, _, _, _ in clips]
    longest = -(-max(map(len, prompts)) // ROUND) * ROUND
    shape = (len(clips), longest + bins * BIN)
    ids, positions = np.full(shape, PAD), np.zeros(shape, int)
    segments, wanted, answers = np.full(shape, -1), np.full(shape, -1), np.full(shape, -1)
    kinds, mentions, meant, compared, labels, frame_of = [], [], [], [], [], []
    for row, (scene, questions, _, _) in enumerate(clips):
        prompt = prompts[row]
        start = len(prompt)
        ids[row, :start], positions[row, :start], segments[row, :start] = prompt, range(start), 0
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
                meant.append(meaning(things, scene.labels))
            named = [things[0].onset for _, things in questions[i].mentions if len(things) == 1]
            if len(named) == 2 == len(questions[i].mentions) and named[0] != named[1]:
                compared.append((*mentions[-1], int(named[0] < named[1])))
        frame_of += [(i, len(labels) + i) for i in range(len(scene.times)) for _ in range(PER_FRAME)]
        labels += scene.labels
    return Batch(
        *(torch.from_numpy(a) for a in (ids, positions, segments, wanted, answers)), kinds,
        torch.from_numpy(np.concatenate([c[2] for c in clips]).astype(np.float32)),
        torch.tensor(frame_of), torch.tensor(mentions, dtype=torch.long).reshape(-1, 2),
        torch.tensor(meant, dtype=torch.long).reshape(-1, 9),
        torch.tensor(compared, dtype=torch.long).reshape(-1, 3), labels,
        torch.from_numpy(np.concatenate([c[3][0] for c in clips])),
        torch.from_numpy(np.concatenate([c[3][1] for c in clips])),
        longest, torch.tensor([len(p) for p in prompts]))
