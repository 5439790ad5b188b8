"""A first guess at the language model's weights from which copying is easy to learn.

Found by chance, the pair of heads that copies (one looks at the token before,
one looks for where the present token stood before and reads what followed) takes
longer to appear than all the rest of the training here. So both are laid by hand;
everything stays trainable.

Every embedding has the same constant in channel 0. With it a query and a key can
be made that depend on nothing but their distance, through the rotary angles.
"""

import math

import torch

CONSTANT, SPREAD = 0.4, 0.05


def wire(model, seed=0, sharpness=60.0, written=0.6, copied=0.5):
    """model: language.Language."""
    g = torch.Generator().manual_seed(seed)
    width, heads = model.embedding.weight.shape[1], model.blocks[0].heads
    head = width // heads

    def normal(*shape, std):
        return torch.randn(*shape, generator=g) * std

    with torch.no_grad():
        for block in model.blocks:
            q = normal(width, width, std=width ** -0.5)
            k = q + normal(width, width, std=0.5 * width ** -0.5)
            v = normal(width, width, std=width ** -0.5)
            block.qkv.weight.copy_(torch.cat([q, k, v]))
            block.out.weight.copy_(0.05 * v.t())
            block.down.weight.copy_(normal(*block.down.weight.shape, std=0.002))
        model.embedding.weight.copy_(normal(*model.embedding.weight.shape, std=SPREAD))
        model.embedding.weight[:, 0] = CONSTANT
        model.output.weight.copy_(model.embedding.weight)
        model.output.weight[:, 0] = 0

        # How large channel 0 is after the first normalisation.
        rest = SPREAD * math.sqrt(width - 1)
        unit = CONSTANT / math.sqrt((rest ** 2 + CONSTANT ** 2) / width)
        strength = math.sqrt(sharpness) / unit
        read = torch.linalg.qr(normal(width, width, std=1.0))[0]
        read[:, 0] = 0
        write = torch.linalg.qr(normal(width, width, std=1.0))[0]
        slow = slice(head // 2, head)  # channels whose rotary angle hardly turns

        q, k, v = model.blocks[0].qkv.weight.chunk(3)
        out = model.blocks[0].out.weight
        for h in range(3):  # head h looks h + 1 tokens back
            rows = slice(h * head, (h + 1) * head)
            ask, offer = torch.zeros(head), torch.zeros(head)
            for pair in range(6):
                angle = float(model.frequencies[pair]) * -(h + 1)
                ask[2 * pair], ask[2 * pair + 1] = strength * math.cos(angle), strength * math.sin(angle)
                offer[2 * pair] = strength
            q[rows], k[rows] = 0, 0
            q[rows, 0], k[rows, 0] = ask, offer
            v[rows] = read[rows]
            out[:, rows] = written * SPREAD * write[:, rows]

        q, k, v = model.blocks[1].qkv.weight.chunk(3)
        out = model.blocks[1].out.weight
        for h in range(3):  # head h finds a token that follows one like the present one
            rows = slice(h * head, (h + 1) * head)
            codes = (torch.arange(h * 8, h * 8 + head // 2)) % head
            q[rows], k[rows] = 0, 0
            q[rows][slow] = read[:head][codes]
            k[rows][slow] = 1.5 * write[:, :head].t()[codes]
            v[rows] = read[3 * head + h * head:3 * head + (h + 1) * head]
            out[:, rows] = copied * SPREAD * v[rows].t()


def align(projector, language, tokenizer, colours, shapes, merge=4, strength=0.5):
    """Lets a visual token start out as the sum of the words for what it shows.

    projector: Linear(merge * token width, width); its columns for the colours and
    shapes of every merged cell become the embeddings of their words. Then a word in
    a question already resembles the tokens that show what it means.
    """
    width = projector.in_features // merge
    with torch.no_grad():
        projector.weight.mul_(0.15)
        projector.bias.zero_()
        projector.bias[0] = CONSTANT
        for channel, word in enumerate([*colours, *shapes], start=1):
            token = tokenizer.encode(" " + word)
            assert len(token) == 1, word
            meaning = language.embedding.weight[token[0]].clone()
            meaning[0] = 0
            for cell in range(merge):
                projector.weight[:, cell * width + channel] += meaning * strength


def begin_others(model, tokenizer, colours, shapes, jobs=None, strength=0.12):
    """First guesses for the other systems' projectors: what they are given is made of what the image projector knows.

    A joined token shows four cells. Where one token stands for a single cell (or a mean of
    several), the channels of a cell's own description keep their strength, and those that
    all cells share are added up. jobs: of train_qformers, which says what its queries mean.
    """
    weight, others = model.projector.weight, model.others
    with torch.no_grad():
        cells = weight.view(len(weight), 4, -1)
        own = torch.arange(cells.shape[2]) < 18
        for name, times in (("local", 1), ("pooled", 4), ("small", 16)):
            others[name].weight.copy_(torch.where(own, cells.mean(1) * times, cells.sum(1)))
            others[name].bias.copy_(model.projector.bias)
        others["temporal"].weight.copy_(torch.where(own, cells * 16, cells).flatten(1))
        others["temporal"].bias.copy_(model.projector.bias)
        for name in ("global", "video", "audio"):
            others[name].weight.mul_(0.1)
            others[name].bias.zero_()
            others[name].bias[0] = CONSTANT
        if jobs is not None:
            speak(others["video"], model.language, tokenizer, colours, jobs["thing.weight"][1:], strength)
            speak(others["video"], model.language, tokenizer, shapes, jobs["thing.weight"][1 + len(colours):], strength)


def begin_audio(model, tokenizer, pitches, jobs, strength=0.2):
    """The same for the sound's tokens: jobs of train_audio."""
    with torch.no_grad():
        model.others["audio"].weight.mul_(0.1)
        speak(model.others["audio"], model.language, tokenizer, pitches, jobs["order.weight"][1:], strength)


def speak(projector, language, tokenizer, words, reads, strength):
    """What a head reads for the n-th word becomes a part of that word's embedding (of its first token)."""
    reads = reads[:len(words)].float()
    for row, word in zip(reads - reads.mean(0), words):
        meaning = language.embedding.weight[tokenizer.encode(" " + word)[0]].clone()
        meaning[0] = 0
        projector.weight += strength * meaning[:, None] * row
