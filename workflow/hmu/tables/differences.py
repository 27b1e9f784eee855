"""Do two rows of a table differ? A paired bootstrap of the rows of one column.

Rows that are measured on the same set by the same metric are compared on the same motions: what is
drawn again are clips, each with all its captions and repeats and with its mirror image, because
these are no motions of their own. A metric that has no value for a motion (FID, Diversity,
MultiModality) is compared over repeats; that says whether other noise would give the same, and
nothing of other clips.

One draw serves all rows of a set, so a table takes about a second. ``scipy.stats.bootstrap`` would
draw once for each of the hundreds of pairs, and knows no clips with several motions; tests compare
with it. Its percentiles of few repeats are also too narrow: of three they cover 75%, whatever is
asked for. So the bootstrap gives the standard error, and Student's quantile the width: where what
is drawn are single normal numbers, that is Student's paired interval.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from hmu.io.mirrored import unmirrored
from hmu.tables import paired
from hmu.tables.student import half_width

DRAWS = 2_000
"""They know a standard error to 1.6%."""

Over = Literal["clips", "repeats"]


@dataclass(frozen=True)
class Measured:
    """One row in one column: its value in each repeat (repeats,), or the one of all repeats (1,),
    and that of each motion (repeats, n), in the order of the plan, where the metric has one; NaN of
    a motion that has none."""

    values: np.ndarray
    motions: np.ndarray | None = None

    def by_motion(self) -> bool:
        """Whether the values are the means of those of the motions. The reference's MM-Safe, which
        leaves some out, is not."""
        if self.motions is None:
            return False
        own = np.nanmean(self.motions, axis=1) if len(self.values) > 1 else np.nanmean(self.motions)
        return np.allclose(own, self.values)

    def says_yes_or_no(self) -> bool:
        """Whether the value of each motion is 0 or 1."""
        return self.motions is not None and bool(np.isin(self.motions, (0, 1)).all())


@dataclass(frozen=True)
class Difference:
    """Of the first row minus the second: the difference, the ends of its 95% interval, what was
    drawn again, and of how many. Of one alone there is no interval.

    Where both rows say yes or no of each motion, ``flipped`` is p of the test that flips whole
    clips, and ``mcnemar`` that of McNemar's on one motion a clip (:mod:`hmu.tables.paired`).
    """

    first: str
    second: str
    value: float
    interval: tuple[float, float] | None
    over: Over
    units: int
    flipped: float | None = None
    mcnemar: float | None = None

    def differ(self) -> bool | None:
        """Whether the interval leaves out 0; None where there is none."""
        return None if self.interval is None else not self.interval[0] <= 0 <= self.interval[1]


def clips(names: Sequence[str | None], prompts: Sequence[str]) -> np.ndarray:
    """Which motions belong together, int (n,), numbered from 0: those of a clip and of its mirror
    image, "M" before its name; of a prompt that stands for no clip, those of the prompt."""
    known = {name for name in names if name is not None}
    own: dict[str, int] = {}
    found = []
    for name, prompt in zip(names, prompts, strict=True):
        unit = f"prompt {prompt}" if name is None else f"clip {unmirrored(name, known)}"
        found.append(own.setdefault(unit, len(own)))
    return np.array(found, dtype=np.int64)


class Resampling:
    """Draws of what is measured on one set, the same for all metrics and rows.

    ``units`` (repeats, n) says of each motion which clip it is of, as `clips` numbers them.
    """

    def __init__(self, units: np.ndarray, random: np.random.Generator) -> None:
        _, flat = np.unique(units, return_inverse=True)
        self.units = flat.reshape(units.shape)
        self.clips = _counts(int(self.units.max(initial=-1)) + 1, random)
        self.repeats = _counts(len(units), random)
        order = random.permutation(units.size)
        _, first = np.unique(self.units.ravel()[order], return_index=True)
        self.one_each = order[first]

    def differences(self, rows: Mapping[str, Measured]) -> Iterator[Difference]:
        """Of every two rows, in their order, measured by one metric."""
        if len(rows) < 2:
            return
        over: Over = "repeats"
        if all(each.by_motion() for each in rows.values()):
            over, drawn = "clips", self.clips
            motions = [each.motions for each in rows.values() if each.motions is not None]
            sums = [self._by_clip(np.nan_to_num(each, nan=0.0)) for each in motions]
            counts = [self._by_clip(np.isfinite(each)) for each in motions]
        else:
            drawn = self.repeats
            sums = [each.values for each in rows.values()]
            counts = [np.ones(len(each)) for each in sums]
        table, sizes = np.stack(sums, axis=1), np.stack(counts, axis=1)
        with np.errstate(invalid="ignore"):  # a draw without a single motion that has a value
            again = (drawn @ table) / (drawn @ sizes)
        for (i, first), (j, second) in combinations(enumerate(rows), 2):
            value, interval = float(rows[first].values.mean() - rows[second].values.mean()), None
            count = int((sizes[:, [i, j]] > 0).all(axis=1).sum())
            if count > 1:
                error = float(np.nanstd(again[:, i] - again[:, j]))
                half = half_width(count) * math.sqrt(count / (count - 1)) * error
                interval = (value - half, value + half)
            tests: tuple[float, ...] = ()
            if over == "clips" and rows[first].says_yes_or_no() and rows[second].says_yes_or_no():
                one, other = (self._once(rows[name].motions) for name in (first, second))
                tests = (paired.flipped(table[:, i] - table[:, j]), paired.mcnemar(one, other))
            yield Difference(first, second, value, interval, over, count, *tests)

    def _once(self, motions: np.ndarray | None) -> np.ndarray:
        """Whether one motion of each clip has yes, bool (clips,): the same motions of every row."""
        assert motions is not None  # says_yes_or_no
        found: np.ndarray = motions.ravel()[self.one_each] > 0
        return found

    def _by_clip(self, motions: np.ndarray) -> np.ndarray:
        return np.bincount(self.units.ravel(), weights=motions.ravel())


def _counts(units: int, random: np.random.Generator) -> np.ndarray:
    """How often each of so many units is drawn in each draw of as many, float64 (DRAWS, units)."""
    drawn = random.integers(units, size=(DRAWS, units))
    return np.stack([np.bincount(each, minlength=units) for each in drawn]).astype(np.float64)
