"""Checkpoints of the published keys with tiny widths and random numbers, for check.py."""
import json
from pathlib import Path

import torch

EVA, CLIP, BERT, BIND, LLM = 32, 32, 24, 24, 64
"""Blocks in the vision encoder's file; the published code, too, leaves out the last."""
EVA_BLOCKS = 3


def rand(*shape, spread=0.2):
    return torch.randn(*shape) * spread


def dense(name, to, source, bias=True):
    return {f"{name}.weight": rand(to, source, spread=source**-0.5), **({f"{name}.bias": rand(to)} if bias else {})}


def norm(name, width):
    return {f"{name}.weight": 1 + rand(width), f"{name}.bias": rand(width)}


def eva():
    out = {"cls_token": rand(1, 1, EVA), "pos_embed": rand(1, 257, EVA), "patch_embed.proj.weight": rand(EVA, 3, 14, 14, spread=0.04), "patch_embed.proj.bias": rand(EVA)}
    for i in range(EVA_BLOCKS):
        at = f"blocks.{i}"
        out |= norm(f"{at}.norm1", EVA) | norm(f"{at}.norm2", EVA) | {f"{at}.attn.q_bias": rand(EVA), f"{at}.attn.v_bias": rand(EVA)}
        out |= dense(f"{at}.attn.qkv", 3 * EVA, EVA, bias=False) | dense(f"{at}.attn.proj", EVA, EVA) | dense(f"{at}.mlp.fc1", 48, EVA) | dense(f"{at}.mlp.fc2", EVA, 48)
    return out | norm("fc_norm", EVA) | dense("head", 10, EVA)


def bert(prefix, layers, encoder_width, every, text):
    """BLIP-2's BertLMHeadModel; `text`: with what only text goes through, as in BLIP-2's own file."""
    out = norm("bert.embeddings.LayerNorm", BERT)
    if text:
        out |= {"bert.embeddings.word_embeddings.weight": rand(50, BERT), "bert.embeddings.position_embeddings.weight": rand(16, BERT), "bert.embeddings.position_ids": torch.arange(16)[None].float(), "cls.predictions.bias": rand(50)}
    for i in range(layers):
        at = f"bert.encoder.layer.{i}"
        kinds = [("attention", BERT)] + ([("crossattention", encoder_width)] if i % every == 0 else [])
        for kind, width in kinds:
            out |= dense(f"{at}.{kind}.self.query", BERT, BERT) | dense(f"{at}.{kind}.self.key", BERT, width) | dense(f"{at}.{kind}.self.value", BERT, width)
            out |= dense(f"{at}.{kind}.output.dense", BERT, BERT) | norm(f"{at}.{kind}.output.LayerNorm", BERT)
        for end in ["_query"] + ([""] if text else []):
            out |= dense(f"{at}.intermediate{end}.dense", 40, BERT) | dense(f"{at}.output{end}.dense", BERT, 40) | norm(f"{at}.output{end}.LayerNorm", BERT)
    return {f"{prefix}.{key}": value for key, value in out.items()}


def imagebind():
    pre, trunk = "modality_preprocessors.audio", "modality_trunks.audio.blocks"
    out = {f"{pre}.cls_token": rand(1, 1, BIND), f"{pre}.rgbt_stem.proj.weight": rand(BIND, 1, 16, 16, spread=0.06), f"{pre}.pos_embedding_helper.pos_embed": rand(1, 229, BIND)} | norm(f"{pre}.rgbt_stem.norm_layer", BIND)
    for i in range(2):
        at = f"{trunk}.{i}"
        out |= {f"{at}.attn.in_proj_weight": rand(3 * BIND, BIND), f"{at}.attn.in_proj_bias": rand(3 * BIND), f"{at}.attn.bias_k": rand(1, 1, BIND), f"{at}.attn.bias_v": rand(1, 1, BIND)}
        out |= dense(f"{at}.attn.out_proj", BIND, BIND) | norm(f"{at}.norm_1", BIND) | norm(f"{at}.norm_2", BIND) | dense(f"{at}.mlp.fc1", 48, BIND) | dense(f"{at}.mlp.fc2", BIND, 48)
    out |= norm("modality_heads.audio.0", BIND) | dense("modality_heads.audio.2", 36, BIND, bias=False)
    out["modality_postprocessors.audio.1.log_logit_scale"] = torch.tensor(20.0).log()
    return out | dense("modality_heads.vision.2", 36, 40, bias=False)


