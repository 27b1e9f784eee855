"""Jerk round the boundaries of codes that an edit replaced (:mod:`hmu.motion.boundary`)."""

from collections.abc import Sequence

import numpy as np

from hmu.backbones import opening
from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion
from hmu.motion import boundary
from hmu.run.job import one

SEES = ("joints", "unedited", "replaced")
MODELS: tuple[str, ...] = ()
SETTINGS: tuple[str, ...] = ()


def load(context: DescriptorContext) -> Descriptor:
    """It asks the tokenizer among the inputs how many frames a token stands for."""
    sizes = opening.sizes(one(context.inputs, "tokenizer_config"))
    return Boundary(sizes.frames_per_token)


class Boundary:
    """Rows float32 (motions, ``len(boundary.NAMED)``)."""

    def __init__(self, frames_per_token: int) -> None:
        self.frames_per_token = frames_per_token

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """A row of each motion."""
        return np.stack([self._row(each) for each in batch])

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """No text has codes."""
        raise TypeError("boundary describes motions, not texts")

    def _row(self, motion: Motion) -> np.ndarray:
        if motion.joints is None or motion.unedited is None or motion.replaced is None:
            raise TypeError("boundary sees joints, unedited and replaced")
        return boundary.row(motion.joints, motion.unedited, motion.replaced, self.frames_per_token)
