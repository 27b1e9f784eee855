"""HumanML3D's 263 values a frame back to joint positions (its ``recover_from_ric``)."""

import numpy as np

from hmu.motion.features import FEATURES, POSITIONS, VELOCITIES

_EXACT = 1e-4
"""Metres: rounding of features to float32 is a hundredth of it."""


def to_joints(features: np.ndarray) -> np.ndarray:
    """Positions of one clip, from features that are not normalised.

    ``features`` is (F, 263); returns (F, 22, 3) float32 in metres, y up, the first root above the
    origin and facing z+. The path is the running sum of the recorded turns and velocities. A turn
    that was recorded with the wrong sign (see :mod:`hmu.motion.features`) bends in the reference
    what follows it; here it is put right.
    """
    if features.ndim != 2 or features.shape[1] != FEATURES:
        raise ValueError(f"features have shape {features.shape}, expected (frames, {FEATURES})")
    rows = features.astype(np.float64)
    if not len(rows):
        return np.empty((0, 22, 3), dtype=np.float32)
    angle = np.concatenate([[0.0], np.cumsum(_turns(rows))])
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


def _turns(rows: np.ndarray) -> np.ndarray:
    """(F-1,) the turn about y from each frame to the next, in radians.

    Positions and velocities say where the joints are in the next frame as seen from this one, and
    so does the turn: where the two agree within ``_EXACT`` only if its sign is changed, it is. No
    motion that a model makes is so exact.
    """
    turns: np.ndarray = 2 * rows[:-1, 0]
    positions = rows[:, POSITIONS].reshape(len(rows), -1, 3)
    velocities = rows[:-1, VELOCITIES].reshape(len(turns), -1, 3)
    moved = positions[:-1] + velocities[:, 1:] - velocities[:, :1]

    def misses(angle: np.ndarray) -> np.ndarray:
        cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
        x, z = _turned_back(positions[1:, :, 0], positions[1:, :, 2], cosine, sine)
        distance: np.ndarray = np.hypot(x - moved[..., 0], z - moved[..., 2]).max(axis=1)
        return distance

    wrong = (misses(turns) > _EXACT) & (misses(-turns) < _EXACT)
    return np.where(wrong, -turns, turns)


def _turned_back(
    x: np.ndarray, z: np.ndarray, cosine: np.ndarray, sine: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """x and z from each frame's facing back to the clip's: the inverse of a turn about y."""
    return cosine * x - sine * z, sine * x + cosine * z
