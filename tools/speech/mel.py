"""Whisper's log-mel (arXiv 2212.04356, section 2.2) in torch: (B, samples) -> (B, 80, frames)."""

import numpy as np
import torch

RATE, FFT, HOP, MELS = 16_000, 400, 160, 80


def to_mel(hertz):
    """Slaney's scale: linear to 1000 Hz, logarithmic above."""
    hertz = np.asarray(hertz, np.float64)
    return np.where(hertz < 1000, hertz * 3 / 200, 15 + 27 / np.log(6.4) * np.log(np.maximum(hertz, 1e-9) / 1000))


def to_hertz(mel):
    mel = np.asarray(mel, np.float64)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def filters(mels=MELS):
    """Triangles of equal area: (mels, 201)."""
    bins = np.linspace(0, RATE / 2, FFT // 2 + 1)
    edges = to_hertz(np.linspace(0, to_mel(RATE / 2), mels + 2))
    up = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]


FILTERS = torch.tensor(filters(), dtype=torch.float32)


def log_mel(samples):
    spectrum = torch.stft(samples, FFT, HOP, window=torch.hann_window(FFT), return_complex=True)[..., :-1]
    log = (FILTERS @ spectrum.abs().square()).clamp(min=1e-10).log10()
    log = torch.maximum(log, log.amax((1, 2), keepdim=True) - 8)
    return (log + 4) / 4
