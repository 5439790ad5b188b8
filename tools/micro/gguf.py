"""Writes a GGUF v3 file with nothing but numpy."""

import struct

import numpy as np

F32, F16, Q8_0 = 0, 1, 8
ALIGNMENT = 32


def text(value):
    data = value.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def field(key, value):
    """One metadata entry: bool, int (uint32), float, str or a list of str or int."""
    if isinstance(value, bool):
        return text(key) + struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return text(key) + struct.pack("<II", 4, value)
    if isinstance(value, float):
        return text(key) + struct.pack("<If", 6, value)
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    head = text(key) + struct.pack("<IIQ", 9, 8 if isinstance(value[0], str) else 5, len(value))
    if isinstance(value[0], str):
        return head + b"".join(text(item) for item in value)
    return head + struct.pack(f"<{len(value)}i", *value)


def quantise(array):
    """Q8_0: blocks of 32 values share one float16 scale."""
    blocks = array.reshape(-1, 32).astype(np.float32)
    scale = np.abs(blocks).max(1) / 127
    inverse = np.where(scale > 0, 1 / np.maximum(scale, 1e-30), 0)
    out = np.zeros(len(blocks), dtype=[("d", "<f2"), ("q", "i1", 32)])
    out["d"] = scale
    out["q"] = np.round(blocks * inverse[:, None])
    return out.tobytes()


def dequantise(array):
    """What a reader gets back from quantise(array)."""
    blocks = np.frombuffer(quantise(array), dtype=[("d", "<f2"), ("q", "i1", 32)])
    return (blocks["q"] * blocks["d"].astype(np.float32)[:, None]).reshape(array.shape)


def encode(array, kind):
    if kind == Q8_0:
        return quantise(array)
    return np.ascontiguousarray(array.astype(np.float32 if kind == F32 else np.float16)).tobytes()


def write(path, metadata, tensors):
    """tensors: a list of (name, array, kind); GGUF lists dimensions innermost first."""
    infos, data, offset = b"", [], 0
    for name, array, kind in tensors:
        raw = encode(array, kind)
        shape = struct.pack(f"<{array.ndim}Q", *array.shape[::-1])
        infos += text(name) + struct.pack("<I", array.ndim) + shape + struct.pack("<IQ", kind, offset)
        raw += b"\0" * (-len(raw) % ALIGNMENT)
        data.append(raw)
        offset += len(raw)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    head += b"".join(field(key, value) for key, value in metadata.items()) + infos
    with open(path, "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGNMENT))
        file.writelines(data)
