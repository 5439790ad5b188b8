"""Attention over a packed row: one clip's prompt, then bins of questions about it.

torch's fused attention wants one (l, l) mask; most of that square is never looked
at here, and on a CPU plain bfloat16 products are several times faster. So:

    prompt   -> prompt          causal
    question -> prompt          all of it
    question -> its own bin     causal, and only within the same question
"""

import torch

BIN = 64  # tokens of questions and answers; a question never spans two bins
FAR = -1e4


class Packed:
    """The masks of one batch, and the attention that uses them.

    prompt: the (common, padded) length of the prompts; lengths (b,) their real ones;
    segments (b, prompt + bins * BIN): which question a token belongs to.
    """

    def __init__(self, prompt, lengths, segments, dtype=torch.bfloat16):
        b, device = len(lengths), lengths.device
        self.prompt, self.bins = prompt, (segments.shape[1] - prompt) // BIN
        self.causal = torch.full((prompt, prompt), FAR, device=device).triu(1).to(dtype)
        past = torch.arange(prompt, device=device)[None] >= lengths[:, None]
        self.padding = torch.zeros(past.shape, device=device).masked_fill_(past, FAR).to(dtype)[:, None, None]
        own = segments[:, prompt:].reshape(b, self.bins, BIN)
        ok = (own[..., :, None] == own[..., None, :]) & torch.ones(BIN, BIN, dtype=torch.bool, device=device).tril()
        self.own = torch.zeros(ok.shape, device=device).masked_fill_(~ok, FAR).to(dtype)[:, None]

    def __call__(self, q, k, v):
        return PackedAttention.apply(q, k, v, self)


class PackedAttention(torch.autograd.Function):
    """q, k, v (b, heads, l, head) -> the same shape. q comes already scaled."""

    @staticmethod
    def forward(ctx, q, k, v, layout):
        n, b, h, d = layout.prompt, q.shape[0], q.shape[1], q.shape[3]
        early = torch.matmul(q[:, :, :n], k[:, :, :n].transpose(-1, -2)).add_(layout.causal).softmax(-1)
        late = q[:, :, n:]
        clip = torch.matmul(late, k[:, :, :n].transpose(-1, -2)).add_(layout.padding)
        bins = (b, h, layout.bins, BIN, d)
        own = torch.matmul(late.reshape(bins), k[:, :, n:].reshape(bins).transpose(-1, -2)).add_(layout.own)
        both = torch.cat([clip, own.view(b, h, -1, BIN)], -1).softmax(-1)
        out = torch.empty_like(q)
        out[:, :, :n] = torch.matmul(early, v[:, :, :n])
        own = both[..., n:].reshape(b, h, layout.bins, BIN, BIN)
        out[:, :, n:] = torch.matmul(both[..., :n], v[:, :, :n]) + torch.matmul(own, v[:, :, n:].reshape(bins)).view(b, h, -1, d)
        ctx.save_for_backward(q, k, v, early, both)
        ctx.layout = layout
        return out

    @staticmethod
    def backward(ctx, g):
        (q, k, v, early, both), layout = ctx.saved_tensors, ctx.layout
        n, b, h, d = layout.prompt, q.shape[0], q.shape[1], q.shape[3]
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        g1, g2 = g[:, :, :n], g[:, :, n:]
        k1, k2, v1, v2 = k[:, :, :n], k[:, :, n:], v[:, :, :n], v[:, :, n:]
        bins, square = (b, h, layout.bins, BIN, d), (b, h, layout.bins, BIN, BIN)

        ds = torch._softmax_backward_data(torch.matmul(g1, v1.transpose(-1, -2)), early, -1, early.dtype)
        dq[:, :, :n] = torch.matmul(ds, k1)
        dk[:, :, :n] = torch.matmul(ds.transpose(-1, -2), q[:, :, :n])
        dv[:, :, :n] = torch.matmul(early.transpose(-1, -2), g1)

        clip, own = both[..., :n], both[..., n:].reshape(square)
        dclip = torch.matmul(g2, v1.transpose(-1, -2))
        down = torch.matmul(g2.reshape(bins), v2.reshape(bins).transpose(-1, -2)).view(b, h, -1, BIN)
        ds = torch._softmax_backward_data(torch.cat([dclip, down], -1), both, -1, both.dtype)
        dclip, down = ds[..., :n], ds[..., n:].reshape(square)
        q2 = q[:, :, n:]
        dq[:, :, n:] = torch.matmul(dclip, k1) + torch.matmul(down, k2.reshape(bins)).view(b, h, -1, d)
        dk[:, :, :n] += torch.matmul(dclip.transpose(-1, -2), q2)
        dv[:, :, :n] += torch.matmul(clip.transpose(-1, -2), g2)
        dk[:, :, n:] = torch.matmul(down.transpose(-1, -2), q2.reshape(bins)).view(b, h, -1, d)
        dv[:, :, n:] = torch.matmul(own.transpose(-1, -2), g2.reshape(bins)).view(b, h, -1, d)
        return dq, dk, dv, None
