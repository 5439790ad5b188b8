"""Reads checkpoints: .pth and .bin (only tensors are unpickled), .safetensors, and folders of these."""
import json
import struct
from pathlib import Path

import numpy as np
import torch


class Weights(dict):
    """Tensors by their published names, as float32. A missing one is told with the file and the nearest names."""

    def __init__(self, tensors, source):
        super().__init__(tensors)
        self.source = source

    def __missing__(self, name):
        tail = name.rsplit(".", 2)[-2:]
        near = [key for key in self if key.endswith(".".join(tail))][:3]
        raise SystemExit(f"{self.source} has no {name}" + (f"; it has {', '.join(near)}" if near else "") + ".")

    def __getitem__(self, name):
        return super().__getitem__(name).float()

    def below(self, prefix):
        """The tensors whose names begin with the prefix, without it."""
        return Weights({key[len(prefix):]: value for key, value in self.items() if key.startswith(prefix)}, f"{self.source} ({prefix}*)")

    def count(self, pattern):
        """How many of `pattern % 0`, `pattern % 1`, ... there are."""
        n = 0
        while pattern % n in self:
            n += 1
        return n


def load(path):
    """One file, or a folder of them. What trainers wrap a state dict in ("model", "state_dict") is taken off."""
    path = Path(path)
    if path.is_dir():
        files = sorted(path.glob("*.safetensors")) or sorted(path.glob("pytorch_model*.bin"))
        if not files:
            raise SystemExit(f"{path} has neither *.safetensors nor pytorch_model*.bin.")
        return Weights({key: value for file in files for key, value in dict.items(load(file))}, str(path))
    if not path.is_file():
        raise SystemExit(f"{path} is not there.")
    if path.suffix == ".safetensors":
        return Weights(_safetensors(path), str(path))
    state = torch.load(path, map_location="cpu", weights_only=True)
    for wrap in ("model", "state_dict", "module"):
        if isinstance(state.get(wrap), dict):
            state = state[wrap]
    return Weights({key: value for key, value in state.items() if isinstance(value, torch.Tensor)}, str(path))


def _safetensors(path):
    types = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    data = np.memmap(path, mode="r", offset=8 + length)
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[begin:end].tobytes(), types[entry["dtype"]]).reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        tensors[name] = torch.from_numpy(array.copy())
    return tensors
