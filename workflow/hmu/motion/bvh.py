"""Motions as BVH, the format that animation programs read.

Joints are named, rotated (Z, Y, X) and measured in metres as in MoMask's exports
(visualization/joints2bvh.py and its template); the rest pose is a T-pose facing z+. Bone lengths
are the clip's own, so nothing is brought to another body.

A BVH skeleton is rigid, and positions from features need not be: rotations and offsets are those
that bring it closest. The directions of bones along a limb are exact. Where several bones leave one
joint (pelvis, chest) one rotation must do for all, and a bone has its median length throughout.
Motions of a real body, which is rigid, come back within a millimetre; for generated ones the
`distance` says how far off they are.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from hmu.errors import InputError
from hmu.io import files
from hmu.motion.skeleton import FPS, JOINTS, PARENTS

NAMES = (
    "Hips",
    "LeftUpLeg",
    "RightUpLeg",
    "Spine",
    "LeftLeg",
    "RightLeg",
    "Spine1",
    "LeftFoot",
    "RightFoot",
    "Spine2",
    "LeftToe",
    "RightToe",
    "Neck",
    "LeftShoulder",
    "RightShoulder",
    "Head",
    "LeftArm",
    "RightArm",
    "LeftForeArm",
    "RightForeArm",
    "LeftHand",
    "RightHand",
)
"""MoMask's names of the 22 joints, in the order of `hmu.motion.skeleton`."""

CHILDREN = tuple(
    tuple(child for child in range(JOINTS) if PARENTS[child] == joint) for joint in range(JOINTS)
)
_UP, _LEFT, _AHEAD = np.eye(3)[[1, 0, 2]]
_REST = {
    **dict.fromkeys((3, 6, 9, 12, 15), _UP),
    **dict.fromkeys((1, 13, 16, 18, 20), _LEFT),
    **dict.fromkeys((2, 14, 17, 19, 21), -_LEFT),
    **dict.fromkeys((4, 5, 7, 8), -_UP),
    **dict.fromkeys((10, 11), _AHEAD),
}
"""Direction of the bone that ends in each joint, in the rest pose."""
_END_SITES = {10: 0.06, 11: 0.06, 15: 0.15, 20: 0.09, 21: 0.09}
"""Metres from the last joint of a limb to its tip, which the 22 joints do not have."""
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

    def distance(self, joints: np.ndarray) -> float:
        """The largest distance of a joint to where ``joints`` (F, 22, 3) has it, in metres."""
        return float(np.linalg.norm(self.joints() - joints, axis=-1).max())


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
    for joint, direction in _REST.items():
        offsets[joint] = lengths[joint] * direction
    turned = np.empty((len(joints), JOINTS, 3, 3))
    rotations = np.empty_like(turned)
    for joint in range(JOINTS):
        parent, children = PARENTS[joint], list(CHILDREN[joint])
        before = turned[:, parent] if joint else np.broadcast_to(np.eye(3), turned[:, 0].shape)
        seen = np.einsum("fji,fcj->fci", before, bones[:, children])
        if len(children) > 1:
            rotations[:, joint], offsets[children] = _common(seen, offsets[children])
        elif children:
            rotations[:, joint] = _swing(offsets[children[0]], seen[:, 0])
        else:
            rotations[:, joint] = np.eye(3)
        turned[:, joint] = before @ rotations[:, joint]
    return Armature(offsets, positions[:, 0], rotations)


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


def write(path: Path, joints: np.ndarray, fps: float = FPS) -> float:
    """Write ``joints`` (F, 22, 3), metres, y up, as BVH; raises as `fit` does.

    Returns the largest distance of a joint in the file to where it was given, in metres.
    """
    armature = fit(joints)
    angles = _angles(armature.rotations)
    order: list[int] = []
    lines = ["HIERARCHY", *_hierarchy(0, armature.offsets, 0, order)]
    rows = np.concatenate([armature.root, angles[:, order].reshape(len(joints), -1)], axis=1)
    lines += ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {1 / fps:.6f}"]
    lines += [" ".join(f"{value:.6f}" for value in row) for row in rows + 0.0]
    with files.atomic(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    return armature.distance(joints)


def _angles(rotations: np.ndarray) -> np.ndarray:
    """Angles about Z, Y and X in degrees (F, 22, 3), which change little from frame to frame.

    The same rotation has two such triples, each up to full turns; programs that interpolate would
    whirl from one to the other.
    """
    flat = Rotation.from_matrix(rotations.reshape(-1, 3, 3)).as_euler("ZYX", degrees=True)
    angles: np.ndarray = flat.reshape(*rotations.shape[:2], 3)
    for before, now in itertools.pairwise(angles):
        other = now * [1, -1, 1] + 180
        both = np.stack([now, other])
        both -= 360 * np.round((both - before) / 360)
        nearest = np.abs(both - before).sum(axis=-1).argmin(axis=0)
        now[:] = both[nearest, np.arange(JOINTS)]
    return angles


def _hierarchy(joint: int, offsets: np.ndarray, depth: int, order: list[int]) -> list[str]:
    """The lines of a joint and of what hangs on it; ``order`` takes the joints as they come."""
    order.append(joint)
    outer, inner = "\t" * depth, "\t" * (depth + 1)
    channels = "3 Zrotation Yrotation Xrotation"
    if joint == 0:
        channels = "6 Xposition Yposition Zposition Zrotation Yrotation Xrotation"
    lines = [
        f"{outer}{'JOINT' if joint else 'ROOT'} {NAMES[joint]}",
        f"{outer}{{",
        f"{inner}OFFSET {_numbers(offsets[joint])}",
        f"{inner}CHANNELS {channels}",
    ]
    for child in CHILDREN[joint]:
        lines += _hierarchy(child, offsets, depth + 1, order)
    if not CHILDREN[joint]:
        tip = _numbers(_REST[joint] * _END_SITES[joint])
        lines += [f"{inner}End Site", f"{inner}{{", f"{inner}\tOFFSET {tip}", f"{inner}}}"]
    return [*lines, f"{outer}}}"]


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.6f}" for value in values + 0.0)
