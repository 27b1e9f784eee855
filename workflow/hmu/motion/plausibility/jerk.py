"""Jerk: how abruptly a body changes what it does.

Source: FlowMDM (Barquero et al. 2024), data_loaders/humanml/utils/metrics.py (calculate_jerk) and
utils/metrics.py (evaluate_jerk).
"""

import math

import numpy as np

from hmu.motion.skeleton import FPS

WINDOW = 40
"""Frames from the start of a motion that curves are compared over: as many as the shortest of
HumanML3D's evaluation has."""

STEPS = WINDOW - 3
"""Values of a curve over a window."""

PER_SECOND = FPS**3
"""From metres a frame cubed to metres a second cubed."""


def curve(joints: np.ndarray) -> np.ndarray:
    """Float64 (F-3,): of the third differences of the joints, in metres a frame cubed, the largest.

    Of each joint it is the sum of the coordinates' absolute values. Nothing of fewer than four
    frames.
    """
    if len(joints) < 4:
        return np.zeros(0)
    third = np.abs(np.diff(joints.astype(np.float64), n=3, axis=0))
    largest: np.ndarray = third.sum(axis=-1).max(axis=-1)
    return largest


def window(curve: np.ndarray) -> np.ndarray:
    """The first STEPS of a curve, with NaN after the end of a shorter one."""
    found = np.full(STEPS, np.nan)
    found[: len(curve)] = curve[:STEPS]
    return found


def peak(curve: np.ndarray) -> float:
    """The largest jerk of one motion, in metres a second cubed; NaN of an empty curve."""
    return float(curve.max() * PER_SECOND) if len(curve) else math.nan
