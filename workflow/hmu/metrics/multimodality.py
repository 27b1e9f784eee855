"""MultiModality: mean distance between motions generated for the same caption.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_multimodality).
Which motions meet is drawn before they are made: `hmu.evaluation.plan.pairs`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._distances import distances

NAMES = ("multimodality",)
READS = {"motions": "pairs/embedding"}
SETTINGS = ()
REAL = False
SAYS = {
    "multimodality": "MultiModality is the mean distance between motions of the same caption, as "
    "the evaluator embeds them (Guo et al. 2022)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over captions and pairs."""
    apart = distances(inputs["motions"][:, :, 0], inputs["motions"][:, :, 1])
    return Measured({"multimodality": float(apart.mean())})
