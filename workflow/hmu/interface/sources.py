"""What a source of raw data gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

Task = TypeVar("Task")


@dataclass(frozen=True)
class Clip:
    """A motion: ``frames`` (F, 22, 3) float32 positions in metres, y up, 20 fps, or (F, 263)
    features; ``source``, the file below the raw directory that it comes from; whether it is the
    mirrored copy of another clip."""

    clip: str
    frames: np.ndarray
    source: str
    mirrored: bool = False


@dataclass(frozen=True)
class BadClip:
    """A clip that is set aside: the ``file`` below the raw directory, and what is wrong with it."""

    clip: str
    file: str
    reason: str


@dataclass(frozen=True)
class Sequences:
    """What an index takes from one data set: how many files are ``named``, which of them, below the
    raw directory, are ``missing``, and the clips that are ``lost`` with these."""

    dataset: str
    named: int
    missing: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether nothing of the data set is there."""
        return self.named == len(self.missing)


Read = Callable[[Task], Iterator[Clip | BadClip]]


@dataclass(frozen=True)
class Work(Generic[Task]):
    """Clips of a raw directory, task by task in a fixed order.

    ``read(task)`` depends on nothing but its task, so tasks may be read in any order or process.
    ``sequences`` is for raw data that come with an index of the files that there should be;
    ``fault`` says why, with so little of them, there is nothing to do.
    """

    tasks: Sequence[Task]
    read: Read[Task]
    sequences: tuple[Sequences, ...] = ()
    fault: str = ""

    def __len__(self) -> int:
        return len(self.tasks)

    def __iter__(self) -> Iterator[Clip | BadClip]:
        for task in self.tasks:
            yield from self.read(task)
