"""What a method of unlearning is given, and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Edit:
    """New values of tensors by part and name, and notes on the edit for ``origin.json``.

    A tensor keeps its shape; where it is floating, it may have another floating type than the
    stored one, which is given back to it. ``logs``: of a method that trains, what
    :func:`hmu.models.training.train` returned, by the name of the training.
    """

    tensors: Mapping[str, Mapping[str, torch.Tensor]]
    notes: Mapping[str, Any] = field(default_factory=dict)
    logs: Mapping[str, Sequence[Mapping[str, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """An edit as far as it is known before anything runs.

    ``params`` are complete; ``address`` names backbone, concept, dataset and variant; ``keywords``
    are those of the concept for the dataset, of a method that reads them. ``sizes`` are those of
    the backbone's parts by name, ``text_dim`` the values in the embedding of a text, None where
    that is not known, and ``files`` the paths that each parameter of FILES names.
    """

    method: str
    params: Mapping[str, Any]
    address: Mapping[str, str]
    keywords: Sequence[str]
    sizes: Mapping[str, Mapping[str, Any]]
    text_dim: int | None
    files: Mapping[str, Sequence[Path]]


@dataclass(frozen=True)
class Captions:
    """The captions of a dataset as the transformers read them.

    ``samples``: pandas frame with the columns sample, motion, clip, caption, tokens, split and
    ``row``, where the caption stands in ``embeddings``, float32 (captions, text_dim).
    """

    samples: Any
    embeddings: np.ndarray


class Context(Protocol):
    """What a method is given. Files are read when they are asked for.

    What its literals do not name raises InputError, which says what to add to which of them.
    """

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the variant, complete."""
        ...

    @property
    def address(self) -> Mapping[str, str]:
        """Names of the backbone, concept, dataset and variant, in this order."""
        ...

    @property
    def seed(self) -> int:
        """For ``hmu.rng.generator(context.seed, METHOD, *context.address.values(), ...)``."""
        ...

    @property
    def device(self) -> torch.device:
        """Where to compute."""
        ...

    @property
    def scratch(self) -> Path:
        """A directory for what a training resumes from; it is not made yet."""
        ...

    @property
    def transformers(self) -> Sequence[str]:
        """The parts of the backbone that generate: all but its tokenizer."""
        ...

    def has(self, what: str) -> bool:
        """Whether there is what INPUTS names so: without a dataset, ``hmu unlearn`` has not all.

        Asked only of what says more about an edit that goes without it too.
        """
        ...

    def state(self, part: str, *, retrained: bool = False) -> dict[str, torch.Tensor]:
        """The tensors of a part by name, on the processor; or of the retrained part.

        Floating ones are float32, whatever type they are stored in.
        """
        ...

    def model(self, part: str) -> Any:
        """A part of the original model on the device, in evaluation mode; the caller's to train."""
        ...

    def scale(self) -> Any:
        """`hmu.motion.normalise.Normaliser` from features to what the tokenizer reads, and back.

        Of a method that reads ``model``.
        """
        ...

    def sampling(self) -> Mapping[str, Any]:
        """What the samplers of the backbone are told: of the section ``generation``, and
        ``longest``, the longest motion in tokens."""
        ...

    def schedule(self, part: str) -> Mapping[str, Any]:
        """The section ``training`` with which a part was trained, of a method that TRAINS."""
        ...

    def keywords(self, concept: str | None = None) -> list[str]:
        """The words of a concept for the dataset; of the one to forget unless another is named."""
        ...

    def statistics(self, concept: str | None = None) -> Any:
        """Pandas frame, a row for each layer and code: `hmu.unlearning.code_statistics`."""
        ...

    def reference_statistics(self, concept: str | None = None) -> Any:
        """As :meth:`statistics`, but counted in the crops of `hmu.unlearning.reference_crops`."""
        ...

    def clips(self, concept: str | None = None) -> Any:
        """Pandas frame: clip, split, name, and ``forget`` (bool), False in the retain set."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embeddings float32 (len(texts), text_dim) of any texts, as of the captions.

        A text has the same numbers in any company.
        """
        ...

    def captions(self) -> Captions:
        """The captions of all splits, with their embeddings."""
        ...

    def motions(self) -> Any:
        """Pandas frame: motion, clip, start (frame in the clip), frames, split."""
        ...

    def codes(self) -> Any:
        """`hmu.io.codes.CodeTable` of all motions, by the original tokenizer."""
        ...

    def features(self) -> Any:
        """`hmu.io.store.ClipStore` of the clips: float32 (frames, 263), not normalised."""
        ...

    def files(self, param: str) -> list[Path]:
        """The files that a parameter of FILES names; none where it is null."""
        ...
