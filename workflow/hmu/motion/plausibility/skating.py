"""How often a foot slides that stands on the floor, in two definitions of the field."""

import math

import numpy as np

from hmu.motion.plausibility.contact import TOES, contacts
from hmu.motion.skeleton import FPS

GUIDED_SPEED = 0.5
KIMODO_SPEED = 0.2
"""Metres a second above which toes slide."""

_WINDOW = 5


def guided(joints: np.ndarray) -> float:
    """The share of all steps from frame to frame in which either foot slides; NaN without one.

    It does where its toes are down, and faster than 0.5 m/s in the plane, both in this step and in
    the mean of the five around it, of which those before the first and after the last count as 0.
    Source: guided-motion-diffusion (Karunratanakul et al. 2023),
    data_loaders/humanml/utils/metrics.py (calculate_skating_ratio).
    """
    if len(joints) < 2:
        return math.nan
    steps = np.diff(joints[:, TOES].astype(np.float64), axis=0)
    speed = np.hypot(steps[..., 0], steps[..., 2]) * FPS
    around = np.pad(speed, ((_WINDOW // 2, _WINDOW // 2), (0, 0)))
    mean = np.lib.stride_tricks.sliding_window_view(around, _WINDOW, axis=0).mean(axis=-1)
    slides = contacts(joints) & (speed > GUIDED_SPEED) & (mean > GUIDED_SPEED)
    return float(slides.any(axis=1).mean())


def kimodo(joints: np.ndarray) -> float:
    """The share of the contacts of both feet in which the toes are faster than 0.2 m/s, in space.

    0 for a body that never touches the floor; NaN for a single frame. Source: kimodo,
    kimodo/metrics/foot_skate.py (FootSkateRatio).
    """
    if len(joints) < 2:
        return math.nan
    speed = np.linalg.norm(np.diff(joints[:, TOES].astype(np.float64), axis=0), axis=-1) * FPS
    down = contacts(joints)
    return float((down & (speed > KIMODO_SPEED)).sum() / max(down.sum(), 1))
