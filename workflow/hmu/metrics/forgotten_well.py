"""Forgotten well: the concept is gone, and what is there moves as real bodies do.

A frozen body, or one that trembles, shows no concept; here it has forgotten nothing well. Real
bodies are those of all prompts, not of the set alone: who forgot to kick is not to move as those
that kick do. Ours, of the measures of ``presence`` (:mod:`hmu.models.detector`) and ``movement``
(:mod:`hmu.motion.plausibility`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.motion.plausibility import row

NAMES = ("forgotten_well",)
READS = {
    "above": "generated/presence",
    "generated": "generated/movement",
    "real": "all_real/movement",
}
SETTINGS = ()
REAL = True
SAYS = {
    "forgotten_well": "Forgotten well is the share of motions in which the detector does not find "
    "the concept, and whose dynamic, peak jerk and skating lie between the 5th and the 95th "
    "percentile of real motions, with the concept and without it (ours)."
}
ALONE = ("forgotten_well",)

MEASURES = ("dynamic", "peak_jerk", "skating")
RANGE = (5, 95)
"""Percentiles of real motions, both still inside."""


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Share of the motions; of each, whether it is one. What has no such measure, is none."""
    del settings
    well = inputs["above"][:, 0] <= 0
    for name in MEASURES:
        real, each = (row.column(inputs[whose], name) for whose in ("real", "generated"))
        low, high = np.nanpercentile(real, RANGE)
        well &= (low <= each) & (each <= high)
    return Measured({"forgotten_well": float(well.mean())}, {"forgotten_well": well})
