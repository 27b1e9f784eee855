"""How far a motion lies above the threshold of the concept's detector."""

from collections.abc import Sequence

import numpy as np

from hmu.errors import InputError
from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion
from hmu.io import files
from hmu.models import storage
from hmu.models.detector import Detectors, scores
from hmu.models.stored import Stored
from hmu.run.job import one
from hmu.sections.detector import DetectorSizes

SEES = ("joints",)
MODELS = ("detector",)
SETTINGS: tuple[str, ...] = ()


def load(context: DescriptorContext) -> Descriptor:
    """The detector among the inputs, with its thresholds. Raises InputError when they do not
    belong together."""
    stored = Stored.among(context.inputs, "detector")
    detectors = storage.load(Detectors, DetectorSizes, stored, context.device)
    path = one(context.inputs, "calibration")
    limits = [each["threshold"] for each in files.read_json(path)]
    if len(limits) != detectors.sizes.seeds:
        raise InputError(f"{path} is not the calibration of {stored.weights}: make both again.")
    return Presence(detectors, np.array(limits))


class Presence:
    """Scores minus thresholds, by the detector of each seed: above 0 the concept is there."""

    def __init__(self, detectors: Detectors, thresholds: np.ndarray) -> None:
        self.detectors, self.thresholds = detectors, thresholds
        self.device = next(detectors.parameters()).device

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """Float32 (len(batch), seeds). A motion that just reaches its threshold is not above it."""
        found = scores(self.detectors, [_joints(each) for each in batch], self.device)
        return (found.astype(np.float64) - self.thresholds).astype(np.float32)

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """No text moves."""
        raise TypeError("presence describes motions, not texts")


def _joints(motion: Motion) -> np.ndarray:
    if motion.joints is None:
        raise TypeError("the detector sees joints")
    return motion.joints
