"""As see_clips.py, for the systems that look at many frames: 32 a clip, kept as their composers reduce them.

    python3 see_long.py VISION.pt FOLDER --most 25 --seed 21
"""

import argparse
import os
import pickle
import time

import numpy as np
import torch

from compose import FRAMES, SEGMENTS, merge_segments, pool, shrink, spatial, temporal
from render import Renderer
from seen import LongClip
from train_vision import normalise
from vision import Vision
from world import SEEN, make_scene, pick, refine

PER_FILE = 200
KINDS = ["count", "motion", "sequence", "sequence", "needle", "needle"]


def long_scene(rng, pairs=SEEN):
    return refine(rng, make_scene(rng, pairs, SEGMENTS, pick(rng, KINDS)), FRAMES // SEGMENTS)


def reduce(coarse, fine, tokens, levels):
    """tokens (32, 64, w) float, levels (32, 3, 128) or None -> LongClip, in float16."""
    tokens = tokens.float()
    half = [f(tokens).half().numpy() for f in (merge_segments, pool, shrink, temporal, spatial)]
    local, pooled, small, over_patches, over_time = half
    kept = None if levels is None else levels.float().mean(0).half().numpy()
    return LongClip(coarse, fine, local, kept, pooled, small, over_patches, over_time)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("vision")
    parser.add_argument("folder")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--most", type=int, default=25, help="files to keep at most")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(options.folder, exist_ok=True)
    rng = np.random.default_rng(options.seed)
    renderer, vision = Renderer(rng), Vision().eval()
    vision.load_state_dict(torch.load(options.vision, map_location="cpu"))
    vision = vision.to(options.device, memory_format=torch.channels_last)
    began = time.time()
    for number in range(options.most):
        clips = []
        while len(clips) < PER_FILE and time.time() - began < 60 * options.minutes:
            coarse, fine = long_scene(rng)
            with torch.no_grad(), torch.autocast(options.device, dtype=torch.bfloat16):
                x = normalise(renderer.clip(fine)).to(options.device, memory_format=torch.channels_last)
                tokens, levels = vision.both(x)
            clips.append(reduce(coarse, fine, tokens.cpu(), levels.cpu()))
        path = os.path.join(options.folder, f"{options.seed}-{number:04d}.long")
        with open(path + ".part", "wb") as file:
            pickle.dump(clips, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(path + ".part", path)
        print(number + 1, "files,", round((number + 1) * PER_FILE / (time.time() - began), 1), "clips a second", flush=True)
