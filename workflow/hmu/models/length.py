"""The length estimator: how many tokens a motion has, from its text (MoMask)."""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.models.dropout import Dropout
from hmu.models.sampling import inverse_cdf
from hmu.sections.length import LengthSizes


class Captioned(Protocol):
    """Text embeddings float32 (B, text_dim) and lengths int64 (B,) in tokens."""

    @property
    def text(self) -> Tensor: ...

    @property
    def lengths(self) -> Tensor: ...


class LengthEstimator(nn.Module):
    """Scores of lengths; class ``n`` means ``n`` tokens. Dropout draws from torch's generator."""

    def __init__(self, sizes: LengthSizes) -> None:
        super().__init__()
        self.sizes = sizes
        layers: list[nn.Module] = []
        widths = ((sizes.text_dim, 512, True), (512, 256, True), (256, 128, False))
        for before, after, dropout in widths:
            layers += [nn.Linear(before, after), nn.LayerNorm(after), nn.LeakyReLU(0.2)]
            layers += [Dropout(0.2)] if dropout else []
        self.output = nn.Sequential(*layers, nn.Linear(128, sizes.classes))
        for module in self.output:
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, text: Tensor) -> Tensor:
        """Scores (B, classes) for text embeddings (B, text_dim)."""
        out: Tensor = self.output(text)
        return out

    def batch_loss(
        self, batch: Captioned, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Cross-entropy of the true lengths, and the mean error in tokens. Nothing is drawn."""
        scores = self(batch.text)
        error = (scores.detach().argmax(-1) - batch.lengths).abs().float().mean()
        return F.cross_entropy(scores, batch.lengths), {"error": error}

    @torch.no_grad()
    def predict(self, text: Tensor, uniform: Tensor | None = None) -> Tensor:
        """Lengths (B,) int64 in tokens, 1 or more: drawn with ``uniform`` (B,), or likeliest."""
        scores: Tensor = self(text)
        if uniform is None:
            return scores.argmax(-1).clamp_min(1)
        return inverse_cdf(scores.softmax(-1), uniform).clamp_min(1)
