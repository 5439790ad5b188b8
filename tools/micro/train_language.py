"""Stages 2 and 3: teaches the language model to read the prompt and answer.

Stage 2 uses tokens made from the scene's description (oracle.py); stage 3 those
that the trained vision encoder gives of drawn clips (see_clips.py fills a folder
with them while this runs).

    python3 train_language.py OUT.pt --minutes 40 [--start EARLIER.pt] [--seen FOLDER --share 0.7]

Stage 4 goes on with clips as all the systems show them, each batch as one of them:

    python3 train_language.py OUT.pt --start MICRO.pt --begin 0.8 --systems --seen FOLDER --long FOLDER
        --sounds SOUNDS.pkl --qformers Q.pt --audio AUDIO.pt
"""

import argparse
import collections
import json
import os
import time

import numpy as np
import torch
import torch.multiprocessing
import torch.nn.functional as F

import oracle
from attention import BIN
from batches import pack
from hints import TAPS, Hints
from language import masked
from layouts import LONG, look_at, look_long
from model import Micro, load_checkpoint, load_tokenizer
from muon import Muon
from questions import ask
from seen import LongClips, SeenClips, Sounds
from sound import NAMES as PITCHES
from subtitles import add_subtitles
from tokenizer import CONTROL, VOCABULARY
from wire import align, begin_audio, begin_others, wire
from world import COLOURS, SHAPES, make_scene, pick

TOKENS = 4096  # in one step; half as many in the first part, where steps count for more
QUESTIONS = 16  # of one clip, at most
BINS = 4  # for them
# How often a kind of question is wanted, before its difficulty is looked at.
WANTED = collections.defaultdict(lambda: 1.0, {
    "order": 1.8, "order_yes_no": 2.0, "when": 2.0, "last": 1.5, "direction": 1.7, "sub_fact": 2.4,
    "count_all": 1.3, "count_colour": 1.2, "count_shape": 1.2, "colour": 1.2, "shape": 1.2,
    "count_sequence": 0.5, "caption": 0.8, "summary": 0.8, "brief": 0.7, "what_moves": 0.3,
    "sound_count": 1.5, "sound_pitch": 2.0, "sound_heard": 1.2, "sound_when": 2.0, "sound_first": 1.5, "sound_screen": 2.0, "after": 0.25, "before": 0.25, "sub_when": 0.25,
    "at_time": 0.2, "visible_at": 0.15, "sub_said": 0.1})

SYSTEMS = {"minigpt4-video": 0.32, "video-llama": 0.30, "red-villm": 0.12, "longvlm": 0.16, "mean-pool": 0.05, "frame-resize": 0.05}

# Learnt first: all the others build on finding a thing by its colour and shape.
BASIC = {"colour", "shape", "exists", "where", "count_all", "count_shape", "count_colour", "direction", "moves", "sub_fact", "when", "first"}


