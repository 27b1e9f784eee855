"""BVH: read back by a parser of its own and by MoMask's, joints are where they were."""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hmu.errors import InputError
from hmu.motion import bvh
from hmu.motion.skeleton import JOINTS, NAMES, PARENTS, TARGET_OFFSETS
from support.reference import checkout


@dataclass
class Parsed:
    """A BVH file by its grammar alone: the tree, rows of channels, and the frame time."""

    names: list[str]
    parents: list[int]
    offsets: list[list[float]]
    channels: list[tuple[int, str]]
    rows: np.ndarray
    time: float

    def joints(self, rows: np.ndarray | None = None) -> np.ndarray:
        """Positions (F, 22, 3) in the order of our joints: forward kinematics of ``rows``."""
        given = self.rows if rows is None else rows
        found = np.zeros((len(given), len(self.names), 3))
        for frame, row in enumerate(given):
            turned: list[Rotation] = []
            for joint, parent in enumerate(self.parents):
                place, own = np.array(self.offsets[joint]), Rotation.identity()
                for (owner, kind), value in zip(self.channels, row, strict=True):
                    if owner == joint and kind.endswith("position"):
                        place["XYZ".index(kind[0])] += value
                    elif owner == joint:
                        own = own * Rotation.from_euler(kind[0].lower(), value, degrees=True)
                found[frame, joint] = place
                if parent >= 0:
                    found[frame, joint] = found[frame, parent] + turned[parent].apply(place)
                turned.append(turned[parent] * own if parent >= 0 else own)
        return in_order(self.names, found)


def parse(path: Path) -> Parsed:
    words = path.read_text(encoding="ascii").split()
    assert words[:2] == ["HIERARCHY", "ROOT"]
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    channels: list[tuple[int, str]] = []
    stack: list[int] = []
    at = 1
    while words[at] != "MOTION":
        match words[at]:
            case "ROOT" | "JOINT":
                parents.append(stack[-1] if stack else -1)
                names.append(words[at + 1])
                offsets.append([])
                at += 2
            case "End":
                assert words[at + 1 : at + 4] == ["Site", "{", "OFFSET"]
                assert words[at + 7] == "}"
                at += 8
            case "{":
                stack.append(len(names) - 1)
                at += 1
            case "}":
                stack.pop()
                at += 1
            case "OFFSET":
                offsets[-1] = [float(word) for word in words[at + 1 : at + 4]]
                at += 4
            case "CHANNELS":
                count = int(words[at + 1])
                channels += [(stack[-1], word) for word in words[at + 2 : at + 2 + count]]
                at += 2 + count
            case other:
                raise AssertionError(f"{other!r} has no place in a hierarchy")
    assert not stack
    assert words[at + 1] == "Frames:"
    assert words[at + 3 : at + 5] == ["Frame", "Time:"]
    frames, time = int(words[at + 2]), float(words[at + 5])
    rows = np.array(words[at + 6 :], dtype=float).reshape(frames, len(channels))
    return Parsed(names, parents, offsets, channels, rows, time)


def in_order(names: list[str], found: np.ndarray) -> np.ndarray:
    return found[:, [names.index(name) for name in bvh.NAMES]]


def rigid(frames: int, wildness: float) -> np.ndarray:
    """A body with offsets of its own that turns every joint at random."""
    rng = np.random.default_rng(5)
    offsets = TARGET_OFFSETS + 0.03 * rng.standard_normal((JOINTS, 3))
    joints = np.zeros((frames, JOINTS, 3))
    joints[:, 0] = rng.standard_normal((frames, 3))
    turned = []
    for joint in range(JOINTS):
        own = Rotation.from_rotvec(wildness * rng.standard_normal((frames, 3)))
        if joint:
            parent = PARENTS[joint]
            joints[:, joint] = joints[:, parent] + turned[parent].apply(offsets[joint])
            own = turned[parent] * own
        turned.append(own)
    return joints


