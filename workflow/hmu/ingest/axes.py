"""Which way is up: nobody can tell of one clip, whose person may lie, but of a dataset."""

from collections import Counter
from pathlib import Path

import numpy as np

from hmu.errors import InputError
from hmu.motion import skeleton

FEWEST = 10
"""Clips from which a dataset can be told: a handful may all lie or crawl."""


class Axes:
    """Counts, clip by clip, along which axis the head is above the pelvis."""

    def __init__(self) -> None:
        self._clips: Counter[str] = Counter()
        self._example: dict[str, str] = {}

    def add(self, joints: np.ndarray, source: str) -> None:
        """Count a clip (F, 22, 3) of the file ``source``."""
        up = skeleton.up(joints)
        self._clips[up] += 1
        self._example.setdefault(up, source)

    def settle(self, raw: Path) -> None:
        """Print how many persons do not stand along y. Raises InputError when most of the clips
        stand along another axis: their features would all be wrong."""
        total = self._clips.total()
        fallen = total - self._clips["y"]
        if not fallen:
            return
        other = next(up for up, _ in self._clips.most_common() if up != "y")
        first = raw / self._example[other]
        print(f"In {fallen:,} of {total:,} clips nobody stands upright along y, {first} for one.")
        if other and total >= FEWEST and self._clips[other] > total / 2:
            raise InputError(
                f"{raw}: {other} is up, not y: the head is above the pelvis along {other} in "
                f"{self._clips[other]:,} of {total:,} clips, {first} for one. Turn all clips so "
                "that y is up."
            )
