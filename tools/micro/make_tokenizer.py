"""Trains the tokenizer on questions, answers and subtitles: python3 make_tokenizer.py"""

import os

import numpy as np

from questions import ask
from subtitles import add_subtitles
from tokenizer import Tokenizer, train
from world import make_scene

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenizer.json")
SEED = 7

if __name__ == "__main__":
    rng, texts = np.random.default_rng(SEED), []
    for _ in range(3000):
        scene = make_scene(rng)
        add_subtitles(rng, scene)
        for question in ask(rng, scene):
            texts += ["\n" + question.text, " " + question.answer]
        texts += [" " + " ".join(cues) for cues in scene.cues.values()] + [" " + label for label in scene.labels]
    tokenizer = Tokenizer(train(texts))
    tokenizer.save(PATH)
    print(len(tokenizer.tokens), "tokens from", len(texts), "texts")
