"""A rigid skeleton that follows joint positions, which need not be rigid.

The directions of bones are kept as far as rigid bones can keep them: where several leave one joint
(pelvis, chest) one rotation must do for all. A bone has its median length throughout, so what the
bones of a generated body stretch would add up from the pelvis to the hands. Each limb therefore
bends at knee or elbow, in the plane in which it was bent, until ankle or wrist are where they were
(two-bone inverse kinematics); one that is too short for its farthest reach is made longer, by a
tenth at most. Motions of a real body, which is rigid, come back within a millimetre.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from hmu.errors import InputError
from hmu.motion.skeleton import JOINTS, NAMES, PARENTS

CHILDREN = tuple(
    tuple(child for child in range(JOINTS) if PARENTS[child] == joint) for joint in range(JOINTS)
)
_UP, _LEFT, _AHEAD = np.eye(3)[[1, 0, 2]]
REST = {
    **dict.fromkeys((3, 6, 9, 12, 15), _UP),
    **dict.fromkeys((1, 13, 16, 18, 20), _LEFT),
    **dict.fromkeys((2, 14, 17, 19, 21), -_LEFT),
    **dict.fromkeys((4, 5, 7, 8), -_UP),
    **dict.fromkeys((10, 11), _AHEAD),
}
"""Direction of the bone that ends in each joint, in the rest pose."""
ENDS = tuple(
    NAMES.index(f"{side}_{end}") for side in ("left", "right") for end in ("ankle", "foot", "wrist")
)
"""The hands and feet, which touch things."""

_LIMBS = {1: (4, 7, 1), 2: (5, 8, 1), 16: (18, 20, -1), 17: (19, 21, -1)}
"""Of hips and shoulders: knee or elbow, ankle or wrist, and the way along z in which it bends."""
_LONGER = 1.1
_STRAIGHT = 1e-3
"""Metres off the line of a limb, from which on it says itself which way it bends."""
_ROUNDS = 8


@dataclass(frozen=True)
class Armature:
    """A rigid skeleton in motion: ``offsets`` (22, 3) from the parent in the rest pose, ``root``
    (F, 3) the pelvis, both in metres, and ``rotations`` (F, 22, 3, 3), each relative to the
    parent's."""

    offsets: np.ndarray
    root: np.ndarray
    rotations: np.ndarray

    def joints(self) -> np.ndarray:
        """Positions (F, 22, 3) in metres: forward kinematics."""
        turned = np.empty_like(self.rotations)
        found = np.empty((len(self.root), JOINTS, 3))
        found[:, 0], turned[:, 0] = self.root, self.rotations[:, 0]
        for joint in range(1, JOINTS):
            parent = PARENTS[joint]
            found[:, joint] = found[:, parent] + turned[:, parent] @ self.offsets[joint]
            turned[:, joint] = turned[:, parent] @ self.rotations[:, joint]
        return found

    def distances(self, joints: np.ndarray) -> np.ndarray:
        """The largest distance (22,) of each joint to where ``joints`` (F, 22, 3) has it, in
        metres."""
        found: np.ndarray = np.linalg.norm(self.joints() - joints, axis=-1).max(axis=0)
        return found


def fit(joints: np.ndarray) -> Armature:
    """The rigid skeleton and its rotations that follow ``joints`` (F, 22, 3), metres, y up.

    A joint with one child turns the least that its bone's direction asks for, so limbs do not
    twist; one with several (pelvis, chest) by least squares; one with none not at all. Raises
    InputError for another shape and for values that are not finite.
    """
    if joints.ndim != 3 or joints.shape[1:] != (JOINTS, 3) or len(joints) == 0:
        raise InputError(f"a motion has shape {joints.shape}, BVH needs (frames, {JOINTS}, 3).")
    if not np.isfinite(joints).all():
        raise InputError("a motion holds NaN or infinite values: BVH cannot.")
    positions = joints.astype(np.float64)
    bones = np.zeros_like(positions)
    bones[:, 1:] = positions[:, 1:] - positions[:, PARENTS[1:]]
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    offsets = np.zeros((JOINTS, 3))
    for joint, direction in REST.items():
        offsets[joint] = lengths[joint] * direction
    turned = np.empty((len(joints), JOINTS, 3, 3))
    rotations, places = np.empty_like(turned), positions.copy()
    for joint in range(JOINTS):
        parent, children = PARENTS[joint], list(CHILDREN[joint])
        before = turned[:, parent] if joint else np.broadcast_to(np.eye(3), turned[:, 0].shape)
        if joint:
            places[:, joint] = places[:, parent] + before @ offsets[joint]
        if joint in _LIMBS:
            middle, end, way = _LIMBS[joint]
            both = [middle, end]
            offsets[both] *= _longer(offsets[both], positions[:, end] - places[:, joint])
            bones[:, both] = _bent(
                places[:, joint],
                positions[:, both],
                np.linalg.norm(offsets[both], axis=-1),
                before @ [0, 0, way],
            )
        seen = np.einsum("fji,fcj->fci", before, bones[:, children])
        if len(children) > 1:
            rotations[:, joint], offsets[children] = _common(seen, offsets[children])
        elif children:
            rotations[:, joint] = _swing(offsets[children[0]], seen[:, 0])
        else:
            rotations[:, joint] = np.eye(3)
        turned[:, joint] = before @ rotations[:, joint]
    return Armature(offsets, positions[:, 0], rotations)


