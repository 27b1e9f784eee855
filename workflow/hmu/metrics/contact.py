"""How often the feet are on the floor: what skating among contacts is a share of.

Definition: :mod:`hmu.motion.plausibility.contact`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("contact",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "contact": "Contact is the share of steps in which the toes are on the floor, of both feet "
    "(kimodo)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions of the share of steps with contact, of both feet."""
    del settings
    return mean("contact", inputs, why="the motion has a single frame")
