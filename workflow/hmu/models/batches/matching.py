"""Motions with the words of a caption: for the evaluator's text-motion matching."""

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
class MatchingBatch:
    """Motions float32 (batch, frames, 263) with lengths, and captions as word vectors and tags."""

    motions: Tensor
    lengths: Tensor
    words: Tensor
    tags: Tensor
    text_lengths: Tensor


class MatchingBatches:
    """Motions with one of their captions, for the evaluator's text-motion matching.

    Reference: text-to-motion ``Text2MotionDatasetV2`` (random caption, crop to a multiple of 4).
    """

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
        self.store, self.normaliser, self.device = store, normaliser, device
        self.encoded, self.batch = encoded, batch
        columns = (motions[name] for name in ("motion", "clip", "start", "frames"))
        span_of = {
            motion: (clip, start, frames)
            for motion, clip, start, frames in zip(*columns, strict=True)
        }
        self.training_set, self.validation_set = (
            _WordedMotions(table, span_of) for table in (samples.training, samples.validation)
        )

    def _batch(
        self, chosen: Sequence[tuple[str, int]], lengths: np.ndarray, tokens: Sequence[str]
    ) -> MatchingBatch:
        """Motions from (clip, first frame), ``lengths`` frames long."""
        motions = np.zeros((len(chosen), lengths.max(), self.store.frames.shape[1]), np.float32)
        for target, (clip, start), length in zip(motions, chosen, lengths, strict=True):
            target[:length] = self.normaliser.forward(self.store[clip][start : start + length])
        words, tags, counts = zip(*(self.encoded[each] for each in tokens), strict=True)
        return MatchingBatch(
            torch.from_numpy(motions).to(self.device),
            torch.from_numpy(lengths),
            torch.from_numpy(np.stack(words)).to(self.device),
            torch.from_numpy(np.stack(tags)).to(self.device),
            torch.tensor(counts),
        )

    def training(self, draw: Draw) -> Iterator[MatchingBatch]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        motions = self.training_set
        drawn = draw(motions.captions.keys, 4)
        begin, length = crop(motions.frames, drawn)
        caption = motions.captions.drawn(drawn[:, 2])
        for batch in full_batches(drawn[:, 3].argsort(kind="stable"), self.batch):
            chosen = [(motions.clips[n], motions.starts[n] + begin[n]) for n in batch]
            tokens = [motions.captions.values[row] for row in caption[batch]]
            yield self._batch(chosen, length[batch], tokens)

    def validation(self) -> Iterator[MatchingBatch]:
        """Every motion once, from its start, with its first caption."""
        motions = self.validation_set
        whole = motions.frames // UNIT_LENGTH * UNIT_LENGTH
        for batch in all_in_order(len(whole), self.batch):
            chosen = [(motions.clips[n], motions.starts[n]) for n in batch]
            tokens = [motions.captions.values[row] for row in motions.captions.first[batch]]
            yield self._batch(chosen, whole[batch], tokens)


class _WordedMotions:
    """Motions of a split: where each lies in the store, and the tokens of its captions."""

    def __init__(self, samples: Any, span_of: dict[str, tuple[str, int, int]]) -> None:
        tokens = samples.groupby("motion", sort=False)["tokens"].agg(list).to_dict()
        self.captions = Captions(tokens)
        self.clips = [span_of[motion][0] for motion in tokens]
        self.starts, self.frames = np.array([span_of[motion][1:] for motion in tokens]).T
