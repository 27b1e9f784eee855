"""Floating: how far the lowest joint is above the floor, in millimetres.

Definition: PhysDiff; :mod:`hmu.motion.plausibility.floor`. Who jumps floats too, so real motions
show what is natural.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("floating",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "floating": "Floating is how far the lowest joint is above the floor, in mm, the mean over the "
    "frames (PhysDiff, there of the mesh)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions of the mean over their frames."""
    del settings
    return mean("floating", inputs, why="")
