"""How much the body moves at all: mean speed of its joints, in metres a second.

Definition: :mod:`hmu.motion.plausibility.dynamic`, ours. Other measures find nothing to fault in a
frozen body; this one does.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("dynamic",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "dynamic": "Dynamic is the mean speed of all joints in m/s: how much the body moves at all "
    "(ours)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions."""
    del settings
    return mean("dynamic", inputs, why="the motion has a single frame")
