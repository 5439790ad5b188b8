"""BERT's tokenizer at a small size: python3 wordpiece.py FOLDER learns the vocabulary and writes tokenizer.json and vocab.txt.

Whole words that are frequent here, and pieces of one to three letters that any word can be cut into.
"""

import collections
import json
import os
import sys
import unicodedata

import numpy as np

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP = range(4)
WORDS, PIECES = 900, 500
LONGEST = 128


def words(text):
    """Lower case without accents, cut at blanks and around punctuation."""
    text = unicodedata.normalize("NFD", text.lower())
    out, current = [], ""
    for c in text:
        if unicodedata.category(c) == "Mn":
            continue
        if c.isspace():
            out, current = out + [current], ""
        elif 0x4E00 <= ord(c) <= 0x9FFF:  # each Chinese character stands alone
            out, current = out + [current, c], ""
        elif c.isalnum():
            current += c
        else:
            out, current = out + [current, c], ""
    return [w for w in out + [current] if w]


class WordPiece:
    def __init__(self, vocabulary):
        self.all = vocabulary
        self.id = {t: i for i, t in enumerate(vocabulary)}
        self.cache = {}

    @classmethod
    def load(cls, folder):
        with open(os.path.join(folder, "vocab.txt"), encoding="utf-8") as file:
            return cls(file.read().rstrip("\n").split("\n"))

    def word(self, word):
        if word not in self.cache:
            at, ids = 0, []
            while at < len(word):
                end = next((e for e in range(len(word), at, -1) if ("##" if at else "") + word[at:e] in self.id), None)
                if end is None:
                    ids = [UNK]
                    break
                ids.append(self.id[("##" if at else "") + word[at:end]])
                at = end
            self.cache[word] = ids
        return self.cache[word]

    def encode(self, text):
        ids = [i for w in words(text) for i in self.word(w)]
        return [CLS, *ids[: LONGEST - 2], SEP]

    def json(self):
        special = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i, t in enumerate(SPECIAL)]
        one, two = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
        cls, sep = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}
        return {
            "version": "1.0",
            "truncation": {"max_length": LONGEST, "strategy": "LongestFirst", "stride": 0},
            "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
            "added_tokens": special,
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [cls, one, sep],
                "pair": [cls, one, sep, two, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
                "special_tokens": {t: {"id": t, "ids": [i], "tokens": [t]} for t, i in (("[CLS]", CLS), ("[SEP]", SEP))},
            },
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": self.id},
        }


def learn(texts):
    counts = collections.Counter(w for text in texts for w in words(text))
    single = sorted({c for w in counts for c in w} | set("abcdefghijklmnopqrstuvwxyz0123456789.,:;!?'\"()-/"))
    vocabulary = SPECIAL + single + ["##" + c for c in single if c.isalnum()]
    # Words of the world come again and again; made-up ones do not.
    vocabulary += [w for w, n in counts.most_common(WORDS) if n >= 20 and w not in vocabulary and not w.isdigit()]
    known, pieces = set(vocabulary), collections.Counter()
    for w, n in counts.items():
        if w not in known and w.isalpha():
            for size in (2, 3):
                for at in range(len(w) - size + 1):
                    pieces[("##" if at else "") + w[at : at + size]] += n
    return vocabulary + [p for p, _ in pieces.most_common(PIECES) if p not in known]


if __name__ == "__main__":
    from documents import library

    folder, rng, seen = sys.argv[1], np.random.default_rng(3), []
    os.makedirs(folder, exist_ok=True)
    for _ in range(400):
        documents, asked = library(rng, 8)
        seen += [d.text for d in documents] + [q.text for q in asked]
    pieces = WordPiece(learn(seen))
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(pieces.all) + "\n")
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
        json.dump(pieces.json(), file, ensure_ascii=False)
    print(len(pieces.all), "tokens,", np.mean([len(pieces.encode(t)) for t in seen]), "a text")
