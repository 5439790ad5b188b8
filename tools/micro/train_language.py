"""Stages 2 and 3: teaches the language model to read the prompt and answer.

Stage 2 uses tokens made from the scene's description (oracle.py); stage 3 those
that the trained vision encoder gives of drawn clips (see_clips.py fills a folder
with them while this runs).

    python3 train_language.py OUT.pt --minutes 40 [--start EARLIER.pt] [--seen FOLDER --share 0.7]
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
from model import Micro, load_tokenizer
from muon import Muon
from questions import ask
from seen import SeenClips
from subtitles import add_subtitles
from tokenizer import CONTROL, VOCABULARY
from wire import align, wire
from world import COLOURS, SHAPES, make_scene

TOKENS = 4096  # in one step; half as many in the first part, where steps count for more
QUESTIONS = 16  # of one clip, at most
BINS = 4  # for them
# How often a kind of question is wanted, before its difficulty is looked at.
WANTED = collections.defaultdict(lambda: 1.0, {
    "order": 1.8, "order_yes_no": 2.0, "when": 2.0, "last": 1.5, "direction": 1.7, "sub_fact": 1.8,
    "count_all": 1.3, "count_colour": 1.2, "count_shape": 1.2, "colour": 1.2, "shape": 1.2,
    "count_sequence": 0.5, "caption": 0.4, "what_moves": 0.3, "after": 0.25, "before": 0.25, "sub_when": 0.25,
    "at_time": 0.2, "visible_at": 0.15, "sub_said": 0.1})


# Learnt first: all the others build on finding a thing by its colour and shape.
BASIC = {"colour", "shape", "exists", "where", "count_all", "count_shape", "count_colour", "direction", "moves", "sub_fact", "when", "first"}


def prompt_size(scene):
    return sum(len(text) for texts in scene.cues.values() for text in texts)


class Teacher:
    """Draws clips and questions, the harder kinds more often."""

    def __init__(self, rng, tokenizer, seen=None, share=0.0):
        self.rng, self.tokenizer, self.seen, self.share = rng, tokenizer, seen, share
        self.right = collections.defaultdict(lambda: 0.5)
        self.ready, self.progress = [], 0.0

    def frames(self, progress):
        rng = self.rng
        if progress < 0.06:
            return int(rng.integers(1, 3))
        if progress < 0.15:
            return int(rng.integers(1, 5))
        if progress < 0.25:
            return int(rng.choice([2, 3, 4, 5, 6, 8]))
        return 8 if rng.random() < 0.75 else int(rng.integers(2, 17))

    def wish(self, kind):
        """How much a question of this kind is wanted now."""
        if self.progress < 0.1 and kind not in BASIC:
            return 0.05
        return WANTED[kind] * (1.1 - self.right[kind])

    def clip(self, frames, talk=False):
        """talk: many facts are said, and most questions are about them."""
        rng = self.rng
        if self.seen and self.progress > 0.2 and rng.random() < self.share:
            scene, tokens = self.seen.draw(rng, frames)
        else:
            scene = make_scene(rng, frames=frames, most=2 if self.progress < 0.05 else 5)
            tokens = oracle.visual_tokens(rng, scene)
        add_subtitles(rng, scene, 1.0 if talk else 0.5, least=2 if talk else 0)
        questions = ask(rng, scene)
        if talk:
            questions = [q for q in questions + ask(rng, scene) if q.kind == "sub_fact" or rng.random() < 0.15]
        weight = np.array([self.wish(q.kind) for q in questions])
        # The largest of weighted random keys: a weighted draw without putting back.
        chosen = np.argsort(np.log(rng.random(len(questions))) / weight)[::-1][:QUESTIONS]
        return scene, [questions[i] for i in chosen], tokens, oracle.hints(scene)

    def batch(self, progress, tokens=TOKENS):
        """Clips are drawn for several batches at once, so that prompts of like length meet."""
        if not self.ready:
            self.progress, frames = progress, self.frames(progress)
            tokens = tokens // 2 if progress < 0.5 else tokens
            amount = max(4, round(tokens / (30 + 20 * frames + BINS * BIN)))
            talk = progress > 0.1 and self.rng.random() < 0.35
            clips = sorted((self.clip(frames, talk) for _ in range(4 * amount)), key=lambda clip: prompt_size(clip[0]))
            self.ready = [clips[i * amount:(i + 1) * amount] for i in self.rng.permutation(4)]
        return pack(self.tokenizer, self.ready.pop(), BINS)

    def learn(self, kinds, right):
        for kind, r in zip(kinds, right):
            self.right[kind] += 0.005 * (float(r) - self.right[kind])


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
    wrong = torch.zeros(len(length)).index_add_(0, answers, (logits.argmax(-1) != wanted).float())
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
        matrices = [(model.projector.weight, 1)]
        for block in language.blocks:
            matrices += [(block.qkv.weight, 3), (block.out.weight, 1), (block.gate_up.weight, 2), (block.down.weight, 1)]
        apart = {id(p) for p, _ in matrices} | {id(language.embedding.weight), id(language.output.weight)}
        self.trained = [*language.parameters(), *model.projector.parameters(), *hints.parameters()]
        self.rate, self.muon = rate, Muon(matrices)
        groups = [{"params": [language.embedding.weight], "lr": 6e-3}, {"params": [language.output.weight], "lr": 4e-3},
                  {"params": [p for p in self.trained if id(p) not in apart], "lr": 2e-3}]
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
    teacher = Teacher(np.random.default_rng(seed), load_tokenizer(), SeenClips(options.seen) if options.seen else None, options.share)
    groups = word_groups(teacher.tokenizer)
    began, step, spent, running = time.time(), 0, 0.0, None
    while (done := (time.time() - began) / (60 * options.minutes)) < 1:
        scale = max(0.01, min(1, (step + 1) / 50, (1 - done) / options.cool))
        batch = teacher.batch(options.begin + (1 - options.begin) * done)
        t = time.time()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = model.embed(batch.ids, model.project(batch.tokens).flatten(0, 1))
            x, tapped = model.language(x, batch.positions, batch.attention(), TAPS)
            known = batch.labels >= 0
            logits = model.language.output(x[known]).float()
        loss, right = answer_loss(logits, batch.labels[known], batch.answers[known], groups)
        extra, parts = hints(batch, tapped)
        optimiser.step(loss + options.hints * extra, scale)
        spent += time.time() - t
        teacher.learn(batch.kinds, right)
        step += 1
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            row = {"worker": number, "step": step, "seconds": round(time.time() - began), "loss": round(running, 4),
                   "hints": {k: round(v, 3) for k, v in parts.items()}, "right": {k: round(100 * v) for k, v in sorted(teacher.right.items())}}
            print(json.dumps(row), "shape", tuple(batch.ids.shape), "ms", round(spent / step * 1e3), flush=True)
            if options.log and number == 0:
                with open(options.log, "a") as file:
                    file.write(json.dumps(row) + "\n")
        if step % 200 == 0 and number == 0:
            save(model, hints, options)


def main():
    options = options_of()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    tokenizer, model, hints = load_tokenizer(), Micro(), Hints()
    if options.start:
        model.load_state_dict(torch.load(options.start))
        if os.path.exists(options.start + ".hints"):
            hints.load_state_dict(torch.load(options.start + ".hints"), strict=False)
    else:
        wire(model.language)
        copy_warm_up(model, Optimiser(model, hints, 1.0).step)
        align(model.projector, model.language, tokenizer, COLOURS, SHAPES)
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
