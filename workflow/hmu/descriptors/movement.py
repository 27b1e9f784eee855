"""How plausibly a body moves: all of :mod:`hmu.motion.plausibility` in one look at the joints."""

from collections.abc import Sequence

import numpy as np

from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion
from hmu.motion.plausibility import contact, dynamic, floor, foot_contact, jerk, row, skating

SEES = ("joints",)
MODELS: tuple[str, ...] = ()
SETTINGS: tuple[str, ...] = ()


def load(context: DescriptorContext) -> Descriptor:
    """It needs nothing of the context."""
    return Movement()


class Movement:
    """Rows float32 (motions, ``row.WIDTH``)."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """A row of each motion, which may be as short as one frame."""
        return np.stack([_measured(_joints(each)) for each in batch])

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """No text moves."""
        raise TypeError("movement describes motions, not texts")


def _measured(joints: np.ndarray) -> np.ndarray:
    curve = jerk.curve(joints)
    named = {
        "skating": skating.guided(joints),
        "skating_kimodo": skating.kimodo(joints),
        "contact": contact.share(joints),
        "floating": floor.floating(joints),
        "penetration": floor.penetration(joints),
        "pfc": foot_contact.score(joints),
        "peak_jerk": jerk.peak(curve),
        "dynamic": dynamic.speed(joints),
    }
    return row.pack(named, jerk.window(curve))


def _joints(motion: Motion) -> np.ndarray:
    if motion.joints is None:
        raise TypeError("movement is seen in joints")
    return motion.joints
