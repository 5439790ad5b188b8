"""Clips that the encoders have already looked at or listened to (see_clips.py, see_long.py, train_audio.py)."""

import glob
import os
import pickle
from dataclasses import dataclass, replace

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
        return replace(scene), tokens.astype(np.float32)


@dataclass
class LongClip:
    """What the composers make of one clip of 32 frames. Features are (rows, width)."""

    coarse: object  # the scene by segments
    fine: object  # the scene by frames
    local: np.ndarray  # (SEGMENTS, 16, 48)
    levels: np.ndarray  # (3, 128), or None: made from an oracle's tokens
    pooled: np.ndarray  # (SEGMENTS, 16, 48)
    small: np.ndarray  # (32, 4, 48)
    temporal: np.ndarray  # (32, 192)
    spatial: np.ndarray  # (16, 192)


class LongClips:
    """Draws see_long.LongClip from the folder's files."""

    def __init__(self, folder):
        self.clips = []
        for path in sorted(glob.glob(os.path.join(folder, "*.long"))):
            with open(path, "rb") as file:
                self.clips += pickle.load(file)

    def draw(self, rng):
        clip = self.clips[int(rng.integers(len(self.clips)))]
        return replace(clip, coarse=replace(clip.coarse), fine=replace(clip.fine))


class Sounds:
    """Gives clips the sound of another: (duration, tones, features) from the file of train_audio.py."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.sounds = pickle.load(file)

    def add(self, rng, scene):
        """Sets the scene's tones, what is heard of them, and its times, so that it lasts as long as its sound."""
        duration, scene.tones, heard = self.sounds[int(rng.integers(len(self.sounds)))]
        scene.heard = heard.astype(np.float32)
        n = len(scene.times)
        scene.times = (np.arange(n) + 0.5) * duration / n
