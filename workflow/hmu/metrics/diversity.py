"""Diversity: mean distance between motions generated for different captions.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_diversity).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._distances import distances

NAMES = ("diversity",)
READS = {"generated": "generated/embedding"}
SETTINGS = ("diversity_pairs",)
REAL = True
DRAWS = True
SAYS = {
    "diversity": "Diversity is the mean distance between motions of different captions, as the "
    "evaluator embeds them (Guo et al. 2022)."
}


def compute(
    inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any], rng: np.random.Generator
) -> Measured:
    """Mean over ``diversity_pairs`` random pairs; as many pairs as samples when there are fewer.

    Either side of the pairs is drawn without replacement and on its own, so a motion may meet
    itself, as in the reference.
    """
    total = len(inputs["generated"])
    pairs = min(settings["diversity_pairs"], total)
    first = rng.choice(total, pairs, replace=False)
    second = rng.choice(total, pairs, replace=False)
    apart = distances(inputs["generated"][first], inputs["generated"][second])
    return Measured({"diversity": float(apart.mean())})
