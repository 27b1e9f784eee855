"""MultiModality: mean distance between motions generated for the same caption.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_multimodality).
Which motions meet is drawn before they are made: `hmu.evaluation.plan.pairs`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.metrics import Inputs, distances

NAMES = ("multimodality",)
INPUTS = ("pairs",)
SETTINGS = ()
REAL = False


def compute(
    inputs: Inputs, rng: np.random.Generator, settings: Mapping[str, Any]
) -> dict[str, float]:
    """Mean over captions and pairs."""
    apart = distances(inputs.pairs[:, :, 0], inputs.pairs[:, :, 1])
    return {"multimodality": float(apart.mean())}
