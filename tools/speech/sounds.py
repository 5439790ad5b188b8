"""Windows of sound with what is said in them and when, mixed while training."""

import json
import os

import numpy as np

from synth import RATE

LETTERS = " 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
LETTER_ID = {c: i + 1 for i, c in enumerate(LETTERS)}  # 0 is CTC's blank


class Phrases:
    def __init__(self, folder, accents=None):
        with open(os.path.join(folder, "phrases.json"), encoding="utf-8") as file:
            self.all = [p for p in json.load(file) if accents is None or p["voice"].split("+")[0] in accents]
        self.sound = np.memmap(os.path.join(folder, "sound.i16"), "<i2", "r")

    def samples(self, phrase):
        return self.sound[phrase["at"] : phrase["at"] + phrase["samples"]].astype(np.float32) / 32768


def noise(rng, n):
    """White, or with more of the low tones."""
    white = rng.standard_normal(n).astype(np.float32)
    if rng.random() < 0.5:
        return white
    spectrum = np.fft.rfft(white) / np.sqrt(np.arange(n // 2 + 1) + n / 400)
    pink = np.fft.irfft(spectrum, n).astype(np.float32)
    return pink / (pink.std() + 1e-9)


def tones(rng, n):
    """What is no speech: a tone or a chord that begins and ends, or a run of notes."""
    t, out = np.arange(n) / RATE, np.zeros(n, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        a, b = sorted(rng.uniform(0, n / RATE, 2))
        hertz = np.exp(rng.uniform(np.log(120), np.log(3500)))
        envelope = np.clip((t - a) / 0.02, 0, 1) * np.clip((b - t) / 0.02, 0, 1)
        wave = np.sin(2 * np.pi * hertz * t) + rng.uniform(0, 0.5) * np.sin(4 * np.pi * hertz * t)
        out += (envelope * wave * rng.uniform(0.05, 0.4)).astype(np.float32)
    return out


def mix(rng, sound, rough=0.35):
    """Gain, background and a loss of high tones, as recordings have them."""
    n = len(sound)
    sound = sound * np.exp(rng.uniform(np.log(0.06), np.log(1.6)))
    if rng.random() < 0.5 * rough:
        spectrum, cut = np.fft.rfft(sound), rng.uniform(3200, 7500)
        hertz = np.fft.rfftfreq(n, 1 / RATE)
        sound = np.fft.irfft(spectrum / (1 + (hertz / cut) ** 8), n).astype(np.float32)
    if rng.random() < rough:
        level = np.sqrt(np.mean(sound**2) + 1e-8)
        sound = sound + noise(rng, n) * level * 10 ** (-rng.uniform(15, 45) / 20)
    return np.clip(sound, -1, 1).astype(np.float32)


def speech(rng, phrases, seconds, tokens):
    """-> samples, [(start, end, text)] in positions of 20 ms; end None where the window cuts a phrase."""
    n = int(seconds * RATE)
    sound, said, at = np.zeros(n, np.float32), [], int(rng.uniform(0, min(1.5, seconds / 3)) * RATE)
    cut = rng.random() < 0.2
    while True:
        phrase = phrases.all[int(rng.integers(len(phrases.all)))]
        samples = phrases.samples(phrase)
        fits = at + len(samples) <= n
        if not fits and not (cut and n - at > RATE // 2):
            # A shorter one may still fit into an empty window.
            if said or seconds > 6:
                break
            shorter = [p for p in (phrases.all[int(i)] for i in rng.integers(0, len(phrases.all), 40)) if at + p["samples"] <= n]
            if not shorter:
                at = 0
                continue
            phrase = shorter[0]
            samples, fits = phrases.samples(phrase), True
        end = min(n, at + len(samples))
        sound[at:end] += samples[: end - at] * rng.uniform(0.6, 1)
        said.append((round(at / 320), round(end / 320) if fits else None, phrase["text"]))
        if not fits:
            break
        pause = rng.uniform(0.25, 0.8) if rng.random() < 0.6 else rng.uniform(0.8, 3.5)
        at = end + int(pause * RATE)
        if at > n - RATE // 2 or rng.random() < 0.08:
            break
    if rng.random() < 0.05:
        sound += 0.1 * tones(rng, n) * rng.uniform(0.1, 1)
    return mix(rng, sound), said


def silence(rng, seconds):
    n = int(seconds * RATE)
    draw = rng.random()
    if draw < 0.2:
        return np.zeros(n, np.float32)
    if draw < 0.5:
        return noise(rng, n) * np.float32(10 ** rng.uniform(-4, -1))
    return mix(rng, tones(rng, n))


def window(rng, phrases, seconds, offset, tokens, empty=0.05):
    """-> samples, decoder ids from <|startoftranscript|> to <|endoftext|>, letters for CTC."""
    if rng.random() < empty:
        return silence(rng, seconds), [tokens.sot, tokens.nospeech, tokens.eot], []
    sound, said = speech(rng, phrases, seconds, tokens)
    ids, letters = [tokens.sot, tokens.en, tokens.transcribe], []
    for start, end, text in said:
        ids.append(tokens.time0 + min(1500, offset + start))
        if end is not None:
            ids += [*tokens.encode(text), tokens.time0 + min(1500, offset + end)]
            letters += [LETTER_ID[c] for c in text + " " if c in LETTER_ID]
    return sound, ids + [tokens.eot], letters


def batch(rng, phrases, tokens, seconds, size):
    """-> samples (B, n), offset, ids (B, most) padded with -1, letters as lists."""
    offset = int(rng.integers(0, 1501 - int(seconds * 50))) if rng.random() < 0.6 else 0
    rows = [window(rng, phrases, seconds, offset, tokens) for _ in range(size)]
    ids = np.full((size, max(len(r[1]) for r in rows)), -1, np.int64)
    for i, (_, row, _) in enumerate(rows):
        ids[i, : len(row)] = row
    return np.stack([r[0] for r in rows]), offset, ids, [r[2] for r in rows]