def _longer(offsets: np.ndarray, reach: np.ndarray) -> float:
    """By how much a limb of two bones (2, 3) must be longer to reach (F, 3)."""
    farthest = np.linalg.norm(reach, axis=-1).max()
    return float(np.clip(farthest / np.linalg.norm(offsets, axis=-1).sum(), 1, _LONGER))


def _bent(
    base: np.ndarray, joints: np.ndarray, lengths: np.ndarray, usual: np.ndarray
) -> np.ndarray:
    """The two bones (F, 2, 3), of these ``lengths`` (2,), of a limb from its ``base`` (F, 3) to its
    end, or as far as they reach.

    ``joints`` (F, 2, 3) are its middle and its end as they were: it bends in their plane. One that
    was straight bends the ``usual`` way (F, 3).
    """
    first, second = lengths
    towards = joints[:, 1] - base
    distance = np.linalg.norm(towards, axis=-1, keepdims=True)
    along = _unit(np.where(distance > _STRAIGHT, towards, joints[:, 0] - base))
    reach = np.clip(distance, max(abs(first - second), 1e-9), first + second)
    near = (first**2 + reach**2 - second**2) / (2 * reach)
    aside = _across(joints[:, 0] - base, along)
    lacking = np.maximum(_STRAIGHT - np.linalg.norm(aside, axis=-1, keepdims=True), 0)
    aside = aside + lacking * _across(usual, along)
    middle = near * along + np.sqrt(np.maximum(first**2 - near**2, 0)) * _unit(aside)
    return np.stack([middle, reach * along - middle], axis=1)


def _across(vectors: np.ndarray, along: np.ndarray) -> np.ndarray:
    """What of ``vectors`` (F, 3) is at right angles to the unit vectors ``along``."""
    across: np.ndarray = vectors - (vectors * along).sum(axis=-1, keepdims=True) * along
    return across


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (F, 3) of length 1; nothing stays nothing."""
    found: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return found


def _swing(start: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Rotations (F, 3, 3) by the smallest angle from the direction ``start`` to each of ``ends``.

    For the opposite direction, which no smallest angle reaches, half a turn about an axis across.
    """
    one = start / max(float(np.linalg.norm(start)), 1e-12)
    norm = np.linalg.norm(ends, axis=-1, keepdims=True)
    others = np.where(norm > 1e-9, ends / np.maximum(norm, 1e-12), one)
    across = np.cross(one, np.eye(3)[np.abs(one).argmin()])
    quaternions = np.concatenate([np.cross(one, others), 1 + others @ one[:, None]], axis=-1)
    opposite = np.linalg.norm(quaternions, axis=-1) < 1e-6
    quaternions[opposite] = [*across, 0.0]
    matrices: np.ndarray = Rotation.from_quat(quaternions).as_matrix()
    return matrices


def _common(seen: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One rotation a frame (F, 3, 3) for several bones, and the bones' offsets (C, 3) at rest.

    ``seen`` (F, C, 3) are the bones in each frame. The offsets become the bones' mean shape, in the
    orientation that comes closest to ``rest`` (generalised Procrustes analysis without scaling).
    """
    shape = rest
    for _ in range(_ROUNDS):
        rotations = _align(shape, seen)
        shape = np.einsum("fji,fcj->ci", rotations, seen) / len(seen)
        shape = shape @ _align(shape, rest[None])[0].T
    return _align(shape, seen), shape


def _align(shape: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The rotations (F, 3, 3) that bring ``shape`` (C, 3) closest to each of ``seen`` (F, C, 3)."""
    covariance = np.einsum("fci,cj->fij", seen, shape)
    left, _, right = np.linalg.svd(covariance)
    left[:, :, 2] *= np.sign(np.linalg.det(left @ right))[:, None]
    matrices: np.ndarray = left @ right
    return matrices
