"""Subtitles: facts that a question can ask for, among chatter that none does.

Many values are made-up words and codes, which can only be answered by copying,
and many nouns are too, so that a fact is found by its words and not by a list.
"""

from world import pick

NAMES = """Anna Ben Carla David Emma Frank Grace Henry Ivy Jack Karen Leo Maria Nina Oscar Paul Quinn Rosa Sam Tina
Uma Victor Wendy Xavier Yara Zoe Alice Bob Clara Daniel Eva Felix Greta Hugo Ida Jonas Kim Lena Max Nora Otto Petra
Robert Sofia Thomas Ursula Vera William Peter John Mary Lucy Mark Julia Tom Amy Omar Fatima Chen Yuki Raj Priya""".split()
TOWNS = """Paris London Tokyo Berlin Madrid Rome Cairo Oslo Lima Delhi Vienna Lisbon Dublin Athens Prague Warsaw Boston
Chicago Toronto Sydney Seoul Beijing Moscow Kyoto Geneva Zurich Munich Milan Naples Porto Bergen Helsinki Stockholm
Mexico Havana Nairobi Lagos Mumbai Bangkok Hanoi Manila Denver Dallas Seattle Austin""".split()
FOODS = """pizza soup rice bread cake fish pasta salad cheese apples noodles curry beans eggs honey pancakes potatoes
tomatoes bananas grapes chocolate porridge sushi tacos dumplings lentils pears cherries""".split()
ANIMALS = "dog cat horse bird fish rabbit mouse cow goat sheep fox bear wolf parrot turtle snake lion tiger".split()
HUES = "red green blue yellow purple orange white cyan black brown pink grey golden silver".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
NOUNS = """code password number key answer price room gate platform capital title address prize team flower river
mountain ship planet book song colour word secret train bus door box plan winner doctor teacher captain signal name
city country food drink animal day month year hour street house village school metal liquid tool sport game island
lake hotel restaurant channel station flight seat locker PIN target temperature speed weight height distance""".split()
VERBS = "see like want need have know find take bring open watch hear build draw clean paint buy sell".split()
ADJECTIVES = "small big old new warm cold quiet loud bright dark heavy light soft strange nice".split()
CHATTER = """Hello everyone.|Welcome back.|Good morning.|Let us begin.|Thank you for watching.|Please look at this.
Now we can go on.|This is a short video.|It is a nice day today.|I am not sure about that.|We will see.|Of course.
What a beautiful picture!|Let me think.|Are you ready?|One moment, please.|That was easy.|Here we are again.
Can you hear me?|Do not forget that.|It is raining outside.|The music is very loud.|I will be right back.|Yes, I know.
No, not yet.|Just wait and see.|Everything is fine.|You are doing well.|Keep going.|Is anybody there?|Look at that!
I have been here before.|We need more time.|They are late again.|It was a long day.|Close the window, please.
Let's get started.|Don't worry.|It's over there.|That's all for today.|I'm glad you came.|See you tomorrow.""".replace("\n", "|").split("|")
ONSETS = "b d f g k l m n p r s t v z br st tr pl h w j ch sh gr cl".split()
VOWELS = "a e i o u ai oo ea ou y".split()
CODAS = ["", "", "", "n", "r", "l", "x", "sk", "m", "t", "nd", "ck", "s"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def nonsense(rng, syllables=None):
    n = syllables or int(rng.choice([1, 2, 3], p=[0.3, 0.45, 0.25]))
    made = [pick(rng, ONSETS) + pick(rng, VOWELS) + pick(rng, CODAS) for _ in range(n)]
    if n > 1 and rng.random() < 0.15:  # "vovovor": copying must not lose its place
        made[1] = made[0]
    return "".join(made)


def digits(rng, low=1, high=6):
    if rng.random() < 0.2:  # few different ones
        few = rng.integers(0, 10, 2)
        return "".join(str(int(pick(rng, few))) for _ in range(int(rng.integers(low, high + 1))))
    return "".join(str(int(d)) for d in rng.integers(0, 10, int(rng.integers(low, high + 1))))


def letters(rng, n):
    return "".join(pick(rng, LETTERS) for _ in range(n))


def code(rng):
    kind = int(rng.integers(7))
    if kind < 3:
        return digits(rng, 2, 6) if rng.random() < 0.5 else digits(rng, 3, 4)
    if kind == 3:
        return f"{letters(rng, 1)}{digits(rng, 1, 2)}-{digits(rng, 1, 3)}"
    if kind == 4:
        return f"{letters(rng, int(rng.integers(1, 4)))}{digits(rng, 1, 4)}"
    if kind == 5:
        return f"{digits(rng, 1, 3)}-{digits(rng, 1, 3)}"
    return f"{letters(rng, int(rng.integers(2, 4)))}-{digits(rng, 1, 4)}"


def proper(rng, words):
    """A known name, or one that nobody has ever heard."""
    return pick(rng, words) if rng.random() < 0.5 else nonsense(rng, 2 + (rng.random() < 0.35)).capitalize()


def common(rng, words):
    return pick(rng, words) if rng.random() < 0.5 else nonsense(rng)


def anything(rng):
    kind = rng.random()
    if kind < 0.3:
        return code(rng)
    if kind < 0.5:
        return nonsense(rng)
    if kind < 0.65:
        return proper(rng, NAMES + TOWNS)
    if kind < 0.75:
        return f"{pick(rng, ADJECTIVES)} {common(rng, ANIMALS + FOODS)}"
    return pick(rng, FOODS + ANIMALS + HUES + DAYS + MONTHS + NAMES + TOWNS)


def noun(rng):
    return pick(rng, NOUNS) if rng.random() < 0.75 else nonsense(rng)


# topic -> (how a value is made, what is said, what is asked)
TOPICS = {
    "code": (code,
        ["The code is {v}.", "The secret code is {v}.", "Remember the code {v}.", "Your code is {v}.", "The code for the door is {v}.",
         "The password is {v}.", "My code is {v}."],
        ["What is the code?", "What code is mentioned?", "Which code is mentioned?", "What is the secret code?", "What code is said?"]),
    "name": (lambda r: proper(r, NAMES),
        ["My name is {v}.", "I am {v}.", "This is my friend {v}.", "Her name is {v}.", "His name is {v}.", "They call me {v}.",
         "Hello, I am {v}.", "Hi, my name is {v}.", "The name is {v}.", "I'm {v}."],
        ["What is the name?", "Which name is mentioned?", "What name is mentioned?", "Who is speaking?", "What is the name of the person?",
         "Who is mentioned?", "What is the speaker's name?", "What is the speaker called?", "What name is said?"]),
    "place": (lambda r: proper(r, TOWNS),
        ["We are going to {v}.", "Let us go to {v}.", "The train goes to {v}.", "We live in {v}.", "Welcome to {v}.", "I come from {v}.",
         "We are in {v}.", "The meeting is in {v}.", "This bus goes to {v}."],
        ["Where are they going?", "Which place is mentioned?", "What place is mentioned?", "Which city is mentioned?", "Where does it take place?",
         "Which town is mentioned?", "Where do they go?", "What city is mentioned?"]),
    "food": (lambda r: common(r, FOODS),
        ["I like to eat {v}.", "Today we eat {v}.", "We cook {v}.", "For lunch there is {v}.", "I love {v}.", "She eats {v}.",
         "My favourite food is {v}.", "Dinner is {v}."],
        ["What do they eat?", "Which food is mentioned?", "What food is mentioned?", "What is there to eat?", "What is the favourite food?"]),
    "animal": (lambda r: common(r, ANIMALS),
        ["I have a {v}.", "Look at the {v}.", "The {v} is asleep.", "My pet is a {v}.", "There is a {v} outside."],
        ["Which animal is mentioned?", "What animal is mentioned?", "Which pet is mentioned?"]),
    "day": (lambda r: pick(r, DAYS),
        ["See you on {v}.", "The party is on {v}.", "Today is {v}.", "We meet on {v}.", "It starts on {v}."],
        ["Which day is mentioned?", "What day is mentioned?", "On which day is it?", "What day is it?"]),
    "number": (lambda r: digits(r, 1, 4),
        ["The number is {v}.", "My number is {v}.", "The answer is {v}.", "I count {v}.", "We need {v} of them.", "It costs {v} dollars."],
        ["Which number is mentioned?", "What number is mentioned?", "What number is said?"]),
}


def topic_fact(rng, topic):
    """-> (key, sentence, value, questions)."""
    make, said, asked = TOPICS[topic]
    value = make(rng)
    return topic, pick(rng, said).format(v=value), value, asked


def noun_fact(rng):
    n = noun(rng)
    value = anything(rng)
    if rng.random() < 0.2:
        owner = proper(rng, NAMES)
        if rng.random() < 0.5:
            return f"{owner} {n}", f"{owner}'s {n} is {value}.", value, [f"What is {owner}'s {n}?"]
        return f"{owner} {n}", f"The {n} of {owner} is {value}.", value, [f"What is the {n} of {owner}?"]
    said = pick(rng, ["The {n} is {v}.", "The {n} is called {v}.", "Our {n} is {v}.", "The {n} will be {v}.", "And the {n} is {v}.", "My {n} is {v}."])
    asked = [f"What is the {n}?", f"Which {n} is mentioned?", f"What {n} is mentioned?", f"What is the {n} called?", f"What is the {n}?"]
    return n, said.format(n=n, v=value), value, asked


def thing_fact(rng):
    """The colour of a thing that is only spoken of."""
    n, hue = noun(rng), pick(rng, HUES)
    said = pick(rng, ["The {n} is {v}.", "I painted the {n} {v}.", "The colour of the {n} is {v}.", "Her {n} is {v}."])
    asked = [f"What colour is the {n}?", f"What is the colour of the {n}?", f"Which colour does the {n} have?"]
    return n, said.format(n=n, v=hue), hue, asked


def chatter(rng):
    kind = rng.random()
    if kind < 0.5:
        return pick(rng, CHATTER)
    if kind < 0.75:
        end = pick(rng, [".", ".", "!", "?"])
        return f"{pick(rng, ['I', 'We', 'You', 'They'])} {pick(rng, VERBS)} {pick(rng, ['the', 'a', 'some', 'my'])} {pick(rng, ADJECTIVES)} {noun(rng)}{end}"
    return " ".join(nonsense(rng) for _ in range(int(rng.integers(2, 6)))) + pick(rng, [".", ".", ""])


def add_subtitles(rng, scene, probability=0.5, crowded=1.0, least=0):
    """Gives a scene cues (at most a few) and the facts they carry.

    scene.cues: frame -> texts. scene.facts: (key, value, questions, frame), each
    key once, so that no question has two answers.
    """
    n = len(scene.times)
    scene.cues, scene.facts = {}, []
    if rng.random() >= probability:
        return
    keys, values, cues = set(), set(), []
    for _ in range(least + int(rng.integers(0, 4 if n > 1 else 2)) + (rng.random() < 0.7)):
        draw = rng.random()
        if draw < 0.65:
            fact = topic_fact(rng, pick(rng, list(TOPICS)))
        else:
            fact = noun_fact(rng) if draw < 0.94 else thing_fact(rng)
        key, said, value, asked = fact
        if keys & set(key.split()) or value in values:
            continue
        keys |= set(key.split())
        values.add(value)
        parts = [said]
        while rng.random() < 0.2:
            parts.insert(int(rng.integers(len(parts) + 1)), chatter(rng))
        cues.append((" ".join(parts), (key, value, asked)))
    while rng.random() < 0.3 * crowded or not cues:
        cues.append((chatter(rng), None))
    topics = {key for key in keys if key in TOPICS}
    for text, fact in cues:
        frame = int(rng.integers(n))
        scene.cues.setdefault(frame, []).append(text)
        if fact:
            key, value, asked = fact
            # A generic noun could be meant by a topic's question, or the other way round.
            if key in TOPICS and any(word in asked_word for word in keys - topics for asked_word in " ".join(asked).lower().split()):
                asked = [q for q in asked if not any(word in q.lower() for word in keys - topics)]
            if asked:
                scene.facts.append((key, value, asked, frame))
