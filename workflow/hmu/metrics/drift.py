"""Benign drift: how far an edit of the codebook moves motions, by how many tokens it replaced.

Of each motion two things are read (:mod:`hmu.descriptors.drift`): the share of its tokens that were
replaced, and the mean distance of its joints between the two decodings of the same codes, before
the edit and after. Ours. On the retain set, it is what a benign user notices.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured

NAMES = (
    "replaced",
    "drift",
    "drift_slope",
    "drift@1",
    "drift@2",
    "drift@3",
    "drift@4",
    "drift@5",
    "drift@6",
    "drift@7",
    "drift@8",
    "drift@9",
    "drift@10",
)
READS = {"edit": "generated/drift"}
SETTINGS = ()
REAL = False
SAYS = {
    "replaced": "Replaced is the share of a motion's tokens that the edit replaced; only edits of "
    "the codebook have it (ours).",
    "drift": "Drift is the mean distance of joints, in metres, between the motion and the same "
    "codes decoded before the edit; only edits of the codebook have it (ours).",
    "drift_slope": "Drift slope is by how many metres drift grows from no token replaced to all, "
    "by least squares over the motions (ours).",
    "drift@": "Drift of tenth k is that of the k-th tenth of the motions by the share of their "
    "tokens that was replaced (ours).",
}
DECILES = 10


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Means of share and distance; the slope of the second over the first; and the mean distance
    in each tenth of the motions by their share, drift@1 being those with the least."""
    del settings
    share, moved = inputs["edit"].astype(np.float64).T
    of = deciles(share)
    tenths = {f"drift@{number}": _mean(moved[of == number]) for number in range(1, DECILES + 1)}
    values = {
        "replaced": float(share.mean()),
        "drift": float(moved.mean()),
        "drift_slope": slope(share, moved),
        **tenths,
    }
    undefined = dict.fromkeys(
        tenths, "no motion's share is in that tenth (equal ones stay together)"
    )
    undefined["drift_slope"] = "all motions have the same share of replaced tokens"
    return Measured(values, {"replaced": share, "drift": moved}, undefined)


def deciles(values: np.ndarray) -> np.ndarray:
    """The tenth of the motions, 1 to 10, that each belongs to by its value (n,).

    Equal values have the middle of their places, and so one tenth: some may then be empty.
    """
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - counts / 2
    found: np.ndarray = np.minimum((DECILES * middles / len(values)).astype(int), DECILES - 1) + 1
    return found[which]


def slope(x: np.ndarray, y: np.ndarray) -> float:
    """Of the line of least squares through (n,) points; NaN where all x are one."""
    centred = x - x.mean()
    spread = float(centred @ centred)
    return float(centred @ (y - y.mean())) / spread if np.ptp(x) > 0 else math.nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan
