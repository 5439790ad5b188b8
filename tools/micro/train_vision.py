"""Stage 1: teaches the vision encoder to find things, on pictures drawn as it goes.

    python3 train_vision.py OUT.pt --minutes 15 [--start EARLIER.pt]
"""

import argparse
import json
import time

import numpy as np
import torch
import torch.nn.functional as F

from render import Renderer
from vision import CELLS, GRID, MEAN, STD, Vision

BATCH = 96
RATE = 2e-3


def normalise(pictures):
    """(n, s, s, 3) uint8 -> (n, 3, s, s) float."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div_(255)
    return x.sub_(torch.tensor(MEAN).view(3, 1, 1)).div_(torch.tensor(STD).view(3, 1, 1)).contiguous()


def targets(labels):
    """Rows of things per picture -> per cell: presence, colour, shape (-1: no matter) and place."""
    n = len(labels)
    presence = np.zeros((n, CELLS), np.float32)
    colour, shape = np.full((n, CELLS), -1), np.full((n, CELLS), -1)
    place = np.zeros((n, CELLS, 3), np.float32)
    for i, things in enumerate(labels):
        for x, y, r, c, s in things:
            column, row = min(GRID - 1, int(x * GRID)), min(GRID - 1, int(y * GRID))
            cell = row * GRID + column
            presence[i, cell], colour[i, cell], shape[i, cell] = 1, c, s
            place[i, cell] = x * GRID - column - 0.5, y * GRID - row - 0.5, r * 6
    return [torch.from_numpy(a) for a in (presence, colour, shape, place)]


def loss_of(heads, wanted):
    presence, colour, shape, place, _ = [h.float() for h in heads]
    there, c, s, at = wanted
    found = F.binary_cross_entropy_with_logits(presence[..., 0], there, reduction="sum") / there.sum().clamp_min(1)
    hue = F.cross_entropy(colour[c >= 0], c[c >= 0])
    form = F.cross_entropy(shape[s >= 0], s[s >= 0])
    spot = (place - at)[there > 0].abs().mean()
    return found + hue + form + spot, (found, hue, form, spot)


def accuracy(heads, wanted):
    presence, colour, shape, _, _ = heads
    there, c, s, _ = wanted
    right = ((presence[..., 0] > 0) == (there > 0)).all(1).float().mean()  # every cell of a picture
    return [round(float(v), 4) for v in (
        right, (colour.argmax(-1) == c)[c >= 0].float().mean(), (shape.argmax(-1) == s)[s >= 0].float().mean())]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--start")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    renderer, model = Renderer(rng), Vision()
    if options.start:
        model.load_state_dict(torch.load(options.start))
    model = model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.02, betas=(0.9, 0.98))
    began, step, spent, recent = time.time(), 0, np.zeros(2), []
    while (done := (time.time() - began) / (60 * options.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * done)))
        t = time.time()
        drawn = [renderer.loose() for _ in range(BATCH)]
        x, wanted = normalise(np.stack([d[0] for d in drawn])), targets([d[1] for d in drawn])
        spent[0] += time.time() - t
        t = time.time()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            heads = model.heads(x.to(memory_format=torch.channels_last))
        loss, parts = loss_of(heads, wanted)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        spent[1] += time.time() - t
        step += 1
        recent.append(accuracy(heads, wanted))
        if step % 100 == 0:
            row = {"step": step, "seconds": round(time.time() - began), "loss": round(loss.item(), 4),
                   "parts": [round(p.item(), 3) for p in parts], "cells_colour_shape": np.mean(recent, 0).round(4).tolist()}
            print(json.dumps(row), "ms drawing, learning", (spent / step * 1e3).round(), flush=True)
            recent = []
            if options.log:
                with open(options.log, "a") as file:
                    file.write(json.dumps(row) + "\n")
        if step % 500 == 0:
            torch.save(model.state_dict(), options.out)
    torch.save(model.state_dict(), options.out)
