"""What each system shows the language model of a clip: words, marks and visual tokens in order.

A Look is one clip as one system sees it. The rows behind its visual tokens are
kept unprojected, by the projector (or Q-former) that they go through.
"""

from dataclasses import dataclass, field

import numpy as np

from compose import join, spatial, temporal
from qformer import AUDIO_QUERIES, VIDEO_QUERIES
from sound import NAMES as PITCHES
from tokenizer import BOS, CAP, IMG, INST, VISUAL
from train_qformers import jobs_of

NAMES = ["minigpt4-video", "red-villm", "video-llama", "longvlm", "mean-pool", "frame-resize"]
LONG = ("longvlm", "mean-pool", "frame-resize")
# Rows that one piece of a source becomes, where that is not its own number of rows.
QUERIES = {"video": VIDEO_QUERIES, "audio": AUDIO_QUERIES}


@dataclass
class Look:
    ids: list  # the prompt before the question
    labels: list  # clock times that the prompt shows
    pieces: list = field(default_factory=list)  # (source, rows): in the order of the visual tokens
    shown: list = field(default_factory=list)  # of every visual token: the label that it stands behind, or -1
    points: list = field(default_factory=list)  # (visual token, label): what a Q-former's token is about
    alone: list = field(default_factory=list)  # where in ids a label without tokens ends, in order


class Writer:
    """Puts a prompt together."""

    def __init__(self, tokenizer, labels):
        self.tokenizer, self.look = tokenizer, Look([BOS, INST], labels)

    def mark(self, label=None):
        self.look.ids.append(IMG)
        if label is not None:
            self.text(" " + self.look.labels[label])

    def text(self, text):
        self.look.ids += self.tokenizer.encode(text)

    def cues(self, texts):
        if texts:
            self.look.ids.append(CAP)
            self.text(" " + " ".join(texts))

    def visual(self, source, rows, label=-1):
        amount = QUERIES.get(source, len(rows))
        self.look.ids += [VISUAL] * amount
        self.look.pieces.append((source, rows))
        self.look.shown += [label] * amount


def frames(tokenizer, scene, tokens):
    """MiniGPT4-Video: 16 joined tokens a frame, behind its time. tokens (n, 64, 48)."""
    to = Writer(tokenizer, scene.labels)
    for i, rows in enumerate(join(tokens)):
        to.mark(i)
        to.visual("visual", rows, i)
        to.cues(scene.cues.get(i))
    return to.look


def red_villm(tokenizer, scene, over_patches, over_time):
    """RED-VILLM: a token for every frame, then the picture's 16 over all of time. Rows (n, 192), (16, 192); None leaves them out."""
    to = Writer(tokenizer, scene.labels)
    if over_patches is not None:
        for i, row in enumerate(over_patches):
            to.mark(i)
            to.visual("temporal", row[None], i)
            to.cues(scene.cues.get(i))
    if over_time is not None:
        to.mark()
        to.visual("visual", over_time)
        if over_patches is None:
            all_cues(to, scene)
    return to.look


def segments(tokenizer, scene, source, rows, levels=None):
    """LongVLM and both baselines: rows (labels, n, width) behind the times of what they show."""
    to = Writer(tokenizer, scene.labels)
    if levels is not None:
        to.mark()
        to.visual("global", levels)
    for i, part in enumerate(rows):
        to.mark(i)
        to.visual(source, part, i)
        to.cues(scene.cues.get(i))
    return to.look


def video_llama(tokenizer, scene, tokens, heard=None):
    """Video-LLaMA: all times, the sound's tokens, the video's, then what is said.

    tokens (n, 64, 48) or None; heard: the (8, 64) of the audio encoder, or None.
    """
    to = Writer(tokenizer, scene.labels)
    for i in range(len(scene.labels)):
        to.mark(i)
        to.look.alone.append(len(to.look.ids) - 1)
    if heard is not None:
        to.text(" Sound")
        start = len(to.look.shown)
        to.visual("audio", heard)
        to.look.points += [(start + k, nearest(scene, tone.start)) for k, tone in enumerate(scene.tones)]
        for p, name in enumerate(PITCHES):
            same = [t for t in scene.tones if t.pitch == name]
            if same:
                to.look.points.append((start + 3 + p, nearest(scene, same[0].start)))
    if tokens is not None:
        to.text(" Video")
        start = len(to.look.shown)
        to.visual("video", tokens)
        things, _ = jobs_of(scene)
        to.look.points += [(start + q, int(things[q, 5])) for q in np.flatnonzero(things[:, 0] > 0)]
    all_cues(to, scene)
    return to.look


def all_cues(to, scene):
    for i in sorted(scene.cues):
        to.cues(scene.cues[i])


def nearest(scene, seconds):
    """The sampled frame nearest to a time."""
    return int(np.argmin(np.abs(scene.times - seconds)))


def look_at(layout, tokenizer, scene, tokens, without=""):
    """A clip whose frames' tokens (n, 64, 48) are at hand, seen by one of the systems; without: a part of RED-VILLM."""
    if layout == "minigpt4-video":
        return frames(tokenizer, scene, tokens)
    if layout == "red-villm":
        return red_villm(tokenizer, scene, *parted(temporal(tokens), spatial(tokens), without))
    if layout == "video-llama":
        return video_llama(tokenizer, scene, tokens, getattr(scene, "heard", None))
    raise ValueError(layout)


def parted(over_patches, over_time, without):
    return None if without == "temporal" else over_patches, None if without == "spatial" else over_time


def look_long(layout, tokenizer, clip, without=""):
    """A see_long.LongClip, seen by a system that wants many frames. -> (its scene, Look)."""
    if layout == "longvlm":
        return clip.coarse, segments(tokenizer, clip.coarse, "local", clip.local, None if without == "global" else clip.levels)
    if layout == "mean-pool":
        return clip.coarse, segments(tokenizer, clip.coarse, "pooled", clip.pooled)
    if layout == "frame-resize":
        return clip.fine, segments(tokenizer, clip.fine, "small", clip.small)
    if layout == "red-villm":
        return clip.fine, red_villm(tokenizer, clip.fine, *parted(clip.temporal, clip.spatial, without))
    raise ValueError(layout)
