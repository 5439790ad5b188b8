"""Tones: what a clip's sound holds, its waveform, and what the audio encoder sees of it.

The features are Kaldi's log mel filter banks as Video-LLaMA takes them (ImageBind's
settings); server/src/runtime/audio computes the same.
"""

from dataclasses import dataclass

import numpy as np
import torch

PITCHES = {"low": 300.0, "middle": 900.0, "high": 2700.0}
NAMES = list(PITCHES)
RATE = 16_000
CLIPS, SECONDS = 8, 2.0
BINS, FRAMES = 128, 204
WINDOW, STEP, PADDED = 400, 160, 512
MEAN, STD = -4.268, 9.138
MOST = 3
# Seconds of a tone that at least one clip must hear, and of silence between two tones.
HEARD, SILENT = 0.8, 0.7


@dataclass
class Tone:
    pitch: str
    start: float  # seconds
    end: float


def unheard(duration):
    """Seconds between two of the clips that none of them hears."""
    return max(0.0, (duration - SECONDS) / (CLIPS - 1) - SECONDS)


def make_tones(rng, duration, amount=None):
    """Up to MOST tones, each long enough to be heard in a clip and apart from the others."""
    gap = unheard(duration)
    if amount is None:
        amount = int(rng.choice(MOST + 1, p=[0.12, 0.36, 0.3, 0.22]))
    shortest, pause = gap + HEARD, gap + SILENT
    while amount and amount * shortest + (amount - 1) * pause > duration - 0.2:
        amount -= 1
    if not amount:
        return []
    spare = duration - 0.2 - amount * shortest - (amount - 1) * pause
    # Spare time goes to the tones (every second share) and to what is around them.
    shares = rng.random(2 * amount + 1) + 0.05
    shares[1::2] *= rng.choice([0.0, 0.3, 1.0])
    shares *= spare * rng.uniform(0.6, 1.0) / shares.sum()
    tones, at = [], 0.0
    for i in range(amount):
        at += shares[2 * i] + (pause if i else 0.1 * rng.random())
        end = at + shortest + shares[2 * i + 1]
        tones.append(Tone(NAMES[int(rng.integers(len(NAMES)))], at, min(end, duration)))
        at = end
    return tones


def clip_starts(duration):
    return np.arange(CLIPS) * (max(0.0, duration - SECONDS) / (CLIPS - 1))


NOISE = np.random.default_rng(0).standard_normal(400_000, np.float32)


def hiss(rng, n):
    """White noise: from a random place of a table, since that costs less than fresh numbers."""
    at = int(rng.integers(len(NOISE)))
    return np.resize(np.roll(NOISE, -at) if n > len(NOISE) - at else NOISE[at:], n)


def waveform(rng, duration, tones):
    """16 kHz mono, about -1..1, as it might come out of a lossy codec."""
    n = int(round(duration * RATE))
    out = np.zeros(n, np.float32)
    if rng.random() < 0.75:
        out += hiss(rng, n) * np.float32(10 ** rng.uniform(-5.5, -2.4))
    loudness, harmonic = 10 ** rng.uniform(-1.2, -0.35), rng.uniform(0, 0.35)
    for tone in tones:
        a, b = int(tone.start * RATE), min(n, int(tone.end * RATE))
        t = np.arange(b - a) / RATE
        angle = 2 * np.pi * PITCHES[tone.pitch] * rng.uniform(0.87, 1.15) * t + rng.uniform(0, 6.28)
        fade = rng.uniform(0.005, 0.06)
        shape = np.clip(np.minimum(t, (b - a) / RATE - t) / fade, 0, 1) * loudness * rng.uniform(0.7, 1)
        sound = np.sin(angle) + harmonic * np.sin(2 * angle)
        if rng.random() < 0.5:  # what a codec adds beside a tone
            sound = sound + hiss(rng, b - a) * 10 ** rng.uniform(-3, -1.5)
        out[a:b] += (shape * sound).astype(np.float32)
    return out


def mel(hertz):
    return 1127.0 * np.log(1.0 + hertz / 700.0)


def banks():
    """(BINS, PADDED / 2 + 1): triangles that are even on the mel scale, from 20 Hz to half the rate."""
    low, high = mel(20.0), mel(RATE / 2)
    edges = low + np.arange(BINS + 2) * (high - low) / (BINS + 1)
    at = mel(np.arange(PADDED // 2) * RATE / PADDED)
    up = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    return np.pad(np.maximum(0, np.minimum(up, down)), ((0, 0), (0, 1))).astype(np.float32)


BANKS = banks()
HANNING = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))).astype(np.float32)
EPSILON = np.float32(1.1920929e-07)


def features(wave, duration):
    """-> (CLIPS, 1, BINS, FRAMES) float32: the normalised filter banks of each clip."""
    out = np.zeros((CLIPS, BINS, FRAMES), np.float32)
    length = int(SECONDS * RATE)
    for i, start in enumerate(clip_starts(duration)):
        at = int(round(start * RATE))
        clip = np.zeros(length, np.float32)
        part = wave[at:at + length]
        clip[:len(part)] = part
        out[i, :, :(length - WINDOW) // STEP + 1] = filter_banks(clip - clip.mean()).T
    return ((out - MEAN) / STD)[:, None]


def filter_banks(clip):
    """Kaldi's: (samples,) -> (frames, BINS)."""
    frames = np.lib.stride_tricks.sliding_window_view(clip, WINDOW)[::STEP]
    frames = frames - frames.mean(1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    # torch's Fourier transform stays in single precision, which is twice as fast.
    spectrum = torch.fft.rfft(torch.from_numpy((frames - np.float32(0.97) * before) * HANNING), PADDED)
    power = (spectrum.real.square() + spectrum.imag.square()).numpy()
    return np.log(np.maximum(power @ BANKS.T, EPSILON))
