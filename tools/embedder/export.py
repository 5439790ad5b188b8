"""Writes the embedder as sentence-transformers publishes all-MiniLM-L6-v2: /usr/bin/python3 export.py MODEL.pt PACK --tokens FOLDER [--reference FILE.json]

config.json, tokenizer.json, tokenizer_config.json, sentence_bert_config.json, 1_Pooling/config.json
and onnx/model.onnx (float32) go into PACK/embedder, and PACK/vqa-model.json lists them. The reference holds texts, their tokens and their vectors as PyTorch
gives them, for the tests of the program.
"""

import argparse
import hashlib
import json
import os
import shutil

import torch

from model import CONFIG, Bert, embed
from wordpiece import LONGEST, WordPiece

TEXTS = [
    "What colour is the circle?",
    "a red circle appears then a blue star appears",
    "The parcel goes to Paris.",
    "Wo steht das Haus? Où est-il?",
    "ÉCOLE, naïve; 北京 10:32 (x)",
    "red " * 200,
    "",
]


class Exported(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids, attention_mask, token_type_ids)


def write(folder, name, value):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")


def enlist(pack, width):
    """The section and the files in the pack's manifest, in the place of older ones."""
    path, found = os.path.join(pack, "vqa-model.json"), []
    for name in ["config.json", "tokenizer.json", "tokenizer_config.json", "sentence_bert_config.json", "1_Pooling/config.json", "onnx/model.onnx"]:
        with open(os.path.join(pack, "embedder", name), "rb") as file:
            data = file.read()
        found.append({"path": f"embedder/{name}", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    files = [each for each in manifest.pop("files") if not each["path"].startswith("embedder/")]
    manifest |= {"embedder": {"folder": "embedder", "precision": "fp32", "width": width}, "files": files + found}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("pack")
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--reference")
    args = parser.parse_args()
    folder = os.path.join(args.pack, "embedder")
    pieces = WordPiece.load(args.tokens)
    model = Bert(len(pieces.all))
    model.load_state_dict(torch.load(args.model, map_location="cpu")["model"])
    model.eval()
    width = CONFIG["hidden_size"]

    write(folder, "config.json", {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0, "vocab_size": len(pieces.all), **CONFIG})
    write(folder, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": LONGEST, "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"})
    write(folder, "sentence_bert_config.json", {"max_seq_length": LONGEST, "do_lower_case": False})
    modes = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"]
    write(folder, "1_Pooling/config.json", {"word_embedding_dimension": width, **{f"pooling_mode_{mode}": mode == "mean_tokens" for mode in modes}})
    shutil.copy(os.path.join(args.tokens, "tokenizer.json"), os.path.join(folder, "tokenizer.json"))

    os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    ids = torch.tensor([[2, 5, 6, 3], [2, 7, 3, 0]])
    torch.onnx.export(
        Exported(model),
        (ids, (ids != 0).long(), torch.zeros_like(ids)),
        os.path.join(folder, "onnx", "model.onnx"),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={name: {0: "batch_size", 1: "sequence_length"} for name in [*names, "last_hidden_state"]},
        opset_version=14,
    )
    enlist(args.pack, width)
    if args.reference:
        with torch.no_grad():
            vectors = [embed(model, pieces, [text])[0].tolist() for text in TEXTS]
        rows = [{"text": text, "ids": pieces.encode(text), "vector": [round(v, 7) for v in vector]} for text, vector in zip(TEXTS, vectors)]
        write(os.path.dirname(args.reference) or ".", os.path.basename(args.reference), rows)


if __name__ == "__main__":
    main()
