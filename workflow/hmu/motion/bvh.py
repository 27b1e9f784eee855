"""Motions as BVH, the format that animation programs read.

Joints are rotated (Z, Y, X) and measured in metres as in MoMask's exports
(visualization/joints2bvh.py and its template), and named as Mixamo names them; the rest pose is a
T-pose facing z+. Bone lengths are the clip's own, so nothing is brought to another body. A BVH
skeleton is rigid: :mod:`hmu.motion.armature` finds the one that follows a motion.
"""

import itertools
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from hmu.io import files
from hmu.motion.armature import CHILDREN, REST, fit
from hmu.motion.skeleton import FPS, JOINTS

NAMES = tuple(
    f"mixamorig:{name}"
    for name in (
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
        "LeftToeBase",
        "RightToeBase",
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
)
"""Mixamo's names of the 22 joints, in the order of `hmu.motion.skeleton`."""

_END_SITES = {10: 0.06, 11: 0.06, 15: 0.15, 20: 0.09, 21: 0.09}
"""Metres from the last joint of a limb to its tip, which the 22 joints do not have."""


def write(path: Path, joints: np.ndarray, fps: float = FPS) -> np.ndarray:
    """Write ``joints`` (F, 22, 3), metres, y up, as BVH; raises as `hmu.motion.armature.fit` does.

    Returns the largest distance (22,) of each joint in the file to where it was given, in metres.
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
    return armature.distances(joints)


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
        tip = _numbers(REST[joint] * _END_SITES[joint])
        lines += [f"{inner}End Site", f"{inner}{{", f"{inner}\tOFFSET {tip}", f"{inner}}}"]
    return [*lines, f"{outer}}}"]


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.6f}" for value in values + 0.0)
