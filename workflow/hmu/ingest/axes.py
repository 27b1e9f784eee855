"""Which way is up: nobody can tell of one clip, whose person may lie, but of a dataset.

So a clip in which nobody stands along y is counted, and stays, also among thousands where somebody
does: to set such clips aside would take lying, crawling and handstands out of the data, and whole
concepts with them. A dataset is refused most of whose clips stand along one other axis.
"""

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

    def line(self, raw: Path) -> str:
        """How many persons do not stand along y; empty where all do."""
        total = self._clips.total()
        fallen = total - self._clips["y"]
        if not fallen:
            return ""
        return (
            f"in {fallen:,} of {total:,} clips nobody stands upright along y, "
            f"{raw / self._example[self._other()]} for one"
        )

    def fault(self, raw: Path) -> str:
        """That most of the clips stand along another axis, so that features of all would be wrong;
        empty where they do not, or are too few to tell."""
        other, total = self._other(), self._clips.total()
        if not other or total < FEWEST or self._clips[other] <= total / 2:
            return ""
        return (
            f"{other} is up, not y: the head is above the pelvis along {other} in "
            f"{self._clips[other]:,} of {total:,} clips, {raw / self._example[other]} for one"
        )

    def settle(self, raw: Path) -> None:
        """Print :meth:`line`. Raises InputError where there is a :meth:`fault`."""
        if line := self.line(raw):
            print(f"{line[0].upper()}{line[1:]}.")
        if fault := self.fault(raw):
            raise InputError(f"{raw}: {fault}. Turn all clips so that y is up.")

    def _other(self) -> str:
        """The axis, not y, along which most stand; empty where most of these lie askew."""
        return next((up for up, _ in self._clips.most_common() if up != "y"), "")
