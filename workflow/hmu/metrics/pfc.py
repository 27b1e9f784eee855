"""Physical foot contact (EDGE): who accelerates must have a foot that stands.

Definition and reference: :mod:`hmu.motion.plausibility.foot_contact`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean

NAMES = ("pfc",)
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "pfc": "PFC, physical foot contact, is high where a body accelerates while both feet move, and "
    "undefined where the root never accelerates (EDGE; at 20 frames a second, so values do not "
    "compare with EDGE's)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions whose root accelerates at all."""
    del settings
    return mean("pfc", inputs, why="the root never accelerates")
