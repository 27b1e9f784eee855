"""A control: codes drawn at random, whatever the prompt asks for."""

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
    """As many codes int16 (tokens, quantizers), each of the whole codebook with equal chance."""
    return noise.integers(vocabulary, size=motion.shape).astype(motion.dtype)
