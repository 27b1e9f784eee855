"""Exact tests of whether two rows differ that say yes or no of each motion: p, two-sided.

Motions of one clip, its captions, repeats and mirror image, are not independent; both tests know.
Each p stands by itself: none is corrected for how many pairs of rows a table has.
"""

import numpy as np


def flipped(differences: np.ndarray) -> float:
    """The permutation test that flips whole clips.

    ``differences`` (clips,) are, of each clip, in how many of its motions the first row says yes
    less in how many the second does. If the rows do not differ, each of them might as well have the
    other sign: p is the share of all choices of signs whose sum is as far from 0 as theirs. All are
    counted, by adding up the clips one after another, whatever their number.
    """
    steps = np.abs(np.rint(differences).astype(np.int64))
    sums = np.ones(1)  # the share of choices for each sum, from the least one, by steps of one
    for step in np.sort(steps[steps > 0]):
        wider = np.zeros(len(sums) + 2 * step)
        wider[: len(sums)] += sums / 2
        wider[2 * step :] += sums / 2
        sums = wider
    distance = np.abs(np.arange(len(sums)) - steps.sum())
    return min(1.0, float(sums[distance >= abs(np.rint(differences).sum())].sum()))


def mcnemar(first: np.ndarray, second: np.ndarray) -> float:
    """McNemar's exact test, of one motion of each clip, bool (clips,) each: of those of which one
    row says yes and the other no, whether one row says it more often."""
    from scipy import stats  # half a second, which only tables with such columns take

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(stats.binomtest(only_first, only_first + only_second).pvalue)
