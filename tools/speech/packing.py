"""What the export writes with: halved weights, digests, JSON."""

import hashlib
import json
import os

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def halve(graph, least=1024):
    """Large float32 constants of a graph as float16 with a Cast behind each."""
    casts = []
    for tensor in list(graph.initializer):
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < least:
            continue
        name = tensor.name
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(array.astype(np.float16), name + "_half"))
        casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)


def digests(folder):
    files = []
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            if name in ("vqa-model.json", "MODEL_CARD.md"):
                continue
            with open(path, "rb") as file:
                data = file.read()
            files.append({"path": os.path.relpath(path, folder).replace(os.sep, "/"), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    return sorted(files, key=lambda f: f["path"])


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
        file.write("\n")
