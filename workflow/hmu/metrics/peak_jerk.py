"""A motion's own peak of jerk, in metres a second cubed, and in FlowMDM's metres a frame cubed.

Definition: the largest value of a motion's curve in :mod:`hmu.motion.plausibility.jerk`. It is
not FlowMDM's peak jerk, which is that of the mean curve (``pj``).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean_of
from hmu.motion.plausibility import row
from hmu.motion.plausibility.jerk import PER_SECOND

NAMES = ("peak_jerk", "peak_jerk_per_frame")
READS = {"generated": "generated/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "peak_jerk": "Peak jerk is the largest jerk of a motion in m/s³, of coordinates added and of "
    "the joint that has most (FlowMDM's jerk; each motion's own peak).",
    "peak_jerk_per_frame": "Peak jerk per frame is the same in metres a frame cubed (FlowMDM's).",
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over the motions of four frames and more."""
    del settings
    each = row.column(inputs["generated"], "peak_jerk")
    values = {"peak_jerk": each, "peak_jerk_per_frame": each / PER_SECOND}
    return mean_of(values, why="the motion has fewer than four frames")
