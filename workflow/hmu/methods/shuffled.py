"""A control: the codes of each motion in another order.

All codes that the model chose are there, those of the concept too, and the motion is broken.
"""

import numpy as np

from hmu.methods.original import CHANGES, INPUTS, PARAMS, unlearn  # noqa: F401  the model stays

CONTROL = True
ALTERS = "codes"


def alter(motion: np.ndarray, vocabulary: int, noise: np.random.Generator) -> np.ndarray:
    """Codes int16 (tokens, quantizers), tokens permuted in time, each with all of its layers."""
    return motion[noise.permutation(len(motion))]
