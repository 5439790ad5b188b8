"""
The language model of a checkpoint as a folder that llama.cpp's convert_hf_to_gguf.py takes: LoRA weights merged,
and what is not the language model's (projectors, vision towers) left out.

  python3 language.py --base Llama-2-7b-chat-hf/ --checkpoint video_llama_checkpoint_last.pth --alpha 16 --into merged/
  python3 language.py --base LongVLM-7B/ --into stripped/
  python3 llama.cpp/convert_hf_to_gguf.py merged/ --outfile merged.gguf

Memory: the base model in float16, and one matrix more.
"""
import argparse
import json
import re
import shutil
import struct
from pathlib import Path

import torch

from checkpoint import load

# peft up to 0.2 writes "lora_A.weight", later versions "lora_A.default.weight".
LORA = re.compile(r"^(?:llama_model\.)?base_model\.model\.(?P<layer>.+)\.lora_(?P<side>[AB])(?:\.default)?\.weight$")
OWN = re.compile(r"^(?:model\.(?:embed_tokens|norm|layers\.\d+)\.|lm_head\.)")


def merge(base, adapter, alpha):
    """The base model's tensors, the adapter's W + alpha / rank * B A added. Returns how many were changed, too."""
    pairs = {}
    for name in adapter:
        found = LORA.match(name)
        if found:
            pairs.setdefault(f"{found['layer']}.weight", {})[found["side"]] = adapter[name]
    out = {name: value.half() for name, value in dict.items(base) if OWN.match(name) and not name.endswith("inv_freq")}
    for name, pair in pairs.items():
        if name not in out or set(pair) != {"A", "B"}:
            raise SystemExit(f"{adapter.source} changes {name}, which {base.source} " + ("has not." if name not in out else "gives one half of."))
        out[name] = (base[name] + alpha / pair["A"].shape[0] * (pair["B"] @ pair["A"])).half()
    return out, len(pairs)


def save(tensors, path):
    """A safetensors file."""
    header, offset = {}, 0
    for name, value in tensors.items():
        size = value.numel() * 2
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [offset, offset + size]}
        offset += size
    written = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(written)) + written)
        for value in tensors.values():
            file.write(value.contiguous().numpy().tobytes())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--base", required=True, help="folder of the base model, Hugging Face layout")
    options.add_argument("--checkpoint", help="the authors' checkpoint with LoRA weights")
    options.add_argument("--alpha", type=float, default=16, help="lora_alpha of the training (MiniGPT4-Video: 16)")
    options.add_argument("--into", required=True, help="folder for the result")
    given = options.parse_args()

    base = load(given.base)
    adapter = load(given.checkpoint) if given.checkpoint else type(base)({}, "no checkpoint")
    tensors, merged = merge(base, adapter, given.alpha)
    if given.checkpoint and merged == 0:
        raise SystemExit(f"{given.checkpoint} has no LoRA weights.")
    into = Path(given.into)
    into.mkdir(parents=True, exist_ok=True)
    for file in Path(given.base).iterdir():
        if file.suffix in (".json", ".model", ".txt") and not file.name.endswith(".index.json"):
            shutil.copyfile(file, into / file.name)
    config = into / "config.json"
    settings = json.loads(config.read_text())
    # Their own classes, such as LongVLMForCausalLM, are Llamas once the projector is gone.
    if settings.get("architectures", [""])[0] not in ("LlamaForCausalLM", "MistralForCausalLM"):
        settings.update({"architectures": ["LlamaForCausalLM"], "model_type": "llama"})
        config.write_text(json.dumps(settings, indent=2))
    with torch.no_grad():
        save(tensors, into / "model.safetensors")
    print(f"{len(tensors)} tensors written, {merged} of them merged.")


if __name__ == "__main__":
    main()
