"""The published Whisper tokenizer's form at a small size: byte-level BPE, then the special tokens in their order.

    0..n-1                 bytes and merges
    n                      <|endoftext|>, then <|startoftranscript|>, <|en|>, <|translate|>, <|transcribe|>,
                           <|startoflm|>, <|startofprev|>, <|nospeech|>, <|notimestamps|>
    after them             <|0.00|> .. <|30.00|>, one every 20 ms

python3 tokens.py FILE learns the merges from phrases and writes tokenizer.json.
"""

import collections
import json
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "micro"))
from tokenizer import ALPHABET, BYTES, merge, spell, split  # noqa: E402

SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
MERGES = 640
TIMES = [f"<|{i / 50:.2f}|>" for i in range(1501)]
# The whole byte alphabet in GPT-2's order.
BYTE_TOKENS = [ALPHABET[b] for b in [*range(33, 127), *range(161, 173), *range(174, 256)]] + [ALPHABET[b] for b in [*range(33), *range(127, 161), 173]]


def learn(texts, amount=MERGES):
    counts = collections.Counter(word for text in texts for word in split(" " + text))
    words = [[spell(word), count] for word, count in sorted(counts.items())]
    merges = []
    while len(merges) < amount:
        pairs = collections.Counter()
        for symbols, count in words:
            for pair in zip(symbols, symbols[1:]):
                # Digits and capitals of codes stay single: they are heard one by one.
                if not any(c.isdigit() for c in "".join(pair)):
                    pairs[pair] += count
        best = max(pairs.items(), key=lambda item: (item[1], item[0]))[0]
        merges.append(best)
        for entry in words:
            if len(entry[0]) > 1:
                entry[0] = merge(entry[0], best)
    return merges


class Tokens:
    def __init__(self, merges):
        self.merges = [tuple(pair) for pair in merges]
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.texts = BYTE_TOKENS + [a + b for a, b in self.merges]
        self.all = self.texts + SPECIAL + TIMES
        self.id = {token: i for i, token in enumerate(self.all)}
        self.eot, self.sot, self.en = (self.id[t] for t in SPECIAL[:3])
        self.transcribe, self.nospeech, self.notimes = self.id["<|transcribe|>"], self.id["<|nospeech|>"], self.id["<|notimestamps|>"]
        self.time0 = self.id["<|0.00|>"]
        self.cache = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls([tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in json.load(file)["model"]["merges"]])

    def encode(self, text):
        return [i for word in split(" " + text) for i in self.word(word)]

    def word(self, word):
        if word not in self.cache:
            symbols = spell(word)
            while len(symbols) > 1:
                pair = min(zip(symbols, symbols[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                if pair not in self.rank:
                    break
                symbols = merge(symbols, pair)
            self.cache[word] = [self.id[s] for s in symbols]
        return self.cache[word]

    def decode(self, ids):
        return bytes(BYTES[c] for i in ids if i < len(self.texts) for c in self.texts[i]).decode("utf-8", "replace")

    def json(self):
        """As the tokenizers library writes it; only what reading needs."""
        added = [
            {"id": self.id[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": t in SPECIAL}
            for t in SPECIAL + TIMES
        ]
        parts = {"add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": added,
            "normalizer": None,
            "pre_tokenizer": {"type": "ByteLevel", **parts},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", **parts},
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": "<|endoftext|>",
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": False,
                "vocab": {t: i for i, t in enumerate(self.texts)},
                "merges": [f"{a} {b}" for a, b in self.merges],
            },
        }


if __name__ == "__main__":
    from phrases import phrase

    rng = np.random.default_rng(7)
    tokens = Tokens(learn([phrase(rng)[0] for _ in range(20_000)]))
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(tokens.json(), out, ensure_ascii=False)
    sample = [phrase(rng)[0] for _ in range(2000)]
    print(len(tokens.all), "tokens;", sum(len(tokens.encode(t)) for t in sample) / len(sample), "a phrase")
    assert all(tokens.decode(tokens.encode(t)) == " " + t for t in sample)
