"""A control: the first pose of each motion, held to its end.

A body that does not move shows no concept, and nothing else either. What it wins says nothing of
forgetting.
"""

import numpy as np

from hmu.methods.original import CHANGES, INPUTS, PARAMS, unlearn  # noqa: F401  the model stays
from hmu.motion.features import CONTACTS, VELOCITIES

CONTROL = True
ALTERS = "features"

_MOVEMENT = slice(0, 3)
"""The turn of the root, and its velocity."""


def alter(motion: np.ndarray, vocabulary: int, noise: np.random.Generator) -> np.ndarray:
    """The first row of features float32 (frames, 263), repeated, as that of a body at rest: the
    root and all joints without velocity, both feet standing."""
    held = motion[:1].copy()
    held[:, _MOVEMENT] = 0
    held[:, VELOCITIES] = 0
    held[:, CONTACTS] = 1
    return held.repeat(len(motion), axis=0)
