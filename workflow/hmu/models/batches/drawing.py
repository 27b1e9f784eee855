"""What a sample shows in an epoch, from uniform numbers of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hmu import rng
from hmu.sections.tokenizer import UNIT_LENGTH


@dataclass(frozen=True)
class Draw:
    """What is drawn in an ``epoch`` (from 0), of the training of this ``address``."""

    address: tuple[str | int, ...]
    epoch: int

    def __call__(self, keys: np.ndarray, draws: int) -> np.ndarray:
        """Uniform numbers in [0, 1), (n, draws), for keys uint64 (n,); see ``rng.uniforms``."""
        return rng.uniforms((*self.address, "epoch", self.epoch), keys, draws)


class Batches(Protocol):
    """Where the training loop takes its batches from."""

    def training(self, draw: Draw) -> Iterator[Any]:
        """One epoch of training batches, drawn with ``draw``."""
        ...

    def validation(self) -> Iterator[Any]:
        """The validation batches, always the same."""
        ...


def pick(uniform: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """One of 0 … ``counts`` - 1 each, int64 (n,), for uniforms in [0, 1)."""
    return (uniform * counts).astype(np.int64)


def crop(frames: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First frame and length of a random crop of each motion of ``frames`` (n,), int64 (n,) both.

    ``drawn``: uniforms (n, 2). The crop is as long as the motion, in whole units of ``UNIT_LENGTH``
    frames, or in one of three cases a unit shorter, and lies anywhere (reference: MoMask
    ``Text2MotionDataset``, text-to-motion ``Text2MotionDatasetV2``).
    """
    whole = frames // UNIT_LENGTH
    length = UNIT_LENGTH * (whole - ((drawn[:, 0] < 1 / 3) & (whole > 1)))
    return pick(drawn[:, 1], frames - length + 1), length


def full_batches(order: np.ndarray, batch: int) -> list[np.ndarray]:
    """``order`` cut into full batches; the rest is dropped unless it is all there is."""
    full = max(len(order) // batch * batch, min(batch, len(order)))
    return [order[begin : begin + batch] for begin in range(0, full, batch)]


def all_in_order(count: int, batch: int) -> Iterator[np.ndarray]:
    """All of 0 … ``count`` - 1 in order, in batches."""
    for begin in range(0, count, batch):
        yield np.arange(begin, min(begin + batch, count))


class Captions:
    """The captions of motions, of which one is drawn: ``values`` of any kind, by motion."""

    def __init__(self, of: dict[str, list[Any]]) -> None:
        self.keys = rng.keys(of)
        self.counts = np.array([len(each) for each in of.values()], dtype=np.int64)
        self.first = self.counts.cumsum() - self.counts
        self.values = [value for each in of.values() for value in each]

    def drawn(self, uniform: np.ndarray) -> np.ndarray:
        """Where in ``values`` a random caption of each motion stands."""
        return self.first + pick(uniform, self.counts)