class Teacher:
    """Draws clips and questions, the harder kinds more often."""

    def __init__(self, rng, tokenizer, options):
        self.rng, self.tokenizer, self.share = rng, tokenizer, options.share
        self.seen = SeenClips(options.seen) if options.seen else None
        self.long = LongClips(options.long) if options.long else None
        self.sounds = Sounds(options.sounds) if options.sounds else None
        self.systems = SYSTEMS if options.systems else {"minigpt4-video": 1.0}
        self.right = {system: collections.defaultdict(lambda: 0.5) for system in self.systems}
        self.ready, self.progress = [], 0.0

    def frames(self, system):
        rng, progress = self.rng, self.progress
        if system == "video-llama":
            return 8 if rng.random() < 0.75 else int(rng.integers(3, 17))
        if system == "red-villm":
            return int(rng.choice([8, 12, 16, 16, 16, 32, 32]))
        if progress < 0.06:
            return int(rng.integers(1, 3))
        if progress < 0.15:
            return int(rng.integers(1, 5))
        if progress < 0.25:
            return int(rng.choice([2, 3, 4, 5, 6, 8]))
        return 8 if rng.random() < 0.75 else int(rng.integers(2, 17))

    def wish(self, system, kind):
        """How much a question of this kind is wanted now."""
        if self.progress < 0.1 and kind not in BASIC:
            return 0.05
        return WANTED[kind] * (1.1 - self.right[system][kind])

    def left_out(self, system):
        """Now and then a part is switched off, so that what it is worth can be measured fairly."""
        parts = {"red-villm": ["temporal", "spatial"], "longvlm": ["global"]}.get(system)
        return pick(self.rng, parts) if parts and self.rng.random() < 0.2 else ""

    def clip(self, system, frames, talk=False):
        """talk: many facts are said, and most questions are about them. -> what batches.pack wants."""
        rng, cells, listen, spoken = self.rng, None, False, dict(probability=1.0 if talk else 0.5, least=2 if talk else 0)
        if system in LONG or frames == 32:
            clip = self.long.draw(rng)
            add_subtitles(rng, clip.fine if system in ("red-villm", "frame-resize") else clip.coarse, **spoken)
            scene, look = look_long(system, self.tokenizer, clip, self.left_out(system))
        else:
            if self.seen and self.progress > 0.2 and rng.random() < self.share:
                scene, tokens = self.seen.draw(rng, frames)
            else:
                kind = "needle" if self.progress > 0.5 and rng.random() < 0.1 and frames > 2 else None
                scene = make_scene(rng, frames=frames, kind=kind, most=2 if self.progress < 0.05 else 5)
                tokens = oracle.visual_tokens(rng, scene)
            add_subtitles(rng, scene, **spoken)
            if system == "video-llama" and rng.random() < 0.8:
                self.sounds.add(rng, scene)
                listen = rng.random() < 0.5
                if rng.random() < 0.3:  # nothing but sound
                    scene.kind, scene.things, tokens = "sound", [], None
            look = look_at(system, self.tokenizer, scene, tokens, self.left_out(system))
            if system == "minigpt4-video":
                cells = oracle.hints(scene)
        questions = self.choose(system, scene, talk, listen, blind=system == "video-llama" and tokens is None)
        return scene, questions, look, cells

    def choose(self, system, scene, talk, listen, blind):
        rng, questions = self.rng, ask(self.rng, scene)
        if listen:  # most questions are about the sound
            again = {q.text: q for q in questions + ask(rng, scene) + ask(rng, scene)}.values()
            questions = [q for q in again if q.kind.startswith("sound") or rng.random() < 0.1]
        elif talk:
            questions = [q for q in questions + ask(rng, scene) if q.kind == "sub_fact" or rng.random() < 0.15]
        if blind:
            questions = [q for q in questions if q.kind.startswith(("sound", "sub")) and q.kind != "sound_screen"]
        weight = np.array([self.wish(system, q.kind) for q in questions])
        # The largest of weighted random keys: a weighted draw without putting back.
        chosen = np.argsort(np.log(rng.random(len(questions))) / weight)[::-1][:QUESTIONS]
        return [questions[i] for i in chosen]

    def batch(self, progress, tokens=TOKENS):
        """Clips are drawn for several batches at once, so that prompts of like length meet."""
        rng = self.rng
        while len(self.ready) < 6:
            self.progress = progress
            system = str(rng.choice(list(self.systems), p=np.array(list(self.systems.values()))))
            frames = self.frames(system)
            some = tokens // 2 if progress < 0.5 else tokens
            talk = progress > 0.1 and rng.random() < 0.35
            first = self.clip(system, frames, talk)
            amount = min(16, max(4, round(some / (len(first[2].ids) + BINS * BIN))))
            clips = sorted((self.clip(system, frames, talk) for _ in range(3 * amount)), key=lambda clip: len(clip[2].ids))
            self.ready += [(system, clips[i * amount:(i + 1) * amount]) for i in range(3)]
        system, clips = self.ready.pop(int(rng.integers(len(self.ready))))
        return system, pack(self.tokenizer, clips, BINS)

    def learn(self, system, kinds, right):
        scores = self.right[system]
        for kind, r in zip(kinds, right):
            scores[kind] += 0.01 * (float(r) - scores[kind])


