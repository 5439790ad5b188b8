"""
MiniGPT4-Video (arXiv 2404.03413), and Goldfish, which is built on the same checkpoints, to a pack.

  python3 minigpt4_video.py --eva eva_vit_g.pth --checkpoint video_llama_checkpoint_last.pth \\
      --language merged.gguf --family llama2 --into OUT

The checkpoint holds llama_proj.* and LoRA weights; language.py merges the latter into the base model first.
"""
import argparse

from checkpoint import Weights, load
from pack import IMAGENET, Pack, preprocess
from parts import EvaVit, Linear

FAMILIES = {"llama2": {"frames": 45, "context": 4096}, "mistral": {"frames": 90, "context": 8192}}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--eva", required=True, help="eva_vit_g.pth")
    options.add_argument("--checkpoint", required=True, help="the authors' checkpoint")
    options.add_argument("--language", required=True, help="GGUF of the language model, LoRA merged")
    options.add_argument("--family", choices=FAMILIES, default="llama2")
    options.add_argument("--into", required=True, help="folder for the result, empty or not there")
    options.add_argument("--depth", type=int, default=39, help="blocks of the vision encoder that are used (default 39 of the file's 40)")
    options.add_argument("--id", default="minigpt4-video")
    given = options.parse_args()

    own = load(given.checkpoint)
    # Some checkpoints hold a vision encoder that was trained on; the others leave the published one as it is.
    eva = own.below("visual_encoder.") if any(key.startswith("visual_encoder.") for key in own) else load(given.eva)
    vision = EvaVit(eva, own.below("ln_vision."), given.depth)
    projector = Linear(own.below("llama_proj."))
    merge = projector.input_width // vision.width
    if projector.input_width != merge * vision.width:
        raise SystemExit(f"llama_proj takes {projector.input_width} values, which is no multiple of the encoder's {vision.width}.")

    pack = Pack(given.into, given.language)
    family = FAMILIES[given.family]
    manifest = {
        "preprocess": preprocess(vision.side * vision.patch, *IMAGENET),
        "encoder": {**pack.vision("vision.onnx", vision, ["tokens"]), "cls": True},
        "projector": pack.projector("projector.onnx", projector),
        "composer": {"name": "minigpt4-video", "merge": merge},
        "language": {"contextSize": family["context"]},
        "sampling": {"strategy": "uniform", "frames": family["frames"], "maxFrames": family["frames"]},
        "subtitles": {"tokenBudget": 1000},
        "prompt": {"begin": "<s>[INST] ", "frame": "<Img>{visual}", "cue": "<Cap>{text}", "end": "\n{question} [/INST]", "answerPrefix": "", "stop": ["</s>"]},
    }
    facts = [
        ("Vision encoder, projector and their keys; four tokens in a row become one, the class token is dropped.", "Vision-CAIR/MiniGPT4-video, minigpt4/models/mini_gpt4_llama_v2.py: __init__, encode_img; eva_vit.py"),
        ("Frames, preprocessing and prompt.", "the same repository and arXiv 2404.03413, section 3"),
    ]
    pack.write(given.id, f"MiniGPT4-Video ({given.family})", family["frames"] * vision.side**2 // merge, manifest, facts, "Vision-CAIR/MiniGPT4-video and the terms of its language model")


if __name__ == "__main__":
    main()
