"""Foot skating as guided-motion-diffusion measures it.

Definition and reference: ``guided`` in :mod:`hmu.motion.plausibility.skating`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("skating",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "skating": "Skating is the share of steps from frame to frame in which a foot slides on the "
    "floor (guided-motion-diffusion)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions of the share of their steps in which a foot slides."""
    del settings
    return mean("skating", inputs, why="the motion has a single frame")