def answer_loss(logits, wanted, answers, groups, smoothing=0.06):
    """Every answer counts by the square root of its length. -> (loss, which answers are right).

    groups (vocabulary,): 0, or the group (colours, shapes) that a token is in. A word of a
    group leaves a little of its chance to the whole group: else "ring" would learn to speak
    against "cyan", which training never shows with it, whatever is seen.
    """
    chances = logits.log_softmax(-1)
    error = -chances.gather(1, wanted[:, None])[:, 0]
    for group in range(1, int(groups.max()) + 1):
        rows = groups[wanted] == group
        if rows.any():
            spread = -chances[rows][:, groups == group].mean(-1)
            error = error.masked_scatter(rows, (1 - smoothing) * error[rows] + smoothing * spread)
    length = torch.bincount(answers).clamp_min(1)
    weight = length[answers].float().rsqrt()
    wrong = torch.zeros(len(length), device=logits.device).index_add_(0, answers, (logits.argmax(-1) != wanted).float())
    return (error * weight).sum() / weight.sum(), wrong == 0


def word_groups(tokenizer):
    groups = torch.zeros(VOCABULARY, dtype=torch.long)
    for number, words in enumerate((COLOURS, SHAPES), start=1):
        for word in words:
            groups[tokenizer.encode(" " + word)[0]] = number
    return groups


