"""Motions with the words of a caption: for the evaluator's text-motion matching."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hmu.io.store import ClipStore
from hmu.models.batches.drawing import Draw
from hmu.models.batches.tables import Rows
from hmu.models.batches.texted import Texted, TextedMotions
from hmu.motion.normalise import Normaliser


@dataclass(frozen=True)
class MatchingBatch:
    """Motions float32 (batch, frames, 263) with lengths, and captions as word vectors and tags."""

    motions: Tensor
    lengths: Tensor
    words: Tensor
    tags: Tensor
    text_lengths: Tensor


class MatchingBatches:
    """Motions with one of their captions, for the evaluator's text-motion matching."""

    def __init__(
        self,
        store: ClipStore,
        normaliser: Normaliser,
        samples: Rows,
        encoded: dict[str, tuple[np.ndarray, np.ndarray, int]],
        motions: Any,
        batch: int,
        device: torch.device,
    ) -> None:
        self.encoded, self.device = encoded, device
        self.texted = TextedMotions(store, normaliser, samples, "tokens", motions, batch, device)

    def _worded(self, batch: Texted) -> MatchingBatch:
        words, tags, counts = zip(*(self.encoded[each] for each in batch.texts), strict=True)
        return MatchingBatch(
            batch.motions,
            batch.lengths,
            torch.from_numpy(np.stack(words)).to(self.device),
            torch.from_numpy(np.stack(tags)).to(self.device),
            torch.tensor(counts),
        )

    def training(self, draw: Draw) -> Iterator[MatchingBatch]:
        """One epoch, as of :class:`TextedMotions`."""
        return map(self._worded, self.texted.training(draw))

    def validation(self) -> Iterator[MatchingBatch]:
        """Every motion once, as of :class:`TextedMotions`."""
        return map(self._worded, self.texted.validation())
