"""Presence: the share of motions in which a detector finds the concept.

The detector sees joints and shares nothing with the evaluator (:mod:`hmu.models.detector`). The
second value is by a second one, which was trained the same way from another seed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured

NAMES = ("presence", "presence_again")
READS = {"above": "generated/presence"}
SETTINGS = ()
REAL = True
CLAIMS = {
    "presence": "Presence is the share of motions in which a detector, trained on real motions "
    "with the concept and without it, finds the concept (ours). It says nothing of how a motion "
    "looks otherwise: a body that stands still, or trembles, shows no concept."
}
SAYS = {
    "presence_again": "Presence by the second seed is that by a second detector, which was trained "
    "the same way from another seed (ours)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Share of motions above the threshold, by each detector; of each motion, whether it is."""
    del settings
    found = {name: inputs["above"][:, seed] > 0 for seed, name in enumerate(NAMES)}
    return Measured({name: float(each.mean()) for name, each in found.items()}, found)
