"""Motion-X as its downloads unpack, beside its own code where that is at hand."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmu.demo.raw import write_motionx
from hmu.interface.sources import BadClip, Clip
from hmu.io.names import flat, nested
from hmu.motion import skeleton
from hmu.motion.bodymodel import BodyModel, locate
from hmu.motion.features import to_features
from hmu.sources import motionx
from support.bodies import model_arrays
from support.reference import checkout


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw directory without motions."""
    home = tmp_path / "raw" / "body_models" / "smplx"
    home.mkdir(parents=True)
    np.savez(home / "SMPLX_NEUTRAL.npz", **model_arrays(joints=55))
    return tmp_path / "raw"


def rows_of(frames: int = 31) -> np.ndarray:
    random = np.random.default_rng(frames)
    rows = random.normal(0, 0.3, (frames, 322)).astype(np.float32)
    rows[:, 312:] = rows[0, 312:]
    return rows


def save(raw: Path, name: str, rows: np.ndarray) -> Path:
    path = raw / motionx.MOTIONS / f"{name}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, rows)
    return path


def clips_of(raw: Path) -> dict[str, Clip]:
    items = list(motionx.ingest(raw, {}))
    assert not [item for item in items if isinstance(item, BadClip)]
    return {item.clip: item for item in items if isinstance(item, Clip)}


# -- names ---------------------------------------------------------------------------------------

paths = st.lists(
    st.text("ab_~. ", min_size=1).filter(lambda part: part.strip(".")), min_size=2, max_size=4
).map("/".join)


@given(paths, paths)
@example("a/b_c", "a_b/c")
@example("a__b/c", "a/b/c")
@example("a_/b", "a/_b")
def test_no_two_paths_share_a_name(first: str, second: str) -> None:
    assert nested(flat(first)) == first
    assert (flat(first) == flat(second)) == (first == second)
    assert "/" not in flat(first)


def test_a_name_without_folders_stays() -> None:
    assert flat("M000123") == nested("M000123") == "M000123"
    assert flat("my__own_") == "my__own_"


def reference() -> Path:
    return checkout("IDEA-Research+Motion-X")


def test_the_official_names_come_back() -> None:
    names = (reference() / "datasets" / "all.txt").read_text(encoding="utf-8").split()
    assert len(names) == 81_080
    clips = [flat(name) for name in names]
    assert len(set(clips)) == len(clips)
    assert [nested(clip) for clip in clips] == names
    assert not [clip for clip in clips if "~" in clip]


# -- files ---------------------------------------------------------------------------------------


def test_only_orientation_body_translation_and_shape_count(raw: Path) -> None:
    rows = rows_of()
    save(raw, "music/subset_0001/a", rows)
    hands_and_face = rows.copy()
    hands_and_face[:, 66:309] = np.nan
    save(raw, "music/subset_0001/b", hands_and_face)
    found = clips_of(raw)
    assert list(found) == ["music__subset_0001__a", "music__subset_0001__b"]
    np.testing.assert_array_equal(*(clip.frames for clip in found.values()))


def test_shapes_that_differ_by_row_are_used_by_row(raw: Path) -> None:
    rows = rows_of(4)
    rows[2:, 312:] += 0.5
    save(raw, "dance/a", rows)
    body = BodyModel.read(locate(raw / "body_models", "smplx", "neutral"))
    first = body.joints(rows[:, :66], rows[:, 309:312], rows[0, 312:])
    last = body.joints(rows[:, :66], rows[:, 309:312], rows[3, 312:])
    found = clips_of(raw)["dance__a"].frames
    np.testing.assert_array_equal(found[0], first[0])
    np.testing.assert_array_equal(found[2], last[3])


@pytest.mark.parametrize("subset", ["aist", "music"])
def test_translations_of_aist_are_mended_unless_they_are(raw: Path, subset: str) -> None:
    """What aist.py does to a file, done to those that it has not been done to."""
    mended = rows_of()
    mended[:, 309:312] += [0.5, 1.0, -0.4]
    asis = mended.copy()
    asis[:, 309:312] *= [94, 94, -94]
    save(raw, f"{subset}/subset_0000/asis", asis)
    save(raw, f"{subset}/subset_0000/mended", mended)
    one, other = (clip.frames for clip in clips_of(raw).values())
    assert (np.abs(one - other).max() < 1e-4) == (subset == "aist")


