"""The whole model, and the prompt it reads: frames as tokens between words."""

import os

import torch.nn as nn

from language import WIDTH, Language
from tokenizer import BOS, CAP, END_INST, EOS, IMG, INST, VISUAL, VOCABULARY, Tokenizer
from vision import CELLS, Vision
from vision import WIDTH as TOKEN_WIDTH

HERE = os.path.dirname(os.path.abspath(__file__))
MERGE = 4  # consecutive raster tokens that become one, as in MiniGPT4-Video
PER_FRAME = CELLS // MERGE


def load_tokenizer():
    return Tokenizer.load(os.path.join(HERE, "tokenizer.json"))


class Micro(nn.Module):
    def __init__(self):
        super().__init__()
        self.vision = Vision()
        self.projector = nn.Linear(MERGE * TOKEN_WIDTH, WIDTH)
        self.language = Language(VOCABULARY)

    def project(self, tokens):
        """tokens (..., 64, TOKEN_WIDTH) -> (..., 16, WIDTH)."""
        return self.projector(tokens.reshape(*tokens.shape[:-2], PER_FRAME, MERGE * TOKEN_WIDTH))

    def embed(self, ids, visual):
        """ids (b, l) with VISUAL where a row of visual (n, WIDTH) belongs, in order."""
        x = self.language.embedding(ids.clamp_min(0)).float()
        return x.masked_scatter((ids == VISUAL)[..., None], visual.float())


def frames_prompt(tokenizer, labels, cues):
    """The ids of everything before the question. cues: frame -> list of texts."""
    ids = [BOS, INST]
    for frame, label in enumerate(labels):
        ids += [IMG, *tokenizer.encode(" " + label), *[VISUAL] * PER_FRAME]
        if frame in cues:
            ids += [CAP, *tokenizer.encode(" " + " ".join(cues[frame]))]
    return ids


def question_ids(tokenizer, question):
    return [*tokenizer.encode("\n" + question), END_INST]


def answer_ids(tokenizer, answer):
    return [*tokenizer.encode(" " + answer), EOS]
