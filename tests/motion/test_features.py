"""The 263 values a frame, against the published code and one of our own written the long way."""

import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import notebook
from hmu.demo.raw import write_humanml3d
from hmu.errors import InputError
from hmu.interface.sources import Clip
from hmu.io import files
from hmu.io.store import ClipStore, ClipWriter
from hmu.motion import features, skeleton
from hmu.motion.features import GROUPS, mean_std, to_features, to_uniform
from hmu.motion.normalise import Normaliser
from hmu.motion.recover import to_joints
from hmu.sources import humanml3d
from support.gaits import turn, walk
from support.reference import checkout

UP = np.array([0.0, 1.0, 0.0])
AHEAD = np.array([0.0, 0.0, 1.0])


class LongWay:
    """``process_file`` frame by frame, with quaternions, as the notebook describes it."""

    @staticmethod
    def between(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        w = np.sqrt((u @ u) * (v @ v)) + u @ v
        q = np.array([w, *np.cross(u, v)])
        return q / np.linalg.norm(q)

    @staticmethod
    def times(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        w = p[0] * q[0] - p[1:] @ q[1:]
        return np.array([w, *(p[0] * q[1:] + q[0] * p[1:] + np.cross(p[1:], q[1:]))])

    @staticmethod
    def inverse(q: np.ndarray) -> np.ndarray:
        return q * np.array([1, -1, -1, -1])

    @classmethod
    def rotate(cls, q: np.ndarray, v: np.ndarray) -> np.ndarray:
        return cls.times(cls.times(q, np.array([0, *v])), cls.inverse(q))[1:]

    @classmethod
    def inverse_kinematics(cls, joints: np.ndarray, smooth: bool) -> np.ndarray:
        across = joints[:, 1] - joints[:, 2] + joints[:, 17] - joints[:, 16]
        across /= np.linalg.norm(across, axis=-1, keepdims=True)
        forward = np.cross(UP, across)
        if smooth:
            ndimage = pytest.importorskip("scipy.ndimage", reason="scipy smooths the reference")
            forward = ndimage.gaussian_filter1d(forward, 20, axis=0, mode="nearest")
        turns = np.zeros((len(joints), 22, 4))
        for frame in range(len(joints)):
            root = cls.between(forward[frame] / np.linalg.norm(forward[frame]), AHEAD)
            turns[frame, 0] = root if frame else (1, 0, 0, 0)
            for chain in skeleton.CHAINS:
                before = turns[frame, 0]
                for start, end in pairwise(chain):
                    bone = joints[frame, end] - joints[frame, start]
                    bone = bone / np.linalg.norm(bone)
                    world = cls.between(skeleton.DIRECTIONS[end], bone)
                    turns[frame, end] = cls.times(cls.inverse(before), world)
                    before = cls.times(before, turns[frame, end])
        return turns

    @classmethod
    def uniform(cls, joints: np.ndarray) -> np.ndarray:
        leg = sum(np.linalg.norm(joints[0, j] - joints[0, skeleton.PARENTS[j]]) for j in (5, 8))
        turns = cls.inverse_kinematics(joints, smooth=False)
        placed = np.zeros_like(joints)
        placed[:, 0] = joints[:, 0] * (skeleton.LENGTHS[[5, 8]].sum() / leg)
        for frame in range(len(joints)):
            for chain in skeleton.CHAINS:
                world = turns[frame, 0]
                for start, end in pairwise(chain):
                    world = cls.times(world, turns[frame, end])
                    bone = cls.rotate(world, skeleton.TARGET_OFFSETS[end])
                    placed[frame, end] = placed[frame, start] + bone
        return placed

    @classmethod
    def features(cls, joints: np.ndarray) -> np.ndarray:
        placed = cls.uniform(joints.astype(np.float64))
        placed[..., 1] -= placed[..., 1].min()
        placed = placed - placed[0, 0] * [1, 0, 1]
        across = placed[0, 2] - placed[0, 1] + placed[0, 17] - placed[0, 16]
        ahead = np.cross(UP, across)
        facing = cls.between(ahead / np.linalg.norm(ahead), AHEAD)
        placed = np.array([[cls.rotate(facing, joint) for joint in frame] for frame in placed])
        turns = cls.inverse_kinematics(placed, smooth=True)
        rows = []
        for now in range(len(placed) - 1):
            here, there = placed[now], placed[now + 1]
            old, new = turns[now, 0], turns[now + 1, 0]
            local = here - here[0] * [1, 0, 1]
            speed = cls.rotate(new, there[0] - here[0])
            feet = ((there - here)[[7, 10, 8, 11]] ** 2).sum(axis=-1) < 0.002
            rows.append(
                np.concatenate(
                    [
                        [np.arcsin(cls.times(new, cls.inverse(old))[2]), speed[0], speed[2]],
                        [here[0, 1]],
                        *[cls.rotate(old, joint) for joint in local[1:]],
                        *[cls.rotate(q, axis) for q in turns[now, 1:] for axis in np.eye(3)[:2]],
                        *[cls.rotate(old, step) for step in there - here],
                        feet,
                    ]
                )
            )
        return np.array(rows)


def mocap(shared: Path, *wanted: int) -> Iterator[np.ndarray]:
    """Clips of the shared mocap by their number."""
    pack = np.load(shared / "mocap" / "clips.npz")
    bounds = np.concatenate([[0], np.cumsum(pack["lengths"])])
    root, relative = pack["root"], pack["rel"]
    for clip in wanted:
        rows = slice(bounds[clip], bounds[clip + 1])
        first = root[rows, None]
        rest = first + relative[rows].astype(np.float32) * np.float32(1e-4)
        yield np.concatenate([first, rest], axis=1)


@pytest.mark.parametrize(("frames", "turning"), [(2, 0.0), (30, 0.5), (190, -1.5)])
def test_agrees_with_the_long_way(frames: int, turning: float) -> None:
    joints = walk(frames, frames, turning)
    rows = to_features(joints)
    assert rows.shape == (frames - 1, 263)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, LongWay.features(joints), atol=2e-6)


def test_agrees_with_the_long_way_on_mocap(shared: Path) -> None:
    for joints in mocap(shared, 10, 967, 1379):
        np.testing.assert_allclose(to_features(joints), LongWay.features(joints), atol=2e-6)


Process = Callable[[np.ndarray], np.ndarray]


def process_file(double: bool) -> Process:
    """HumanML3D's own ``process_file``."""
    folder = checkout("EricGuo5513+HumanML3D")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return notebook.process_file(folder, double)


@pytest.fixture(scope="module")
def published_code() -> Process:
    """The reference as it is, in float32."""
    return process_file(double=False)


@pytest.fixture(scope="module")
def exact_code() -> Process:
    """The reference's operations in float64: without its rounding."""
    return process_file(double=True)


@pytest.fixture(scope="module")
def demo_joints(tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    """Clips of the built-in dataset, mirrored ones among them."""
    raw = tmp_path_factory.mktemp("demo") / "raw"
    write_humanml3d(raw, seed=1, clips=20)
    return [item.frames for item in humanml3d.ingest(raw, {}) if isinstance(item, Clip)]


ROUNDED = (1367, 1371, 1542)
"""Mocap clips in which float32 takes the published code more than 1e-4 away from itself: in one
frame of the first two and all 49 of the third."""


@pytest.mark.filterwarnings("ignore:.*(torch.cross|scipy.ndimage)")
def test_agrees_with_the_published_code_on_mocap(
    shared: Path, published_code: Process, exact_code: Process
) -> None:
    wanted = range(5, 2902, 100)
    for joints in mocap(shared, *wanted):
        rows = to_features(joints)
        np.testing.assert_allclose(rows, published_code(joints), atol=1e-4)
        np.testing.assert_allclose(rows, exact_code(joints), atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*(torch.cross|scipy.ndimage)")
def test_where_the_published_code_rounds_we_have_what_it_means(
    shared: Path, published_code: Process, exact_code: Process
) -> None:
    """A heading close to straight backwards, or a bone close to straight against its raw
    direction, magnifies rounding."""
    for joints in mocap(shared, *ROUNDED):
        exact = exact_code(joints)
        assert abs(published_code(joints) - exact).max() > 1e-4
        np.testing.assert_allclose(to_features(joints), exact, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*(torch.cross|scipy.ndimage)")
def test_agrees_with_the_published_code_on_the_demo(
    demo_joints: list[np.ndarray], published_code: Process
) -> None:
    assert len(demo_joints) == 40
    for joints in demo_joints:
        np.testing.assert_allclose(to_features(joints), published_code(joints), atol=1e-4)


def test_the_published_features_follow_from_the_published_joints(shared: Path) -> None:
    """But where smoothing reaches the last frame: the published joints lack the one after it."""
    folder = shared / "humanml3d" / "sample"
    rows = to_features(np.load(folder / "new_joints_012314.npy"))
    published = np.load(folder / "new_joint_vecs_012314.npy")
    whole = len(rows) - 81  # four deviations of 20 frames
    np.testing.assert_allclose(rows[:whole], published[:whole], atol=1e-5)


NAN_CLIPS = (1334, 1355, 1381, 1388, 1515, 1835)
"""Six of the 30 of the 2,424 mocap clips with 40 frames of features that the reference spoils."""


@pytest.mark.filterwarnings("ignore:.*(torch.cross|scipy.ndimage)")
def test_where_the_published_code_gives_nan_values_are_finite_and_right(
    shared: Path, published_code: Process, exact_code: Process
) -> None:
    """In a frame of each the body faces exactly z-, where the code divides 0 by 0: in float64 no
    less. Turning the whole clip by a hair avoids it and changes no feature."""
    for joints in mocap(shared, *NAN_CLIPS):
        rows, wide = to_features(joints), joints.astype(np.float64)
        assert np.isnan(published_code(joints)[:, :259]).all()
        assert np.isnan(exact_code(wide)).any()
        assert np.isfinite(rows).all()
        np.testing.assert_allclose(rows, exact_code(turn(wide, 1e-6)), atol=1e-5)


def test_where_the_long_way_gives_nan_values_are_finite_and_right(shared: Path) -> None:
    # In a frame of clip 1334 the heading is exactly z-. A hair's turn of the whole clip avoids it.
    (joints,) = mocap(shared, 1334)
    with np.errstate(invalid="ignore"):
        assert np.isnan(LongWay.uniform(joints.astype(np.float64))).any()
    rows = to_features(joints)
    assert np.isfinite(rows).all()
    hair = LongWay.features(turn(joints.astype(np.float64), 1e-6))
    np.testing.assert_allclose(rows, hair, atol=1e-5)


def test_a_bone_exactly_against_its_raw_direction_gives_a_rotation() -> None:
    joints = walk(30, 1)
    joints[:, 18] = joints[:, 16] + UP * 0.25
    turns = to_features(joints)[:, features.ROTATIONS].reshape(-1, 21, 2, 3)
    np.testing.assert_allclose(np.linalg.norm(turns, axis=-1), 1, atol=1e-6)
    np.testing.assert_allclose((turns[:, :, 0] * turns[:, :, 1]).sum(axis=-1), 0, atol=1e-6)


@pytest.mark.parametrize("collapsed", [[*range(22)], [15], [1, 2, 16, 17], [5, 8]])
def test_degenerate_bodies_stay_finite(collapsed: list[int]) -> None:
    joints = walk(20, 2)
    joints[:, collapsed] = joints[:, :1]
    assert np.isfinite(to_features(joints)).all()


def test_does_not_depend_on_where_the_clip_starts() -> None:
    joints = walk(60, 3, turning=0.3)
    moved = turn(joints, 0.9) + np.array([5, 7, -2])
    np.testing.assert_allclose(to_features(moved), to_features(joints), atol=1e-5)


def test_a_turn_through_straight_backwards_is_recorded_as_the_reference_does() -> None:
    """The sign of that one frame's turn is wrong there, and so here: models were made with it."""
    joints = turn(walk(1, 4).repeat(160, axis=0), np.arange(160) / skeleton.FPS)
    turns = to_features(joints)[1:, 0]  # the first is from no turn to the smoothed heading
    assert ((turns > 0).sum(), (turns < 0).sum()) in {(1, 157), (157, 1)}
    np.testing.assert_allclose(turns, LongWay.features(joints)[1:, 0], atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 22, 3), (0, 22, 3), (5, 21, 3), (5, 66)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="22"):
        to_features(np.zeros(shape))


def test_the_uniform_body_has_the_target_lengths_floor_and_facing() -> None:
    placed = to_uniform(walk(40, 5))
    bones = np.linalg.norm(placed[:, 1:] - placed[:, list(skeleton.PARENTS[1:])], axis=-1)
    np.testing.assert_allclose(bones, np.tile(skeleton.LENGTHS[1:], (40, 1)), atol=1e-12)
    np.testing.assert_allclose(placed[..., 1].min(), 0, atol=1e-12)
    np.testing.assert_allclose(placed[0, 0, ::2], 0, atol=1e-12)
    across = placed[0, 2] - placed[0, 1] + placed[0, 17] - placed[0, 16]
    assert abs(across[2]) < 1e-9 * abs(across[0])


def test_the_target_lengths_are_those_of_the_published_clip(shared: Path) -> None:
    joints = np.load(shared / "humanml3d/sample/new_joints_012314.npy").astype(np.float64)
    bones = np.linalg.norm(joints[:, 1:] - joints[:, list(skeleton.PARENTS[1:])], axis=-1)
    np.testing.assert_allclose(np.median(bones, axis=0), skeleton.LENGTHS[1:], atol=1e-6)


def test_joints_recovered_from_the_published_features_are_the_published_joints(
    shared: Path,
) -> None:
    folder = shared / "humanml3d" / "sample"
    recovered = to_joints(np.load(folder / "new_joint_vecs_012314.npy"))
    published = np.load(folder / "new_joints_012314.npy")
    assert np.linalg.norm(recovered - published, axis=-1).max() < 1e-5


def test_joints_come_back_from_features() -> None:
    joints = walk(120, 6, turning=0.2)
    recovered = to_joints(to_features(joints))
    assert recovered.dtype == np.float32
    assert np.linalg.norm(recovered - to_uniform(joints)[:-1], axis=-1).max() < 1e-4


BACKWARDS = (1834, 1835, 2012)
"""The mocap clips with a frame whose turn the published format records with the wrong sign."""


def test_joints_come_back_from_the_features_of_mocap(shared: Path) -> None:
    wanted = [*range(0, 2902, 50), *NAN_CLIPS, *BACKWARDS]
    for joints in mocap(shared, *wanted):
        recovered = to_joints(to_features(joints))
        assert np.linalg.norm(recovered - to_uniform(joints)[:-1], axis=-1).max() < 1e-4


def test_motions_that_are_not_exact_are_recovered_as_by_the_published_code(
    shared: Path, demo_joints: list[np.ndarray]
) -> None:
    """What a model makes is: there, no turn is taken for one with the wrong sign."""
    official = notebook.recover_from_ric(checkout("EricGuo5513+HumanML3D"))
    random = np.random.default_rng(0)
    for joints in [*demo_joints, *mocap(shared, *BACKWARDS)]:
        rows = to_features(joints)
        rows += random.normal(0, 0.002, rows.shape).astype(np.float32)
        np.testing.assert_allclose(to_joints(rows), official(rows), atol=1e-4)


def test_recovery_takes_only_features() -> None:
    assert to_joints(np.zeros((0, 263))).shape == (0, 22, 3)
    with pytest.raises(ValueError, match="263"):
        to_joints(np.zeros((4, 262)))


def store(folder: Path, clips: list[np.ndarray]) -> ClipStore:
    with ClipWriter(folder / "data.npy", folder / "index.parquet", (263,)) as writer:
        for number, clip in enumerate(clips):
            writer.add(f"{number:06d}", clip)
    return ClipStore(folder / "data.npy", folder / "index.parquet")


def test_mean_and_deviation_are_those_of_all_frames_averaged_by_group(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    scale = random.uniform(0.1, 3, 263)
    clips = [random.normal(5, scale, (n, 263)).astype(np.float32) for n in (1, 40, 199)]
    mean, std = mean_std(store(tmp_path, clips))
    rows = np.concatenate(clips).astype(np.float64)
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-6)
    for group in GROUPS:
        np.testing.assert_allclose(std[group], rows.std(axis=0)[group].mean(), rtol=1e-6)
    assert mean.dtype == std.dtype == np.float32
    assert [len(std[group]) for group in GROUPS] == [1, 2, 1, 63, 126, 66, 4]


def test_what_never_changes_gets_a_deviation_of_one(tmp_path: Path) -> None:
    _, std = mean_std(store(tmp_path, [np.ones((9, 263), dtype=np.float32)]))
    assert (std == 1).all()


def test_no_clips_have_no_mean(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No clip"):
        mean_std(store(tmp_path, []))


def scale(dtype: type[np.floating] = np.float32) -> Normaliser:
    random = np.random.default_rng(3)
    return Normaliser(
        random.normal(0, 1, 263).astype(dtype), random.uniform(0.1, 3, 263).astype(dtype)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_model_carries_its_scale_to_the_last_bit(tmp_path: Path, dtype: Any) -> None:
    path = tmp_path / "config.json"
    files.write_json(path, {"normalisation": scale(dtype).as_json()})
    found = Normaliser.of_model(path)
    for one, other in ((found.mean, scale(dtype).mean), (found.std, scale(dtype).std)):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


def test_scales_convert() -> None:
    one, other = scale(), Normaliser(np.full(263, 2, np.float32), np.full(263, 4, np.float32))
    factor, shift = one.to(other)
    features = np.random.default_rng(4).normal(0, 2, (7, 263)).astype(np.float32)
    found = one.forward(features) * factor + shift
    np.testing.assert_allclose(found, other.forward(features), atol=1e-5)
    factor, shift = one.to(scale())
    assert (factor == 1).all()
    assert (shift == 0).all()


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"normalisation": {"mean": [0.0], "std": [1.0], "dtype": "float32"}},
        {"normalisation": {"mean": [0.0] * 263, "std": [0.0] * 263, "dtype": "float32"}},
        {"normalisation": {"mean": ["x"] * 263, "std": [1.0] * 263, "dtype": "float32"}},
        {"normalisation": {"mean": [0.0] * 263, "std": [1.0] * 263, "dtype": "object"}},
    ],
)
def test_a_model_without_a_scale_is_refused(tmp_path: Path, config: Any) -> None:
    files.write_json(tmp_path / "config.json", config)
    with pytest.raises(InputError, match=r"config\.json"):
        Normaliser.of_model(tmp_path / "config.json")