def test_mirrored_copies_are_made_where_the_user_has_made_none(raw: Path) -> None:
    save(raw, "humanml/000000", rows_of())
    save(raw, "music/subset_0000/000001", rows_of())
    found = clips_of(raw)
    assert list(found) == ["humanml__000000", "humanml__M000000", "music__subset_0000__000001"]
    copy = found["humanml__M000000"]
    assert copy.mirrored
    assert copy.source == found["humanml__000000"].source
    np.testing.assert_array_equal(copy.frames, skeleton.mirror(found["humanml__000000"].frames))
    path = save(raw, "humanml/M000000", rows_of(40))
    found = clips_of(raw)
    assert [clip.mirrored for clip in found.values()] == [False, True, False]
    assert found["humanml__M000000"].source == path.relative_to(raw).as_posix()


def test_a_bad_file_takes_its_mirrored_copy_along(raw: Path) -> None:
    save(raw, "humanml/000000", rows_of()[:1])
    bad = [item for item in motionx.ingest(raw, {}) if isinstance(item, BadClip)]
    assert [item.clip for item in bad] == ["humanml__000000", "humanml__M000000"]
    assert "1 frames" in bad[0].reason


def test_files_that_macos_leaves_are_no_motions(raw: Path) -> None:
    path = save(raw, "kungfu/a", rows_of())
    path.with_name("._a.npy").write_bytes(b"\0\5\x16\7")
    assert list(clips_of(raw)) == ["kungfu__a"]


@pytest.mark.parametrize("name", ["SMPLX_NEUTRAL.npz", "neutral/model.npz"])
def test_the_model_is_found_as_its_archives_have_it(raw: Path, name: str) -> None:
    save(raw, "kungfu/a", rows_of())
    home = raw / "body_models" / "smplx"
    (home / name).parent.mkdir(exist_ok=True)
    (home / "SMPLX_NEUTRAL.npz").rename(home / name)
    assert list(clips_of(raw)) == ["kungfu__a"]


# -- Motion-X's own code -------------------------------------------------------------------------


