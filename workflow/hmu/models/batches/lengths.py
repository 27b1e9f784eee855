"""Embeddings of captions with the lengths of motions: for the length estimator."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hmu import rng
from hmu.models.batches.drawing import Draw, all_in_order, full_batches
from hmu.models.batches.tables import Rows
from hmu.sections.tokenizer import UNIT_LENGTH


@dataclass(frozen=True)
class LengthBatch:
    """Embeddings of captions float32 (batch, dim); lengths int64 (batch,), in tokens."""

    text: Tensor
    lengths: Tensor


class LengthBatches:
    """Captions with the lengths of their motions.

    Each epoch takes every sample once, with the whole length of its motion (reference: MoMask
    ``LengthEstTrainer``, whose loader takes one caption a motion, and a token less now and then).
    """

    def __init__(
        self,
        samples: Rows,
        frames_of: dict[str, int],
        text: np.ndarray,
        text_rows: dict[str, int],
        batch: int,
        device: torch.device,
    ) -> None:
        self.text, self.batch, self.device = text, batch, device
        self.keys = rng.keys(samples.training["sample"])
        self.pairs = {
            part: np.array(
                [
                    (text_rows[caption], frames_of[motion] // UNIT_LENGTH)
                    for caption, motion in zip(table["caption"], table["motion"], strict=True)
                ]
            )
            for part, table in (("training", samples.training), ("validation", samples.validation))
        }

    def _batch(self, pairs: np.ndarray) -> LengthBatch:
        rows, tokens = pairs.T
        text = torch.from_numpy(self.text[rows])
        return LengthBatch(text.to(self.device), torch.from_numpy(tokens).to(self.device))

    def training(self, draw: Draw) -> Iterator[LengthBatch]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        order = draw(self.keys, 1)[:, 0].argsort(kind="stable")
        for rows in full_batches(order, self.batch):
            yield self._batch(self.pairs["training"][rows])

    def validation(self) -> Iterator[LengthBatch]:
        """Every validation sample, in order."""
        pairs = self.pairs["validation"]
        for rows in all_in_order(len(pairs), self.batch):
            yield self._batch(pairs[rows])
