"""Exact, free-running, greedy answers on drawn clips that training never saw.

    python3 evaluate.py CHECKPOINT.pt [--clips 150] [--out table.json] [--system video-llama] [--without audio]

Twice: clips of the trained colour-shape pairs, and clips rich in held-out pairs, of
which only the questions that turn on a held-out pair count.
"""

import argparse
import collections
import json

import numpy as np
import torch

from batches import gather
from compose import FRAMES, SEGMENTS
from language import WIDTH, masked
from layouts import LONG, NAMES, look_at, look_long
from model import load_checkpoint, load_tokenizer, question_ids
from questions import ask
from render import Renderer
from see_long import KINDS, reduce
from subtitles import add_subtitles
from tokenizer import EOS, PAD
from train_audio import sample
from train_vision import normalise
from world import HELD_OUT, SEEN, make_scene, pick, refine

SEED = 1_000_003
LIMIT = 48  # tokens of one answer


@torch.no_grad()
def answers(model, prefix, questions):
    """prefix (1, l, width), questions: lists of ids -> lists of generated ids.

    The prompt is read once; all questions about it are answered side by side.
    """
    language, b, start = model.language, len(questions), prefix.shape[1]
    cos, sin = language.angles(torch.arange(start)[None])
    causal, x, past = masked(torch.full((start, start), -1e4).triu(1)), prefix, []
    for block in language.blocks:
        x, kv = block(x, cos, sin, causal)
        past.append([t.expand(b, -1, -1, -1) for t in kv])
    lengths = torch.tensor([len(q) for q in questions])
    ids = torch.full((b, int(lengths.max())), PAD)
    for row, q in enumerate(questions):
        ids[row, :len(q)] = torch.tensor(q)
    positions = start + torch.arange(ids.shape[1])[None].expand(b, -1)
    hidden = torch.zeros(b, 1, 1, start)  # what the newest tokens must not look at
    out, alive, last = [[] for _ in range(b)], [True] * b, lengths - 1
    for step in range(LIMIT):
        n = ids.shape[1]
        now = torch.full((n, n), -1e4).triu(1).expand(b, 1, n, n)
        mask = torch.cat([hidden.expand(-1, -1, n, -1), now], -1)
        x = language.embedding(ids)
        cos, sin = language.angles(positions)
        for i, block in enumerate(language.blocks):
            x, past[i] = block(x, cos, sin, masked(mask), past[i])
        chosen = language.output(language.norm(x[torch.arange(b), last])).argmax(-1)
        for row, token in enumerate(chosen.tolist()):
            alive[row] = alive[row] and token != EOS
            if alive[row]:
                out[row].append(token)
        if not any(alive):
            break
        padding = torch.arange(n)[None] > last[:, None]
        hidden = torch.cat([hidden, torch.zeros(b, 1, 1, n).masked_fill_(padding[:, None, None], -1e4)], -1)
        ids, positions, last = chosen[:, None], (start + lengths + step)[:, None], torch.zeros(b, dtype=torch.long)
    return out


def same(got, wanted):
    return got.strip().lower().rstrip(".") == wanted.strip().lower().rstrip(".")


@torch.no_grad()
def clip_of(rng, renderer, model, tokenizer, system, pairs, frames, without):
    """A new clip as one of the systems sees it. -> (scene to ask about, Look)."""
    if system in LONG or system == "red-villm":
        scene = make_scene(rng, pairs, SEGMENTS, pick(rng, KINDS))
        coarse, fine = refine(rng, scene, 2 if system == "red-villm" else FRAMES // SEGMENTS)
        add_subtitles(rng, fine if system in ("red-villm", "frame-resize") else coarse, 0.5)
        tokens, levels = model.vision.both(normalise(renderer.clip(fine)))
        if system == "red-villm":
            return fine, look_at(system, tokenizer, fine, tokens, without)
        return look_long(system, tokenizer, reduce(coarse, fine, tokens, levels), without)
    scene = make_scene(rng, pairs, frames or int(rng.integers(4, 17)))
    add_subtitles(rng, scene, 0.5)
    if system == "video-llama":
        duration, scene.tones, banks = sample(rng)
        scene.times = (np.arange(len(scene.times)) + 0.5) * duration / len(scene.times)
        if without != "audio":
            scene.heard = model.audio(torch.from_numpy(banks).float()).numpy()
    tokens = None if without == "vision" else model.vision(normalise(renderer.clip(scene)))
    return scene, look_at(system, tokenizer, scene, tokens)


def measure(model, tokenizer, pairs, counted, clips, seed, frames=8, system="minigpt4-video", without=""):
    """-> kind -> [right, asked], and examples of wrong answers."""
    rng = np.random.default_rng(seed)
    renderer = Renderer(rng)
    score, wrong = collections.defaultdict(lambda: [0, 0]), []
    for _ in range(clips):
        scene, look = clip_of(rng, renderer, model, tokenizer, system, pairs, frames, without)
        questions = [q for q in ask(rng, scene, pairs) if counted is None or q.pair in counted]
        if not questions:
            continue
        with torch.no_grad():
            prefix = model.embed(torch.tensor([look.ids]), model.project(*gather([look])) if look.pieces else torch.empty(0, WIDTH))
        for q, got in zip(questions, answers(model, prefix, [question_ids(tokenizer, q.text) for q in questions])):
            text = tokenizer.decode(got)
            right = same(text, q.answer)
            for kind in (q.kind, "needle") if q.pair in needles(scene) else (q.kind,):
                score[kind][0] += right
                score[kind][1] += 1
            if not right:
                wrong.append((q.kind, q.text, q.answer, text.strip()))
    return score, wrong


def needles(scene):
    """Colour and shape of what is shown only briefly beside things that stay."""
    return {t.pair for t in scene.things if not t.visible.all()} if scene.kind == "needle" else ()


def table(score):
    return {k: {"right": r, "asked": n, "percent": round(100 * r / n, 1)} for k, (r, n) in sorted(score.items())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--clips", type=int, default=150)
    parser.add_argument("--frames", type=int, default=8, help="0: anything from 4 to 16")
    parser.add_argument("--system", choices=NAMES, default="minigpt4-video")
    parser.add_argument("--without", default="", choices=["audio", "vision", "temporal", "spatial", "global"], help="a part to switch off")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out")
    parser.add_argument("--wrong", type=int, default=0, help="how many wrong answers to print")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load_checkpoint(options.checkpoint).eval(), load_tokenizer()
    result = {}
    for name, pairs, counted in (("seen", SEEN, None), ("held_out", HELD_OUT * 4 + SEEN, set(HELD_OUT))):
        score, wrong = measure(model, tokenizer, pairs, counted, options.clips, options.seed, options.frames, options.system, options.without)
        result[name] = table(score)
        for row in wrong[:options.wrong]:
            print(name, *row, sep=" | ")
    print(f"{'kind':16}{'seen':>8}{'held out':>10}")
    for kind in sorted(set(result["seen"]) | set(result["held_out"])):
        cells = [f"{result[n][kind]['percent']:.1f}" if kind in result[n] else "-" for n in ("seen", "held_out")]
        print(f"{kind:16}{cells[0]:>8}{cells[1]:>10}   n = {result['seen'].get(kind, {}).get('asked', 0)}, {result['held_out'].get(kind, {}).get('asked', 0)}")
    if options.out:
        with open(options.out, "w") as file:
            json.dump({"system": options.system, "without": options.without, "clips": options.clips, "seed": options.seed, "frames": options.frames, **result}, file, indent=1)
            file.write("\n")
