"""Joint positions to HumanML3D's 263 values a frame, and their mean and standard deviation.

What is computed follows ``process_file`` of HumanML3D's ``motion_representation.ipynb``, with its
peculiarities, because models and published statistics were made with them:

* the heading of each frame is taken across (left hip - right hip) + (right shoulder - left
  shoulder), whose first term points the other way, and is smoothed over time; only the turn that
  makes the first frame face z+ uses the right hip first;
* arms are rotated relative to the root, not to the chest;
* a heading that passes straight backwards (relative to the first frame) changes the sign of its
  quaternion, and the turn of that one frame is then recorded with the wrong sign (3 of the 2,902
  mocap clips; joints that the reference recovers from them bend there, and
  :mod:`hmu.motion.recover` puts them right).

Where the reference gives NaN this gives the right numbers. Its ``uniform_skeleton`` multiplies
every bone by the heading and by its inverse; when a frame faces exactly z- the quaternion that
turns z- to z+ is 0/0 there, the lowest point of the clip becomes NaN, and the floor and with it the
whole clip follow (30 of the 2,902 mocap clips, whose positions are stored in steps of 0.1 mm). The
heading cancels out, so here each bone is laid along its own direction and it is never needed. A
bone exactly against its raw direction and an arcsin of slightly more than 1 are dealt with too.

Computed in float64. The reference's own operations in float64 give the same within 1e-6 on every
frame of the mocap where they give a number. As it is, in float32, it is within 1e-4 of this but in
54 of 248,532 frames: all 49 of one clip and three more with a heading close to straight backwards
or a bone close to straight against its raw direction, where its rounding is magnified, and two with
a foot contact within 3e-8 of the threshold.
"""

import numpy as np

from hmu.errors import InputError
from hmu.io.store import ClipStore
from hmu.motion import skeleton

FEATURES = 263
CONTACT_SPEED = 0.002
"""A foot stands when it moves less than the root of this (squared metres a frame)."""

SMOOTHING = 20.0
"""Standard deviation, in frames, of the Gaussian that smooths the heading; cut at 4 of them."""

ROOT = slice(0, 4)
POSITIONS = slice(4, 67)
ROTATIONS = slice(67, 193)
VELOCITIES = slice(193, 259)
CONTACTS = slice(259, 263)
"""Where the parts stand in a row: root (turn, x and z velocity, height), 21 joints relative to the
root, 21 rotations of 6 numbers, 22 velocities, 4 contacts (left ankle, toe, right ankle, toe)."""

GROUPS = (slice(0, 1), slice(1, 3), slice(3, 4), POSITIONS, ROTATIONS, VELOCITIES, CONTACTS)
"""The parts over which HumanML3D averages the standard deviation."""


def label(value: int) -> str:
    """What a value (0 to 262) of the representation is, in words."""
    if value in range(4):
        return ("turn of the root", "x velocity of the root", "z velocity of the root", "height")[
            value
        ]
    for part, name, size, first in (
        (POSITIONS, "position", 3, 1),
        (ROTATIONS, "rotation", 6, 1),
        (VELOCITIES, "velocity", 3, 0),
    ):
        if part.start <= value < part.stop:
            joint, place = divmod(value - part.start, size)
            component = "xyz"[place] if size == 3 else f"{place + 1} of {size}"
            return f"{name} of {skeleton.NAMES[joint + first]}, {component}"
    feet = skeleton.LEFT_FEET + skeleton.RIGHT_FEET
    return f"contact of {skeleton.NAMES[feet[value - CONTACTS.start]]}"


_PARENTS = np.array(skeleton.PARENTS[1:])
_FIRST = [chain[1] for chain in skeleton.CHAINS]
_TURNS_WITH = np.array([0 if j in _FIRST else skeleton.PARENTS[j] for j in range(1, 22)])
_FLIPS = 2 * np.abs(skeleton.DIRECTIONS[1:].T[:, None, :]) - 1
_SIDEWAYS = np.roll(np.abs(skeleton.DIRECTIONS[1:]), 1, axis=-1)


