"""MM-Dist: mean distance of a motion's embedding to its caption's.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_matching_score).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._distances import distances

NAMES = ("mm_dist",)
READS = {"text": "text/embedding", "generated": "generated/embedding"}
SETTINGS = ()
REAL = True
SAYS = {
    "mm_dist": "MM-Dist is the mean distance of a motion to its caption, as the evaluator embeds "
    "them (Guo et al. 2022)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over all samples; the distance of each."""
    del settings
    each = distances(inputs["text"], inputs["generated"])
    return Measured({"mm_dist": float(each.mean())}, {"mm_dist": each})
