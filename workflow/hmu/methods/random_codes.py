"""A control: codes drawn at random, whatever the prompt asks for."""

import numpy as np

from hmu.methods.original import CHANGES, INPUTS, PARAMS, unlearn  # noqa: F401  the model stays

CONTROL = True
ALTERS = "codes"


def alter(motion: np.ndarray, vocabulary: int, noise: np.random.Generator) -> np.ndarray:
    """As many codes int16 (tokens, quantizers), each of the whole codebook with equal chance."""
    return noise.integers(vocabulary, size=motion.shape).astype(motion.dtype)
