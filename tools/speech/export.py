"""Writes the recogniser as a pack in Whisper's published layout: python3 export.py CHECKPOINT OUT

Needs torch's classic ONNX exporter with the onnx package (Debian: python3-torch,
python3-onnx). The two decoders are merged as Hugging Face's exporter merges them:
one `If` on use_cache_branch, weights shared by both branches. Large matrices are
kept as 16-bit floats and widened when the file is loaded.
"""

import argparse
import os
import shutil

import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

import packing
from model import CONFIG, Whisper
from sounds import LETTERS
from tokens import Tokens

HERE = os.path.dirname(os.path.abspath(__file__))
NAME, VERSION = "whisper-micro", "0.1.0"
HEADS, LAYERS = CONFIG["decoder_attention_heads"], CONFIG["decoder_layers"]


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_features):
        return self.model.encode(input_features)


def attend(part, q, k, v, bias=None):
    scores = q @ k.transpose(2, 3) * q.shape[-1] ** -0.5
    if bias is not None:
        scores = scores + bias
    y = scores.softmax(-1) @ v
    return part.out_proj(y.transpose(1, 2).flatten(2))


class Decoder(torch.nn.Module):
    """Without a cache: ids, encoder output -> logits, keys and values. With one: only the newest token."""

    def __init__(self, model, cached):
        super().__init__()
        self.model, self.cached = model, cached

    def forward(self, input_ids, source, *past):
        model, presents = self.model, []
        before = past[0].shape[2] if self.cached else 0
        count = input_ids.shape[1]
        x = F.embedding(input_ids, model.embed) + model.places[before : before + count]
        bias = None
        if not self.cached:
            n = torch.arange(count)
            bias = (n[None] > n[:, None]).float() * -1e9
        for i, layer in enumerate(model.decoder):
            h, own, cross = layer.self_attn_layer_norm(x), layer.self_attn, layer.encoder_attn
            k, v = own.split(own.k_proj(h)), own.split(own.v_proj(h))
            if self.cached:
                k, v = torch.cat([past[4 * i], k], 2), torch.cat([past[4 * i + 1], v], 2)
                ek, ev = past[4 * i + 2], past[4 * i + 3]
            else:
                ek, ev = cross.split(cross.k_proj(source)), cross.split(cross.v_proj(source))
            x = x + attend(own, own.split(own.q_proj(h)), k, v, bias)
            x = x + attend(cross, cross.split(cross.q_proj(layer.encoder_attn_layer_norm(x))), ek, ev)
            x = x + layer.fc2(F.gelu(layer.fc1(layer.final_layer_norm(x))))
            # As the published graphs do: with a cache the encoder's part comes out empty, and is kept by the caller.
            presents += [k, v, ek[:0], ev[:0]] if self.cached else [k, v, ek, ev]
        return (model.decoder_norm(x) @ model.embed.t(), *presents)


def kv_names(prefix):
    return [f"{prefix}.{i}.{part}.{what}" for i in range(LAYERS) for part in ("decoder", "encoder") for what in ("key", "value")]


