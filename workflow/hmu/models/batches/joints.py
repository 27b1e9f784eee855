"""Joints of motions that show a concept or do not: for its detector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hmu import rng
from hmu.models.batches.drawing import Draw, all_in_order, crop, full_batches
from hmu.models.detector import padded
from hmu.sections.tokenizer import UNIT_LENGTH


@dataclass(frozen=True)
class JointBatch:
    """As :class:`hmu.models.detector.Labelled` says."""

    joints: Tensor
    lengths: Tensor
    shows: Tensor
    weights: Tensor


@dataclass(frozen=True)
class Motions:
    """Motions by name, their joints float32 (frames, 22, 3) each, and whether each shows the
    concept, bool (n,)."""

    names: Sequence[str]
    joints: Sequence[np.ndarray]
    shows: np.ndarray

    def where(self, chosen: np.ndarray) -> "Motions":
        """Those that are chosen, bool (n,)."""
        rows = np.flatnonzero(chosen).tolist()
        return Motions(
            [self.names[row] for row in rows], [self.joints[row] for row in rows], self.shows[rows]
        )


class JointBatches:
    """Motions, cropped as evaluation crops real ones; both sides of the label count the same.

    Each epoch takes every motion once. Training and validation motions may not be empty, nor may
    the training motions be of one side.
    """

    def __init__(
        self, training: Motions, validation: Motions, batch: int, device: torch.device
    ) -> None:
        self.seen, self.held_out, self.batch, self.device = training, validation, batch, device
        self.keys = rng.keys(training.names)
        self.frames = np.array([len(each) for each in training.joints])
        share = training.shows.mean()
        self.weight = {True: 0.5 / share, False: 0.5 / (1 - share)}

    def _batch(self, joints: Sequence[np.ndarray], shows: np.ndarray) -> JointBatch:
        label = torch.from_numpy(shows.astype(np.float32))
        weight = torch.tensor([self.weight[bool(each)] for each in shows], dtype=torch.float32)
        return JointBatch(
            *padded(joints, self.device), label.to(self.device), weight.to(self.device)
        )

    def training(self, draw: Draw) -> Iterator[JointBatch]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        drawn = draw(self.keys, 3)
        begin, length = crop(self.frames, drawn)
        for rows in full_batches(drawn[:, 2].argsort(kind="stable"), self.batch):
            cropped = [self.seen.joints[n][begin[n] : begin[n] + length[n]] for n in rows]
            yield self._batch(cropped, self.seen.shows[rows])

    def validation(self) -> Iterator[JointBatch]:
        """Every motion held out, from its start, in whole units of ``UNIT_LENGTH`` frames."""
        for rows in all_in_order(len(self.held_out.joints), self.batch):
            whole = [whole_units(self.held_out.joints[n]) for n in rows]
            yield self._batch(whole, self.held_out.shows[rows])


def whole_units(joints: np.ndarray) -> np.ndarray:
    """A motion without the frames that fill no unit of ``UNIT_LENGTH``."""
    return joints[: len(joints) // UNIT_LENGTH * UNIT_LENGTH]
