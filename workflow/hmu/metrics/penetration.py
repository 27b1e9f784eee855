"""Penetration: how far the lowest joint is below the floor, in millimetres.

Definition: PhysDiff; :mod:`hmu.motion.plausibility.floor`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("penetration",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "penetration": "Penetration is how far the lowest joint is below the floor, in mm, the mean "
    "over the frames (PhysDiff, there of the mesh)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions of the mean over their frames."""
    del settings
    return mean("penetration", inputs, why="")
