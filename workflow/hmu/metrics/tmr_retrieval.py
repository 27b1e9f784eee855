"""Retrieval among all motions of a set, by TMR: how soon a caption finds its own.

Reference: Mathux/TMR, src/model/metrics.py (contrastive_metrics) with the protocol ``normal``. That
takes one caption of each motion (`evaluation: {captions: one}`), and gives equally near motions the
mean of their ranks; here the one at the earlier position comes first, as in R-precision.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._cosines import unit

NAMES = ("tmr_all@1", "tmr_all@2", "tmr_all@3", "tmr_all@5", "tmr_all@10", "tmr_medr")
READS = {"text": "text/tmr", "generated": "generated/tmr"}
SETTINGS = ()
REAL = True
SAYS = {
    "tmr_all@": "Retrieval at k by TMR is the share of captions whose motion is among the first k "
    "of all motions of the set: harder the more there are (Petrovich et al. 2023).",
    "tmr_medr": "MedR by TMR is the median rank of a caption's own motion among all of the set "
    "(Petrovich et al. 2023).",
}
DEPTHS = (1, 2, 3, 5, 10)
_BLOCK = 256
"""Captions that are compared with all motions at a time."""


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Shares of captions, of each motion whether it is found; the median rank, from 1."""
    del settings
    place = ranks(unit(inputs["text"]), unit(inputs["generated"]))
    found = {f"tmr_all@{depth}": place < depth for depth in DEPTHS}
    shares = {name: float(hit.mean()) for name, hit in found.items()}
    return Measured({**shares, "tmr_medr": float(np.median(place)) + 1}, found)


def ranks(text: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """Rank (0 first) of each motion for its caption, by the products of rows (n, d)."""
    found = np.empty(len(text), dtype=np.int64)
    position = np.arange(len(text))
    for begin in range(0, len(text), _BLOCK):
        rows = position[begin : begin + _BLOCK]
        scores = text[rows] @ motion.T
        own = scores[np.arange(len(rows)), rows][:, None]
        before = (scores > own) | ((scores == own) & (position < rows[:, None]))
        found[rows] = before.sum(axis=1)
    return found
