"""Windows of fixed length from clips: for what learns to write and read motion."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hmu import rng
from hmu.errors import InputError
from hmu.io.store import ClipStore
from hmu.models.batches.drawing import Draw, full_batches, pick
from hmu.models.batches.tables import Rows
from hmu.motion.normalise import Normaliser


class WindowBatches:
    """Windows of fixed length from clips, float32 (batch, window, 263), normalised.

    An epoch holds ``windows_per_clip`` windows of each motion at random starts, or as many as the
    motion has when that is None (reference: MoMask ``MotionDataset``, which leaves out the last
    start of each, and takes whole clips of any length). Validation takes windows side by side.
    """

    def __init__(
        self,
        store: ClipStore,
        normaliser: Normaliser,
        motions: Rows,
        window: int,
        batch: int,
        windows_per_clip: int | None,
        device: torch.device,
    ) -> None:
        self.store, self.normaliser, self.device = store, normaliser, device
        self.window, self.batch, self.per_clip = window, batch, windows_per_clip
        self.train_spans, names = _spans(store, motions.training, window)
        self.validation_spans, _ = _spans(store, motions.validation, window)
        for spans, use in ((self.train_spans, "train"), (self.validation_spans, "validate")):
            if not len(spans):
                raise InputError(
                    f"No motion to {use} on has {window} frames: set a smaller window in the "
                    "section of the training, or give longer motions."
                )
        self.keys = rng.keys(names)

    def _windows(self, starts: np.ndarray) -> Tensor:
        rows = starts[:, None] + np.arange(self.window)
        frames = self.store.frames[rows]
        return torch.from_numpy(self.normaliser.forward(frames)).to(self.device)

    def training(self, draw: Draw) -> Iterator[Tensor]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        first, room = self.train_spans.T
        each = room if self.per_clip is None else np.full(len(room), self.per_clip)
        number = np.arange(each.sum()) - np.repeat(each.cumsum() - each, each)
        drawn = draw(rng.numbered(np.repeat(self.keys, each), number), 2)
        place = number if self.per_clip is None else pick(drawn[:, 0], np.repeat(room, each))
        starts = np.repeat(first, each) + place
        for rows in full_batches(drawn[:, 1].argsort(kind="stable"), self.batch):
            yield self._windows(starts[rows])

    def validation(self) -> Iterator[Tensor]:
        """Non-overlapping windows of the validation clips."""
        starts = np.concatenate(
            [np.arange(a, a + r, self.window) for a, r in self.validation_spans]
        )
        for begin in range(0, len(starts), self.batch):
            yield self._windows(starts[begin : begin + self.batch])


def _spans(store: ClipStore, motions: Any, window: int) -> tuple[np.ndarray, list[str]]:
    """First row in the store and number of window starts, int64 (n, 2), of motions by name."""
    starts = dict(zip(store.index["clip"], store.index["start"], strict=True))
    long = motions[motions["frames"] >= window]
    spans = [
        (starts[clip] + start, frames - window + 1)
        for clip, start, frames in zip(long["clip"], long["start"], long["frames"], strict=True)
    ]
    return np.array(spans, dtype=np.int64).reshape(-1, 2), list(long["motion"])
