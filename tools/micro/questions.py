"""Questions about a scene, worded the way people type them, and their answers."""

import re
from dataclasses import dataclass, field

import numpy as np

from sound import NAMES as PITCHES
from world import COLOURS, PLACES, SEEN, SHAPES, pick

# "red circle", "red object", "circles", "red", "object"
MENTION = re.compile(rf"\b(?:({'|'.join(COLOURS)})(?: ({'|'.join(SHAPES)}|object|shape|thing))?|({'|'.join(SHAPES)}|object))(?:e?s)?\b")
TONE = re.compile(rf"(?:\b({'|'.join(PITCHES)}) )?tones?\b")


@dataclass
class Question:
    kind: str
    text: str
    answer: str
    pair: tuple = None  # the colour and shape that it turns on, if it does
    # Where in the text things are named: (end character, the things that are meant).
    mentions: list = field(default_factory=list)
    # Where tones are named: (end character, the tones that are meant).
    tones: list = field(default_factory=list)


def reword(rng, text):
    """Small changes of spelling that must not change the answer."""
    if rng.random() < 0.2:
        text = text.replace("colour", "color")
    if rng.random() < 0.08:
        text = text.replace("What is", "What's")
    if rng.random() < 0.15:
        # Only the first letter: names inside keep theirs.
        text = text[0].lower() + text[1:]
    if rng.random() < 0.15:
        text = text.rstrip("?.")
    return text


def article(name):
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def place_of(x, y):
    return PLACES[min(2, int(y * 3)) * 3 + min(2, int(x * 3))]


def listing(names):
    """'a', 'a and b', 'a and b and c'."""
    return " and ".join(names)


