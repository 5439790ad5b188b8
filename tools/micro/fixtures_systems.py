"""Fixtures for the systems beside MiniGPT4-Video (called by export.py).

Both clips of frames.u8, one after the other, are one video of 16 frames. systems.json says, for
every system, which rows of systems.f16 its projected visual tokens are, its prompt, and what the
language model answers. The sound is made of formulas, so that a test can make it again:
banks.f16 holds the filter banks of its first and fifth clip, (2, 128, 204).
"""

import json

import numpy as np
import torch

from batches import gather
from compose import merge_segments, pool, shrink, spatial, stretch, temporal
from fixtures import answer
from layouts import red_villm, segments, video_llama
from model import question_ids
from sound import RATE, Tone, features
from train_vision import normalise
from world import Scene

SECONDS_A_FRAME = 1.0
TONES = [Tone("low", 1.0, 3.0), Tone("high", 9.0, 11.5)]
HERTZ = [300.0, 2700.0]
LOUDNESS = 0.25
QUESTIONS = {
    "video-llama": ["How many tones are there?", "Which tone comes first?", "When do you hear the high tone?", "What appears first?", "What happens in the video?"],
    "": ["What appears first?", "What happens in the video?", "How many objects appear?", "Summarise the video."],
}


def tones(duration):
    wave = np.zeros(int(duration * RATE))
    for tone, hertz in zip(TONES, HERTZ):
        t = np.arange(int(tone.start * RATE), int(tone.end * RATE))
        wave[t] += LOUDNESS * np.sin(2 * np.pi * hertz * t / RATE)
    return wave.astype(np.float32)


@torch.no_grad()
def write_systems(model, tokenizer, folder):
    frames = np.fromfile(f"{folder}/frames.u8", np.uint8).reshape(-1, 96, 96, 3)
    tokens, levels = model.vision.both(normalise(frames))
    n = len(frames)
    duration = n * SECONDS_A_FRAME
    scene = Scene("sound", 1.0, (np.arange(n) + 0.5) * SECONDS_A_FRAME, [], tones=TONES)
    banks = features(tones(duration), duration)
    heard = model.audio(torch.from_numpy(banks))
    coarse = Scene("count", 1.0, scene.times[::2], [])
    looks = {
        "video-llama": video_llama(tokenizer, scene, tokens, heard),
        "red-villm": red_villm(tokenizer, scene, temporal(tokens), spatial(tokens)),
        "longvlm": segments(tokenizer, coarse, "local", merge_segments(stretch(tokens)), levels.mean(0)),
        "mean-pool": segments(tokenizer, coarse, "pooled", pool(tokens)),
        "frame-resize": segments(tokenizer, scene, "small", shrink(tokens)),
    }
    rows, systems = [], []
    for name, look in looks.items():
        visual = model.project(*gather([look]))
        asked = []
        for text in QUESTIONS.get(name, QUESTIONS[""]):
            ids = look.ids + question_ids(tokenizer, text)
            _, got = answer(model, model.embed(torch.tensor([ids]), visual))
            asked.append({"question": text, "output": got, "text": tokenizer.decode(got)})
        systems.append({"name": name, "first": sum(map(len, rows)), "rows": len(visual), "prompt": look.ids, "questions": asked})
        rows.append(visual.numpy())
    np.concatenate(rows).astype(np.float16).tofile(f"{folder}/systems.f16")
    banks[[0, 4], 0].astype(np.float16).tofile(f"{folder}/banks.f16")
    about = {"secondsAFrame": SECONDS_A_FRAME, "loudness": LOUDNESS,
             "tones": [{"hertz": h, "startS": t.start, "endS": t.end} for t, h in zip(TONES, HERTZ)],
             "width": rows[0].shape[1], "systems": systems}
    with open(f"{folder}/systems.json", "w", encoding="utf-8") as file:
        json.dump(about, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
    for system in systems:
        print(system["name"], [q["text"] for q in system["questions"]])
