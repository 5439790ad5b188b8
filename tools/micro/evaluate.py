"""Exact, free-running, greedy answers on drawn clips that training never saw.

    python3 evaluate.py CHECKPOINT.pt [--clips 150] [--out table.json] [--perfect]

Twice: clips of the trained colour-shape pairs, and clips rich in held-out pairs, of
which only the questions that turn on a held-out pair count.
"""

import argparse
import collections
import json

import numpy as np
import torch

import oracle
from language import masked
from model import Micro, frames_prompt, load_tokenizer, question_ids
from questions import ask
from render import Renderer
from subtitles import add_subtitles
from tokenizer import EOS, PAD
from train_vision import normalise
from world import HELD_OUT, SEEN, make_scene

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


def measure(model, tokenizer, pairs, counted, clips, seed, perfect=False, frames=8):
    """-> kind -> [right, asked], and examples of wrong answers."""
    rng = np.random.default_rng(seed)
    renderer = Renderer(rng)
    score, wrong = collections.defaultdict(lambda: [0, 0]), []
    for _ in range(clips):
        scene = make_scene(rng, pairs, frames or int(rng.integers(4, 17)))
        add_subtitles(rng, scene, 0.5)
        questions = [q for q in ask(rng, scene, pairs) if counted is None or q.pair in counted]
        if not questions:
            continue
        if perfect:
            tokens = torch.from_numpy(oracle.visual_tokens(rng, scene))
        else:
            with torch.no_grad():
                tokens = model.vision(normalise(renderer.clip(scene)))
        with torch.no_grad():
            ids = torch.tensor([frames_prompt(tokenizer, scene.labels, scene.cues)])
            prefix = model.embed(ids, model.project(tokens).flatten(0, 1))
        for q, got in zip(questions, answers(model, prefix, [question_ids(tokenizer, q.text) for q in questions])):
            text = tokenizer.decode(got)
            right = same(text, q.answer)
            score[q.kind][0] += right
            score[q.kind][1] += 1
            if not right:
                wrong.append((q.kind, q.text, q.answer, text.strip()))
    return score, wrong


def table(score):
    return {k: {"right": r, "asked": n, "percent": round(100 * r / n, 1)} for k, (r, n) in sorted(score.items())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--clips", type=int, default=150)
    parser.add_argument("--frames", type=int, default=8, help="0: anything from 4 to 16")
    parser.add_argument("--perfect", action="store_true", help="with oracle tokens in place of the vision encoder's")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out")
    parser.add_argument("--wrong", type=int, default=0, help="how many wrong answers to print")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = Micro().eval(), load_tokenizer()
    model.load_state_dict(torch.load(options.checkpoint))
    result = {}
    for name, pairs, counted in (("seen", SEEN, None), ("held_out", HELD_OUT * 4 + SEEN, set(HELD_OUT))):
        score, wrong = measure(model, tokenizer, pairs, counted, options.clips, options.seed, options.perfect, options.frames)
        result[name] = table(score)
        for row in wrong[:options.wrong]:
            print(name, *row, sep=" | ")
    print(f"{'kind':16}{'seen':>8}{'held out':>10}")
    for kind in sorted(set(result["seen"]) | set(result["held_out"])):
        cells = [f"{result[n][kind]['percent']:.1f}" if kind in result[n] else "-" for n in ("seen", "held_out")]
        print(f"{kind:16}{cells[0]:>8}{cells[1]:>10}   n = {result['seen'].get(kind, {}).get('asked', 0)}, {result['held_out'].get(kind, {}).get('asked', 0)}")
    if options.out:
        with open(options.out, "w") as file:
            json.dump({"clips": options.clips, "seed": options.seed, "frames": options.frames, **result}, file, indent=1)
            file.write("\n")
