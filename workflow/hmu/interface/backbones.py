"""What a backbone gives: networks, how they are trained, how they are sampled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch


class Part(Protocol):
    """The network of a part of a backbone, a ``torch.nn.Module``."""

    sizes: Any

    def batch_loss(
        self, batch: Any, generator: torch.Generator
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The loss of a batch of its recipe, and what to log of it. Noise is the generator's."""
        ...


class MotionTokenizer(Part, Protocol):
    """The network of the part ``tokenizer``; it sees features in the scale of its recipe."""

    @property
    def frames_per_token(self) -> int:
        """Frames that a token stands for."""
        ...

    def encode(self, motions: torch.Tensor) -> torch.Tensor:
        """Codes int64 (B, tokens, quantizers) of motions (B, frames, 263), whole tokens long."""
        ...

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Motions (B, frames, 263) of codes int64 (B, tokens, quantizers); -1 is no code."""
        ...


@dataclass(frozen=True)
class Recipe:
    """How a part is trained.

    ``sizes``: all that its shape follows from. ``batches``: a `hmu.models.batches.drawing.Batches`.
    ``schedule``: a `hmu.sections.training.Schedule`. ``scale``: the `hmu.motion.normalise` scale
    in which it sees features, if it sees any.
    """

    sizes: Any
    batches: Any
    schedule: Any
    scale: Any = None


class Sampler(Protocol):
    """Generates codes from texts. ``settings`` are those that SETTINGS names, and ``longest``."""

    @property
    def predicts_length(self) -> bool:
        """Whether it can find the length of a motion itself, asked for by a length of 0."""
        ...

    @property
    def quantizers(self) -> int:
        """Layers of the codes."""
        ...

    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """How many uniform numbers a motion of this length takes, (draws, positions).

        A motion has no more tokens than positions.
        """
        ...

    def sample(
        self,
        text: torch.Tensor,
        lengths: torch.Tensor,
        noise: torch.Tensor,
        settings: Mapping[str, Any],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Codes int64 (B, tokens, quantizers), anything behind each end, and the lengths (B,).

        text: (B, text_dim). lengths: (B,) in tokens, 0 for one that the model is to find. noise:
        uniforms in [0, 1), (B, draws, positions) of the motion that takes most. A motion depends on
        its own text, length and numbers alone.
        """
        ...
