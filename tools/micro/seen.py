"""A folder of clips that the vision encoder has already looked at (see_clips.py)."""

import glob
import os
import pickle

import numpy as np


class SeenClips:
    """Draws (scene, tokens) from the folder's files, newer ones as they come."""

    def __init__(self, folder):
        self.folder, self.loaded, self.by_frames, self.draws = folder, set(), {}, 0
        self.refresh()

    def refresh(self):
        for path in sorted(glob.glob(os.path.join(self.folder, "*.pkl"))):
            if path not in self.loaded:
                with open(path, "rb") as file:
                    for scene, tokens in pickle.load(file):
                        self.by_frames.setdefault(len(scene.times), []).append((scene, tokens))
                self.loaded.add(path)

    def draw(self, rng, frames):
        self.draws += 1
        if self.draws % 5000 == 0:
            self.refresh()
        known = self.by_frames.get(frames) or self.by_frames[8]
        scene, tokens = known[int(rng.integers(len(known)))]
        return scene, tokens.astype(np.float32)
