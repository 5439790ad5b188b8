"""The audio encoder: filter banks of 2 s -> one vector, (n, 1, 128, 204) -> (n, 64)."""

import torch.nn as nn
import torch.nn.functional as F

from qformer import CLIP_WIDTH


class AudioEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.banks = nn.Conv2d(1, 16, (8, 6), (8, 6))  # -> (16, 16, 34)
        self.shapes = nn.Conv2d(16, 24, (4, 3), (2, 2), (1, 0))  # -> (24, 8, 16)
        self.mix = nn.Conv1d(24 * 8, 64, 3, padding=1)
        self.change = nn.Conv1d(64, 64, 3, padding=1)
        self.out = nn.Linear(64 * 16, CLIP_WIDTH)

    def forward(self, banks):
        x = F.relu(self.shapes(F.relu(self.banks(banks))))
        x = F.relu(self.mix(x.flatten(1, 2)))
        return self.out(F.relu(x + self.change(x)).flatten(1))
