"""What a descriptor is given, and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Motion:
    """What a descriptor sees of one motion; what its SEES does not name is None.

    ``features``: float32 (frames, 263) on the device, not normalised. ``joints``: float32
    (frames, 22, 3) in metres, y up, 20 frames a second. Of generated motions only: ``codes``, int16
    (tokens, quantizers). Of those of a model whose codebooks were edited: ``replaced``, bool
    (tokens, quantizers), which of its codes stand for other vectors than before, and ``unedited``,
    joints of the same codes, decoded before the edit.
    """

    features: torch.Tensor | None = None
    joints: np.ndarray | None = None
    codes: np.ndarray | None = None
    replaced: np.ndarray | None = None
    unedited: np.ndarray | None = None


@dataclass(frozen=True)
class DescriptorContext:
    """What a descriptor is given.

    ``inputs`` are the files of its MODELS (:class:`hmu.models.stored.Stored` finds them) and, of
    generated motions, those of the tokenizer that decoded them, with ``delta`` and
    ``delta_origin`` of an edited one.
    """

    inputs: Mapping[str, Path | list[Path]]
    settings: Mapping[str, Any]
    seed: int
    device: torch.device


class Descriptor(Protocol):
    """Says one thing about each motion or each text, in rows of the same width."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """Float32 (len(batch), width). Motions of one length lie side by side in the batch.

        It is called from several threads at once, and sets gradient modes itself.
        """
        ...

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """Float32 (len(tokens), width), of captions as tokens "word/POS word/POS", or as they are
        where TEXTS of the module says so."""
        ...