def export_decoder(model, path, cached):
    width = CONFIG["d_model"]
    ids = torch.tensor([[5]] if cached else [[5, 6, 7]])
    source = torch.rand(1, 1500, width)
    past = [torch.rand(1, HEADS, 3 if part == "decoder" else 1500, width // HEADS) for _ in range(LAYERS) for part in ("decoder", "encoder") for _ in range(2)]
    inputs = ["input_ids", "encoder_hidden_states", *(kv_names("past_key_values") if cached else [])]
    outputs = ["logits", *kv_names("present")]
    axes = {"input_ids": {0: "batch_size", 1: "decoder_sequence_length"}, "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"}, "logits": {0: "batch_size", 1: "decoder_sequence_length"}}
    for name in [*inputs[2:], *outputs[1:]]:
        axes[name] = {0: "batch_size", 2: "past_" + ("decoder" if ".decoder." in name else "encoder") + ("_sequence_length" if name in inputs else "_sequence_length_out")}
    torch.onnx.export(Decoder(model, cached), (ids, source, *(past if cached else [])), path, input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=14, do_constant_folding=True)
    return onnx.load(path)


def renamed(graph, prefix, keep):
    """The nodes of a graph with names of their own, but for those in `keep`."""
    def name(old):
        return old if old in keep or old == "" else prefix + old
    for node in graph.node:
        node.name = prefix + node.name
        node.input[:] = [name(n) for n in node.input]
        node.output[:] = [name(n) for n in node.output]
    for tensor in graph.initializer:
        tensor.name = name(tensor.name)
    outputs = [helper.make_tensor_value_info(name(o.name), o.type.tensor_type.elem_type, None) for o in graph.output]
    return list(graph.node), outputs


def merge(plain, cached):
    """One graph of both, as published: inputs of both, `use_cache_branch`, weights outside of the branches and once."""
    inputs = list(cached.graph.input)
    # The exporter leaves out what a graph does not read: with a cache, what was heard.
    inputs.insert(1, next(i for i in plain.graph.input if i.name == "encoder_hidden_states"))
    keep = {i.name for i in inputs}
    shared, by_value, by_name = [], {}, {}
    branches = []
    for model, prefix in ((cached, "with_past/"), (plain, "no_past/")):
        nodes, outputs = renamed(model.graph, prefix, keep)
        for tensor in model.graph.initializer:
            key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
            if key not in by_value:
                by_value[key] = tensor.name
                shared.append(tensor)
            by_name[tensor.name] = by_value[key]
        for node in nodes:
            node.input[:] = [by_name.get(n, n) for n in node.input]
        branches.append(helper.make_graph(nodes, prefix.strip("/"), [], outputs))
    flag = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    node = helper.make_node("If", ["use_cache_branch"], [o.name for o in plain_outputs(plain)], name="optimum::if", then_branch=branches[0], else_branch=branches[1])
    graph = helper.make_graph([node], "decoder", [*inputs, flag], plain_outputs(plain), initializer=shared)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    made.ir_version = plain.ir_version
    return made


def plain_outputs(model):
    return model.outputs_before


def remember_outputs(model):
    """`renamed` changes names in place; the merged graph has the published ones."""
    class Kept:
        def __init__(self, inner):
            self.graph, self.ir_version = inner.graph, inner.ir_version
            self.outputs_before = [onnx.ValueInfoProto.FromString(o.SerializeToString()) for o in inner.graph.output]
    return Kept(model)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    args = parser.parse_args()

    out, tokens = args.out, Tokens.load(os.path.join(HERE, "tokenizer.json"))
    os.makedirs(os.path.join(out, "onnx"), exist_ok=True)
    model = Whisper(len(tokens.all), len(LETTERS) + 1, tokens.time0)
    model.load_state_dict(torch.load(args.checkpoint, map_location="cpu")["model"])
    model.eval()
    path = os.path.join(out, "onnx", "encoder_model.onnx")
    torch.onnx.export(Encoder(model), torch.rand(1, 80, 3000), path, input_names=["input_features"], output_names=["last_hidden_state"],
                      dynamic_axes={"input_features": {0: "batch_size"}, "last_hidden_state": {0: "batch_size"}}, opset_version=14, do_constant_folding=True)
    encoder = onnx.load(path)
    parts = os.path.join(out, "onnx", "part.onnx")
    plain, cached = remember_outputs(export_decoder(model, parts, False)), remember_outputs(export_decoder(model, parts, True))
    os.remove(parts)
    os.remove(path)
    for name, made in (("encoder_model", encoder), ("decoder_model_merged", merge(plain, cached))):
        packing.halve(made.graph)
        onnx.checker.check_model(made)
        onnx.save(made, os.path.join(out, "onnx", f"{name}_fp16.onnx"))
    shutil.copy(os.path.join(HERE, "tokenizer.json"), out)
    special = {"eos_token_id": tokens.eot, "bos_token_id": tokens.eot, "pad_token_id": tokens.eot, "decoder_start_token_id": tokens.sot}
    packing.write_json(os.path.join(out, "config.json"), {"architectures": ["WhisperForConditionalGeneration"], "model_type": "whisper", "is_encoder_decoder": True, "activation_function": "gelu",
                                                        "vocab_size": len(tokens.all), **CONFIG, **special})
    packing.write_json(os.path.join(out, "generation_config.json"), {
        **special, "is_multilingual": True, "lang_to_id": {"<|en|>": tokens.en}, "task_to_id": {"transcribe": tokens.transcribe, "translate": tokens.id["<|translate|>"]},
        "no_timestamps_token_id": tokens.notimes, "prev_sot_token_id": tokens.id["<|startofprev|>"], "max_length": CONFIG["max_target_positions"], "return_timestamps": True,
        "begin_suppress_tokens": [tokens.eot], "suppress_tokens": []})
    packing.write_json(os.path.join(out, "preprocessor_config.json"), {
        "feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400, "chunk_length": 30, "n_samples": 480000,
        "nb_max_frames": 3000, "padding_side": "right", "padding_value": 0.0, "processor_class": "WhisperProcessor", "return_attention_mask": False})
    packing.write_json(os.path.join(out, "vqa-model.json"), {
        "schemaVersion": 1, "id": "micro-speech", "name": "Speech of the micro world", "version": VERSION, "licence": "MIT", "source": "trained in this repository, tools/speech",
        "speech": {"folder": ".", "name": NAME, "precision": "fp16"}, "files": packing.digests(out)})
    print(sum(os.path.getsize(os.path.join(out, "onnx", f)) for f in os.listdir(os.path.join(out, "onnx"))), "bytes of weights")


if __name__ == "__main__":
    main()
