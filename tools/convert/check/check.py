"""
Runs the converters on checkpoints of the published keys with tiny widths, and writes beside their results what
reference.py makes of the same checkpoints. `npm run convert:check` compares that with test/fixtures/converted;
the tests hold the ONNX files against it in onnxruntime.

  python3 tools/convert/check/check.py OUT

Needs Python 3.9 or later with PyTorch, ONNX and NumPy (Debian: python3-torch python3-onnx python3-numpy).
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent)]
import make  # noqa: E402
import reference as ref  # noqa: E402
from checkpoint import load  # noqa: E402


def convert(script, *options):
    subprocess.run([sys.executable, "-W", "ignore", str(here.parent / f"{script}.py"), *map(str, options)], check=True)


def arrays(path):
    return {name: np.asarray(value.numpy(), dtype=np.float64) for name, value in dict.items(load(path))}


def references(at):
    """By pack and ONNX file: inputs are `ramp` of their shape, outputs by name."""
    eva, clip, bind = arrays(at / "eva_vit_g.pth"), arrays(at / "clip"), arrays(at / "imagebind_huge.pth")
    mini, blip2, vl, al = (arrays(at / name) for name in ("minigpt4_video.pth", "blip2.pth", "vl.pth", "al.pth"))
    long, temporal = arrays(at / "longvlm"), arrays(at / "temporal.pth")
    picture, fbank = ref.ramp(3, 224, 224), ref.ramp(1, 128, 204)
    plain = {"ln.weight": np.ones(make.EVA), "ln.bias": np.zeros(make.EVA)}
    trained = {"ln.weight": blip2["ln_vision.weight"], "ln.bias": blip2["ln_vision.bias"]}
    tokens, classes = ref.clip(clip, picture)
    former = lambda w, prefix, queries, rows, width, layers: ({"tokens": [1, rows, width]}, {"queries": ref.qformer(w, prefix, queries[0], ref.ramp(rows, width), layers)[None]})

    def linear(w, name):
        width = w[f"{name}.weight"].shape[1]
        return {"tokens": [2, width]}, {"embeds": ref.affine(w, name, ref.ramp(2, width))}

    seen = {"pixel_values": [1, 3, 224, 224]}
    return {
        "minigpt4-video": {"vision.onnx": (seen, {"tokens": ref.eva(eva, picture, plain)[None]}), "projector.onnx": linear(mini, "llama_proj")},
        "video-llama": {
            "vision.onnx": (seen, {"tokens": ref.eva(eva, picture, trained)[None]}),
            "image-qformer.onnx": former(blip2, "Qformer", blip2["query_tokens"], 7, make.EVA, 3),
            "video-qformer.onnx": former(vl, "video_Qformer", vl["video_query_tokens"], 8, make.BERT, 2),
            "projector.onnx": linear(vl, "llama_proj"),
            "audio.onnx": ({"fbank": [1, 1, 128, 204]}, {"embeddings": ref.imagebind(bind, fbank)[None]}),
            "audio-qformer.onnx": former(al, "audio_Qformer", al["audio_query_tokens"], 6, 36, 2),
            "audio-projector.onnx": linear(al, "audio_llama_proj"),
        },
        "red-villm": {"vision.onnx": (seen, {"tokens": tokens[None]}), "projector.onnx": linear(long, "model.mm_projector"), "temporal.onnx": linear(temporal, "temporal_projector")},
        "longvlm": {"vision.onnx": (seen, {"tokens": tokens[None], "global": classes[None]}), "projector.onnx": linear(long, "model.mm_projector")},
    }


def check_language(at, into):
    """LoRA by its formula, for both spellings; foreign tensors left out."""
    for checkpoint, end in (("minigpt4_video.pth", ""), ("newer.pth", ".default")):
        convert("language", "--base", at / "llama", "--checkpoint", at / checkpoint, "--into", into / f"merged{end}")
        base, adapter, merged = arrays(at / "llama"), arrays(at / checkpoint), arrays(into / f"merged{end}")
        assert set(merged) == {name for name in base if not name.endswith("inv_freq")}, set(merged)
        for name, weight in merged.items():
            lora = f"llama_model.base_model.model.{name[: -len('.weight')]}"
            if f"{lora}.lora_A{end}.weight" in adapter:
                weight = weight - 16 / 4 * adapter[f"{lora}.lora_B{end}.weight"] @ adapter[f"{lora}.lora_A{end}.weight"]
                assert not np.allclose(merged[name], base[name], atol=1e-3), f"{name} is as it was"
            np.testing.assert_allclose(weight, base[name], atol=2e-3)
    convert("language", "--base", at / "longvlm", "--into", into / "stripped")
    assert not any("mm_projector" in name for name in arrays(into / "stripped"))
    assert json.loads((into / "stripped/config.json").read_text())["architectures"] == ["LlamaForCausalLM"]


def main(out):
    out = Path(out)
    with tempfile.TemporaryDirectory() as scratch:
        at = Path(scratch) / "published"
        make.make(at)
        common = ["--language", at / "empty.gguf"]
        eva = ["--eva", at / "eva_vit_g.pth", "--depth", make.EVA_BLOCKS - 1]
        convert("minigpt4_video", *eva, "--checkpoint", at / "minigpt4_video.pth", *common, "--into", out / "minigpt4-video")
        convert("video_llama", *eva, "--blip2", at / "blip2.pth", "--vision", at / "vl.pth", "--audio", at / "al.pth", "--imagebind", at / "imagebind_huge.pth", *common, "--into", out / "video-llama")
        convert("red_villm", "--clip", at / "clip", "--checkpoint", at / "longvlm", "--temporal", at / "temporal.pth", "--frames", 4, *common, "--into", out / "red-villm")
        convert("longvlm", "--clip", at / "clip", "--checkpoint", at / "longvlm", "--frames", 4, "--segments", 2, "--merges", "256,128,64,32", *common, "--into", out / "longvlm")
        check_language(at, Path(scratch))
        index, data = {}, []
        for pack, files in references(at).items():
            (out / pack / "original.gguf").unlink()
            for file, (inputs, outputs) in files.items():
                for name, array in outputs.items():
                    index.setdefault(pack, {}).setdefault(file, {"inputs": inputs, "outputs": {}})["outputs"][name] = {"at": sum(map(len, data)), "dims": list(array.shape)}
                    data.append(array.ravel())
        np.concatenate(data).astype("<f4").tofile(out / "reference.f32")
        (out / "reference.json").write_text(json.dumps(index, indent=1) + "\n")
    print(f"{len(data)} outputs of {sum(len(files) for files in index.values())} parts")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    torch.set_num_threads(1)
    main(sys.argv[1])
