"""Clips as Goldfish sees them: a summary and the cues, and questions that one of these documents answers.

A library is a handful of clips of one long video. Each question names the documents
that answer it; a document that might do so as well (the same thing or topic is in
it) counts neither for nor against.
"""

import os
import re
import sys
from dataclasses import dataclass

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "micro"))
from questions import ask  # noqa: E402
from subtitles import TOPICS, add_subtitles  # noqa: E402
from world import COLOURS, SHAPES, clock, make_scene, pick  # noqa: E402

WORDS = re.compile(rf"\b({'|'.join(COLOURS + SHAPES)})(?:e?s)?\b")
OF_A_THING = {"colour", "shape", "exists", "where", "direction", "moves", "what_moves", "order", "after", "before", "when", "order_yes_no"}


@dataclass
class Document:
    text: str
    clip: int
    topics: frozenset  # what a question may ask this document for


@dataclass
class Asked:
    text: str
    right: set  # numbers of documents
    doubtful: set


def article(name):
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def summary(rng, scene):
    """As the model says it: with or without times, or as a caption."""
    things = sorted((t for t in scene.things if t.visible.any()), key=lambda t: t.onset)
    if scene.kind == "sequence":
        timed = rng.random() < 0.5
        said = [article(t.name) + (f" moves {t.direction}" if t.direction else " appears") + (f" at {clock(scene.times[t.onset])}" if timed else "") for t in things]
        return " then ".join(said)
    if scene.kind == "motion":
        return " and ".join(article(t.name) + (f" moves {t.direction}" if t.direction else " stays still") for t in things)
    return " and ".join(article(t.name) for t in things)


def library(rng, clips):
    documents, asked = [], []
    for clip in range(clips):
        scene = make_scene(rng, frames=8)
        add_subtitles(rng, scene, probability=0.75, crowded=0.7)
        names = {w for t in scene.things if t.visible.any() for w in (t.colour, t.shape, t.name)}
        seen = len(documents)
        documents.append(Document(summary(rng, scene), clip, frozenset(names)))
        facts = {}
        for _, texts in sorted(scene.cues.items()):
            for text in texts:
                held = [(key, value, questions) for key, value, questions, _ in scene.facts if value in text]
                topics = {key for key, _, _ in held}
                for fact in held:
                    facts.setdefault(fact[0], (len(documents), fact))
                documents.append(Document(text, clip, frozenset(topics)))
        for key, (number, (_, value, questions)) in facts.items():
            asked.append((pick(rng, questions), {number}, {key}))
            if rng.random() < 0.3:
                asked.append((pick(rng, [f"When is {value} mentioned?", f"When do they say {value}?", f"Who says {value}?"]), {number}, {key, value}))
        for question in ask(rng, scene):
            if question.kind in OF_A_THING and rng.random() < 0.5:
                named = {m.group(1) for m in WORDS.finditer(question.text.lower())}
                if named and named <= documents[seen].topics:
                    asked.append((question.text, {seen}, named))
    made = []
    for text, right, wanted in asked:
        doubtful = set()
        for i, document in enumerate(documents):
            if i in right:
                continue
            shares = wanted <= document.topics or any(w in document.topics and w in TOPICS for w in wanted)
            if shares or any(w.lower() in document.text.lower().split() for w in wanted if w not in COLOURS + SHAPES and w not in TOPICS):
                doubtful.add(i)
        made.append(Asked(text, right, doubtful))
    return documents, made


def batch(rng, size):
    """-> questions, documents, wanted (size, documents): 1 right, 0 wrong, -1 doubtful. One question a document at most."""
    documents, asked = library(rng, max(4, size // 2))
    asked = [asked[int(i)] for i in rng.permutation(len(asked))][:size]
    wanted = np.zeros((len(asked), len(documents)), np.int8)
    for row, question in enumerate(asked):
        wanted[row, list(question.doubtful)] = -1
        wanted[row, list(question.right)] = 1
    return [q.text for q in asked], [d.text for d in documents], wanted


if __name__ == "__main__":
    generator = np.random.default_rng(0)
    docs, questions = library(generator, 4)
    for i, d in enumerate(docs):
        print(i, d)
    for q in questions:
        print(q)