def to_features(joints: np.ndarray) -> np.ndarray:
    """Features of one clip.

    ``joints`` is (F, 22, 3), metres, y up, 20 fps, F at least 2 and finite. Returns (F-1, 263)
    float32: each row is a pose and its movement to the next frame. Raises ValueError for another
    shape.
    """
    if joints.ndim != 3 or joints.shape[1:] != (skeleton.JOINTS, 3) or len(joints) < 2:
        raise ValueError(f"joints have shape {joints.shape}, expected (2 or more, 22, 3)")
    placed = _face_forward(_to_origin(_uniform(joints.astype(np.float64))))
    bones = _directions(placed)
    heading = _headings(placed)
    cosine, sine = _double(heading)

    steps = np.diff(placed, axis=0)
    relative = placed.copy()
    relative[..., 0] -= placed[:, :1, 0]
    relative[..., 2] -= placed[:, :1, 2]

    rows = np.empty((len(joints) - 1, FEATURES), dtype=np.float32)
    rows[:, 0] = _turns(heading)
    rows[:, 1:3] = _turned(steps[:, :1], cosine[1:], sine[1:])[:, 0, ::2]
    rows[:, 3] = placed[:-1, 0, 1]
    rows[:, POSITIONS] = _flat(_turned(relative[:-1, 1:], cosine[:-1], sine[:-1]))
    rows[:, ROTATIONS] = _flat(_rotations(bones[:-1], cosine[:-1], sine[:-1]))
    rows[:, VELOCITIES] = _flat(_turned(steps, cosine[:-1], sine[:-1]))
    feet = steps[:, skeleton.LEFT_FEET + skeleton.RIGHT_FEET]
    rows[:, CONTACTS] = (feet**2).sum(axis=-1) < CONTACT_SPEED
    return rows


def to_uniform(joints: np.ndarray) -> np.ndarray:
    """The clip ``(F, 22, 3)`` as the features describe it: uniform skeleton, on the floor, first
    frame at the origin and facing z+. float64, metres."""
    return _face_forward(_to_origin(_uniform(joints.astype(np.float64))))


def _flat(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1)


def _directions(joints: np.ndarray) -> np.ndarray:
    """(F, 21, 3) unit vectors along the bones; a bone without length keeps its raw direction."""
    bones = joints[:, 1:] - joints[:, _PARENTS]
    lengths = np.sqrt(np.einsum("fji,fji->fj", bones, bones))[..., None]
    bones /= np.where(lengths > 0, lengths, 1)
    return np.where(lengths > 0, bones, skeleton.DIRECTIONS[1:])


def _uniform(joints: np.ndarray) -> np.ndarray:
    """The same pose on the target skeleton; the path of the root is scaled with the leg."""
    first = joints[0]
    legs = [np.linalg.norm(first[j] - first[skeleton.PARENTS[j]]) for j in skeleton.LEG_BONES]
    target = skeleton.LENGTHS[list(skeleton.LEG_BONES)].sum()
    bones = _directions(joints) * skeleton.LENGTHS[1:, None]
    placed = np.empty_like(joints)
    placed[:, 0] = joints[:, 0] * (target / sum(legs) if sum(legs) > 0 else 1.0)
    for level in skeleton.LEVELS:
        ends = np.array(level)
        placed[:, ends] = placed[:, _PARENTS[ends - 1]] + bones[:, ends - 1]
    return placed


def _to_origin(joints: np.ndarray) -> np.ndarray:
    """The lowest point of the clip on the floor, the first root above the origin."""
    shift = joints[0, 0] * (1, 0, 1)
    shift[1] = joints[..., 1].min()
    return joints - shift


def _face_forward(joints: np.ndarray) -> np.ndarray:
    """The whole clip turned so that the first frame faces z+."""
    first = joints[0]
    across = first[skeleton.RIGHT_HIP] - first[skeleton.LEFT_HIP]
    across = across + first[skeleton.RIGHT_SHOULDER] - first[skeleton.LEFT_SHOULDER]
    heading = _half_turn(np.array([across[2]]), np.array([-across[0]]))
    cosine, sine = _double(heading)
    return _turned(joints, cosine, sine)


def _headings(joints: np.ndarray) -> np.ndarray:
    """(F, 2) cosine and sine of half the turn about y that brings each frame to face z+."""
    across = joints[:, skeleton.LEFT_HIP] - joints[:, skeleton.RIGHT_HIP]
    across += joints[:, skeleton.RIGHT_SHOULDER] - joints[:, skeleton.LEFT_SHOULDER]
    lengths = np.linalg.norm(across, axis=-1, keepdims=True)
    across /= np.where(lengths > 0, lengths, 1)
    forward = _smooth(np.stack([across[:, 2], -across[:, 0]], axis=-1))
    heading = _half_turn(forward[:, 0], forward[:, 1])
    heading[0] = (1, 0)
    return heading


