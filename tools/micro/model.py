"""The whole model: what turns each system's tokens into the language model's, and that itself."""

import os

import torch
import torch.nn as nn

from audio import AudioEncoder
from language import WIDTH, Language
from qformer import WIDTH as QUERY_WIDTH
from qformer import AudioQFormer, VideoQFormers
from tokenizer import END_INST, EOS, VISUAL, VOCABULARY, Tokenizer
from vision import INNER, Vision
from vision import WIDTH as TOKEN_WIDTH

HERE = os.path.dirname(os.path.abspath(__file__))
MERGE = 4  # consecutive raster tokens that become one, as in MiniGPT4-Video
# What is projected, and from what width: joined tokens of frames, RED-VILLM's of time, LongVLM's
# local and global ones, the baselines', and the Q-formers' queries.
SOURCES = {"visual": MERGE * TOKEN_WIDTH, "temporal": MERGE * TOKEN_WIDTH, "local": TOKEN_WIDTH, "global": INNER,
           "pooled": TOKEN_WIDTH, "small": TOKEN_WIDTH, "video": QUERY_WIDTH, "audio": QUERY_WIDTH}


def load_tokenizer():
    return Tokenizer.load(os.path.join(HERE, "tokenizer.json"))


class Micro(nn.Module):
    def __init__(self):
        super().__init__()
        self.vision = Vision()
        self.audio = AudioEncoder()
        self.video_former, self.audio_former = VideoQFormers(), AudioQFormer()
        self.projector = nn.Linear(SOURCES["visual"], WIDTH)
        self.others = nn.ModuleDict({name: nn.Linear(width, WIDTH) for name, width in SOURCES.items() if name != "visual"})
        self.language = Language(VOCABULARY)

    def project(self, sources, order):
        """sources: name -> rows; order: where each visual token's row lies among all -> (visual tokens, WIDTH)."""
        rows = []
        for name in SOURCES:
            if name not in sources:
                continue
            x = sources[name]
            if name == "video":
                x = self.video_former(x).flatten(0, 1)
            if name == "audio":
                x = self.audio_former(x).flatten(0, 1)
            rows.append((self.projector if name == "visual" else self.others[name])(x))
        return torch.cat([r.float() for r in rows])[order]

    def embed(self, ids, visual):
        """ids (b, l) with VISUAL where a row of visual (n, WIDTH) belongs, in order."""
        x = self.language.embedding(ids.clamp_min(0)).float()
        return x.masked_scatter((ids == VISUAL)[..., None], visual.float())


def load_checkpoint(path):
    """A checkpoint, also one from before the other systems were added."""
    model = Micro()
    kept = {k: v.float() for k, v in torch.load(path, map_location="cpu").items()}
    missing, unknown = model.load_state_dict(kept, strict=False)
    if unknown or any(not name.startswith(("others.", "video_former.", "audio")) for name in missing):
        raise ValueError(f"{path} is no checkpoint of this model: {unknown or missing}")
    return model


def question_ids(tokenizer, question):
    return [*tokenizer.encode("\n" + question), END_INST]


def answer_ids(tokenizer, answer):
    return [*tokenizer.encode(" " + answer), EOS]
