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


class FirstLayer(Part, Protocol):
    """The network of the part ``masked``: from a text to the codes of the first layer.

    It sees the codes that are not to be predicted, before and behind. A text of zeros is no text,
    as in guidance. The text enters through one linear layer, ``cond_emb``, from text_dim to latent.
    """

    cond_emb: Any

    def latents(
        self,
        ids: torch.Tensor,
        text: torch.Tensor,
        padding: torch.Tensor | None = None,
        hidden: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """What the last block gives for the code at each position, (B, L, latent).

        ids: codes int64 (B, L). text: (B, text_dim). padding: bool (B, L), True behind the end of
        a motion, where codes may be anything and latents mean nothing. hidden: bool (B, L), the
        codes to be predicted: the latent of such a position does not depend on its own code. None
        is for who knows the backbone.
        """
        ...

    def scores(
        self,
        ids: torch.Tensor,
        text: torch.Tensor,
        padding: torch.Tensor | None = None,
        hidden: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The logits at each position, (B, L, codes or more), of what :meth:`latents` takes.

        Entry k is the score of code k; what a backbone scores beside codes stands behind them.
        """
        ...


class FurtherLayers(Part, Protocol):
    """The network of the part ``residual``: codes of a layer from those of the layers before.

    Its text is that of :class:`FirstLayer`, and enters as there.
    """

    cond_emb: Any

    def latents(
        self,
        codes: torch.Tensor,
        text: torch.Tensor,
        layer: int,
        padding: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """What the last block gives for the code of ``layer`` at each position, (B, L, latent).

        codes: int64 (B, L, quantizers), of which those of the layers before ``layer``, from 1 on,
        are read. text: (B, text_dim). padding: bool (B, L), as in :class:`FirstLayer`.
        """
        ...

    def scores(
        self,
        codes: torch.Tensor,
        text: torch.Tensor,
        layer: int,
        padding: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The logits of ``layer``, (B, L, codes or more), as :meth:`FirstLayer.scores`."""
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