def _half_turn(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """(..., 2) cosine and sine of half the angle about y from the direction (x, z) to z+.

    The cosine is never negative. Straight backwards is a half turn to one side; no direction at
    all is no turn.
    """
    half = np.arctan2(-x, z) / 2
    return np.stack([np.cos(half), np.sin(half)], axis=-1)


def _double(heading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine of the whole angle, from those of the half."""
    cosine, sine = heading[:, 0], heading[:, 1]
    return cosine**2 - sine**2, 2 * cosine * sine


def _turned(points: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
    """Points (F, J, 3) turned about y by each frame's angle, given as (F,) or (1,)."""
    cosine, sine = cosine[:, None], sine[:, None]
    turned = points.copy()
    turned[..., 0] = cosine * points[..., 0] + sine * points[..., 2]
    turned[..., 2] = cosine * points[..., 2] - sine * points[..., 0]
    return turned


def _turns(heading: np.ndarray) -> np.ndarray:
    """(F-1,) half the turn from each frame to the next, as the y part of the quaternion product
    ``next * inverse(this)`` through arcsin (the product's sign is not looked at: see above)."""
    cosine, sine = heading[:, 0], heading[:, 1]
    return np.arcsin(np.clip(sine[1:] * cosine[:-1] - cosine[1:] * sine[:-1], -1, 1))


def _smooth(values: np.ndarray) -> np.ndarray:
    """(F, 2) convolved with a Gaussian over time; the ends are continued by their value."""
    radius = int(4 * SMOOTHING + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / SMOOTHING) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    columns = [np.convolve(padded[:, i], kernel, mode="valid") for i in range(values.shape[1])]
    return np.stack(columns, axis=-1)


def _rotations(bones: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
    """(F, 21, 6) first two columns of each joint's rotation, relative to the one before it.

    The rotation that takes a raw direction ``u`` to the bone ``v`` by the shortest way is a half
    turn about ``u`` followed by one about the middle of ``u`` and ``v``; each half turn about
    ``n`` is ``2 n n^T - 1``. For a bone exactly against its raw direction (no middle) the half turn
    is about an axis at right angles to both, instead of NaN.
    """
    # The components stand first, so that each operation runs over all frames and joints at once.
    middle = np.ascontiguousarray(np.moveaxis(bones + skeleton.DIRECTIONS[1:], -1, 0))
    lengths = np.sqrt((middle**2).sum(axis=0))
    found = lengths > 1e-12
    middle /= np.where(found, lengths, 1)
    if not found.all():
        middle = np.where(found, middle, _SIDEWAYS.T[:, None, :])
    world = np.zeros((3, 3, len(bones), skeleton.JOINTS))
    world[0, 0, :, 0] = world[2, 2, :, 0] = cosine
    world[0, 2, :, 0], world[2, 0, :, 0] = sine, -sine
    world[1, 1, :, 0] = 1
    np.multiply(2 * middle[:, None], middle, out=world[..., 1:])
    world[[0, 1, 2], [0, 1, 2], :, 1:] -= 1
    world[..., 1:] *= _FLIPS
    before = world[..., _TURNS_WITH]
    columns = np.zeros((2, 3, len(bones), skeleton.JOINTS - 1))
    for axis in range(3):
        columns += before[axis] * world[axis, :2, None, :, 1:]
    return np.moveaxis(columns, (0, 1), (2, 3)).reshape(len(bones), skeleton.JOINTS - 1, 6)


class Moments:
    """Running mean and deviation of rows that come clip by clip, so that none must be kept.

    As HumanML3D's ``cal_mean_variance.ipynb``: over all frames of all clips, and the deviation
    averaged over each of ``GROUPS``.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean = np.zeros(FEATURES)
        self._squares = np.zeros(FEATURES)

    def add(self, rows: np.ndarray) -> None:
        """Take in the features (F, 263) of one clip."""
        if not len(rows):
            return
        mean = rows.mean(axis=0, dtype=np.float64)
        total = self._count + len(rows)
        shift = mean - self._mean
        self._squares += ((rows - mean) ** 2).sum(axis=0)
        self._squares += shift**2 * (self._count * len(rows) / total)
        self._mean += shift * (len(rows) / total)
        self._count = total

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation, each (263,) float32.

        A group that never changes gets 1, so that it can be divided by. Raises InputError when
        there were no rows.
        """
        if not self._count:
            raise InputError(
                "No clip is usable, so there is no mean: see quarantine.csv for the reasons."
            )
        std = np.sqrt(self._squares / self._count)
        for group in GROUPS:
            std[group] = std[group].mean()
        return self._mean.astype(np.float32), np.where(std > 0, std, 1).astype(np.float32)


def mean_std(store: ClipStore) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of a features store: see :class:`Moments`."""
    moments = Moments()
    for clip in store:
        moments.add(store[clip])
    return moments.result()
