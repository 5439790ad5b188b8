"""
RED-VILLM (arXiv 2404.11865) to a pack: an image LLM's own encoder and projector, and a plug-in linear layer
for time. No checkpoint of its authors was found; --temporal takes a file with one linear layer, and without
it the plug-in begins as the image projector does, which the paper trains from.

  python3 red_villm.py --clip clip-vit-large-patch14/pytorch_model.bin --checkpoint llava-v1-7b/ \\
      --temporal plugin.pth --language llava.gguf --into OUT
"""
import argparse

from checkpoint import Weights, load
from pack import CLIP, Pack, preprocess
from parts import ClipVit, Linear


def single_linear(weights, names):
    """The one linear layer among the tensors, under one of the names that it has in published files."""
    for name in names:
        if f"{name}weight" in weights:
            return Linear(weights.below(name))
    raise SystemExit(f"{weights.source} has none of {', '.join(f'{name}weight' for name in names)}.")


PROJECTORS = ["model.mm_projector.", "mm_projector.", ""]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clip", required=True, help="CLIP ViT-L/14 as Hugging Face publishes it: a file or a folder")
    options.add_argument("--checkpoint", required=True, help="the image LLM, or its projector alone: model.mm_projector.*")
    options.add_argument("--temporal", help="the plug-in: one linear layer")
    options.add_argument("--language", required=True, help="GGUF of the language model")
    options.add_argument("--into", required=True, help="folder for the result, empty or not there")
    options.add_argument("--frames", type=int, default=100)
    options.add_argument("--id", default="red-villm")
    given = options.parse_args()

    vision = ClipVit(load(given.clip))
    own = load(given.checkpoint)
    spatial = single_linear(own, PROJECTORS)
    temporal = single_linear(load(given.temporal), ["temporal_projector.", "model.temporal_projector.", *PROJECTORS]) if given.temporal else spatial

    pack = Pack(given.into, given.language)
    manifest = {
        "preprocess": preprocess(vision.side * vision.patch, *CLIP),
        "encoder": {**pack.vision("vision.onnx", vision, ["tokens", "global"]), "cls": False},
        "projectors": {"visual": pack.projector("projector.onnx", spatial), "temporal": pack.projector("temporal.onnx", temporal)},
        "composer": {"name": "red-villm", "merge": 1},
        "language": {"contextSize": 2048},
        "sampling": {"strategy": "video-chatgpt", "frames": given.frames, "maxFrames": given.frames},
        "subtitles": {"tokenBudget": 600},
        "prompt": {"begin": "<s>USER: ", "frame": "{visual}", "video": "{visual}", "cue": "\n{text}", "end": "\n{question} ASSISTANT:", "answerPrefix": "", "stop": ["</s>"]},
    }
    facts = [
        ("One temporal token a frame through a plug-in linear layer, then one spatial token a patch through the image LLM's projector.", "arXiv 2404.11865, sections 3.1 and 3.2"),
        ("Patch tokens of the last but one layer of CLIP ViT-L/14, class token left out; frames as in Video-ChatGPT.", "mbzuai-oryx/Video-ChatGPT, scripts/save_spatio_temporal_clip_features.py"),
    ]
    pack.write(given.id, "RED-VILLM", given.frames + vision.side**2, manifest, facts, "the terms of the image LLM and of CLIP")


if __name__ == "__main__":
    main()
