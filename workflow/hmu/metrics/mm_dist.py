"""MM-Dist: mean distance of a motion's embedding to its caption's.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_matching_score).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.metrics import Inputs, distances

NAMES = ("mm_dist",)
INPUTS = ("text", "generated")
SETTINGS = ()
REAL = True


def compute(
    inputs: Inputs, rng: np.random.Generator, settings: Mapping[str, Any]
) -> dict[str, float]:
    """Mean over all samples."""
    del rng, settings
    return {"mm_dist": float(distances(inputs.text, inputs.generated).mean())}
