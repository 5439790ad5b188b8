"""Speaks phrases with espeak-ng: python3 synth.py FOLDER --phrases 12000 --seed 1 [--voices train|test]

Writes sound.i16 (all phrases one after another, mono, 16 kHz, silence around them
cut off) and phrases.json: for each its text, its voice, where it begins and how
many samples it has. Needs the program espeak-ng; nothing is downloaded.
"""

import argparse
import json
import os
import subprocess

import numpy as np

from phrases import phrase
from world import pick

RATE = 16_000
ACCENTS = ["en-us", "en-gb", "en-gb-x-rp", "en-us-nyc"]
TRAIN_VARIANTS = ["", "+m1", "+m2", "+m3", "+m4", "+m6", "+m7", "+f1", "+f2", "+f3", "+f5", "+Andrea", "+Lee", "+Max", "+Steph", "+Michael"]
# Never trained on. The accent of Scotland neither.
TEST_VARIANTS = ["+m5", "+f4", "+Annie", "+Gene"]


def speak(text, voice, speed, pitch):
    """-> float samples at 16 kHz without the silence around them."""
    args = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", "--", text]
    wav = subprocess.run(args, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    samples = np.frombuffer(wav[44:], "<i2").astype(np.float32) / 32768
    rate = int.from_bytes(wav[24:28], "little")
    samples = resample(samples, rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[max(0, loud[0] - 160) : loud[-1] + 320] if len(loud) else samples


def resample(samples, rate, to):
    """Band-limited, through the spectrum; the signal is padded so that it does not wrap around."""
    pad = rate // 10
    padded = np.concatenate([samples, np.zeros(pad + (-(len(samples) + pad)) % rate, np.float32)])
    size = len(padded) // rate * to
    spectrum = np.fft.rfft(padded)[: size // 2 + 1]
    spectrum = np.pad(spectrum, (0, size // 2 + 1 - len(spectrum)))
    return (np.fft.irfft(spectrum, size) * (to / rate))[: len(samples) * to // rate].astype(np.float32)


def draw_voice(rng, test):
    variant = pick(rng, TEST_VARIANTS if test else TRAIN_VARIANTS)
    return pick(rng, ACCENTS) + variant, int(rng.integers(120, 205)), int(np.clip(rng.normal(50, 15), 15, 90))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--phrases", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voices", choices=["train", "test"], default="train")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    rng, made, at = np.random.default_rng(args.seed), [], 0
    with open(os.path.join(args.folder, "sound.i16"), "wb") as sound:
        for _ in range(args.phrases):
            text, spoken = phrase(rng)
            voice, speed, pitch = draw_voice(rng, args.voices == "test")
            samples = speak(spoken, voice, speed, pitch)
            samples = samples * (0.5 / max(0.05, np.abs(samples).max()))
            sound.write((samples * 32767).astype("<i2").tobytes())
            made.append({"text": text, "voice": voice, "at": at, "samples": len(samples)})
            at += len(samples)
    with open(os.path.join(args.folder, "phrases.json"), "w", encoding="utf-8") as file:
        json.dump(made, file)
    print(f"{len(made)} phrases, {at / RATE / 3600:.2f} hours")


if __name__ == "__main__":
    main()
