"""Folds: parts of the data, each scored by networks that were trained without it."""

from collections.abc import Sequence

import numpy as np

from hmu import rng


def folds(units: Sequence[str], shows: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Which of ``count`` folds each motion is in, int64 (n,).

    Motions of one unit, as a clip and its mirrored copy are, lie in one fold. Units that show the
    concept, which is those of which a motion does (``shows``, bool (n,)), and those that do not are
    each spread evenly, in an order that is drawn for each unit by itself.
    """
    names, unit = np.unique(np.asarray(units), return_inverse=True)
    side = np.zeros(len(names), dtype=bool)
    np.logical_or.at(side, unit, shows)
    drawn = rng.uniforms((seed, "folds"), rng.keys(names.tolist()), 1)[:, 0]
    found = np.empty(len(names), dtype=np.int64)
    for of_side in (side, ~side):
        order = np.flatnonzero(of_side)[drawn[of_side].argsort(kind="stable")]
        found[order] = np.arange(len(order)) % count
    return found[unit]