def clip():
    out = {"embeddings.class_embedding": rand(CLIP), "embeddings.patch_embedding.weight": rand(CLIP, 3, 14, 14, spread=0.04), "embeddings.position_embedding.weight": rand(257, CLIP), "embeddings.position_ids": torch.arange(257)[None].float()}
    out |= norm("pre_layrnorm", CLIP) | norm("post_layernorm", CLIP)
    for i in range(3):
        at = f"encoder.layers.{i}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            out |= dense(f"{at}.self_attn.{part}", CLIP, CLIP)
        out |= norm(f"{at}.layer_norm1", CLIP) | norm(f"{at}.layer_norm2", CLIP) | dense(f"{at}.mlp.fc1", 48, CLIP) | dense(f"{at}.mlp.fc2", CLIP, 48)
    return {f"vision_model.{key}": value for key, value in out.items()} | {"text_model.final_layer_norm.weight": rand(8), "logit_scale": torch.tensor(4.6)}


def llama(layers=2):
    out = {"model.embed_tokens.weight": rand(32, LLM), "model.norm.weight": rand(LLM), "lm_head.weight": rand(32, LLM)}
    for i in range(layers):
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            out[f"model.layers.{i}.self_attn.{part}.weight"] = rand(LLM, LLM)
        out[f"model.layers.{i}.self_attn.rotary_emb.inv_freq"] = rand(4)
    return out


def lora(newer):
    end = ".default" if newer else ""
    out = {}
    for i in range(2):
        for part in ("q_proj", "v_proj"):
            at = f"llama_model.base_model.model.model.layers.{i}.self_attn.{part}"
            out[f"{at}.lora_A{end}.weight"], out[f"{at}.lora_B{end}.weight"] = rand(4, LLM), rand(LLM, 4)
    return out


def make(into):
    """Writes all of them; the same in every run."""
    torch.manual_seed(20240404)
    into = Path(into)
    folder = lambda name: (into / name).mkdir(parents=True, exist_ok=True) or into / name
    folder(".")
    torch.save(eva(), into / "eva_vit_g.pth")
    torch.save({"model": dense("llama_proj", LLM, 4 * EVA) | lora(newer=False), "epoch": 5}, into / "minigpt4_video.pth")
    torch.save({"model": dense("llama_proj", LLM, 4 * EVA) | lora(newer=True)}, into / "newer.pth")
    torch.save({"model": norm("ln_vision", EVA) | bert("Qformer", 3, EVA, 2, text=True) | {"query_tokens": rand(1, 4, BERT)}}, into / "blip2.pth")
    torch.save({"model": dense("llama_proj", LLM, BERT) | bert("video_Qformer", 2, BERT, 1, text=False) | {"video_query_tokens": rand(1, 5, BERT), "video_frame_position_embedding.weight": rand(32, BERT)}}, into / "vl.pth")
    torch.save({"model": dense("audio_llama_proj", LLM, BERT) | bert("audio_Qformer", 2, 36, 1, text=False) | {"audio_query_tokens": rand(1, 3, BERT), "audio_position_embedding.weight": rand(8, 36)}}, into / "al.pth")
    torch.save(imagebind(), into / "imagebind_huge.pth")
    torch.save(clip(), folder("clip") / "pytorch_model.bin")
    torch.save(dense("temporal_projector", LLM, CLIP), into / "temporal.pth")
    torch.save(llama() | dense("model.mm_projector", LLM, CLIP), folder("longvlm") / "pytorch_model-00001-of-00001.bin")
    (into / "longvlm/config.json").write_text(json.dumps({"architectures": ["LongVLMForCausalLM"], "model_type": "LongVLM", "hidden_size": LLM}))
    torch.save(llama(), folder("llama") / "pytorch_model.bin")
    (into / "llama/config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"], "model_type": "llama"}))
    (into / "empty.gguf").write_bytes(b"")