def import_from(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of Motion-X's ``tomato_represenation``, with what its imports expect."""
    monkeypatch.syspath_prepend(str(path.parent))
    monkeypatch.setattr(np, "float", float, raising=False)  # gone from NumPy since
    if importlib.util.find_spec("trimesh") is None:
        monkeypatch.setitem(sys.modules, "trimesh", ModuleType("trimesh"))
    for name in ("common", "common.quaternion", "common.skeleton", "paramUtil"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location(f"motionx_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def whole_smplx(path: Path) -> None:
    """An SMPL-X file that the smplx package reads: 10,475 vertices, hands, landmarks."""
    random = np.random.default_rng(5)
    vertices, small = 10_475, model_arrays(joints=55, betas=20)
    regressor = np.zeros((55, vertices))
    regressor[:, :120] = small["J_regressor"]
    grown = {
        name: np.zeros((vertices, *small[name].shape[1:]), dtype=np.float32)
        for name in ("v_template", "shapedirs", "posedirs", "weights")
    }
    for name, array in grown.items():
        array[:120] = small[name]
    grown["weights"][120:, 0] = 1
    landmarks = {
        "lmk_faces_idx": np.zeros(51, dtype=np.int64),
        "lmk_bary_coords": np.full((51, 3), 1 / 3),
        "dynamic_lmk_faces_idx": np.zeros((79, 17), dtype=np.int64),
        "dynamic_lmk_bary_coords": np.full((79, 17, 3), 1 / 3),
    }
    hands = {f"hands_mean{side}": random.normal(0, 0.2, 45) for side in "lr"}
    hands |= {f"hands_components{side}": np.eye(45) for side in "lr"}
    faces = np.array([[0, 1, 2]], dtype=np.uint32)
    whole = {**small, **grown, **landmarks, **hands, "J_regressor": regressor, "f": faces}
    np.savez(path, **whole)


def test_joints_are_those_of_its_code(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``process_smplx_322_data`` with the smplx package, at every other of our frames."""
    pytest.importorskip("smplx", reason="the smplx package is not installed")
    torch = pytest.importorskip("torch")
    code = import_from(reference() / "tomato_represenation/smplx2joints.py", monkeypatch)
    models = raw / "body_models"
    whole_smplx(models / "smplx" / "SMPLX_NEUTRAL.npz")
    given = ("global_orient", "body_pose", "left_hand_pose", "right_hand_pose", "jaw_pose",
             "leye_pose", "reye_pose", "betas", "expression", "transl")  # fmt: skip
    layer = code.smplx.create(
        str(models),
        "smplx",
        gender="NEUTRAL",
        use_pca=False,
        use_face_contour=True,
        ext="npz",
        **{f"create_{name}": False for name in given},
    )
    rows = rows_of(31)
    rows[4, :66] *= 1e-6
    save(raw, "perform/subset_0000/a", rows)
    _, joints, _, _ = code.process_smplx_322_data(
        torch.from_numpy(rows)[None], layer, SimpleNamespace(joint_idx=range(144), face=None), "cpu"
    )
    ours = clips_of(raw)["perform__subset_0000__a"].frames
    assert len(ours) == 21
    assert np.abs(ours[::2] - joints[0, ::3, :22].detach().numpy()).max() < 1e-5


BODY_OF_52 = np.r_[0:67, 157:283, 463:529, -4:0]
"""The 263 values of 22 joints among the 623 of 52: positions, rotations and velocities."""


def test_features_are_those_of_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``process_file`` and the step to the body alone, on clips of the demo."""
    torch = pytest.importorskip("torch")
    code = import_from(reference() / "tomato_represenation/motion_representation.py", monkeypatch)
    write_motionx(tmp_path, seed=3, clips=20)
    # Thirty joints of the hands, on straight fingers from each wrist.
    finger = 0.02 * np.arange(1, 4)[:, None] * np.array([0.3, 0.1, 1.0])
    spread = np.array([0.0, 0.05, 0.0]) * np.arange(5)[:, None]
    hand = (spread[:, None] + finger).reshape(15, 3)

    def with_hands(joints: np.ndarray) -> np.ndarray:
        sides = [joints[..., wrist : wrist + 1, :] + hand for wrist in (20, 21)]
        return np.concatenate([joints, *sides], axis=-2)

    target = with_hands(rest_pose()[None])
    settings = {
        "l_idx1": 5, "l_idx2": 8, "fid_r": [8, 11], "fid_l": [7, 10],
        "face_joint_indx": [2, 1, 17, 16], "r_hip": 2, "l_hip": 1, "joints_num": 52,
        "n_raw_offsets": torch.from_numpy(code.t2m_raw_offsets),
        "kinematic_chain": code.t2m_body_hand_kinematic_chain,
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setattr(code, name, value, raising=False)
    bones = code.Skeleton(code.n_raw_offsets, code.kinematic_chain, "cpu")
    offsets = bones.get_offsets_joints(torch.from_numpy(target[0]).float())
    np.testing.assert_allclose(offsets[:22], skeleton.TARGET_OFFSETS, atol=1e-6)
    monkeypatch.setattr(code, "tgt_offsets", offsets, raising=False)
    compared = 0
    for clip in clips_of(tmp_path).values():
        # Hands below the feet would move the floor, which the body alone does not see.
        joints = with_hands(clip.frames.astype(np.float64))
        if (joints[:, 22:, 1].min(axis=1) < joints[:, :22, 1].min(axis=1) + 0.1).any():
            continue
        given = code.process_file(joints.copy(), 0.002)[0][:, BODY_OF_52]
        np.testing.assert_allclose(to_features(clip.frames), given, atol=1e-4)
        compared += 1
    assert compared >= 10


def rest_pose() -> np.ndarray:
    """(22, 3) the skeleton that all clips get, its bones along their directions at rest."""
    placed = np.zeros((22, 3))
    for joint in range(1, 22):
        placed[joint] = placed[skeleton.PARENTS[joint]] + skeleton.TARGET_OFFSETS[joint]
    return placed
