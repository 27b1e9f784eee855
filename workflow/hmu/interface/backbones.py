"""What a backbone gives: networks, how they are trained, how they are sampled; or motions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

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


@dataclass(frozen=True)
class Predictions:
    """What the loss of a batch compares: N codes that were asked for.

    ``scores``: logits (N, codes or more), entry k that of code k; ``targets``: int64 (N,), the
    tokens that stand there; ``motions``: int64 (N,), the row of the batch; ``layers``: int64 (N,),
    the layer of each code.
    """

    scores: torch.Tensor
    targets: torch.Tensor
    motions: torch.Tensor
    layers: torch.Tensor


class Transformer(Part, Protocol):
    """The network of a part that generates codes.

    A text of zeros is no text, as in guidance. The text enters through one linear layer,
    ``cond_emb``, from text_dim to latent.
    """

    cond_emb: Any

    def predict(
        self,
        codes: torch.Tensor,
        lengths: torch.Tensor,
        text: torch.Tensor,
        generator: torch.Generator,
    ) -> Predictions:
        """Hide some codes of a batch, as training does, and predict them.

        codes: int64 (B, L, quantizers), anything behind ``lengths`` (B,). text: (B, text_dim), of
        which training drops some. What is hidden is the generator's: one that starts alike hides
        the same of the same codes from any network of the same sizes.
        """
        ...


class FirstLayer(Transformer, Protocol):
    """The network of the part ``masked``: from a text to the codes of the first layer.

    It sees the codes that are not to be predicted, before and behind.
    """

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

    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """As :meth:`Sampler.draws`, for the codes of the first layer."""
        ...

    def visited(
        self,
        text: torch.Tensor,
        lengths: torch.Tensor,
        noise: torch.Tensor,
        settings: Mapping[str, Any],
        when: float,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """A state that generation passes through, as ``ids``, ``padding`` and ``hidden`` that
        :meth:`latents` takes: that at the share ``when``, in [0, 1), of its way.

        text: (B, text_dim). lengths: (B,) in tokens. noise and settings as for
        :meth:`Sampler.sample`. Positions that are not padding are those whose scores generation
        may read. Call in evaluation mode.
        """
        ...


class FurtherLayers(Transformer, Protocol):
    """The network of the part ``residual``: codes of a layer from those of the layers before."""

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
        """Codes int64 (B, tokens, quantizers) of motions (B, frames, 263).

        Where the frames are not whole tokens, the last token stands for more than there are.
        """
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

    def complete(
        self,
        first: torch.Tensor,
        text: torch.Tensor,
        lengths: torch.Tensor,
        noise: torch.Tensor,
        settings: Mapping[str, Any],
    ) -> torch.Tensor:
        """Codes (B, L, quantizers) with ``first``, int64 (B, L), as their first layer.

        With the first layer of what :meth:`sample` made of the same text, length and numbers, all
        of what it made. Who has one layer needs no such method.
        """
        ...


class Motions(Protocol):
    """Motions that were made elsewhere, in a directory."""

    @property
    def stage(self) -> str:
        """What their files hold: "joints" or already "features"."""
        ...

    def file(self, prompts: str, prompt: str, repeat: int, draw: int) -> str:
        """The POSIX path below the directory of the motion that is made for the ``prompt`` of a
        source of ``prompts``."""
        ...

    def frames(self, frames: int) -> int:
        """How many frames the file of a motion has that is ``frames`` long as features."""
        ...

    def superfluous(self, folder: Path, prompts: str, names: Collection[str]) -> Iterator[str]:
        """The files of motions below the directory that are of none of the prompts ``names`` of a
        source of ``prompts``, as paths below it."""
        ...

    def read(self, path: Path, frames: int) -> np.ndarray:
        """Joints float32 (F, 22, 3) or features (F, 263) of a file, as sources give them;
        ``frames`` of features are wanted.

        Raises :class:`hmu.io.arrays.BadArray` when it does not hold such a motion.
        """
        ...
