"""Codes of motions with the embedding of a caption: for token transformers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hmu.errors import InputError
from hmu.io.codes import CodeTable
from hmu.models.batches.drawing import Captions, Draw, all_in_order, crop, full_batches
from hmu.models.batches.tables import Rows, caption_table
from hmu.run.job import Inputs, one

# Batches are cut from this many, sorted by length, so that little of each is padding.
_BATCHES_SORTED_TOGETHER = 8


@dataclass(frozen=True)
class CodeBatch:
    """Codes int64 (batch, tokens, layers), lengths int64 (batch,), text float32 (batch, dim)."""

    codes: Tensor
    lengths: Tensor
    text: Tensor


class CodeBatches:
    """Codes of motions with the embedding of one of their captions.

    Each epoch takes every motion once, as :func:`crop` cuts it, with a random caption. A crop that
    begins at frame n has the codes that were stored for offset n modulo the frames of a token, so
    many that its last frame is among them. Its outer codes have seen the few frames that were cut
    off, where the reference, which encodes crops again, pads with zeros.
    """

    def __init__(
        self,
        codes: CodeTable,
        samples: Rows,
        text: np.ndarray,
        text_rows: dict[str, int],
        batch: int,
        device: torch.device,
    ) -> None:
        self.codes, self.text, self.device, self.batch = codes, text, device, batch
        rows_of = codes.keys.groupby("motion", sort=False).indices
        self.training_set, self.validation_set = (
            _CodedMotions(codes, rows_of, table, text_rows)
            for table in (samples.training, samples.validation)
        )

    @classmethod
    def read(
        cls, inputs: Inputs, batch: int, device: torch.device, concept: Path | None
    ) -> "CodeBatches":
        """Batches from the inputs ``codes``, ``samples``, ``captions`` and ``embeddings``."""
        text, rows = caption_table(inputs)
        samples = Rows.read(one(inputs, "samples"), concept)
        return cls(CodeTable.read(one(inputs, "codes")), samples, text, rows, batch, device)

    def _batch(self, chosen: Sequence[np.ndarray], text_rows: np.ndarray) -> CodeBatch:
        lengths = torch.tensor([len(codes) for codes in chosen])
        stacked = np.zeros((len(chosen), int(lengths.max()), self.codes.layers), dtype=np.int64)
        for target, codes in zip(stacked, chosen, strict=True):
            target[: len(codes)] = codes
        return CodeBatch(
            torch.from_numpy(stacked).to(self.device),
            lengths.to(self.device),
            torch.from_numpy(self.text[text_rows]).to(self.device),
        )

    def training(self, draw: Draw) -> Iterator[CodeBatch]:
        """One epoch; each batch holds motions of similar length."""
        motions = self.training_set
        a_token = motions.rows.shape[1]
        drawn = draw(motions.captions.keys, 5)
        begin, length = crop(motions.frames, drawn)
        rows = motions.rows[np.arange(len(begin)), begin % a_token]
        first, tokens = begin // a_token, -(-length // a_token)
        text_rows = motions.text_rows[motions.captions.drawn(drawn[:, 2])]
        for batch in _similar_lengths(tokens, self.batch, drawn[:, 3], drawn[:, 4]):
            codes = [self.codes.codes[rows[n]][first[n] : first[n] + tokens[n]] for n in batch]
            yield self._batch(codes, text_rows[batch])

    def validation(self) -> Iterator[CodeBatch]:
        """Every motion once, whole, with its first caption."""
        motions = self.validation_set
        for batch in all_in_order(len(motions.frames), self.batch):
            codes = [self.codes.codes[row] for row in motions.rows[batch, 0]]
            yield self._batch(codes, motions.text_rows[motions.captions.first[batch]])


class _CodedMotions:
    """Motions of a split whose codes are stored.

    ``rows``: where the codes of each start offset stand, (n, frames of a token). ``frames``: (n,).
    """

    def __init__(
        self,
        codes: CodeTable,
        rows_of: dict[str, np.ndarray],
        samples: Any,
        text_rows: dict[str, int],
    ) -> None:
        by_motion = samples.groupby("motion", sort=False)["caption"]
        captions = {motion: list(each) for motion, each in by_motion if motion in rows_of}
        if not captions:
            raise InputError(
                "The table of codes has none of the motions of a split: make codes and samples "
                "again from the same motions."
            )
        self.captions = Captions(captions)
        self.text_rows = np.array([text_rows[each] for each in self.captions.values])
        self.rows = np.array([rows_of[motion] for motion in captions])
        self.frames = codes.keys["frames"].to_numpy(np.int64)[self.rows[:, 0]]


def _similar_lengths(
    lengths: np.ndarray, batch: int, place: np.ndarray, turn: np.ndarray
) -> list[np.ndarray]:
    """A random partition of the rows into full batches whose rows have similar lengths.

    ``place`` and ``turn``: uniforms of the rows, for who is with whom and which batch is first.
    """
    order = np.concatenate(full_batches(place.argsort(kind="stable"), batch))
    batches = []
    for begin in range(0, len(order), batch * _BATCHES_SORTED_TOGETHER):
        chunk = order[begin : begin + batch * _BATCHES_SORTED_TOGETHER]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[start : start + batch] for start in range(0, len(chunk), batch)]
    return sorted(batches, key=lambda rows: turn[rows[0]])
