"""Draws clips and lets the trained vision encoder look at them, for stage 3.

    python3 see_clips.py VISION.pt FOLDER --minutes 30

Writes files of (scene, tokens (n, 64, width) float16) until the time is over; a
running train_language.py --seen FOLDER takes up new files as they come.
"""

import argparse
import os
import pickle
import time

import numpy as np
import torch

from render import Renderer
from train_vision import normalise
from vision import Vision
from world import make_scene

PER_FILE = 200


def look(vision, pictures):
    """(n, s, s, 3) uint8 -> tokens (n, 64, width) float16."""
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        x = normalise(pictures).to(memory_format=torch.channels_last)
        return vision(x).half().numpy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("vision")
    parser.add_argument("folder")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--most", type=int, default=300, help="files to keep at most")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(options.folder, exist_ok=True)
    rng = np.random.default_rng(options.seed)
    renderer, vision = Renderer(rng), Vision().eval().to(memory_format=torch.channels_last)
    vision.load_state_dict(torch.load(options.vision))
    began, number = time.time(), 0
    while time.time() - began < 60 * options.minutes and number < options.most:
        clips = []
        while len(clips) < PER_FILE:
            frames = 8 if rng.random() < 0.65 else int(rng.integers(1, 17))
            scenes = [make_scene(rng, frames=frames) for _ in range(max(1, 64 // frames))]
            drawn = [renderer.clip(scene) for scene in scenes]
            tokens = look(vision, np.concatenate(drawn)).reshape(len(scenes), frames, 64, -1)
            clips += list(zip(scenes, tokens))
        path = os.path.join(options.folder, f"{options.seed}-{number:04d}.pkl")
        with open(path + ".part", "wb") as file:
            pickle.dump(clips, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(path + ".part", path)
        number += 1
        if number % 5 == 0:
            print(number, "files,", round(number * PER_FILE / (time.time() - began), 1), "clips a second", flush=True)