@pytest.mark.parametrize("wildness", [0.0, 0.3, 2.0])
def test_a_rigid_body_comes_back(tmp_path: Path, wildness: float) -> None:
    joints = rigid(12, wildness)
    stated = bvh.write(tmp_path / "a.bvh", joints)
    file = parse(tmp_path / "a.bvh")
    assert [file.names[parent] for parent in file.parents[1:]] == [
        bvh.NAMES[PARENTS[bvh.NAMES.index(name)]] for name in file.names[1:]
    ]
    assert np.abs(file.joints() - joints).max() < 1e-4
    assert stated.max() < 1e-4
    assert file.time == 0.05


def test_the_published_clip_comes_back_within_a_millimetre(shared: Path, tmp_path: Path) -> None:
    joints = np.load(shared / "humanml3d" / "sample" / "new_joints_012314.npy")[:60]
    bvh.write(tmp_path / "a.bvh", joints)
    assert np.linalg.norm(parse(tmp_path / "a.bvh").joints() - joints, axis=-1).max() < 1e-3


def test_what_is_not_rigid_is_as_far_off_as_is_said(tmp_path: Path) -> None:
    joints = rigid(10, 0.3) + 0.02 * np.random.default_rng(1).standard_normal((10, JOINTS, 3))
    stated = bvh.write(tmp_path / "a.bvh", joints)
    gap = np.linalg.norm(parse(tmp_path / "a.bvh").joints() - joints, axis=-1).max(axis=0)
    assert 0.01 < stated.max() < 0.3
    assert np.abs(gap - stated).max() < 1e-4


def stretched(frames: int, most: float) -> np.ndarray:
    """A body, limbs bent, each of whose bones is longer or shorter in every frame, as in motions
    that models generate."""
    joints = rigid(frames, 0.6)
    factors = 1 + most * np.sin(np.arange(frames)[:, None] / 3 + np.arange(JOINTS))
    found = joints.copy()
    for joint in range(1, JOINTS):
        bone = joints[:, joint] - joints[:, PARENTS[joint]]
        found[:, joint] = found[:, PARENTS[joint]] + factors[:, [joint]] * bone
    return found


def test_hands_and_feet_stay_where_bones_stretch(tmp_path: Path) -> None:
    """Bones are up to 8% longer or shorter; what hands and feet touch is not."""
    joints = stretched(60, 0.08)
    moved = bvh.write(tmp_path / "a.bvh", joints)
    found = parse(tmp_path / "a.bvh").joints()
    bones = np.linalg.norm(found[:, 1:] - found[:, PARENTS[1:]], axis=-1)
    assert np.ptp(bones, axis=0).max() < 1e-4
    grasped = [
        NAMES.index(f"{side}_{end}") for side in ("left", "right") for end in ("ankle", "wrist")
    ]
    assert moved[grasped].max() < 1e-4
    toes = [NAMES.index(f"{side}_foot") for side in ("left", "right")]
    assert moved[toes].max() < 0.02
    assert 0.01 < moved.max() < 0.15


def test_a_straight_limb_bends_as_bodies_do(tmp_path: Path) -> None:
    """Nothing says which way: a knee that must bend goes forward, an elbow backward."""
    joints = np.zeros((5, JOINTS, 3))
    for joint in range(1, JOINTS):
        joints[:, joint] = joints[:, PARENTS[joint]] + TARGET_OFFSETS[joint]
    ends = {7: 1, 20: 16}
    for end, base in ends.items():
        nearer = 0.9 * (joints[2, end] - joints[2, base])
        joints[2, end + 3 if end == 7 else end] += nearer - (joints[2, end] - joints[2, base])
        joints[2, end] = joints[2, base] + nearer
        joints[2, PARENTS[end]] = joints[2, base] + nearer / 2
    moved = bvh.write(tmp_path / "a.bvh", joints)
    found = parse(tmp_path / "a.bvh").joints()
    assert moved[[7, 20]].max() < 1e-4
    assert found[2, 4, 2] > 0.05
    assert found[2, 18, 2] < -0.05


