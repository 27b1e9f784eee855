"""Motions from anywhere: those that can be used, or the reason why not."""

import numpy as np

from hmu.io.arrays import BadArray
from hmu.motion import skeleton

MOST_FRAMES = 72_000
"""Frames of a clip at most, an hour: what a clip takes while it is worked on grows with them."""

_LONGEST_SPINE = 1.5
"""Metres from pelvis to head; those of a tall man are 0.75 apart."""


def checked(frames: np.ndarray, tail: tuple[int, ...], least: int = 2) -> np.ndarray:
    """``frames`` as float32. Raises BadArray unless it is ``(frames, *tail)`` with ``least`` to
    ``MOST_FRAMES`` frames, and finite."""
    if frames.shape[1:] != tail:
        expected = ", ".join(map(str, ("frames", *tail)))
        raise BadArray(f"has shape {frames.shape}, not ({expected})")
    if len(frames) < least:
        raise BadArray(f"has {len(frames)} frames, and a motion needs {least}")
    if len(frames) > MOST_FRAMES:
        raise BadArray(f"has {len(frames)} frames, and one clip may have {MOST_FRAMES}: cut it")
    with np.errstate(over="ignore"):  # too big for float32 becomes infinite, and is refused
        small = np.ascontiguousarray(frames, dtype=np.float32)
    wrong = ~np.isfinite(small.reshape(len(small), -1)).all(axis=1)
    if wrong.any():
        raise BadArray(f"has NaN or infinite values, first in frame {int(wrong.argmax())}")
    return small


def checked_joints(frames: np.ndarray, least: int = 2) -> np.ndarray:
    """The 22 body joints of ``(F, 22 or more, 3)``. Raises BadArray as :func:`checked` does,
    and for a person far larger than people are."""
    if frames.ndim != 3 or frames.shape[1] < skeleton.JOINTS or frames.shape[2] != 3:
        raise BadArray(f"has shape {frames.shape}, not (frames, {skeleton.JOINTS}, 3)")
    joints = checked(frames[:, : skeleton.JOINTS], (skeleton.JOINTS, 3), least)
    spine = float(np.median(np.linalg.norm(skeleton.spine(joints), axis=1)))
    if spine > _LONGEST_SPINE:
        raise BadArray(
            f"is not in metres: the head is {spine:,.1f} from the pelvis (divide millimetres by "
            "1000, centimetres by 100)"
        )
    return joints
