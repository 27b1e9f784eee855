"""The 22 body joints of SMPL as HumanML3D uses them: names, tree, directions and target lengths.

The tree, the raw directions and the joint roles are those of HumanML3D's ``paramUtil.py`` and
``motion_representation.ipynb``. The bone lengths are those of HumanML3D's clip 000021, to which
every processed clip is brought; they are measured from the published clip 012314 (the median over
its frames, which agree within 2 micrometres), so nobody needs clip 000021 itself.
"""

import numpy as np

FPS = 20
"""Frames a second of every joints and features store."""

NAMES = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
)
JOINTS = len(NAMES)

CHAINS = (
    (0, 2, 5, 8, 11),
    (0, 1, 4, 7, 10),
    (0, 3, 6, 9, 12, 15),
    (9, 14, 17, 19, 21),
    (9, 13, 16, 18, 20),
)
"""Kinematic chains, each from the body outwards: right leg, left leg, spine, right and left arm."""

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)

LEVELS = (
    (1, 2, 3),
    (4, 5, 6),
    (7, 8, 9),
    (10, 11, 12, 13, 14),
    (15, 16, 17),
    (18, 19),
    (20, 21),
)
"""Joints by their depth in the tree: every parent stands in an earlier level."""

MIRROR_PAIRS = ((1, 2), (4, 5), (7, 8), (10, 11), (13, 14), (16, 17), (18, 19), (20, 21))
"""(left, right) joints that change places in a mirrored clip."""

RIGHT_HIP, LEFT_HIP, RIGHT_SHOULDER, LEFT_SHOULDER = 2, 1, 17, 16
LEFT_FEET = (7, 10)
RIGHT_FEET = (8, 11)
LEG_BONES = (5, 8)
"""Right knee and ankle: the two bones whose lengths give a body's scale."""

DIRECTIONS = np.array(
    [
        [0, 0, 0],
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, -1, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, -1, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
        [-1, 0, 0],
        [0, 0, 1],
        [0, -1, 0],
        [0, -1, 0],
        [0, -1, 0],
        [0, -1, 0],
        [0, -1, 0],
        [0, -1, 0],
    ],
    dtype=np.float64,
)
"""(22, 3) direction of the bone that ends in each joint, in the pose without rotations."""

LENGTHS = np.array(
    [
        0.0,
        0.1030740,
        0.1098834,
        0.1315682,
        0.3936232,
        0.3901882,
        0.1431902,
        0.4324330,
        0.4256434,
        0.0573647,
        0.1433818,
        0.1494191,
        0.2193600,
        0.1374868,
        0.1433828,
        0.1030392,
        0.1316140,
        0.1229844,
        0.2568399,
        0.2630919,
        0.2660118,
        0.2698763,
    ]
)
"""(22,) metres: length of the bone that ends in each joint, in HumanML3D's clip 000021."""

TARGET_OFFSETS = DIRECTIONS * LENGTHS[:, None]
"""(22, 3) metres: the uniform skeleton."""


def mirror(joints: np.ndarray) -> np.ndarray:
    """A mirrored copy of positions ``(..., 22, 3)``: x negated, left and right joints swapped."""
    order = np.arange(JOINTS)
    for left, right in MIRROR_PAIRS:
        order[[left, right]] = right, left
    swapped: np.ndarray = joints[..., order, :]
    return swapped * np.array([-1, 1, 1], dtype=joints.dtype)


def spine(joints: np.ndarray) -> np.ndarray:
    """(F, 3) from the pelvis to the head of joints (F, 22, 3)."""
    found: np.ndarray = joints[:, NAMES.index("head")] - joints[:, 0]
    return found


def up(joints: np.ndarray) -> str:
    """The axis along which the head is mostly well above the pelvis, y where it is: "y", "-z".

    Empty for one who lies askew or turns over. ``joints`` is (F, 22, 3).
    """
    vectors = spine(joints)
    along, length = np.median(vectors, axis=0), np.median(np.linalg.norm(vectors, axis=1))
    if along[1] > 0.5 * length:
        return "y"
    axis = int(np.abs(along).argmax())
    sign = "-" if along[axis] < 0 else ""
    return sign + "xyz"[axis] if abs(along[axis]) > 0.5 * length else ""
