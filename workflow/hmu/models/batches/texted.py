"""Motions, each with one of its texts: what evaluators learn from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hmu.io.store import ClipStore
from hmu.models.batches.drawing import Captions, Draw, all_in_order, crop, full_batches
from hmu.models.batches.tables import Rows
from hmu.motion.normalise import Normaliser
from hmu.sections.tokenizer import UNIT_LENGTH


@dataclass(frozen=True)
class Texted:
    """Motions float32 (batch, frames, 263) in the models' scale, zero behind their lengths int64
    (batch,), which lie on the processor; and a text of each."""

    motions: Tensor
    lengths: Tensor
    texts: Sequence[str]


class TextedMotions:
    """The motions of a store with one of their texts, ``column`` of ``samples``.

    Reference: text-to-motion ``Text2MotionDatasetV2`` (random caption, crop to a multiple of 4).
    """

    def __init__(
        self,
        store: ClipStore,
        normaliser: Normaliser,
        samples: Rows,
        column: str,
        motions: Any,
        batch: int,
        device: torch.device,
    ) -> None:
        self.store, self.normaliser, self.device = store, normaliser, device
        self.batch = batch
        columns = (motions[name] for name in ("motion", "clip", "start", "frames"))
        span_of = {
            motion: (clip, start, frames)
            for motion, clip, start, frames in zip(*columns, strict=True)
        }
        self.training_set, self.validation_set = (
            _Split(table, column, span_of) for table in (samples.training, samples.validation)
        )

    def _batch(
        self, chosen: Sequence[tuple[str, int]], lengths: np.ndarray, texts: Sequence[str]
    ) -> Texted:
        """Motions from (clip, first frame), ``lengths`` frames long."""
        motions = np.zeros((len(chosen), lengths.max(), self.store.frames.shape[1]), np.float32)
        for target, (clip, start), length in zip(motions, chosen, lengths, strict=True):
            target[:length] = self.normaliser.forward(self.store[clip][start : start + length])
        return Texted(torch.from_numpy(motions).to(self.device), torch.from_numpy(lengths), texts)

    def training(self, draw: Draw) -> Iterator[Texted]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        motions = self.training_set
        drawn = draw(motions.captions.keys, 4)
        begin, length = crop(motions.frames, drawn)
        caption = motions.captions.drawn(drawn[:, 2])
        for batch in full_batches(drawn[:, 3].argsort(kind="stable"), self.batch):
            chosen = [(motions.clips[n], motions.starts[n] + begin[n]) for n in batch]
            texts = [motions.captions.values[row] for row in caption[batch]]
            yield self._batch(chosen, length[batch], texts)

    def validation(self) -> Iterator[Texted]:
        """Every motion once, from its start, with its first caption."""
        motions = self.validation_set
        whole = motions.frames // UNIT_LENGTH * UNIT_LENGTH
        for batch in all_in_order(len(whole), self.batch):
            chosen = [(motions.clips[n], motions.starts[n]) for n in batch]
            texts = [motions.captions.values[row] for row in motions.captions.first[batch]]
            yield self._batch(chosen, whole[batch], texts)


class _Split:
    """Motions of a split: where each lies in the store, and its texts."""

    def __init__(self, samples: Any, column: str, span_of: dict[str, tuple[str, int, int]]) -> None:
        texts = samples.groupby("motion", sort=False)[column].agg(list).to_dict()
        self.captions = Captions(texts)
        self.clips = [span_of[motion][0] for motion in texts]
        self.starts, self.frames = np.array([span_of[motion][1:] for motion in texts]).T
