"""
LongVLM (arXiv 2404.03384) to a pack: CLIP ViT-L/14 with the class tokens of all layers, and mm_projector.

  python3 longvlm.py --clip clip-vit-large-patch14/pytorch_model.bin --checkpoint LongVLM-7B/ --language longvlm.gguf --into OUT

Its authors published code and no weights: the checkpoint is what that code trains.
"""
import argparse

from checkpoint import load
from pack import CLIP, Pack, preprocess
from parts import ClipVit
from red_villm import PROJECTORS, single_linear

MERGES = [1280, 640, 320, 160, 80, 40, 10]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clip", required=True, help="CLIP ViT-L/14 as Hugging Face publishes it: a file or a folder")
    options.add_argument("--checkpoint", required=True, help="what the authors' code trains: model.mm_projector.*")
    options.add_argument("--language", required=True, help="GGUF of the language model")
    options.add_argument("--into", required=True, help="folder for the result, empty or not there")
    options.add_argument("--frames", type=int, default=100)
    options.add_argument("--segments", type=int, default=10)
    options.add_argument("--merges", default=",".join(map(str, MERGES)), help="tokens merged away in each step (default: the paper's)")
    options.add_argument("--id", default="longvlm")
    given = options.parse_args()

    vision = ClipVit(load(given.clip))
    projector = single_linear(load(given.checkpoint), PROJECTORS)
    merges = [int(step) for step in given.merges.split(",")]
    left = given.frames // given.segments * vision.side**2 - sum(merges)
    layers = vision.depth + 1

    pack = Pack(given.into, given.language)
    manifest = {
        "preprocess": preprocess(vision.side * vision.patch, *CLIP),
        "encoder": {**pack.vision("vision.onnx", vision, ["tokens", "global"]), "cls": False, "global": {"output": "global", "layers": layers, "width": vision.width, "kind": "class"}},
        "projector": pack.projector("projector.onnx", projector),
        "composer": {"name": "longvlm", "frames": given.frames, "segments": given.segments, "merges": merges, "heads": vision.heads, "global": min(5, layers), "globalProjector": "visual"},
        "language": {"contextSize": 2048},
        "sampling": {"strategy": "video-chatgpt", "frames": given.frames, "maxFrames": given.frames},
        "subtitles": {"tokenBudget": 600},
        "prompt": {"begin": "<s>USER: ", "frame": "{visual}", "video": "{visual}", "segment": "{visual}", "cue": "\n{text}", "end": "\n{question} ASSISTANT:", "answerPrefix": "", "stop": ["</s>"]},
    }
    facts = [
        ("One projector for global and local tokens, global ones first; its keys.", "ziplab/LongVLM, longvlm/model/longvlm.py: initialize_vision_modules, forward"),
        ("Merging and segments as in the paper.", "arXiv 2404.03384, sections 3.1 to 3.3"),
        ("The published prompt has the question before the video; here the video comes first, so that questions share it.", "longvlm/video_conversation.py"),
    ]
    pack.write(given.id, "LongVLM", given.segments * left + min(5, layers), manifest, facts, "ziplab/LongVLM and the terms of its language model")


if __name__ == "__main__":
    main()
