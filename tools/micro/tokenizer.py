"""Byte-level BPE, the GPT-2 kind.

llama.cpp reads the same vocabulary as `tokenizer.ggml.model = gpt2` with the
pre-tokenizer `gpt-2`, so both sides must cut text into words alike. The split
below is GPT-2's regular expression written as a scanner, so that no extra
package is needed:

    's|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+

Ids: control tokens first, then the 256 bytes, then the merges. The visual slots
are appended when the model is exported (see gguf.py); training never uses them.
"""

import collections
import json
import unicodedata

CONTROL = ["<pad>", "<s>", "</s>", "[INST]", "[/INST]", "<Img>", "<Cap>"]
PAD, BOS, EOS, INST, END_INST, IMG, CAP = range(len(CONTROL))
VOCABULARY = 1024
VISUAL = -1  # stands for one visual token in a prompt's ids

CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
OTHER_SPACES = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"


def byte_alphabet():
    """The printable stand-in of every byte, as GPT-2 defines it."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = [b for b in range(256) if b not in kept]
    return {**{b: chr(b) for b in kept}, **{b: chr(256 + i) for i, b in enumerate(moved)}}


ALPHABET = byte_alphabet()
BYTES = {character: byte for byte, character in ALPHABET.items()}


def kind(character):
    """'L' letter, 'N' number, 'S' white space or 'O' anything else."""
    if "\t" <= character <= "\r" or character == " " or character in OTHER_SPACES:
        return "S"
    if "\u2000" <= character <= "\u200a":
        return "S"
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "O"


def split(text):
    """Cut text into the words that BPE then works on, one at a time."""
    words, i, n = [], 0, len(text)
    while i < n:
        contraction = next((c for c in CONTRACTIONS if text.startswith(c, i)), None)
        if contraction:
            words.append(contraction)
            i += len(contraction)
            continue
        start = i
        if text[i] == " " and i + 1 < n and kind(text[i + 1]) != "S":
            i += 1
        run = kind(text[i])
        while i < n and kind(text[i]) == run:
            i += 1
        # White space before a word leaves its last character to that word.
        if run == "S" and i < n and i - start > 1:
            i -= 1
        words.append(text[start:i])
    return words


def spell(word):
    return [ALPHABET[b] for b in word.encode("utf-8")]


def merge(symbols, pair):
    """Join every neighbouring occurrence of pair."""
    out, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


def two_digit_merges():
    """Merges that make 00..59, with and without a space, single tokens.

    A time " 00:05" is then three tokens, and reading one is a matter of copying.
    """
    numbers = [f"{n:02d}" for n in range(60)]
    space = ALPHABET[32]
    return [(n[0], n[1]) for n in numbers] + [(space, n) for n in numbers]


def train(texts, size=VOCABULARY):
    """Learn merges from texts until the vocabulary has size entries."""
    counts = collections.Counter(word for text in texts for word in split(text))
    words = [[spell(word), count] for word, count in sorted(counts.items())]
    merges = []
    fixed = two_digit_merges()
    while len(CONTROL) + 256 + len(merges) < size:
        if len(merges) < len(fixed):
            best = fixed[len(merges)]
        else:
            pairs = collections.Counter()
            for symbols, count in words:
                for pair in zip(symbols, symbols[1:]):
                    # Longer numbers stay cut into pieces: they can only be copied.
                    if not "".join(pair).strip(ALPHABET[32]).isdigit():
                        pairs[pair] += count
            best = max(pairs.items(), key=lambda item: (item[1], item[0]))[0]
        merges.append(best)
        for entry in words:
            if len(entry[0]) > 1:
                entry[0] = merge(entry[0], best)
    return merges


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(pair) for pair in merges]
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.tokens = CONTROL + [ALPHABET[b] for b in range(256)] + [a + b for a, b in self.merges]
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.cache = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls([line.split(" ") for line in json.load(file)["merges"]])

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"merges": [f"{a} {b}" for a, b in self.merges]}, file, ensure_ascii=False, indent=0)

    def encode_word(self, word):
        if word not in self.cache:
            symbols = spell(word)
            while len(symbols) > 1:
                pair = min(zip(symbols, symbols[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                if pair not in self.rank:
                    break
                symbols = merge(symbols, pair)
            self.cache[word] = [self.ids[symbol] for symbol in symbols]
        return self.cache[word]

    def encode(self, text):
        return [i for word in split(text) for i in self.encode_word(word)]

    def decode(self, ids):
        data = bytes(BYTES[c] for i in ids if i >= len(CONTROL) for c in self.tokens[i])
        return data.decode("utf-8", "replace")
