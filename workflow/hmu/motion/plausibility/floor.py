"""How far the body is above the floor, or below it.

Source: PhysDiff (Yuan et al. 2023), section 4, which takes the lowest vertex of the body's mesh;
here it is the lowest joint.
"""

import numpy as np

TOLERANCE = 0.005
"""Metres that count as touching."""


def floating(joints: np.ndarray) -> float:
    """Mean over the frames of the height of the lowest joint, where it is above, in millimetres."""
    lowest = joints[..., 1].min(axis=1).astype(np.float64)
    return float(np.where(lowest > TOLERANCE, lowest, 0.0).mean() * 1000)


def penetration(joints: np.ndarray) -> float:
    """Mean over the frames of the depth of the lowest joint, where it is below, in millimetres."""
    depth = -joints[..., 1].min(axis=1).astype(np.float64)
    return float(np.where(depth > TOLERANCE, depth, 0.0).mean() * 1000)
