"""How much a body moves at all. Ours: a frozen body skates on no floor and jerks nowhere."""

import math

import numpy as np

from hmu.motion.skeleton import FPS


def speed(joints: np.ndarray) -> float:
    """Mean speed of all joints, in metres a second: 0 of a frozen body, NaN of a single frame."""
    if len(joints) < 2:
        return math.nan
    steps = np.diff(joints.astype(np.float64), axis=0)
    return float(np.linalg.norm(steps, axis=-1).mean() * FPS)