def test_joints_are_called_as_mixamo_calls_them(tmp_path: Path) -> None:
    bvh.write(tmp_path / "a.bvh", rigid(2, 0.1))
    names = parse(tmp_path / "a.bvh").names
    legs = [
        f"{side}{part}"
        for side in ("Left", "Right")
        for part in ("UpLeg", "Leg", "Foot", "ToeBase")
    ]
    arms = [
        f"{side}{part}"
        for side in ("Left", "Right")
        for part in ("Shoulder", "Arm", "ForeArm", "Hand")
    ]
    trunk = ["Hips", "Spine", "Spine1", "Spine2", "Neck", "Head"]
    assert sorted(names) == sorted(f"mixamorig:{name}" for name in (*legs, *arms, *trunk))


def test_momasks_own_reader_finds_the_joints(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(checkout("EricGuo5513+momask-codes"))
    old = ModuleType("numpy.core.umath_tests")  # a module of the NumPy of that time
    monkeypatch.setattr(old, "matrix_multiply", np.matmul, raising=False)
    monkeypatch.setitem(sys.modules, old.__name__, old)
    for name in ("float", "int"):  # names that NumPy had when the reference was written
        monkeypatch.setattr(np, name, {"float": float, "int": int}[name], raising=False)
    kept = set(sys.modules)
    try:
        import visualization.Animation as animation
        import visualization.BVH_mod as official

        joints = rigid(8, 0.4)
        bvh.write(tmp_path / "a.bvh", joints)
        loaded = official.load(str(tmp_path / "a.bvh"), need_quater=True)
        found = animation.positions_global(loaded)
    finally:
        for name in set(sys.modules) - kept:
            if name.partition(".")[0] in ("visualization", "utils", "common"):
                del sys.modules[name]
    assert np.abs(in_order(list(loaded.names), found) - joints).max() < 1e-3


def test_between_frames_the_body_is_between_them(tmp_path: Path) -> None:
    """Programs interpolate the angles; this body whirls, a turn in half a second."""
    turns = Rotation.from_euler("y", np.linspace(0, 6 * np.pi, 31)[:, None])
    joints = np.stack([turn.apply(rigid(1, 0.2)[0]) for turn in turns])
    bvh.write(tmp_path / "a.bvh", joints)
    file = parse(tmp_path / "a.bvh")
    halfway = file.joints((file.rows[1:] + file.rows[:-1]) / 2)
    middle = (joints[1:] + joints[:-1]) / 2
    assert np.linalg.norm(halfway - middle, axis=-1).max() < 0.1


def test_bones_against_their_rest_direction(tmp_path: Path) -> None:
    """A shin folded up exactly along its thigh: no smallest angle leads there."""
    joints = np.zeros((3, JOINTS, 3))
    for joint in range(1, JOINTS):
        joints[:, joint] = joints[:, PARENTS[joint]] + TARGET_OFFSETS[joint]
    joints[:, 7], joints[:, 10] = joints[:, 4] + [0, 0.4, 0], joints[:, 4] + [0, 0.4, -0.1]
    assert bvh.write(tmp_path / "a.bvh", joints).max() < 1e-6


def test_the_same_motion_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        bvh.write(tmp_path / f"{name}.bvh", rigid(5, 1.0))
    assert (tmp_path / "a.bvh").read_bytes() == (tmp_path / "b.bvh").read_bytes()


@pytest.mark.parametrize(
    ("joints", "message"),
    [
        (np.zeros((0, JOINTS, 3)), r"shape \(0, 22, 3\)"),
        (np.zeros((4, 21, 3)), r"shape \(4, 21, 3\)"),
        (np.full((4, JOINTS, 3), np.nan), "NaN"),
    ],
)
def test_what_is_no_motion_is_refused(tmp_path: Path, joints: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bvh.write(tmp_path / "a.bvh", joints)
    assert not list(tmp_path.iterdir())
