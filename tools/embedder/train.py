"""Trains the sentence embedder by contrast: python3 train.py OUT.pt --tokens FOLDER --minutes 4 --seed 1 [--log FILE]

A question must be nearer to the document that answers it than to all others of its
batch, and the document nearer to its question than to the others (InfoNCE, arXiv
1807.03748); documents that might answer it as well are left out of the sum.
"""

import argparse
import json
import os
import time

import numpy as np
import torch

from documents import batch, library
from model import Bert, embed
from wordpiece import WordPiece


def contrast(scores, wanted):
    """Cross entropy of the right document among the right and the wrong ones."""
    scores = scores.masked_fill(wanted < 0, -1e4)
    right = scores.masked_fill(wanted <= 0, -1e4).logsumexp(1)
    there = (wanted > 0).any(1)
    return (scores.logsumexp(1) - right)[there].mean()


def recall(model, pieces, seed, libraries=60, clips=20, ks=(1, 3)):
    """How often an answering document is among the k nearest, of all the documents of 20 clips. Doubtful ones are left out."""
    rng, hits, asked = np.random.default_rng(seed), dict.fromkeys(ks, 0), 0
    for _ in range(libraries):
        documents, questions = library(rng, clips)
        with torch.no_grad():
            scores = embed(model, pieces, [q.text for q in questions]) @ embed(model, pieces, [d.text for d in documents]).t()
        for row, question in zip(scores.numpy(), questions):
            order = [i for i in np.argsort(-row) if i not in question.doubtful]
            for k in ks:
                hits[k] += bool(question.right & set(order[:k]))
            asked += 1
    return {f"recall@{k}": round(hits[k] / asked, 4) for k in ks} | {"questions": asked}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng, pieces = np.random.default_rng(args.seed), WordPiece.load(args.tokens)
    model = Bert(len(pieces.all))
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    began, step, sums, log = time.time(), 0, [], open(args.log or os.devnull, "a", encoding="utf-8")
    while (progress := (time.time() - began) / (args.minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * min(1, (step + 1) / 50) * max(0.02, 1 - progress)
        questions, documents, wanted = batch(rng, 48)
        wanted = torch.from_numpy(wanted)
        together = embed(model, pieces, questions + documents)
        scores = together[: len(questions)] @ together[len(questions) :].t() * model.scale.exp()
        loss = contrast(scores, wanted) + 0.5 * contrast(scores.t(), wanted.t())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        model.zero_grad(set_to_none=True)
        step += 1
        sums.append(float(loss.detach()))
        if step % 200 == 0:
            line = {"step": step, "minute": round((time.time() - began) / 60, 2), "loss": round(float(np.mean(sums)), 4), **recall(model, pieces, 999, 6)}
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            sums = []
    torch.save({"model": model.state_dict()}, args.out)
    line = {"step": step, "held out": recall(model, pieces, 12345)}
    print(json.dumps(line))
    log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
