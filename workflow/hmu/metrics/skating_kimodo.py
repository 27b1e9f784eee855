"""Foot skating as kimodo measures it: slides among the contacts of the feet.

Definition and reference: ``kimodo`` in :mod:`hmu.motion.plausibility.skating`. A body in the air
slides nowhere, so ``contact`` belongs beside it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("skating_kimodo",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "skating_kimodo": "Skating in contact is the share of the contacts of both feet with the floor "
    "in which the toes slide (kimodo); it is 0 for a body that never touches the floor."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions of the share of contacts in which the toes slide."""
    del settings
    return mean("skating_kimodo", inputs, why="the motion has a single frame")
