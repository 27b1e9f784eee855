"""R-precision: how often a motion is among the nearest of its pool to its own caption.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_R_precision).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured

NAMES = ("r@1", "r@2", "r@3")
READS = {"text": "text/embedding", "generated": "generated/embedding"}
SETTINGS = ("pool",)
REAL = True
SAYS = {
    "r@": "R@k is the share of captions whose motion is among the k nearest of its pool, as the "
    "evaluator embeds them (Guo et al. 2022)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Share of captions whose motion ranks first, in the first two, in the first three; of each
    motion, whether it does."""
    place = ranks(inputs["text"], inputs["generated"], settings["pool"])
    found = {name: place < depth for depth, name in enumerate(NAMES, start=1)}
    return Measured({name: float(np.mean(hit)) for name, hit in found.items()}, found)


def ranks(text: np.ndarray, motion: np.ndarray, pool: int) -> np.ndarray:
    """Rank (0 nearest) of each motion to its caption among the ``pool`` motions around it.

    Of equally near motions the one at the earlier position comes first, so that motions that are
    all the same score as chance does. ``text`` and ``motion`` are (n, d); where n is no multiple of
    pool, the last ones are a pool of their own.
    """
    whole = len(text) - len(text) % pool
    parts = [_ranks(text[:whole], motion[:whole], pool)]
    if whole < len(text):
        parts.append(_ranks(text[whole:], motion[whole:], len(text) - whole))
    return np.concatenate(parts)


def _ranks(text: np.ndarray, motion: np.ndarray, pool: int) -> np.ndarray:
    """The ranks in whole pools."""
    shape = (-1, pool, text.shape[1])
    words = text.astype(np.float64).reshape(shape)
    moves = motion.astype(np.float64).reshape(shape)
    # |t - m|² without |t|², which is the same for all motions of a row.
    square = np.einsum("pnd,pnd->pn", moves, moves)[:, None, :] - 2 * words @ moves.swapaxes(1, 2)
    own = np.diagonal(square, axis1=1, axis2=2)[:, :, None]
    earlier = np.tri(pool, k=-1, dtype=bool)
    before = (square < own) | ((square == own) & earlier)
    return before.sum(axis=2).reshape(-1)
