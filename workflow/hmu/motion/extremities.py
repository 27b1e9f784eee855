"""Hands and feet: which of them moves most."""

from dataclasses import dataclass

import numpy as np

from hmu.motion.skeleton import FPS, NAMES

ENDS = {
    "left hand": NAMES.index("left_wrist"),
    "right hand": NAMES.index("right_wrist"),
    "left foot": NAMES.index("left_foot"),
    "right foot": NAMES.index("right_foot"),
}


@dataclass(frozen=True)
class Movement:
    """A hand or a foot, and its largest speed beside the pelvis, in metres a second."""

    name: str
    speed: float


def fastest(joints: np.ndarray, fps: float = FPS) -> Movement:
    """The hand or foot that is fastest in a motion (F, 22, 3) in metres, beside the pelvis.

    That walking moves all of them alike is left out so. A motion of one frame moves none: its speed
    is 0.
    """
    ends = joints[:, list(ENDS.values())] - joints[:, :1]
    speeds = np.linalg.norm(np.diff(ends, axis=0), axis=-1).max(axis=0, initial=0.0) * fps
    best = int(speeds.argmax())
    return Movement(list(ENDS)[best], float(speeds[best]))
