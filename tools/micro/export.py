"""Writes the pack that the product loads, and fixtures to check another runtime against.

    python3 export.py CHECKPOINT ../../server/models/micro [--fixtures ../../test/fixtures/micro-reference]

Needs torch's classic ONNX exporter with the onnx package (Debian: python3-torch,
python3-onnx). "untrained" as CHECKPOINT exports random weights of the right shape.
"""

import argparse
import hashlib
import json
import os

import numpy as np
import torch

import gguf
from language import EPSILON, HEADS, HIDDEN, LAYERS, THETA, WIDTH
from model import MERGE, SOURCES, Micro, load_checkpoint, load_tokenizer
from qformer import CLIP_WIDTH, PICTURE_QUERIES
from qformer import WIDTH as QUERY_WIDTH
from sound import BINS, CLIPS, FRAMES
from systems import LONG_VIDEO, systems
from tokenizer import BOS, CONTROL, EOS, PAD
from vision import GRID, INNER, LEVELS, MEAN, SIZE, STD
from vision import WIDTH as TOKEN_WIDTH

SLOTS = 512
CONTEXT = 2048
MATRIX = gguf.Q8_0


def load(path):
    return (Micro() if path == "untrained" else load_checkpoint(path)).eval()


def as_exported(model):
    """The same model with its matrices rounded as the GGUF file holds them."""
    for name, p in model.language.named_parameters():
        if p.dim() == 2:
            array = p.detach().numpy()
            kept = array.astype(np.float16) if name == "embedding.weight" else gguf.dequantise(array)
            p.data = torch.from_numpy(kept.astype(np.float32))
    return model


class Both(torch.nn.Module):
    """The vision encoder with its second output."""

    def __init__(self, vision):
        super().__init__()
        self.vision = vision

    def forward(self, pixels):
        return self.vision.both(pixels)


