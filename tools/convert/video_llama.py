"""
Video-LLaMA (arXiv 2306.02858) with its image, video and audio Q-formers to a pack.

  python3 video_llama.py --eva eva_vit_g.pth --blip2 blip2_pretrained_flant5xxl.pth --vision VL_LLaMA_2_7B_Finetuned.pth \\
      --audio AL_LLaMA_2_7B_Finetuned.pth --imagebind imagebind_huge.pth --language llama2.gguf --into OUT
"""
import argparse

import torch

from checkpoint import load
from pack import CLIP, Pack, preprocess
from parts import EvaVit, ImageBindAudio, Linear, QFormer, Table


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--eva", required=True, help="eva_vit_g.pth")
    options.add_argument("--blip2", required=True, help="blip2_pretrained_flant5xxl.pth: ln_vision, Qformer, query_tokens")
    options.add_argument("--vision", required=True, help="the vision-language checkpoint")
    options.add_argument("--audio", help="the audio-language checkpoint; without it the pack hears nothing")
    options.add_argument("--imagebind", help="imagebind_huge.pth")
    options.add_argument("--language", required=True, help="GGUF of the language model, of the checkpoint's own folder")
    options.add_argument("--into", required=True, help="folder for the result, empty or not there")
    options.add_argument("--depth", type=int, default=39, help="blocks of the vision encoder that are used (default 39 of the file's 40)")
    options.add_argument("--id", default="video-llama")
    given = options.parse_args()
    if (given.audio is None) != (given.imagebind is None):
        raise SystemExit("--audio and --imagebind go together.")

    blip2, seeing = load(given.blip2), load(given.vision)
    # A later checkpoint wins, as when the published code loads one behind the other.
    both = type(blip2)({**blip2, **seeing}, f"{given.blip2}, {given.vision}")
    vision = EvaVit(load(given.eva), both.below("ln_vision."), given.depth)
    image = QFormer(both.below("Qformer."), both["query_tokens"])
    video = QFormer(both.below("video_Qformer."), both["video_query_tokens"])
    positions = Table(both["video_frame_position_embedding.weight"])
    projector = Linear(both.below("llama_proj."))

    pack = Pack(given.into, given.language)
    manifest = {
        "preprocess": preprocess(vision.side * vision.patch, *CLIP),
        "encoder": {**pack.vision("vision.onnx", vision, ["tokens"]), "cls": True, "keepCls": True},
        "projectors": {"visual": pack.projector("projector.onnx", projector)},
        "parts": {"imageQformer": pack.qformer("image-qformer.onnx", image), "framePositions": pack.table("frame-positions.onnx", positions), "videoQformer": pack.qformer("video-qformer.onnx", video)},
        "composer": {"name": "video-llama"},
        "language": {"contextSize": 2048},
        "sampling": {"strategy": "video-llama", "frames": min(8, positions.count), "maxFrames": positions.count},
        "subtitles": {"tokenBudget": 600},
        "prompt": {
            "begin": "<s>[INST] ",
            "audio": "Close your eyes, open your ears and you imagine only based on the sound that: {visual}. Close your ears, open your eyes and you see that ",
            "frame": "<Video>{visual}</Video>",
            "video": "<Video>{visual}</Video>. ",
            "cue": "{text} ",
            "times": "The video contains {count} frames sampled at {seconds} seconds. ",
            "end": "{question} [/INST]",
            "answerPrefix": "",
            "stop": ["</s>"],
        },
    }
    slots = video.queries
    if given.audio is not None:
        hearing = load(given.audio)
        encoder = ImageBindAudio(load(given.imagebind))
        former = QFormer(hearing.below("audio_Qformer."), hearing["audio_query_tokens"])
        clips = Table(hearing["audio_position_embedding.weight"])
        pack.onnx("audio.onnx", encoder, torch.zeros(2, 1, 128, 204), ["fbank"], ["embeddings"], {"fbank": {0: "n"}})
        manifest["projectors"]["audio"] = pack.projector("audio-projector.onnx", Linear(hearing.below("audio_llama_proj.")))
        manifest["audio"] = {
            "clips": {"count": clips.count, "seconds": 2, "most": clips.count},
            "features": {"kind": "kaldi-fbank", "bins": 128, "frames": 204, "mean": -4.268, "std": 9.138},
            "encoder": {"file": "audio.onnx", "input": "fbank", "output": "embeddings", "tokens": 1, "width": encoder.width},
            "positions": pack.table("audio-positions.onnx", clips),
            "qformer": pack.qformer("audio-qformer.onnx", former),
        }
        slots += former.queries
    facts = [
        ("Parts, their keys and their order; the class token is kept; a Q-Former's text layers are not used.", "DAMO-NLP-SG/Video-LLaMA, video_llama/models/video_llama.py: __init__, encode_videoQformer_visual, encode_audioQformer; blip2.py; eva_vit.py"),
        ("The audio encoder's output is the head's, brought to length 1 and scaled by 20.", "ImageBind/models/imagebind_model.py of the same repository: get_audio_feature, _create_modality_postprocessors"),
        ("Words around sound and video.", "conversation/conversation_video.py: upload_video, upload_video_without_audio"),
    ]
    pack.write(given.id, "Video-LLaMA", slots, manifest, facts, "DAMO-NLP-SG/Video-LLaMA and the terms of its language model")


if __name__ == "__main__":
    main()
