"""Muon: momentum whose update is made orthogonal, for the matrices of the language model.

Equal shapes are orthogonalised together in one batched product. A fused matrix
(q, k and v in one) is cut into its parts first.
"""

import torch


class Muon:
    def __init__(self, matrices, rate=0.02, momentum=0.95, decay=0.0):
        """matrices: a list of (parameter, number of parts along its first dimension)."""
        self.rate, self.momentum, self.decay = rate, momentum, decay
        self.matrices = matrices
        self.buffers = [torch.zeros_like(p) for p, _ in matrices]

    @torch.no_grad()
    def step(self):
        groups = {}
        for (p, parts), buffer in zip(self.matrices, self.buffers):
            if p.grad is None:
                continue
            buffer.lerp_(p.grad, 1 - self.momentum)
            update = p.grad.lerp(buffer, self.momentum)
            for part, u in zip(p.chunk(parts), update.chunk(parts)):
                tall = u.shape[0] > u.shape[1]
                groups.setdefault(tuple(sorted(u.shape)), []).append((part, u.t() if tall else u, tall))
        for group in groups.values():
            x = torch.stack([u for _, u, _ in group])
            x = (x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)).bfloat16()
            for _ in range(5):  # Newton-Schulz
                a = torch.bmm(x, x.transpose(1, 2))
                x = 3.4445 * x + torch.bmm(-4.7750 * a + 2.0315 * torch.bmm(a, a), x)
            for (part, _, tall), u in zip(group, x.float()):
                scale = max(1, part.shape[0] / part.shape[1]) ** 0.5
                part.mul_(1 - self.rate * self.decay).add_(u.t() if tall else u, alpha=-self.rate * scale)
