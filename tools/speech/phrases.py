"""What the recogniser can hear: the micro model's subtitles, from known words only.

The sentences are those of ../micro/subtitles.py. Made-up words are left out: a
recogniser of this size can spell only what it was taught. Every phrase is a pair
(written, spoken): "The code is K4-12." is said "The code is kay, four dash one two."
"""

import os
import re
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "micro"))
import subtitles as micro  # noqa: E402
from world import pick  # noqa: E402

DIGITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
# How espeak-ng has to see a letter so that it says the letter's name.
LETTER = {"A": "ay", "I": "eye", "O": "oh", "U": "you", "Y": "why"}


def number_words(n):
    if n < 10:
        return DIGITS[n]
    if n < 20:
        return TEENS[n - 10]
    return TENS[n // 10 - 2] + ("" if n % 10 == 0 else " " + DIGITS[n % 10])


def spell(value, rng):
    """How a code or a number is said: two digits as a number or one by one, all else one by one."""
    if value.isdigit() and len(value) <= 2 and value == str(int(value)) and rng.random() < 0.7:
        return number_words(int(value))
    said = ["dash" if c == "-" else DIGITS[int(c)] if c.isdigit() else LETTER.get(c, c) for c in value]
    return " ".join(said)


def code(rng):
    kind = int(rng.integers(5))
    if kind < 2:
        return micro.digits(rng, 2, 4)
    if kind == 2:
        return f"{micro.letters(rng, 1)}{micro.digits(rng, 1, 3)}"
    if kind == 3:
        return f"{micro.letters(rng, 1)}{micro.digits(rng, 1, 2)}-{micro.digits(rng, 1, 2)}"
    return f"{micro.letters(rng, 2)}{micro.digits(rng, 1, 2)}"


VALUES = {
    "code": code,
    "number": lambda rng: micro.digits(rng, 1, 3),
    "name": lambda rng: pick(rng, micro.NAMES),
    "place": lambda rng: pick(rng, micro.TOWNS),
    "food": lambda rng: pick(rng, micro.FOODS),
    "animal": lambda rng: pick(rng, micro.ANIMALS),
    "day": lambda rng: pick(rng, micro.DAYS),
}
NOUN_SAID = ["The {n} is {v}.", "The {n} is called {v}.", "Our {n} is {v}.", "The {n} will be {v}.", "And the {n} is {v}.", "My {n} is {v}."]
HUE_SAID = ["The {n} is {v}.", "I painted the {n} {v}.", "The colour of the {n} is {v}.", "Her {n} is {v}."]
SPELLED = re.compile(r"\b[A-Z]{0,2}\d[\d-]*\b")


def any_value(rng):
    draw = rng.random()
    if draw < 0.35:
        return code(rng)
    if draw < 0.45:
        return f"{pick(rng, micro.ADJECTIVES)} {pick(rng, micro.ANIMALS + micro.FOODS)}"
    return pick(rng, micro.NAMES + micro.TOWNS + micro.FOODS + micro.ANIMALS + micro.HUES + micro.DAYS + micro.MONTHS)


def written(rng):
    draw = rng.random()
    if draw < 0.55:
        topic = pick(rng, list(VALUES))
        return pick(rng, micro.TOPICS[topic][1]).format(v=VALUES[topic](rng))
    if draw < 0.75:
        return pick(rng, NOUN_SAID).format(n=pick(rng, micro.NOUNS), v=any_value(rng))
    if draw < 0.82:
        return pick(rng, HUE_SAID).format(n=pick(rng, micro.NOUNS), v=pick(rng, micro.HUES))
    if draw < 0.88:
        owner = pick(rng, micro.NAMES)
        return f"{owner}'s {pick(rng, micro.NOUNS)} is {any_value(rng)}."
    if draw < 0.94:
        return pick(rng, micro.CHATTER)
    subject, verb = pick(rng, ["I", "We", "You", "They"]), pick(rng, micro.VERBS)
    return f"{subject} {verb} {pick(rng, ['the', 'a', 'some', 'my'])} {pick(rng, micro.ADJECTIVES)} {pick(rng, micro.NOUNS)}."


def phrase(rng):
    text = written(rng)
    spoken = SPELLED.sub(lambda found: spell(found.group(), rng), text)
    return text, spoken.replace("PIN", "pin")


if __name__ == "__main__":
    generator = np.random.default_rng(0)
    for _ in range(30):
        print(*phrase(generator), sep="  |  ")
