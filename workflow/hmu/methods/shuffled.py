"""A control: the codes of each motion in another order.

All codes that the model chose are there, those of the concept too, and the motion is broken.
"""

import numpy as np

from hmu.interface.methods import Context, Edit

CONTROL = True
ALTERS = "codes"
INPUTS: tuple[str, ...] = ()
CHANGES: tuple[str, ...] = ()
PARAMS: dict[str, object] = {}


def unlearn(context: Context) -> Edit:
    """Change nothing: the model stays as it was."""
    return Edit({})


def alter(motion: np.ndarray, vocabulary: int, noise: np.random.Generator) -> np.ndarray:
    """Codes int16 (tokens, quantizers), tokens permuted in time, each with all of its layers."""
    return motion[noise.permutation(len(motion))]