def copy_warm_up(model, update, steps=900):
    """Stage 0: repeat a random run of tokens. Without it, subtitles are hardly learnt."""
    first, right = len(CONTROL), 0.0
    for step in range(steps):
        run = int(torch.randint(8, 40, ()))
        half = torch.randint(first, VOCABULARY, (max(4, 1200 // (2 * run)), run))
        ids = torch.cat([half, half], 1)
        positions = (torch.arange(2 * run) + int(torch.randint(0, 300, ())))[None].expand(len(ids), -1)
        mask = torch.full((2 * run, 2 * run), -1e4, dtype=torch.bfloat16).triu(1)[None, None]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x, _ = model.language(model.language.embedding(ids).float(), positions, masked(mask))
            logits = model.language.output(x[:, run:-1]).float()
        update(F.cross_entropy(logits.flatten(0, 1), ids[:, run + 1:].flatten()), min(1, (step + 1) / 50))
        right = 0.95 * right + 0.05 * (logits.argmax(-1) == ids[:, run + 1:]).float().mean().item()
        if step % 50 == 0 or right > 0.95:
            print("copying", step, round(right, 3), flush=True)
        if right > 0.95:
            break


def options_of(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--start", help="a checkpoint to go on from (skips the copy warm-up)")
    parser.add_argument("--begin", type=float, default=0.0, help="how far the curriculum is already")
    parser.add_argument("--vision", help="the vision encoder's weights, to be kept in the checkpoint")
    parser.add_argument("--seen", help="a folder that see_clips.py fills")
    parser.add_argument("--long", help="a folder of see_long.py")
    parser.add_argument("--sounds", help="the sounds that train_audio.py kept")
    parser.add_argument("--systems", action="store_true", help="show clips as all the systems do, not only as MiniGPT4-Video")
    parser.add_argument("--qformers", help="begin with the Q-formers of train_qformers.py")
    parser.add_argument("--audio", help="begin with the audio branch of train_audio.py")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--share", type=float, default=0.7, help="of the clips, how many are seen and not described")
    parser.add_argument("--rate", type=float, default=0.12, help="a factor on all learning rates")
    parser.add_argument("--hints", type=float, default=0.25, help="the weight of the auxiliary losses")
    parser.add_argument("--cool", type=float, default=0.4, help="the part of the time in which the rates fall")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that update the same weights, without waiting for each other")
    parser.add_argument("--log")
    return parser.parse_args(arguments)


class Optimiser:
    """Muon for the matrices between the layers, AdamW for everything else."""

    def __init__(self, model, hints, rate):
        language = model.language
        formers = [*model.video_former.parameters(), *model.audio_former.parameters()]
        matrices = [(p.weight, 1) for p in (model.projector, *model.others.values())]
        for block in language.blocks:
            matrices += [(block.qkv.weight, 3), (block.out.weight, 1), (block.gate_up.weight, 2), (block.down.weight, 1)]
        apart = {id(p) for p, _ in matrices} | {id(language.embedding.weight), id(language.output.weight)}
        slow = {id(p) for p in formers}
        self.trained = [*language.parameters(), *model.projector.parameters(), *model.others.parameters(), *formers, *hints.parameters()]
        self.rate, self.muon = rate, Muon(matrices)
        groups = [{"params": [language.embedding.weight], "lr": 6e-3}, {"params": [language.output.weight], "lr": 4e-3},
                  {"params": [p for p in self.trained if id(p) not in apart | slow], "lr": 2e-3},
                  {"params": formers, "lr": 1e-3}]
        self.adam = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.97))
        self.base = [group["lr"] for group in groups]

    def step(self, loss, scale):
        self.muon.rate = 0.02 * scale * self.rate
        for group, rate in zip(self.adam.param_groups, self.base):
            group["lr"] = rate * scale * self.rate
        for p in self.trained:
            p.grad = None
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.adam.step()
        self.muon.step()


def save(model, hints, options):
    if options.vision and os.path.exists(options.vision):
        model.vision.load_state_dict(torch.load(options.vision))
    torch.save(model.state_dict(), options.out + ".part")
    os.replace(options.out + ".part", options.out)
    torch.save(hints.state_dict(), options.out + ".hints")


def work(number, options, model, hints):
    """One worker's loop. Worker 0 also keeps the log and the checkpoint."""
    torch.set_num_threads(1)
    if number:
        os.nice(10)  # the others take what is left of the machine
    seed = options.seed + 1000 * number
    torch.manual_seed(seed)
    optimiser = Optimiser(model, hints, options.rate)
    teacher = Teacher(np.random.default_rng(seed), load_tokenizer(), options)
    groups = word_groups(teacher.tokenizer).to(options.device)
    began, step, spent, running = time.time(), 0, 0.0, None
    while (done := (time.time() - began) / (60 * options.minutes)) < 1:
        scale = max(0.01, min(1, (step + 1) / 50, (1 - done) / options.cool))
        system, batch = teacher.batch(options.begin + (1 - options.begin) * done)
        batch = batch.to(options.device)
        t = time.time()
        with torch.autocast(options.device, dtype=torch.bfloat16):
            x = model.embed(batch.ids, model.project(batch.sources, batch.order))
            x, tapped = model.language(x, batch.positions, batch.attention(), TAPS)
            known = batch.labels >= 0
            logits = model.language.output(x[known]).float()
        loss, right = answer_loss(logits, batch.labels[known], batch.answers[known], groups)
        extra, parts = hints(batch, tapped)
        optimiser.step(loss + options.hints * extra, scale)
        spent += time.time() - t
        teacher.learn(system, batch.kinds, right)
        step += 1
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            row = {"worker": number, "step": step, "seconds": round(time.time() - began), "loss": round(running, 4),
                   "hints": {k: round(v, 3) for k, v in parts.items()}, "right": {system: {k: round(100 * v) for k, v in sorted(scores.items())} for system, scores in teacher.right.items()}}
            print(json.dumps(row), "ms", round(spent / step * 1e3), "and", round((time.time() - began) / step * 1e3), flush=True)
            if options.log and number == 0:
                with open(options.log, "a") as file:
                    file.write(json.dumps(row) + "\n")
        if step % 200 == 0 and number == 0:
            save(model, hints, options)


def main():
    options = options_of()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    tokenizer, hints = load_tokenizer(), Hints()
    if options.start:
        model = load_checkpoint(options.start)
        if os.path.exists(options.start + ".hints"):
            kept, own = torch.load(options.start + ".hints"), hints.state_dict()
            hints.load_state_dict({k: v for k, v in kept.items() if k in own and v.shape == own[k].shape}, strict=False)
    else:
        model = Micro()
        wire(model.language)
        copy_warm_up(model, Optimiser(model, hints, 1.0).step)
        align(model.projector, model.language, tokenizer, COLOURS, SHAPES)
    if options.qformers:
        kept = torch.load(options.qformers)
        model.video_former.load_state_dict(kept["model"])
        begin_others(model, tokenizer, COLOURS, SHAPES, kept["jobs"])
    if options.audio:
        kept = torch.load(options.audio)
        model.audio.load_state_dict(kept["encoder"])
        model.audio_former.load_state_dict(kept["former"])
        begin_audio(model, tokenizer, PITCHES, kept["jobs"])
    model, hints = model.to(options.device), hints.to(options.device)
    model.share_memory()
    hints.share_memory()
    for p in [*model.parameters(), *hints.parameters()]:
        p.grad = None
    others = [torch.multiprocessing.Process(target=work, args=(n, options, model, hints)) for n in range(1, options.workers)]
    for other in others:
        other.start()
    work(0, options, model, hints)
    for other in others:
        other.join()
    save(model, hints, options)


if __name__ == "__main__":
    torch.multiprocessing.set_start_method("spawn")
    main()
