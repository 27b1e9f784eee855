"""HumanML3D's 263 values a frame back to joint positions (its ``recover_from_ric``)."""

import numpy as np

from hmu.motion.features import FEATURES, POSITIONS


def to_joints(features: np.ndarray) -> np.ndarray:
    """Positions of one clip, from features that are not normalised.

    ``features`` is (F, 263); returns (F, 22, 3) float32 in metres, y up, the first root above the
    origin and facing z+. The path is the running sum of the recorded turns and velocities, so a
    wrong turn (see :mod:`hmu.motion.features`) bends what follows it, as in the reference.
    """
    if features.ndim != 2 or features.shape[1] != FEATURES:
        raise ValueError(f"features have shape {features.shape}, expected (frames, {FEATURES})")
    rows = features.astype(np.float64)
    if not len(rows):
        return np.empty((0, 22, 3), dtype=np.float32)
    angle = 2 * np.concatenate([[0.0], np.cumsum(rows[:-1, 0])])
    cosine, sine = np.cos(angle), np.sin(angle)

    root = np.zeros((len(rows), 3))
    steps = _turned_back(rows[:-1, 1], rows[:-1, 2], cosine[1:], sine[1:])
    root[1:, ::2] = np.cumsum(np.stack(steps, axis=-1), axis=0)
    root[:, 1] = rows[:, 3]

    joints = np.empty((len(rows), 22, 3))
    joints[:, 0] = root
    joints[:, 1:] = rows[:, POSITIONS].reshape(len(rows), 21, 3)
    x, z = _turned_back(joints[:, 1:, 0], joints[:, 1:, 2], cosine[:, None], sine[:, None])
    joints[:, 1:, 0] = x + root[:, None, 0]
    joints[:, 1:, 2] = z + root[:, None, 2]
    return joints.astype(np.float32)


def _turned_back(
    x: np.ndarray, z: np.ndarray, cosine: np.ndarray, sine: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """x and z from each frame's facing back to the clip's: the inverse of a turn about y."""
    return cosine * x - sine * z, sine * x + cosine * z
