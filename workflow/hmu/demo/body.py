"""A body model of our own, in the file formats of SMPL-H and SMPL-X.

Every joint has six vertices around it whose mean is the joint, so a rest pose regressed from the
vertices has exactly the proportions below: those of an adult, near SMPL's, but our own numbers.
"""

from functools import cache
from pathlib import Path

import numpy as np

from hmu.rng import generator

GENDERS = ("male", "female", "neutral")
BETAS = 16
EXPRESSIONS = 10
USED_BETAS = 10
"""HumanML3D's and Motion-X's scripts pass ten shape parameters to the body model."""

NO_PARENT = np.uint32(2**32 - 1)
"""What the official files hold as the parent of the pelvis."""

ROOT = (0.0, -0.24, 0.02)
"""Rest position of the pelvis: the models' origin lies in the chest, not in the pelvis."""

# parent, offset from the parent (left, up, forward) in metres; right limbs mirror the left ones.
_TRUNK: dict[str, tuple[str | None, tuple[float, float, float]]] = {
    "pelvis": (None, ROOT),
    "spine1": ("pelvis", (0.0, 0.118, -0.028)),
    "spine2": ("spine1", (0.0, 0.136, 0.012)),
    "spine3": ("spine2", (0.0, 0.058, 0.008)),
    "neck": ("spine3", (0.0, 0.214, -0.030)),
    "head": ("neck", (0.0, 0.092, 0.042)),
}
_LIMBS = {
    "hip": ("pelvis", (0.064, -0.086, -0.012)),
    "knee": ("hip", (0.038, -0.388, 0.004)),
    "ankle": ("knee", (-0.018, -0.418, -0.034)),
    "foot": ("ankle", (0.036, -0.058, 0.124)),
    "collar": ("spine3", (0.078, 0.112, -0.020)),
    "shoulder": ("collar", (0.112, 0.036, -0.010)),
    "elbow": ("shoulder", (0.258, -0.012, -0.016)),
    "wrist": ("elbow", (0.256, 0.006, -0.006)),
}
_FACE: dict[str, tuple[str | None, tuple[float, float, float]]] = {
    "jaw": ("head", (0.0, -0.012, 0.030)),
    "left_eye": ("head", (0.031, 0.058, 0.070)),
    "right_eye": ("head", (-0.031, 0.058, 0.070)),
}
_FINGERS = {
    "index": (0.092, 0.000, 0.026),
    "middle": (0.096, 0.002, 0.004),
    "pinky": (0.080, -0.004, -0.036),
    "ring": (0.088, 0.000, -0.018),
    "thumb": (0.036, -0.010, 0.034),
}
_BODY = (
    "pelvis left_hip right_hip spine1 left_knee right_knee spine2 left_ankle right_ankle spine3 "
    "left_foot right_foot neck left_collar right_collar head left_shoulder right_shoulder "
    "left_elbow right_elbow left_wrist right_wrist"
).split()
_HANDS = [
    f"{side}_{finger}{part}"
    for side in ("left", "right")
    for finger in _FINGERS
    for part in (1, 2, 3)
]
SMPLH_JOINTS = tuple(_BODY + _HANDS)
SMPLX_JOINTS = tuple(_BODY + list(_FACE) + _HANDS)