def write_onnx(module, example, path, inputs, outputs, rows=False):
    """rows: the second axis of the input is free as well."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    axes = {name: {0: "n"} for name in [*inputs, *outputs]}
    if rows:
        axes[inputs[0]][1] = "rows"
    torch.onnx.export(module, example, path, input_names=inputs, output_names=outputs, dynamic_axes=axes,
                      opset_version=16, do_constant_folding=True)


def export_onnx(model, out):
    write_onnx(Both(model.vision), torch.rand(2, 3, SIZE, SIZE), f"{out}/vision.onnx", ["pixel_values"], ["last_hidden_state", "pooled"])
    projectors = {"visual": "projector", "temporal": "red-villm/temporal", "local": "longvlm/local", "global": "longvlm/global",
                  "pooled": "mean-pool/projector", "small": "frame-resize/projector", "video": "video-llama/projector",
                  "audio": "video-llama/audio-projector"}
    for source, name in projectors.items():
        module = model.projector if source == "visual" else model.others[source]
        write_onnx(module, torch.rand(2, SOURCES[source]), f"{out}/{name}.onnx", ["tokens"], ["embeds"])
    video, audio, folder = model.video_former, model.audio_former, f"{out}/video-llama"
    write_onnx(video.picture, torch.rand(2, GRID * GRID, TOKEN_WIDTH), f"{folder}/image-qformer.onnx", ["tokens"], ["queries"], rows=True)
    write_onnx(video.positions, torch.arange(2), f"{folder}/frame-positions.onnx", ["positions"], ["embeddings"])
    write_onnx(video.video, torch.rand(1, 2 * PICTURE_QUERIES, QUERY_WIDTH), f"{folder}/video-qformer.onnx", ["tokens"], ["queries"], rows=True)
    write_onnx(model.audio, torch.rand(2, 1, BINS, FRAMES), f"{folder}/audio.onnx", ["fbank"], ["embeddings"])
    write_onnx(audio.positions, torch.arange(2), f"{folder}/audio-positions.onnx", ["positions"], ["embeddings"])
    write_onnx(audio.audio, torch.rand(1, CLIPS, CLIP_WIDTH), f"{folder}/audio-qformer.onnx", ["tokens"], ["queries"], rows=True)


def export_gguf(model, tokenizer, path):
    state = {k: v.detach().numpy() for k, v in model.language.state_dict().items()}
    words = len(tokenizer.tokens)
    embedding = np.concatenate([state["embedding.weight"], np.zeros((SLOTS, WIDTH), np.float32)])
    output = state["output.weight"]
    output = np.concatenate([output, np.repeat(output[PAD:PAD + 1], SLOTS, 0)])
    metadata = {
        "general.architecture": "llama",
        "general.name": "VQA micro",
        "general.license": "mit",
        "general.file_type": 7,
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": HIDDEN,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.attention.layer_norm_rms_epsilon": EPSILON,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.rope.freq_base": THETA,
        "llama.vocab_size": words + SLOTS,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokenizer.tokens + [f"<v{i}>" for i in range(SLOTS)],
        "tokenizer.ggml.token_type": [3] * len(CONTROL) + [1] * (words - len(CONTROL)) + [3] * SLOTS,
        "tokenizer.ggml.merges": [f"{a} {b}" for a, b in tokenizer.merges],
        "tokenizer.ggml.bos_token_id": BOS,
        "tokenizer.ggml.eos_token_id": EOS,
        "tokenizer.ggml.padding_token_id": PAD,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_eos_token": False,
    }
    tensors = [
        ("token_embd.weight", embedding, gguf.F16),
        ("output_norm.weight", state["norm.weight"], gguf.F32),
        ("output.weight", output, MATRIX),
    ]
    for i in range(LAYERS):
        block = {k[len(f"blocks.{i}."):-len(".weight")]: v for k, v in state.items() if k.startswith(f"blocks.{i}.")}
        q, k, v = np.split(block["qkv"], 3)
        gate, up = np.split(block["gate_up"], 2)
        named = {"attn_q": q, "attn_k": k, "attn_v": v, "attn_output": block["out"], "ffn_gate": gate, "ffn_up": up,
                 "ffn_down": block["down"], "attn_norm": block["attention_norm"], "ffn_norm": block["ffn_norm"]}
        tensors += [(f"blk.{i}.{name}.weight", w, MATRIX if w.ndim == 2 else gguf.F32) for name, w in named.items()]
    gguf.write(path, metadata, tensors)


OTHERS = ("speech", "embedder")  # parts that are trained elsewhere, each in a folder of its name


def others(out):
    """Their sections and files, as the manifest that stands there has them."""
    path = f"{out}/vqa-model.json"
    if not os.path.exists(path):
        return {}, []
    with open(path, encoding="utf-8") as file:
        there = json.load(file)
    sections = {name: there[name] for name in OTHERS if name in there}
    return sections, [each for each in there["files"] if each["path"].split("/")[0] in sections]


def weights(out):
    """Every file of weights under `out`, the largest parts first."""
    own = lambda folder: os.path.relpath(folder, out).split(os.sep)[0] not in OTHERS  # noqa: E731
    found = [os.path.relpath(os.path.join(folder, name), out).replace(os.sep, "/")
             for folder, _, names in os.walk(out) if own(folder) for name in names if name.endswith((".onnx", ".gguf"))]
    first = ["vision.onnx", "projector.onnx", "language.gguf"]
    return first + sorted(set(found) - set(first))


def manifest(out, words):
    sections, files_of_others = others(out)
    files = []
    for name in weights(out):
        with open(f"{out}/{name}", "rb") as file:
            data = file.read()
        files.append({"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    return {
        "schemaVersion": 1, "id": "micro", "name": "VQA micro", "version": "0.2.0", "licence": "MIT",
        "source": "trained in this repository, tools/micro",
        "preprocess": {"width": SIZE, "height": SIZE, "resize": "squash", "interpolation": "bicubic",
                       "scale": 1 / 255, "mean": list(MEAN), "std": list(STD)},
        "encoder": {"file": "vision.onnx", "input": "pixel_values", "output": "last_hidden_state",
                    "tokens": GRID * GRID, "grid": [GRID, GRID], "width": TOKEN_WIDTH, "cls": False,
                    "global": {"output": "pooled", "layers": LEVELS, "width": INNER, "kind": "pooled"}},
        "projector": {"file": "projector.onnx", "input": "tokens", "output": "embeds",
                      "inputWidth": MERGE * TOKEN_WIDTH, "width": WIDTH},
        "composer": {"name": "minigpt4-video", "merge": MERGE},
        "language": {"file": "language.gguf", "width": WIDTH, "contextSize": CONTEXT, "slots": {"first": words, "count": SLOTS}},
        "sampling": {"strategy": "uniform", "frames": 8, "maxFrames": 16},
        "subtitles": {"tokenBudget": 400},
        "prompt": {"begin": "<s>[INST]", "frame": "<Img> {time}{visual}", "cue": "<Cap> {text}",
                   "end": "\n{question}[/INST]", "answerPrefix": " ", "stop": ["</s>"]},
        "longVideo": LONG_VIDEO,
        "systems": systems(),
        **sections, "speech": {"pack": "micro-speech"},
        "files": files + files_of_others,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--fixtures")
    options = parser.parse_args()
    torch.manual_seed(0)
    os.makedirs(options.out, exist_ok=True)
    tokenizer, model = load_tokenizer(), load(options.checkpoint)
    export_onnx(model, options.out)
    export_gguf(model, tokenizer, f"{options.out}/language.gguf")
    with open(f"{options.out}/vqa-model.json", "w", encoding="utf-8") as file:
        json.dump(manifest(options.out, len(tokenizer.tokens)), file, indent=2)
        file.write("\n")
    for name in weights(options.out):
        print(name, os.path.getsize(f"{options.out}/{name}"))
    if options.fixtures:
        from fixtures import write_fixtures
        from fixtures_systems import write_systems
        write_fixtures(as_exported(model), tokenizer, options.fixtures)
        write_systems(model, tokenizer, options.fixtures)
