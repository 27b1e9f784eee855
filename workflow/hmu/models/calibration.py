"""What a detector's scores are worth: its threshold, the rates above it, and its AUC.

A clip counts once: its mirrored copy, and further motions cut from it, are no clips of their own.
"""

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

FALSE_POSITIVES = 0.05
"""The share of motions without the concept that may lie above the threshold."""


@dataclass(frozen=True)
class Rate:
    """How many of so many ``clips`` lie above a threshold, that share, and the ends of its 95%
    interval by Clopper and Pearson (1934)."""

    clips: int
    above: int
    share: float
    low: float
    high: float

    @classmethod
    def of(cls, scores: np.ndarray, threshold: float) -> "Rate":
        """The rate of scores (n,), n at least 1, strictly above the threshold."""
        above = int((scores > threshold).sum())
        interval = stats.binomtest(above, len(scores)).proportion_ci(0.95, method="exact")
        share = above / len(scores)
        return cls(len(scores), above, share, float(interval.low), float(interval.high))


def threshold(retain: np.ndarray, share: float = FALSE_POSITIVES) -> float:
    """The lowest of the scores (n,) of motions without the concept above which no more than this
    ``share`` of them lie."""
    ordered = np.sort(retain)
    return float(ordered[len(ordered) - 1 - int(share * len(ordered))])


def auc(forget: np.ndarray, retain: np.ndarray) -> float:
    """The probability that a motion with the concept, scores (n,), scores higher than one without,
    (m,), ties counting half: the statistic of Mann and Whitney over n·m."""
    found = stats.mannwhitneyu(forget, retain, method="asymptotic").statistic
    return float(found) / (len(forget) * len(retain))


def once(units: Sequence[Hashable]) -> np.ndarray:
    """Which motions are the first of their unit, bool (n,)."""
    first = {unit: row for row, unit in reversed(list(enumerate(units)))}
    found = np.zeros(len(units), dtype=bool)
    found[list(first.values())] = True
    return found


def calibration(scores: np.ndarray, shows: np.ndarray, test: np.ndarray) -> dict[str, Any]:
    """The record of a detector, of scores (n,) of clips that count once: whether each ``shows`` the
    concept, and whether it is of the ``test`` split, bool (n,) both.

    Scores of the other splits must be by a network that never saw the clip. Plain data:
    ``threshold``; ``held_out`` (training and validation clips) and ``test``, each with the ``auc``
    and the rates above the threshold of ``forget`` and ``retain``.
    """
    limit = threshold(scores[~shows & ~test])
    found: dict[str, Any] = {"threshold": limit}
    for name, chosen in (("held_out", ~test), ("test", test)):
        forget, retain = scores[chosen & shows], scores[chosen & ~shows]
        found[name] = {
            "auc": auc(forget, retain),
            "forget": asdict(Rate.of(forget, limit)),
            "retain": asdict(Rate.of(retain, limit)),
        }
    return found
