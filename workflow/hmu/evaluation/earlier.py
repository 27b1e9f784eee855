"""Rows of a description that an earlier job of the same place has made of the same motions.

What is said of a motion depends, in its last bits, on the motions of its batch. Those of two
repeats share none, so that a row is the same however many repeats follow it: one repeat more
describes the motions of that repeat alone, and leaves the bytes that all of them together would.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hmu.io import arrays
from hmu.run import kept

_NAME = "description.npy"


@dataclass(frozen=True)
class Repeats:
    """The motions to describe, repeat after repeat: the row behind the last of each repeat, and a
    digest of which motions it has, in their order."""

    ends: tuple[int, ...]
    digests: tuple[str, ...]

    @classmethod
    def of(cls, numbers: np.ndarray, identities: Iterable[bytes]) -> "Repeats":
        """By the repeat of each motion, int (n,), and what tells it from any other motion that the
        same models may be shown."""
        ends, digests = [], []
        block, digest = runs(numbers), hashlib.sha256()
        for row, each in enumerate(identities, 1):
            digest.update(len(each).to_bytes(8, "little") + each)
            if row == len(block) or block[row] != block[row - 1]:
                ends.append(row)
                digests.append(digest.hexdigest())
                digest = hashlib.sha256()
        return cls(tuple(ends), tuple(digests))


def runs(numbers: np.ndarray) -> np.ndarray:
    """Which run of equal numbers each of them, (n,), is in: int (n,) from 0."""
    found: np.ndarray = np.cumsum(np.diff(numbers, prepend=numbers[:1]) != 0)
    return found


def keep(folder: Path, made: Path, repeats: Repeats) -> None:
    """Keep the description ``made`` in the directory ``folder``, which the next job has too."""
    said = {"ends": list(repeats.ends), "digests": list(repeats.digests)}
    kept.keep(folder, _NAME, made, said)


def find(folder: Path, repeats: Repeats) -> np.ndarray | None:
    """Rows (k, width) of the first motions: of the repeats up to the first that is another now.

    None where there are none, and where all are the same: who asks for the same again wants it
    made again.
    """
    path = kept.find(folder, _NAME)
    if path is None:
        return None
    said = kept.said(folder, _NAME)
    if said["digests"] == list(repeats.digests):
        return None
    same = 0
    for before, now in zip(said["digests"], repeats.digests, strict=False):
        if before != now:
            break
        same += 1
    if same == 0:
        return None
    return np.array(arrays.read_result(path)[: repeats.ends[same - 1]])
