"""Physical foot contact: a body that accelerates must push against something.

Source: EDGE (Tseng et al. 2023), eval/eval_pfc.py. There z is up and motions have 30 frames a
second; here y is up and they have 20. The feet's steps are in metres a frame there too, so values
of the two rates do not compare.
"""

import math

import numpy as np

from hmu.motion.skeleton import FPS, LEFT_FEET, RIGHT_FEET

STILL = 0.01
"""Metres a second squared: what float32 makes of a root some metres away that does not accelerate
is below."""


def score(joints: np.ndarray) -> float:
    """The PFC of one motion, times 10,000.

    The root's acceleration, of which downwards does not count, as a share of its largest, times the
    horizontal steps of both feet, of each the smaller one of ankle and toes; mean over the frames.
    NaN where the root never accelerates, for there is no such share: of a frozen body, say.
    """
    if len(joints) < 3:
        return math.nan
    path = joints.astype(np.float64)
    acceleration = np.diff(path[:, 0], n=2, axis=0) * FPS**2
    acceleration[:, 1] = np.maximum(acceleration[:, 1], 0.0)
    push = np.linalg.norm(acceleration, axis=-1)
    if push.max() < STILL:
        return math.nan
    steps = np.diff(path[1:], axis=0)[..., ::2]
    left, right = (
        np.linalg.norm(steps[:, foot], axis=-1).min(axis=1) for foot in (LEFT_FEET, RIGHT_FEET)
    )
    return float((left * right * push / push.max()).mean() * 10_000)
