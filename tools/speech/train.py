"""Trains the recogniser: python3 train.py OUT.pt --phrases FOLDER --minutes 40 --seed 1 [--start FROM.pt --begin 0.5]

The schedule follows the clock. A window of training is a part of Whisper's 30 s
window, at its place in it: the rest of the window is left out, which costs nothing
and lets every position be learnt. Lengths grow from 3 s to 30 s.
"""

import argparse
import json
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

from mel import log_mel
from model import Whisper
from sounds import LETTERS, Phrases, batch
from tokens import Tokens

from muon import Muon  # noqa: E402 (tools/micro, on the path since tokens.py)

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS_A_BATCH = 80
SPREAD = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1])  # a time is right within 20 ms or two


def lengths(progress):
    if progress < 0.2:
        return [3.0]
    if progress < 0.4:
        return [3.0, 4.0, 6.0]
    if progress < 0.8:
        return [3.0, 3.0, 5.0, 8.0]
    return [3.0, 6.0, 10.0, 15.0, 30.0]


def masked(mel, rng):
    """Without some bands: what one voice has there must not matter."""
    for _ in range(int(rng.integers(0, 2))):
        a = int(rng.integers(0, 72))
        mel[:, a : a + int(rng.integers(0, 9))] = mel.mean()
    return mel


def losses(model, tokens, mel, offset, ids, letters):
    heard = model.encode(mel, offset)
    given, wanted = ids[:, :-1].clamp(min=0), ids[:, 1:]
    logits = model.decode(given, heard).float()
    text = (wanted >= 0) & (wanted < tokens.time0)
    # What the prompt holds is not predicted, but for the first token: is there speech?
    text[:, 1] &= wanted[:, 1] != tokens.transcribe
    word_loss = F.cross_entropy(logits[text], wanted[text], label_smoothing=0.03)
    timed = wanted >= tokens.time0
    time_loss = torch.zeros(())
    if timed.any():
        log = logits[timed].log_softmax(-1)
        near = (wanted[timed][:, None] + torch.arange(-2, 3)).clamp(tokens.time0, tokens.time0 + 1500)
        time_loss = -(log.gather(1, near) * SPREAD).sum(1).mean()
    spoken = model.letters(heard).float().log_softmax(-1).transpose(0, 1)
    sizes = torch.tensor([len(row) for row in letters])
    flat = torch.tensor([c for row in letters for c in row], dtype=torch.long)
    ctc = F.ctc_loss(spoken, flat, torch.full((len(letters),), spoken.shape[0]), sizes, reduction="none", zero_infinity=True)
    ctc = ctc.sum() / max(1, int(sizes.sum()))
    with torch.no_grad():
        words = (logits.argmax(-1) == wanted)[text].float().mean()
        off = (logits[..., tokens.time0 :].argmax(-1) + tokens.time0 - wanted)[timed].abs().float().median() * 0.02 if timed.any() else torch.zeros(())
    return word_loss + 0.5 * time_loss + 0.5 * ctc, {"words": word_loss, "times": time_loss, "ctc": ctc, "right": words, "seconds off": off}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--phrases", required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.012)
    parser.add_argument("--accents", nargs="*")
    parser.add_argument("--start")
    parser.add_argument("--begin", type=float, default=0.0)
    parser.add_argument("--log")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    tokens = Tokens.load(os.path.join(HERE, "tokenizer.json"))
    model = Whisper(len(tokens.all), len(LETTERS) + 1, tokens.time0)
    if args.start:
        model.load_state_dict(torch.load(args.start)["model"])
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and ("encoder" in n or "decoder" in n)]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    muon, adam = Muon([(p, 1) for p in matrices], rate=args.rate), torch.optim.AdamW(others, lr=args.rate / 4, betas=(0.9, 0.98), weight_decay=0.0)
    print(sum(p.numel() for p in model.parameters()), "parameters", flush=True)

    phrases = Phrases(args.phrases, args.accents)
    began, log = time.time(), open(args.log or os.devnull, "a", encoding="utf-8")
    def progress():
        return args.begin + (1 - args.begin) * (time.time() - began) / (args.minutes * 60)

    rng, step, sums = np.random.default_rng(args.seed), 0, {}
    while progress() < 1:
        p = progress()
        scale = min(1, (step + 1) / 60) * min(1, max(0.01, (1 - p) / 0.45))
        muon.rate = args.rate * scale
        for group in adam.param_groups:
            group["lr"] = args.rate / 4 * scale
        options = lengths(p)
        seconds = options[int(rng.integers(len(options)))]
        sound, offset, ids, letters = batch(rng, phrases, tokens, seconds, max(4, int(SECONDS_A_BATCH / seconds)))
        mel = masked(log_mel(torch.from_numpy(sound)), rng)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(model, tokens, mel, offset, torch.from_numpy(ids), letters)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        muon.step()
        adam.step()
        model.zero_grad(set_to_none=True)
        step += 1
        for name, value in parts.items():
            sums.setdefault(name, []).append(float(value.detach()))
        if step % 50 == 0:
            line = {"step": step, "minute": round((time.time() - began) / 60, 2), "progress": round(p, 3), **{k: round(float(np.mean(v)), 4) for k, v in sums.items()}}
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
            sums = {}
        if step % 400 == 0:
            save(args.out, model, step)
    save(args.out, model, step)


def save(path, model, step):
    torch.save({"model": model.state_dict(), "step": step}, path + ".part")
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main()
