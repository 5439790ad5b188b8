"""Fixtures that another runtime's results are compared with (called by export.py).

reference.json says what is in the other files:
    frames.u8   the frames of two clips, (16, 96, 96, 3), RGB
    vision.f32  the vision encoder's output for the first frame of each clip, (2, 64, width)
    embeds.f32  the projected tokens of the same frames, (2, 16, width)
    logits.f16  of each question: the first answer token's logits over the vocabulary without slots
The language model's matrices are rounded as in the GGUF file.
"""

import json
import os

import numpy as np
import torch

from language import masked
from compose import join
from layouts import frames as frames_look
from model import question_ids
from questions import ask
from render import Renderer
from subtitles import add_subtitles
from tokenizer import EOS
from train_vision import normalise
from world import make_scene

SEED = 42
TEXTS = [
    " 00:05", "\nWhat colour is the circle?", " The code is 472.", " B7-42", "\nDoes the red circle appear before the blue star?", " blorfix nask",
    "naïve 日本 '\u00a0x  y\n\n z", "I'm he'll they've don't 'S 'tis \"'re\"", "  two  spaces ", "\n\n", "\n", "a\tb\r\nc", "١٢٣ ½ ² Ⅷ",
    "emoji 😀👩‍👩‍👧 ok", "\u200b\u2028x\u3000y", "Ünïcödé ŉ ß", "don’t “quote”", "x=1;y_2", "e\u0301 combining", "кириллица текст", "हिन्दी",
    "\x00\x01 ctrl", "12:34:56 1234567", "a'sb 'll", "..!!?? --", "한국어 텍스트", "\ufeffbom", "𝒜𝓑 𝟘𝟙",
]


@torch.no_grad()
def answer(model, prefix, limit=32):
    """prefix (1, l, width) -> (first logits (vocabulary,), generated ids), greedily."""
    language, past, x, start, out, first = model.language, [None] * len(model.language.blocks), prefix, 0, [], None
    while len(out) < limit:
        n = x.shape[1]
        cos, sin = language.angles((torch.arange(n) + start)[None])
        attend = masked(torch.full((n, start + n), -1e4).triu(start + 1))
        for i, block in enumerate(language.blocks):
            x, past[i] = block(x, cos, sin, attend, past[i])
        start += n
        logits = language.output(language.norm(x[:, -1]))[0]
        first = logits if first is None else first
        token = int(logits.argmax())
        if token == EOS:
            break
        out.append(token)
        x = language.embedding(torch.tensor([[token]]))
    return first, out


def write_fixtures(model, tokenizer, folder):
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(SEED)
    renderer, clips, frames, vision, embeds, logits, items = Renderer(rng), [], [], [], [], [], []
    for kind in ("motion", "sequence"):
        scene = make_scene(rng, frames=8, kind=kind)
        add_subtitles(rng, scene, 1.0, crowded=0.5)
        pictures = renderer.clip(scene)
        with torch.no_grad():
            tokens = model.vision(normalise(pictures))
            projected = model.projector(join(tokens))
        frames.append(pictures)
        vision.append(tokens[0].numpy())
        embeds.append(projected[0].numpy())
        prompt = frames_look(tokenizer, scene, tokens).ids
        clips.append({"times": scene.labels, "cues": {str(f): texts for f, texts in sorted(scene.cues.items())}})
        chosen = {}
        for q in ask(rng, scene):
            chosen.setdefault(q.kind, q)
        for q in list(chosen.values())[:8]:
            ids = prompt + question_ids(tokenizer, q.text)
            first, got = answer(model, model.embed(torch.tensor([ids]), projected.flatten(0, 1)))
            logits.append(first.numpy())
            items.append({"clip": len(clips) - 1, "kind": q.kind, "question": q.text, "expected": q.answer,
                          "prompt": ids, "output": got, "text": tokenizer.decode(got)})
    arrays = {"frames.u8": np.concatenate(frames), "vision.f32": np.stack(vision).astype(np.float32),
              "embeds.f32": np.stack(embeds).astype(np.float32), "logits.f16": np.stack(logits).astype(np.float16)}
    for name, array in arrays.items():
        array.tofile(f"{folder}/{name}")
    reference = {
        "files": {name: {"shape": list(array.shape)} for name, array in arrays.items()},
        "visual": -1, "stop": EOS, "clips": clips, "questions": items,
        "tokenizer": [{"text": text, "ids": tokenizer.encode(text)} for text in TEXTS],
    }
    with open(f"{folder}/reference.json", "w", encoding="utf-8") as file:
        json.dump(reference, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
    right = sum(i["text"].strip() == i["expected"] for i in items)
    print("fixtures:", right, "of", len(items), "answers right,", sum(os.path.getsize(f"{folder}/{n}") for n in os.listdir(folder)), "bytes")
