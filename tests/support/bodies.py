"""Body models of made-up numbers, in the form of the official files."""

import numpy as np

from hmu.motion import skeleton

VERTICES = 120


def parents(joints: int) -> list[int]:
    """A tree with SMPL's body first and single bones from the wrists after it."""
    return [*skeleton.PARENTS, *(20 + i % 2 for i in range(joints - 22))]


def model_arrays(joints: int = 52, betas: int = 16) -> dict[str, np.ndarray]:
    """A body model with numbers at random, in the form of SMPL-H's file."""
    random = np.random.default_rng(joints)
    regressor = random.random((joints, VERTICES))
    weights = random.random((VERTICES, joints))
    return {
        "v_template": random.normal(0, 0.5, (VERTICES, 3)),
        "shapedirs": random.normal(0, 0.05, (VERTICES, 3, betas)),
        "posedirs": random.normal(0, 0.01, (VERTICES, 3, 9 * (joints - 1))),
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        # The root's parent is -1 in unsigned numbers, as in the distributed files.
        "kintree_table": np.array([parents(joints), range(joints)]).astype(np.uint32),
        "f": np.zeros((1, 3), dtype=np.uint32),
    }


def parameters(frames: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(frames)
    poses = random.normal(0, 1, (frames, 156))
    poses[0], poses[1], poses[2] = 0, poses[1] * 1e-7, poses[2] * 4
    return poses, random.normal(0, 1, (frames, 3)), random.normal(0, 1, 16)
