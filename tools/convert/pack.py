"""Writes what `vqa models import` makes a pack of: ONNX files, the language model, and the entry that describes them."""
import json
import os
import shutil
from pathlib import Path

import torch

OPSET = 16


class Pack:
    def __init__(self, into, language):
        self.into = Path(into)
        self.into.mkdir(parents=True, exist_ok=True)
        if any(self.into.iterdir()):
            raise SystemExit(f"{self.into} is not empty.")
        if Path(language).suffix != ".gguf":
            raise SystemExit(f"{language} is no GGUF file; README.md says how to make one of the language model.")
        self.files = []
        place = self.into / "original.gguf"
        try:
            os.link(language, place)
        except OSError:
            shutil.copyfile(language, place)
        self.files.append("original.gguf")

    def onnx(self, file, part, example, inputs, outputs, free):
        """Exports a part. `free` gives the dimensions, by input, that are not fixed: {"tokens": {0: "n"}}."""
        part.eval()
        with torch.no_grad():
            torch.onnx.export(part, example, str(self.into / file), opset_version=OPSET, input_names=inputs, output_names=outputs, dynamic_axes={**free, **{name: {0: "n"} for name in outputs}})
        self.files.append(file)
        return file

    def projector(self, file, part):
        self.onnx(file, part, torch.zeros(2, part.input_width), ["tokens"], ["embeds"], {"tokens": {0: "n"}})
        return {"file": file, "input": "tokens", "output": "embeds", "inputWidth": part.input_width, "width": part.width}

    def qformer(self, file, part):
        self.onnx(file, part, torch.zeros(2, 5, part.input_width), ["tokens"], ["queries"], {"tokens": {0: "n", 1: "rows"}})
        return {"file": file, "input": "tokens", "output": "queries", "inputWidth": part.input_width, "queries": part.queries, "width": part.width}

    def table(self, file, part):
        self.onnx(file, part, torch.zeros(2, dtype=torch.int64), ["positions"], ["embeddings"], {"positions": {0: "n"}})
        return {"file": file, "input": "positions", "output": "embeddings", "count": part.count, "width": part.width}

    def vision(self, file, part, outputs):
        size = part.side * part.patch
        self.onnx(file, part, torch.zeros(2, 3, size, size), ["pixel_values"], outputs, {"pixel_values": {0: "n"}})
        return {"file": file, "input": "pixel_values", "output": outputs[0], "tokens": part.side**2, "grid": [part.side] * 2, "width": part.width}

    def write(self, identity, name, slots, manifest, facts, terms):
        entry = {
            "schemaVersion": 1,
            "id": identity,
            "name": name,
            "version": "converted",
            "summary": "Made of its authors' checkpoints by tools/convert.",
            "licences": [{"part": "all weights", "spdx": "LicenseRef-authors", "source": terms}],
            "files": [{"path": file, "repo": f"converted/{identity}", "revision": "local", "file": file} for file in self.files],
            "prepare": {"source": "original.gguf", "stem": "language", "slots": slots},
            "manifest": manifest,
            "facts": [{"what": what, "where": where} for what, where in facts],
        }
        (self.into / f"{identity}.json").write_text(json.dumps(entry, indent=2) + "\n")
        print(f"Written. Now: vqa models import {identity} {self.into} --catalogue {self.into}")


def preprocess(size, mean, std):
    return {"width": size, "height": size, "resize": "squash", "interpolation": "bicubic", "scale": 1 / 255, "mean": mean, "std": std}


IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
