"""What an edit of the codebook does to a motion that it need not touch."""

from collections.abc import Sequence

import numpy as np

from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion

SEES = ("joints", "unedited", "replaced")
MODELS: tuple[str, ...] = ()
SETTINGS: tuple[str, ...] = ()


def load(context: DescriptorContext) -> Descriptor:
    """It needs nothing of the context."""
    return Drift()


class Drift:
    """Rows float32 (motions, 2): the share of tokens of which any code was replaced, and the mean
    distance of joints in metres between the two decodings of the same codes."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """A row of each motion."""
        return np.array([_measured(each) for each in batch], dtype=np.float32)

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """No text has codes."""
        raise TypeError("drift describes motions, not texts")


def _measured(motion: Motion) -> tuple[float, float]:
    if motion.joints is None or motion.unedited is None or motion.replaced is None:
        raise TypeError("drift sees joints, unedited and replaced")
    moved = np.linalg.norm(motion.joints.astype(np.float64) - motion.unedited, axis=-1)
    return float(motion.replaced.any(axis=1).mean()), float(moved.mean())