# How one unit of each shape parameter changes the bones (share of the length), by joint name.
_LEGS = ("knee", "ankle")
_ARMS = ("elbow", "wrist")
_SPINE = ("spine1", "spine2", "spine3", "neck")
_SHAPE: tuple[tuple[tuple[str, ...], float], ...] = (
    (("",), 0.022),  # stature
    (_LEGS, 0.016),
    (_SPINE, 0.018),
    (_ARMS, 0.016),
    (("collar", "shoulder"), 0.025),
    (("hip",), 0.035),
    (("foot",), 0.025),
    (("neck", "head"), 0.020),
    (("knee",), 0.010),
    (("elbow",), 0.010),
)
_GENDER = {
    "male": {"": 1.025, "collar": 1.05, "shoulder": 1.05},
    "female": {"": 0.965, "collar": 0.95, "shoulder": 0.95, "hip": 1.06},
    "neutral": {"": 1.0},
}
_VERTEX = 0.045 * np.array(
    [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64
)
_FACES = np.array(
    [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
)


def _bone(name: str) -> tuple[str | None, np.ndarray]:
    """Parent name and offset of the joint of that name."""
    if name in _TRUNK or name in _FACE:
        parent, offset = (_TRUNK | _FACE)[name]
        return parent, np.array(offset)
    side, part = name.split("_")
    mirror = np.array([1.0 if side == "left" else -1.0, 1.0, 1.0])
    if part in _LIMBS:
        parent, offset = _LIMBS[part]
        return (parent if parent in _TRUNK else f"{side}_{parent}"), np.array(offset) * mirror
    finger, knuckle = part[:-1], int(part[-1])
    if knuckle == 1:
        return f"{side}_wrist", np.array(_FINGERS[finger]) * mirror
    return f"{side}_{finger}{knuckle - 1}", np.array([0.028, -0.001, 0.0]) * mirror


def _matches(name: str, parts: tuple[str, ...]) -> bool:
    return any(part == "" or name.split("_")[-1] == part for part in parts)


def _accumulate(names: tuple[str, ...], offsets: np.ndarray) -> np.ndarray:
    """Positions from offsets, parents before children."""
    index = {name: row for row, name in enumerate(names)}
    positions = offsets.copy()
    for row, name in enumerate(names):
        parent = _bone(name)[0]
        if parent is not None:
            positions[row] += positions[index[parent]]
    return positions


@cache
def model(family: str, gender: str) -> dict[str, np.ndarray]:
    """The arrays of one model file; ``family`` is "smplh" (52 joints) or "smplx" (55).

    V is six times the number of joints. ``v_template`` (V, 3), ``shapedirs`` (V, 3, 16) for SMPL-H
    and (V, 3, 20: ten shapes and ten expressions) for SMPL-X, ``posedirs``
    (V, 3, 9 * (joints - 1)), ``J_regressor`` (joints, V), ``weights`` (V, joints),
    ``kintree_table`` (2, joints), ``f``; for SMPL-X also the hand and landmark arrays without which
    the ``smplx`` package will not load it (its joints are ours; its landmarks need a real mesh).
    """
    names = SMPLH_JOINTS if family == "smplh" else SMPLX_JOINTS
    joints = len(names)
    offsets = np.stack([_bone(name)[1] for name in names])
    for part, factor in _GENDER[gender].items():
        rows = [row for row, name in enumerate(names) if row and _matches(name, (part,))]
        offsets[rows] *= factor
    directions = np.zeros((joints, 3, BETAS))
    for number, (parts, amount) in enumerate(_SHAPE):
        change = np.zeros_like(offsets)
        rows = [row for row, name in enumerate(names) if row and _matches(name, parts)]
        change[rows] = amount * offsets[rows]
        directions[..., number] = _accumulate(names, change)
    # The last six shapes only make the limbs thicker: they move vertices but no joint.
    corners = np.tile(_VERTEX, (joints, 1))
    shapes = np.repeat(directions, len(_VERTEX), axis=0)
    for number in range(len(_SHAPE), BETAS):
        band = (np.arange(joints) % (BETAS - len(_SHAPE)) == number - len(_SHAPE)).repeat(6)
        shapes[band, :, number] = 0.1 * corners[band]
    if family == "smplx":
        jaw = (np.array(names) == "jaw").repeat(6)
        faces = np.zeros((6 * joints, 3, EXPRESSIONS))
        for number in range(EXPRESSIONS):
            faces[jaw, :, number] = 0.02 * np.roll(corners[jaw], number, axis=0)
        shapes = np.concatenate([shapes[..., :USED_BETAS], faces], axis=2)
    parents = np.array([NO_PARENT if p is None else names.index(p) for p, _ in map(_bone, names)])
    identity = np.eye(joints)
    bends = generator(0, "demo body", family, gender).normal(
        0.0, 1e-3, (6 * joints, 3, 9 * (joints - 1))
    )
    arrays: dict[str, np.ndarray] = {
        "v_template": np.repeat(_accumulate(names, offsets), 6, axis=0) + corners,
        "shapedirs": shapes,
        "posedirs": bends.astype(np.float32),
        "J_regressor": identity.repeat(6, axis=1) / 6,
        "weights": identity.repeat(6, axis=0),
        "kintree_table": np.stack([parents, np.arange(joints)]).astype(np.uint32),
        "f": (_FACES[None] + 6 * np.arange(joints)[:, None, None]).reshape(-1, 3).astype(np.uint32),
    }
    if family == "smplx":
        arrays |= {
            "hands_componentsl": np.eye(45),
            "hands_componentsr": np.eye(45),
            "hands_meanl": np.zeros(45),
            "hands_meanr": np.zeros(45),
            "lmk_faces_idx": np.arange(51),
            "lmk_bary_coords": np.full((51, 3), 1 / 3),
            "dynamic_lmk_faces_idx": np.zeros((79, 17), dtype=np.int64),
            "dynamic_lmk_bary_coords": np.full((79, 17, 3), 1 / 3),
        }
    return arrays


@cache
def _regressed(family: str, gender: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean rest joints (22, 3) and their change for each of the ten used betas (22, 3, 10)."""
    arrays = model(family, gender)
    regressor = arrays["J_regressor"][:22]
    shapes = arrays["shapedirs"][..., :USED_BETAS]
    return regressor @ arrays["v_template"], np.einsum("jv,vcb->jcb", regressor, shapes)


def rest_joints(family: str, gender: str, betas: np.ndarray) -> np.ndarray:
    """The 22 body joints (22, 3) of the unposed body in metres, y up, facing z, left is x+."""
    mean, change = _regressed(family, gender)
    return mean + change @ betas[:USED_BETAS]


def write(folder: Path, family: str) -> None:
    """Write the model files of a family below ``folder`` (usually ``body_models``).

    SMPL-H goes to ``smplh/<gender>/model.npz``, SMPL-X to ``smplx/SMPLX_<GENDER>.npz``.
    """
    for gender in GENDERS if family == "smplh" else ("neutral",):
        if family == "smplh":
            path = folder / "smplh" / gender / "model.npz"
        else:
            path = folder / "smplx" / f"SMPLX_{gender.upper()}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, allow_pickle=False, **model(family, gender))
