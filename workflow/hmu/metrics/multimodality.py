"""MultiModality: mean distance between motions generated for the same caption.

Definition: Guo et al. 2022; reference: momask-codes, utils/metrics.py (calculate_multimodality).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.metrics import Inputs, distances

NAMES = ("multimodality",)
INPUTS = ("multimodality",)
SETTINGS = ("multimodality_pairs",)
REAL = False


def compute(
    inputs: Inputs, rng: np.random.Generator, settings: Mapping[str, Any]
) -> dict[str, float]:
    """Mean over captions and ``multimodality_pairs`` pairs of draws, the same for each caption.

    Either side of the pairs is drawn without replacement and on its own, so a draw may meet
    itself, as in the reference.
    """
    draws = inputs.multimodality.shape[1]
    pairs = min(settings["multimodality_pairs"], draws)
    first = rng.choice(draws, pairs, replace=False)
    second = rng.choice(draws, pairs, replace=False)
    apart = distances(inputs.multimodality[:, first], inputs.multimodality[:, second])
    return {"multimodality": float(apart.mean())}