class Asker:
    """Collects the questions of one scene."""

    def __init__(self, rng, scene, pairs):
        self.rng, self.scene, self.pairs, self.questions = rng, scene, pairs, []
        self.things = [t for t in scene.things if t.visible.any()]
        self.by_name = {t.name: t for t in self.things}

    def add(self, kind, texts, answer, pair=None):
        text = reword(self.rng, pick(self.rng, texts) if isinstance(texts, list) else texts)
        mentions = [(m.end(), self.meant(m.group(1), m.group(2) or m.group(3))) for m in MENTION.finditer(text)]
        heard = self.scene.tones or []
        tones = [(m.end(), [t for t in heard if m.group(1) in (None, t.pitch)]) for m in TONE.finditer(text) if kind.startswith("sound")]
        self.questions.append(Question(kind, text, answer, pair, mentions, tones))

    def meant(self, colour, noun):
        """The things that a few words of a question mean."""
        return [t for t in self.things if colour in (None, t.colour) and (noun not in SHAPES or noun == t.shape)]

    def alone(self, attribute):
        """Things that share neither their shape (or colour) with any other."""
        values = [getattr(t, attribute) for t in self.things]
        return [t for t in self.things if values.count(getattr(t, attribute)) == 1]

    def reference(self, thing):
        """A short name that means only this thing."""
        names = [thing.name, thing.name]
        if thing in self.alone("shape"):
            names += [thing.shape, thing.shape]
        if thing in self.alone("colour"):
            names.append(f"{thing.colour} object")
        if len(self.things) == 1:
            names += ["object"]
        return pick(self.rng, names)

    def attributes(self):
        rng, things = self.rng, self.things
        for t in self.alone("shape")[:2]:
            self.add("colour", [f"What colour is the {t.shape}?", f"What is the colour of the {t.shape}?",
                                f"Which colour is the {t.shape}?", f"Which colour does the {t.shape} have?",
                                f"What colour does the {t.shape} have?"], t.colour, t.pair)
        for t in self.alone("colour")[:2]:
            self.add("shape", [f"What shape is the {t.colour} object?", f"What is the shape of the {t.colour} object?",
                               f"Which shape is {t.colour}?", f"What is the {t.colour} object?", f"What shape is {t.colour}?",
                               f"Which shape is the {t.colour} object?", f"What shape does the {t.colour} object have?"], t.shape, t.pair)
        if len(things) == 1:
            t = things[0]
            if rng.random() < 0.5:
                self.add("colour", ["What colour is the object?", "What is the colour of the object?", "What colour is the shape?",
                                    "Which colour is the object?", "Which colour does the object have?"], t.colour, t.pair)
            else:
                self.add("shape", ["What shape is the object?", "What is the shape of the object?", "Which shape is shown?",
                                   "What shape is it?", "Which shape is the object?", "What shape is shown?"], t.shape, t.pair)
        if things and rng.random() < 0.5:
            c, s = pick(rng, things).pair
        else:
            c, s = pick(rng, self.pairs)
            if things and rng.random() < 0.7:  # a near miss
                near = pick(rng, things)
                options = [p for p in self.pairs if (p[0] == near.colour) != (p[1] == near.shape)]
                c, s = pick(rng, options)
        n = article(f"{c} {s}") if rng.random() < 0.9 else f"a {c} {s}"
        self.add("exists", [f"Is there {n}?", f"Does {n} appear?", f"Can you see {n}?", f"Is {n} shown?",
                            f"Is there {n} in the video?", f"Does the video show {n}?", f"Do you see {n}?",
                            f"Is there any {c} {s}?", f"Does {n} appear in the video?"],
                 "yes" if f"{c} {s}" in self.by_name else "no", (c, s))

    def count(self):
        rng, things = self.rng, self.things
        self.add("count_all", ["How many objects are there?", "How many shapes are there?", "How many objects are shown?", "Count the objects.",
                               "How many objects do you see?", "How many objects can you see?", "How many things are there?",
                               "How many shapes are shown?", "How many objects are in the video?", "What is the number of objects?"], str(len(things)))
        s = pick(rng, things).shape if rng.random() < 0.8 else pick(rng, SHAPES)
        plural = s + ("es" if s == "cross" else "s")
        self.add("count_shape", [f"How many {plural} are there?", f"How many {plural} do you see?", f"Count the {plural}.",
                                 f"How many {plural} are shown?", f"How many {plural} are in the video?"],
                 str(sum(t.shape == s for t in things)))
        c = pick(rng, things).colour if rng.random() < 0.8 else pick(rng, COLOURS)
        self.add("count_colour", [f"How many {c} objects are there?", f"How many objects are {c}?", f"How many {c} shapes are there?",
                                  f"Count the {c} objects.", f"How many {c} objects are shown?", f"How many {c} things are there?"],
                 str(sum(t.colour == c for t in things)))

        ordered = sorted(things, key=lambda t: (t.y[0], t.x[0]))
        self.summary(listing([article(t.name) for t in ordered]))

    def where(self):
        for t in self.things[:2]:
            spots = {place_of(x, y) for x, y, v in zip(t.x, t.y, t.visible) if v}
            if len(spots) == 1 and [o.name for o in self.things].count(t.name) == 1:
                n = self.reference(t)
                self.add("where", [f"Where is the {n}?", f"In which part of the picture is the {n}?", f"Where can you see the {n}?",
                                   f"Where in the picture is the {n}?"], spots.pop(), t.pair)

    def motion(self):
        rng = self.rng
        if len(self.scene.times) < 2:
            return
        for t in self.things:
            n = self.reference(t)
            if t.direction or rng.random() < 0.5:
                self.add("direction", [f"Which way does the {n} move?", f"In which direction does the {n} move?", f"Which direction does the {n} move?",
                                       f"Which way is the {n} moving?", f"In what direction is the {n} moving?", f"Where does the {n} go?",
                                       f"What direction does the {n} move in?", f"Where does the {n} move?", f"In which direction is the {n} moving?"],
                         t.direction or "it does not move", t.pair)
            self.add("moves", [f"Does the {n} move?", f"Is the {n} moving?", f"Does the {n} change its place?"],
                     "yes" if t.direction else "no", t.pair)
        ways = [t.direction for t in self.things if t.direction]
        for t in self.things:
            if t.direction and ways.count(t.direction) == 1:
                self.add("what_moves", [f"What moves {t.direction}?", f"Which object moves {t.direction}?", f"What is moving {t.direction}?"],
                         f"the {t.name}", t.pair)
                break
        ordered = sorted(self.things, key=lambda t: (t.y[0], t.x[0]))
        told = [article(t.name) + (f" moves {t.direction}" if t.direction else " stays still") for t in ordered]
        self.caption(listing(told))
        self.summary(listing(told))

    def caption(self, answer):
        self.add("caption", ["What happens in the video?", "Describe the video.", "What happens?", "What is happening in the video?",
                             "What can you see in the video?", "Tell me what happens."], answer)

    def summary(self, answer):
        """What Goldfish keeps of each clip of a long video."""
        self.add("summary", ["Summarise the video.", "Summarise the video with times.", "Give a summary of the video.",
                             "Summarise what happens and when."], answer)

    def needle(self):
        """What is shown only briefly."""
        labels = self.scene.labels
        brief = [t for t in self.things if not t.visible.all()]
        for t in brief:
            n = self.reference(t)
            self.add("when", [f"When does the {n} appear?", f"At what time does the {n} appear?", f"When is the {n} first seen?",
                              f"When is the {n} shown?", f"When do you see the {n}?"], labels[t.onset], t.pair)
        if len(brief) == 1:
            t = brief[0]
            self.add("brief", ["What is shown only briefly?", "What appears only briefly?", "What appears for a short time?",
                               "Which object is shown only briefly?", "Which object appears for a short time?"], article(t.name), t.pair)

    def sound(self):
        rng, scene = self.rng, self.scene
        if scene.tones is None:
            return
        tones = scene.tones
        pitches = [t.pitch for t in tones]
        self.add("sound_count", ["How many tones are there?", "How many tones do you hear?", "How many tones can you hear?"], str(len(tones)))
        named = pick(rng, pitches) if tones and rng.random() < 0.5 else pick(rng, PITCHES)
        self.add("sound_heard", [f"Is there a {named} tone?", f"Do you hear a {named} tone?", f"Can you hear a {named} tone?"],
                 "yes" if named in pitches else "no")
        if len(tones) == 1:
            self.add("sound_pitch", ["Is the tone low, middle or high?", "How high is the tone?", "Which pitch does the tone have?"], pitches[0])
        if len(tones) > 1 and pitches[0] != pitches[-1]:
            self.add("sound_first", ["Which tone comes first?", "Which tone do you hear first?"], f"the {pitches[0]} tone")
        for tone in tones:
            p = tone.pitch
            if pitches.count(p) == 1:
                frame = int(np.argmin(np.abs(scene.times - tone.start)))
                self.add("sound_when", [f"When do you hear the {p} tone?", f"When does the {p} tone sound?", f"At what time does the {p} tone start?"],
                         scene.labels[frame])
                self.on_screen(tone)

    def on_screen(self, tone):
        """Only where the same one or two things are there for as long as the tone sounds, as far as frames tell."""
        times = self.scene.times
        spacing = times[1] - times[0] if len(times) > 1 else 2 * times[0]
        near = np.flatnonzero((times > tone.start - 0.6 * spacing) & (times < tone.end + 0.6 * spacing))
        inside = np.flatnonzero((times >= tone.start) & (times <= tone.end))
        if not len(inside) or any((t.visible[near] != t.visible[near[0]]).any() for t in self.things):
            return
        shown = sorted((t for t in self.things if t.visible[inside[0]]), key=lambda t: t.onset)
        if 0 < len(shown) <= 2 and len({t.onset for t in shown}) == len(shown):
            p = tone.pitch
            self.add("sound_screen", [f"What is on screen when the {p} tone sounds?", f"What is shown when you hear the {p} tone?",
                                      f"What do you see when the {p} tone sounds?"], listing([article(t.name) for t in shown]))

    def sequence(self):
        rng, scene = self.rng, self.scene
        things = sorted(self.things, key=lambda t: t.onset)
        onsets = [t.onset for t in things]
        n, labels = len(things), scene.labels
        if n < 2 or len(set(onsets)) < n:
            return
        first, last = things[0], things[-1]
        self.add("first", ["What appears first?", "What is shown first?", "Which object appears first?", "Which object comes first?",
                           "What comes first?", "What is the first object?", "What do you see first?"], article(first.name), first.pair)
        self.add("last", ["What appears last?", "What is shown last?", "Which object appears last?", "Which object comes last?",
                          "What comes last?", "What is the last object?"], article(last.name), last.pair)
        for _ in range(2):
            i, j = (int(k) for k in rng.permutation(n)[:2])
            a, b = things[i], things[j]
            if rng.random() < 0.55:
                earlier = rng.random() < 0.6
                verb = pick(rng, ["appears", "appears", "comes", "is shown"])
                which = "first" if earlier else "last"
                texts = [f"Which {verb} {which}, the {a.name} or the {b.name}?", f"What {verb} {which}, the {a.name} or the {b.name}?",
                         f"Which {verb} {which}: the {a.name} or the {b.name}?", f"Which object {verb} {which}, the {a.name} or the {b.name}?"]
                if earlier:
                    texts += [f"Which appears earlier, the {a.name} or the {b.name}?", f"What is seen first, the {a.name} or the {b.name}?"]
                else:
                    texts += [f"Which appears later, the {a.name} or the {b.name}?", f"Which appears second, the {a.name} or the {b.name}?"]
                winner = a if (a.onset < b.onset) == earlier else b
                self.add("order", texts, f"the {winner.name}", winner.pair)
            else:
                before = rng.random() < 0.6
                word = "before" if before else "after"
                texts = [f"Does the {a.name} appear {word} the {b.name}?", f"Is the {a.name} shown {word} the {b.name}?",
                         f"Does the {a.name} come {word} the {b.name}?", f"Is the {a.name} seen {word} the {b.name}?"]
                if before:
                    texts.append(f"Does the {a.name} appear earlier than the {b.name}?")
                else:
                    texts.append(f"Does the {a.name} appear later than the {b.name}?")
                self.add("order_yes_no", texts, "yes" if (a.onset < b.onset) == before else "no", a.pair)
        i = int(rng.integers(n))
        t = things[i]
        self.add("after", [f"What appears after the {t.name}?", f"What comes after the {t.name}?", f"What is shown after the {t.name}?",
                           f"Which object appears after the {t.name}?", f"What happens after the {t.name} appears?"],
                 article(things[i + 1].name) if i + 1 < n else "nothing", t.pair)
        i = int(rng.integers(n))
        t = things[i]
        self.add("before", [f"What appears before the {t.name}?", f"What comes before the {t.name}?", f"What is shown before the {t.name}?",
                            f"Which object appears before the {t.name}?"],
                 article(things[i - 1].name) if i else "nothing", t.pair)
        for t in [things[int(k)] for k in rng.permutation(n)[:2]]:
            name = self.reference(t)
            self.add("when", [f"When does the {name} appear?", f"At what time does the {name} appear?", f"When is the {name} first seen?",
                              f"When does the {name} first appear?", f"When do you first see the {name}?", f"When is the {name} shown?",
                              f"At which time does the {name} appear?", f"When does the {name} show up?"], labels[t.onset], t.pair)
        self.add("count_sequence", ["How many objects appear?", "How many different objects appear?", "How many objects appear in the video?",
                                    "How many shapes appear?", "How many objects are there?", "How many objects are shown?"], str(n))
        told = [article(t.name) + (f" moves {t.direction}" if t.direction else " appears") for t in things]
        self.caption(" then ".join(told))
        told = [article(t.name) + (f" moves {t.direction} from {labels[t.onset]}" if t.direction else f" appears at {labels[t.onset]}") for t in things]
        self.summary(" then ".join(told))

    def at_time(self):
        rng, labels = self.rng, self.scene.labels
        f = int(rng.integers(len(labels)))
        if labels.count(labels[f]) > 1:
            return
        shown = sorted((t for t in self.things if t.visible[f]), key=lambda t: t.onset)
        if len(shown) <= 2 and len({t.onset for t in shown}) == len(shown):
            self.add("at_time", [f"What is shown at {labels[f]}?", f"What do you see at {labels[f]}?", f"What can you see at {labels[f]}?",
                                 f"What is on screen at {labels[f]}?", f"What is visible at {labels[f]}?"],
                     listing([article(t.name) for t in shown]) or "nothing", shown[0].pair if shown else None)
        if self.things:
            t = pick(rng, self.things)
            self.add("visible_at", [f"Is the {t.name} visible at {labels[f]}?", f"Is the {t.name} shown at {labels[f]}?",
                                    f"Can you see the {t.name} at {labels[f]}?"], "yes" if t.visible[f] else "no", t.pair)

    def subtitles(self):
        rng, scene, labels = self.rng, self.scene, self.scene.labels
        for key, value, asked, frame in scene.facts:
            self.add("sub_fact", asked, value)
            if rng.random() < 0.35:
                where = [f"When is the {key} mentioned?", f"At what time is the {key} mentioned?", f"When do they mention the {key}?",
                         f"When is the {key} said?", f"When do you hear the {key}?"]
                self.add("sub_when", where, labels[frame])
            if rng.random() < 0.15:
                self.add("sub_when", [f'When do they say "{value}"?', f"When is {value} mentioned?", f"When do they say {value}?"], labels[frame])
        if scene.cues or rng.random() < 0.15:
            frame = pick(rng, list(scene.cues)) if scene.cues and rng.random() < 0.8 else int(rng.integers(len(labels)))
            if labels.count(labels[frame]) == 1:
                said = " ".join(scene.cues.get(frame, [])) or "nothing"
                if len(said) < 70:
                    self.add("sub_said", [f"What is said at {labels[frame]}?", f"What do they say at {labels[frame]}?",
                                          f"What does the subtitle say at {labels[frame]}?"], said)


def ask(rng, scene, pairs=SEEN):
    """All questions about a scene, in random order."""
    asker = Asker(rng, scene, pairs)
    asker.attributes()
    if scene.kind == "count":
        asker.count()
        asker.where()
    if scene.kind == "motion":
        asker.motion()
        if rng.random() < 0.4:
            asker.where()
    if scene.kind == "sequence":
        asker.sequence()
        asker.at_time()
        if rng.random() < 0.3:
            asker.where()
        moving = [t for t in asker.things if t.direction and t.visible.sum() > 2]
        for t in moving[:1]:
            n = asker.reference(t)
            asker.add("direction", [f"Which way does the {n} move?", f"In which direction does the {n} move?", f"Which direction does the {n} move?"],
                      t.direction, t.pair)
    if scene.kind == "needle":
        asker.needle()
        asker.where()
        asker.at_time()
    asker.sound()
    asker.subtitles()
    return [asker.questions[int(i)] for i in rng.permutation(len(asker.questions))]
