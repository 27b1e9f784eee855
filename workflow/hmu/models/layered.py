"""Codes layer by layer: the first by a masked transformer, the others by a residual one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from hmu.models.residual import ResidualTransformer
from hmu.models.transformer import BaseLayerTransformer


@dataclass(frozen=True)
class LayeredSampler:
    """A :class:`hmu.interface.backbones.Sampler` of two transformers."""

    masked: BaseLayerTransformer
    residual: ResidualTransformer

    @property
    def predicts_length(self) -> bool:
        """Whether the masked transformer can find the length of a motion."""
        return self.masked.predicts_length

    @property
    def quantizers(self) -> int:
        """Layers of codes."""
        return self.residual.sizes.quantizers

    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """Those of the masked transformer, and one for each position in each further layer."""
        draws, positions = self.masked.draws(tokens, settings)
        return draws + self.quantizers - 1, positions

    def sample(
        self, text: Tensor, lengths: Tensor, noise: Tensor, settings: Mapping[str, Any]
    ) -> tuple[Tensor, Tensor]:
        """Codes (B, L, quantizers) and the lengths that they have."""
        own = noise.shape[1] - (self.quantizers - 1)
        first, lengths = self.masked.sample(text, lengths, noise[:, :own], settings)
        return self.complete(first, text, lengths, noise, settings), lengths

    def complete(
        self,
        first: Tensor,
        text: Tensor,
        lengths: Tensor,
        noise: Tensor,
        settings: Mapping[str, Any],
    ) -> Tensor:
        """Codes (B, L, quantizers) with ``first`` (B, L) as their first layer."""
        own = noise.shape[1] - (self.quantizers - 1)
        return self.residual.generate(
            first,
            text,
            lengths,
            noise[:, own:],
            settings["residual_guidance"],
            settings["temperature"],
            settings["keep"],
        )
