"""When a foot stands on the floor, by the height of its toes.

Source: guided-motion-diffusion, data_loaders/humanml/utils/metrics.py (calculate_skating_ratio);
kimodo, kimodo/metrics/foot_skate.py, takes the same.
"""

import math

import numpy as np

from hmu.motion.skeleton import LEFT_FEET, RIGHT_FEET

TOES = (LEFT_FEET[1], RIGHT_FEET[1])
HEIGHT = 0.05
"""Metres under which toes are on the floor."""


def contacts(joints: np.ndarray) -> np.ndarray:
    """Bool (F-1, 2): from each frame to the next, whether left and right toes are down in both."""
    down = joints[:, TOES, 1] < HEIGHT
    both: np.ndarray = down[:-1] & down[1:]
    return both


def share(joints: np.ndarray) -> float:
    """The share of `contacts`, 0 for a body in the air; NaN for a single frame."""
    return float(contacts(joints).mean()) if len(joints) > 1 else math.nan
