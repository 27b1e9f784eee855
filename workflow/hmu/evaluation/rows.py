"""The rows of descriptions that a set is made of, as metrics read them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from hmu.io import npz


class Planned(NamedTuple):
    """A set, in the order of positions: int32 (repeats, n).

    ``request`` are rows of the requests, ``row`` of the prompts; ``requests`` and ``prompts`` say
    how many of each there are.
    """

    request: np.ndarray
    row: np.ndarray
    requests: int
    prompts: int

    def write(self, path: Path) -> None:
        """Write what `read` reads."""
        counts = np.array([self.requests, self.prompts])
        npz.write(path, {"request": self.request, "row": self.row, "counts": counts})

    @classmethod
    def read(cls, path: Path) -> "Planned":
        """Raises InputError when the file is missing, damaged or another one."""
        request, row, (requests, prompts) = npz.read(path, "request", "row", "counts")
        return cls(request, row, int(requests), int(prompts))


class Meetings(NamedTuple):
    """The motions that MultiModality compares: ``ends``, int32 (repeats, captions, pairs, 2), are
    rows of their own requests, of which there are so many."""

    ends: np.ndarray
    requests: int

    def write(self, path: Path) -> None:
        """Write what `read` reads."""
        npz.write(path, {"ends": self.ends, "counts": np.array([self.requests])})

    @classmethod
    def read(cls, path: Path) -> "Meetings":
        """Raises InputError when the file is missing, damaged or another one."""
        ends, (requests,) = npz.read(path, "ends", "counts")
        return cls(ends, int(requests))
