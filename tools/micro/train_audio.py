"""Teaches the audio encoder and its Q-former to hear tones, then lets them listen to many sounds.

    python3 train_audio.py OUT.pt SOUNDS.pkl --minutes 5

Jobs of the eight queries: 0 to 2 the first, second and third tone; 3 to 5 a low, a middle
and a high one: how many, when the first starts and ends; 6 how many in all; 7 is free.
SOUNDS.pkl holds (duration, tones, (8, 64) features), for train_language.py.
"""

import pickle

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import schedule
from audio import AudioEncoder
from qformer import CLIP_WIDTH, WIDTH, AudioQFormer
from sound import CLIPS, MOST, NAMES, SECONDS, clip_starts, features, make_tones, waveform

PARTS = 16  # of a clip's whole time: where a tone starts and ends
POOL = 1200


class Jobs(nn.Module):
    def __init__(self):
        super().__init__()
        self.clip = nn.Linear(CLIP_WIDTH, 3 * len(NAMES))
        self.order = nn.Linear(WIDTH, 1 + len(NAMES) + 2 * PARTS)
        self.pitch = nn.Linear(WIDTH, MOST + 1 + 2 * PARTS)
        self.count = nn.Linear(WIDTH, MOST + 1)


def part_of(seconds, duration):
    return min(PARTS - 1, int(seconds / duration * PARTS))


def jobs_of(tones, duration):
    """-> per clip and pitch: heard, starts, ends (CLIPS, 9); order (3, 4), pitches (3, 3), count; -1: does not matter."""
    clips = np.zeros((CLIPS, len(NAMES), 3), np.float32)
    for i, start in enumerate(clip_starts(duration)):
        for tone in tones:
            a, b = tone.start - start, tone.end - start
            if min(b, SECONDS) - max(a, 0) > 0.05:
                clips[i, NAMES.index(tone.pitch)] = np.maximum(clips[i, NAMES.index(tone.pitch)], (1, a > 0, b < SECONDS))
    order, pitches = np.full((MOST, 4), -1), np.full((len(NAMES), 3), -1)
    order[:, 0] = 0
    for k, tone in enumerate(tones):
        order[k] = 1, NAMES.index(tone.pitch), part_of(tone.start, duration), part_of(tone.end, duration)
    for p, name in enumerate(NAMES):
        same = [t for t in tones if t.pitch == name]
        pitches[p, 0] = len(same)
        if same:
            pitches[p, 1:] = part_of(same[0].start, duration), part_of(same[0].end, duration)
    return clips.reshape(CLIPS, -1), order, pitches, len(tones)


def entropy(said, wanted):
    known = wanted >= 0
    return F.cross_entropy(said[known], wanted[known]) if known.any() else said.sum() * 0


def right(said, wanted):
    known = wanted >= 0
    return (said.argmax(-1) == wanted)[known].float().mean().item()


def sample(rng):
    duration = float(np.exp(rng.uniform(np.log(3.5), np.log(80))))
    if rng.random() < 0.4:
        duration = rng.uniform(4, 16)
    tones = make_tones(rng, duration)
    return duration, tones, features(waveform(rng, duration, tones), duration).astype(np.float16)


def loss_of(encoder, former, jobs, x, told):
    clips, order, pitches, count = (torch.from_numpy(np.stack(t)) for t in zip(*told))
    heard = encoder(x.flatten(0, 1)).view(len(x), CLIPS, CLIP_WIDTH)
    out = former(heard)
    parts = {"clips": 3 * F.binary_cross_entropy_with_logits(jobs.clip(heard), clips)}
    said = jobs.order(out[:, :3])
    there, pitch, start, end = said.split([1, len(NAMES), PARTS, PARTS], -1)
    parts["there"] = F.binary_cross_entropy_with_logits(there[..., 0], order[..., 0].float())
    parts["pitch"], parts["start"], parts["end"] = (entropy(s, order[..., i + 1]) for i, s in enumerate((pitch, start, end)))
    many, first, until = jobs.pitch(out[:, 3:6]).split([MOST + 1, PARTS, PARTS], -1)
    parts["many"], parts["first"], parts["until"] = (entropy(s, pitches[..., i]) for i, s in enumerate((many, first, until)))
    total = jobs.count(out[:, 6])
    parts["count"] = F.cross_entropy(total, count)
    near = (first.argmax(-1) - pitches[..., 1]).abs().le(1)[pitches[..., 1] >= 0].float().mean().item()
    scores = {"pitch": right(pitch, order[..., 1]), "start": right(start, order[..., 2]), "near": near,
              "many": right(many, pitches[..., 0]), "count": right(total, count)}
    return sum(parts.values()), parts, scores


if __name__ == "__main__":
    parser = schedule.parser(minutes=5, rate=0.004)
    parser.add_argument("sounds")
    parser.add_argument("--amount", type=int, default=5000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    encoder, former, jobs = AudioEncoder(), AudioQFormer(), Jobs()
    training, pool = schedule.Schedule(options, {"encoder": encoder, "former": former, "jobs": jobs}, former), []
    while training.done < 1:
        for _ in range(3 if training.step else 64):  # new sounds come in all the time, each is heard several times
            drawn = sample(rng)
            if len(pool) < POOL:
                pool.append(drawn)
            else:
                pool[int(rng.integers(POOL))] = drawn
        chosen = [pool[int(i)] for i in rng.integers(len(pool), size=32)]
        x = torch.from_numpy(np.stack([c[2] for c in chosen])).float()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss, parts, scores = loss_of(encoder, former, jobs, x, [jobs_of(c[1], c[0]) for c in chosen])
        training.update(loss, parts, scores)
    training.save()
    encoder.eval()
    sounds = []
    for _ in range(options.amount):
        duration, tones, x = sample(rng)
        with torch.no_grad():
            sounds.append((duration, tones, encoder(torch.from_numpy(x).float()).half().numpy()))
    with open(options.sounds, "wb") as file:
        pickle.dump(sounds, file)
    print(len(sounds), "sounds kept", flush=True)
