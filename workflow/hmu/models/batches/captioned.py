"""Motions with the token embeddings of a caption: for TMR."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hmu.models.batches.drawing import Draw
from hmu.models.batches.texted import Texted, TextedMotions


@dataclass(frozen=True)
class CaptionedBatch:
    """Motions float32 (batch, frames, 263), their lengths; token embeddings float32 (batch, tokens,
    dim) of a caption of each, their lengths; and unit vectors (batch, dim) of these captions."""

    motions: Tensor
    lengths: Tensor
    text: Tensor
    text_lengths: Tensor
    sentences: Tensor


class CaptionedBatches:
    """Motions of ``texted`` with what ``embedded`` gives of their captions, (tokens, dim) each.

    How alike captions are, their mean embeddings say, from the mean of all of the training split:
    by themselves those of an encoder nearly all point the same way. TMR asks a second encoder.
    """

    def __init__(self, texted: TextedMotions, embedded: Callable[[str], np.ndarray]) -> None:
        self.texted, self.embedded = texted, embedded
        captions = sorted({*texted.training_set.captions.values})
        total = sum((_mean(embedded(each)) for each in captions), np.zeros(()))
        self.centre = total / len(captions)

    def _batch(self, batch: Texted) -> CaptionedBatch:
        device = batch.motions.device
        text, lengths = padded([self.embedded(each) for each in batch.texts], device)
        means = np.stack([_mean(self.embedded(each)) for each in batch.texts]) - self.centre
        sizes = np.linalg.norm(means, axis=1, keepdims=True)
        unit = means / np.maximum(sizes, np.finfo(np.float32).tiny)
        sentences = torch.from_numpy(unit.astype(np.float32)).to(device)
        return CaptionedBatch(batch.motions, batch.lengths.to(device), text, lengths, sentences)

    def training(self, draw: Draw) -> Iterator[CaptionedBatch]:
        """One epoch, as of :class:`TextedMotions`."""
        return map(self._batch, self.texted.training(draw))

    def validation(self) -> Iterator[CaptionedBatch]:
        """Every motion once, as of :class:`TextedMotions`."""
        return map(self._batch, self.texted.validation())


def padded(sequences: Sequence[np.ndarray], device: torch.device) -> tuple[Tensor, Tensor]:
    """Sequences (length, dim) as float32 (n, longest, dim), zero behind their lengths (n,)."""
    lengths = torch.tensor([len(each) for each in sequences], device=device)
    whole = pad_sequence([torch.from_numpy(each) for each in sequences], batch_first=True)
    return whole.to(device), lengths


def _mean(tokens: np.ndarray) -> np.ndarray:
    found: np.ndarray = tokens.mean(axis=0, dtype=np.float64)
    return found
