"""Raw data of each style to joints and features; what is bad in them, and what is said of it."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu.errors import InputError
from hmu.ingest import streaming
from hmu.interface.sources import BadClip, Clip
from hmu.io import arrays, files
from hmu.io.store import ClipStore
from hmu.motion import skeleton
from hmu.motion.bodymodel import BodyModel
from hmu.motion.features import mean_std, to_features
from hmu.run import runner
from hmu.run.job import Job
from hmu.sources import humanml3d, motionx
from hmu.steps import features
from support.bodies import model_arrays
from support.gaits import walk
from support.ingesting import QUARANTINE, run_ingest
from support.project import Project, copy_repository

INDEX = "source_path,start_frame,end_frame,new_name\n"


def save_joints(raw: Path, count: int = 3) -> None:
    (raw / "joints").mkdir(parents=True)
    for number in range(count):
        np.save(raw / "joints" / f"{number:06d}.npy", walk(30 + number, number).astype(np.float32))


def save_sequence(path: Path, frames: int, rate: float, gender: object = "male") -> None:
    random = np.random.default_rng(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        poses=random.normal(0, 0.3, (frames, 156)),
        trans=random.normal(0, 1, (frames, 3)),
        betas=random.normal(0, 1, 16),
        dmpls=np.zeros((frames, 8)),
        gender=np.array(gender),
        mocap_framerate=np.array(rate),
    )


@pytest.fixture
def amass(tmp_path: Path) -> Path:
    """Raw HumanML3D: three AMASS sequences and one of HumanAct12."""
    raw = tmp_path / "raw"
    for gender in ("male", "female"):
        path = raw / "body_models" / "smplh" / gender / "model.npz"
        path.parent.mkdir(parents=True)
        arrays_of = model_arrays()
        arrays_of["v_template"] += 0.01 * (gender == "female")
        np.savez(path, **arrays_of)
    save_sequence(raw / "amass/KIT/3/kick_poses.npz", 240, 120.0)
    save_sequence(raw / "amass/MPI_HDM05/bk/walk_poses.npz", 600, 100.0, "female")
    save_sequence(raw / "amass/CMU/01/run_poses.npz", 100, 60.0, b"male")
    (raw / "humanact12").mkdir()
    np.save(raw / "humanact12" / "P1.npy", walk(50, 9).repeat(2, axis=1)[:, ::2])
    (raw / "index.csv").write_text(
        INDEX
        + "./pose_data/KIT/3/kick_poses.npy,5,35,000002.npy\n"
        + "./pose_data/MPI_HDM05/bk/walk_poses.npy,10,40,000001.npy\n"
        + "./pose_data/CMU/01/run_poses.npy,0,-1,000000.npy\n"
        + "./pose_data/humanact12/humanact12/P1.npy,0,-1,000003.npy\n",
        encoding="utf-8",
    )
    return raw


@pytest.fixture
def smplx(tmp_path: Path) -> Path:
    """Raw Motion-X: two sequences in nested folders."""
    raw = tmp_path / "raw"
    (raw / "body_models" / "smplx").mkdir(parents=True)
    np.savez(raw / "body_models/smplx/SMPLX_NEUTRAL.npz", **model_arrays(joints=55))
    for number, name in enumerate(("kungfu/subset_0/kick", "idea400/run")):
        path = raw / "motion_data/smplx_322" / f"{name}.npy"
        path.parent.mkdir(parents=True)
        random = np.random.default_rng(number)
        rows = random.normal(0, 0.3, (61, 322))
        rows[:, 312:] = rows[0, 312:]
        np.save(path, rows.astype(np.float32))
    return raw


def run_features(
    raw: Path, stage: str, statistics: str = "auto", threads: int = 1
) -> tuple[ClipStore, np.ndarray, np.ndarray, Path]:
    """Run the step as the workflow does; the store, mean, deviation and the other outputs."""
    joints, out = raw.parent / "joints", raw.parent / "features"
    out.mkdir(exist_ok=True)
    inputs: dict[str, Path | list[Path]] = {
        "data": joints / "data.npy",
        "index": joints / "index.parquet",
    }
    published = {"published_mean": raw / "Mean.npy", "published_std": raw / "Std.npy"}
    if all(path.exists() for path in published.values()):
        inputs |= published
    outputs = {
        "report": out / "report.json",
        "data": out / "data.npy",
        "index": out / "index.parquet",
        "mean": out / "mean.npy",
        "std": out / "std.npy",
        "quarantine": out / "quarantine.csv",
    }
    settings = {"stage": stage, "statistics": statistics, **QUARANTINE}
    scratch = Path(tempfile.mkdtemp(dir=raw.parent))
    job = Job("features", inputs, outputs, settings, threads=threads, scratch=scratch)
    features.run(job)
    store = ClipStore(outputs["data"], outputs["index"])
    return store, np.load(outputs["mean"]), np.load(outputs["std"]), out


def test_joints_are_ingested_in_order_of_their_names(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    save_joints(raw)
    np.save(raw / "joints" / "000001.npy", np.zeros((30, 52, 3)) + walk(30, 1)[:, :1])
    store, bad = run_ingest(raw, "joints")
    assert list(store) == ["000000", "000001", "000002"]
    assert [store.length(clip) for clip in store] == [30, 30, 32]
    assert list(store.index["source"]) == [f"joints/{clip}.npy" for clip in store]
    assert not store.index["mirrored"].any()
    np.testing.assert_array_equal(store["000002"], walk(32, 2).astype(np.float32))
    assert bad == []


def test_features_of_joints(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    save_joints(raw)
    joints, _ = run_ingest(raw, "joints")
    store, mean, std, out = run_features(raw, "joints")
    for clip in joints:
        np.testing.assert_array_equal(store[clip], to_features(joints[clip]))
    np.testing.assert_array_equal([mean, std], mean_std(store))
    assert (out / "quarantine.csv").read_text(encoding="utf-8") == "clip,file,reason\n"


def test_a_directory_of_features_is_taken_as_it_is(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    (raw / "new_joint_vecs").mkdir(parents=True)
    rows = to_features(walk(40, 0))
    np.save(raw / "new_joint_vecs" / "000007.npy", rows)
    np.save(raw / "Mean.npy", np.arange(263.0))
    np.save(raw / "Std.npy", np.arange(1.0, 264.0))
    run_ingest(raw, "features")
    store, mean, std, _ = run_features(raw, "features")
    np.testing.assert_array_equal(store["000007"], rows)
    np.testing.assert_array_equal(mean, np.arange(263))
    np.testing.assert_array_equal(std, np.arange(1, 264))
    _, mean, std, _ = run_features(raw, "features", "computed")
    np.testing.assert_array_equal([mean, std], mean_std(store))
    (raw / "Std.npy").unlink()
    _, mean, std, _ = run_features(raw, "features")
    np.testing.assert_array_equal([mean, std], mean_std(store))
    with pytest.raises(InputError, match=r"needs Mean\.npy and Std\.npy"):
        run_features(raw, "features", "published")
    np.save(raw / "Std.npy", np.zeros(5))
    with pytest.raises(InputError, match=r"Std\.npy must hold 263"):
        run_features(raw, "features")


def test_the_report_names_the_largest_difference_from_the_published_statistics(
    tmp_path: Path,
) -> None:
    raw = tmp_path / "raw"
    save_joints(raw)
    run_ingest(raw, "joints")
    store, mean, std, out = run_features(raw, "joints")
    report = files.read_json(out / "report.json")
    assert (report["taken"], report["largest_difference"]) == ("computed", None)
    assert (report["clips"], report["frames"]) == (3, len(store.frames))
    moved = np.linspace(0, 0.1, 263)
    moved[[67 + 6 * 15 + 2, 259]] = -0.5, 0.3  # the rotation of the left shoulder; a left ankle
    np.save(raw / "Mean.npy", mean + moved)
    np.save(raw / "Std.npy", std + moved.clip(0))
    _, taken, _, _ = run_features(raw, "joints")
    np.testing.assert_array_equal(taken, (mean + moved).astype(np.float32))
    report = files.read_json(out / "report.json")
    largest = report["largest_difference"]
    assert report["taken"] == "published"
    assert largest["mean"]["label"] == "rotation of left_shoulder, 3 of 6"
    assert largest["std"]["label"] == "contact of left_ankle"
    np.testing.assert_allclose(largest["mean"]["difference"], 0.5, rtol=1e-5)
    np.testing.assert_allclose(largest["std"]["difference"], 0.3, rtol=1e-5)


def as_the_notebook(raw: Path, source: str, gender: str, step: int, trim: int) -> np.ndarray:
    """A whole AMASS sequence, the way raw_pose_processing.ipynb has it before cropping."""
    data = np.load(raw / "amass" / source)
    body = BodyModel.read(raw / "body_models" / "smplh" / gender / "model.npz")
    joints = body.joints(data["poses"][::step], data["trans"][::step], data["betas"][:10])
    turned = np.dot(joints, np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]]))[trim:]
    turned[..., 0] *= -1
    return turned


def test_amass_sequences_are_strided_trimmed_cropped_and_turned(amass: Path) -> None:
    store, bad = run_ingest(amass, "humanml3d")
    assert bad == []
    names = ["000000", "000001", "000002", "000003"]
    assert list(store) == [name for clip in names for name in (clip, "M" + clip)]
    expected = {
        "000002": as_the_notebook(amass, "KIT/3/kick_poses.npz", "male", 6, 0)[5:35],
        "000001": as_the_notebook(amass, "MPI_HDM05/bk/walk_poses.npz", "female", 5, 60)[10:40],
        "000000": as_the_notebook(amass, "CMU/01/run_poses.npz", "female", 3, 0)[0:-1],
        "000003": np.load(amass / "humanact12" / "P1.npy"),
    }
    for clip, joints in expected.items():
        np.testing.assert_allclose(store[clip], joints, atol=1e-6)
        mirrored = store["M" + clip]
        np.testing.assert_array_equal(mirrored[:, 1], store[clip][:, 2] * [-1, 1, 1])
        np.testing.assert_array_equal(mirrored[:, 15], store[clip][:, 15] * [-1, 1, 1])
        np.testing.assert_array_equal(mirrored[:, 20], store[clip][:, 21] * [-1, 1, 1])
    assert list(store.index["mirrored"]) == [False, True] * 4
    assert store.index["source"][2] == "amass/MPI_HDM05/bk/walk_poses.npz"


def test_mirroring_twice_is_nothing() -> None:
    joints = walk(5, 0)
    np.testing.assert_array_equal(skeleton.mirror(skeleton.mirror(joints)), joints)
    assert not np.array_equal(skeleton.mirror(joints), joints)


@pytest.mark.parametrize(
    ("dataset", "trim"),
    [
        ("Eyes_Japan_Dataset", 60),
        ("MPI_HDM05", 60),
        ("TotalCapture", 20),
        ("MPI_Limits", 20),
        ("Transitions_mocap", 10),
        ("KIT", 0),
    ],
)
def test_the_trims_are_the_notebooks(tmp_path: Path, dataset: str, trim: int) -> None:
    path = tmp_path / "index.csv"
    path.write_text(f"{INDEX}./pose_data/{dataset}/s/x_poses.npy,7,20,1.npy\n", encoding="utf-8")
    (entry,) = humanml3d.read_index(path)
    assert (entry.start, entry.end) == (trim + 7, trim + 20)
    assert entry.source == f"amass/{dataset}/s/x_poses.npz"


def test_the_published_index_is_read_whole(shared: Path) -> None:
    entries = humanml3d.read_index(shared / "humanml3d" / "index.csv")
    assert len(entries) == 14616
    assert not [entry for entry in entries if entry.fault]
    assert entries[0].source == "amass/KIT/3/kick_high_left02_poses.npz"


def test_motionx_is_resampled_and_its_names_are_flattened(smplx: Path) -> None:
    store, bad = run_ingest(smplx, "motionx")
    assert bad == []
    assert list(store) == ["idea400__run", "kungfu__subset_0__kick"]
    assert list(store.index["source"]) == [
        "motion_data/smplx_322/idea400/run.npy",
        "motion_data/smplx_322/kungfu/subset_0/kick.npy",
    ]
    rows = np.load(smplx / "motion_data/smplx_322/idea400/run.npy")
    body = BodyModel.read(smplx / "body_models/smplx/SMPLX_NEUTRAL.npz")
    joints = body.joints(rows[:, :66], rows[:, 309:312], rows[0, 312:])
    assert store.length("idea400__run") == 41  # two seconds and the frame at their end
    np.testing.assert_array_equal(store["idea400__run"][::2], joints[::3])
    middle = (joints[1::3] + joints[2::3]) / 2
    np.testing.assert_allclose(store["idea400__run"][1::2], middle, atol=1e-6)


@given(st.integers(2, 200), st.sampled_from([(30, 20), (20, 20), (60, 20), (25, 20)]))
def test_resampling_keeps_a_steady_movement(frames: int, rates: tuple[int, int]) -> None:
    source, target = rates
    line = np.arange(frames)[:, None, None] / source * np.ones((1, 22, 3))
    made = motionx.resample(line, source, target)
    np.testing.assert_allclose(made[:, 0, 0], np.arange(len(made)) / target, atol=1e-12)
    assert (len(made) - 1) / target <= (frames - 1) / source < len(made) / target


def test_names_that_become_the_same_are_both_set_aside(smplx: Path) -> None:
    folder = smplx / "motion_data/smplx_322"
    shutil.copy(folder / "idea400/run.npy", folder / "idea400__run.npy")
    store, bad = run_ingest(smplx, "motionx")
    assert list(store) == ["kungfu__subset_0__kick"]
    assert {Path(row["file"]).relative_to(smplx).as_posix() for row in bad} == {
        "motion_data/smplx_322/idea400/run.npy",
        "motion_data/smplx_322/idea400__run.npy",
    }
    assert all("same clip name" in row["reason"] for row in bad)


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def pickled(path: Path) -> None:
    np.save(path, np.array([{"frames": 3}], dtype=object), allow_pickle=True)


def text(path: Path) -> None:
    path.write_text("a text file", encoding="utf-8")


def huge_header(path: Path) -> None:
    content = path.read_bytes()
    head = content.index(b"(")
    shape = b"(9999999999999, 22, 3), }"
    path.write_bytes(content[:head] + shape.ljust(127 - head) + content[127:])


def long_header(path: Path) -> None:
    header = (
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 22, 3), }".ljust(1 << 20) + b"\n"
    )
    path.write_bytes(b"\x93NUMPY\x02\x00" + len(header).to_bytes(4, "little") + header)


def value(number: float) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        array = np.load(path)
        array[3].flat[1] = number
        np.save(path, array)

    return spoil


def replaced(make: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        np.save(path, make(np.load(path)))

    return spoil


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "NaN": (value(np.nan), "NaN or infinite values, first in frame 3"),
    "infinite": (value(-np.inf), "NaN or infinite"),
    "too big": (replaced(lambda a: a.astype(np.float64) + 1e300), "NaN or infinite"),
    "no frames": (replaced(lambda a: a[:0]), "0 frames"),
    "wrong shape": (replaced(lambda a: a[..., :-1]), "has shape"),
    "flat": (replaced(lambda a: a.ravel()), "has shape"),
    "a number": (replaced(lambda a: np.float32(1)), "has shape"),
    "words": (replaced(lambda a: np.full(a.shape, "x")), "not numbers"),
    "complex": (replaced(lambda a: a.astype(np.complex64)), "not numbers"),
    "empty": (nothing, "is empty"),
    "truncated": (truncated, "truncated"),
    "pickled": (pickled, "pickled"),
    "text": (text, "not a NumPy file"),
    "huge header": (huge_header, "truncated or damaged"),
    "long header": (long_header, "has a header far too long for an array"),
}


def raw_with(tmp_path: Path, style: str) -> Path:
    """Two good clips of a style; the path of the second."""
    raw = tmp_path / "raw"
    save_joints(raw, 2)
    if style == "features":
        (raw / "new_joint_vecs").mkdir()
        for path in sorted((raw / "joints").iterdir()):
            np.save(raw / "new_joint_vecs" / path.name, to_features(np.load(path)))
    return raw / {"joints": "joints", "features": "new_joint_vecs"}[style] / "000001.npy"


@pytest.mark.parametrize("style", ["joints", "features"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_is_set_aside_or_stops(tmp_path: Path, style: str, fault: str) -> None:
    path = raw_with(tmp_path, style)
    raw = tmp_path / "raw"
    spoil, reason = FAULTS[fault]
    spoil(path)
    store, bad = run_ingest(raw, style)
    assert list(store) == ["000000"]
    assert [(row["clip"], Path(row["file"])) for row in bad] == [("000001", path)]
    assert reason in bad[0]["reason"]
    with pytest.raises(InputError, match=r"000001\.npy .*on_bad_clip: quarantine"):
        run_ingest(raw, style, on_bad_clip="stop")


def turned(raw: Path, turn: Callable[[np.ndarray], np.ndarray], clips: int) -> None:
    """Joints of ``clips`` clips as ``turn`` gives them, and of four that stand along y."""
    save_joints(raw, clips + 4)
    for path in sorted((raw / "joints").iterdir())[:clips]:
        np.save(path, turn(np.load(path)))


def z_up(joints: np.ndarray) -> np.ndarray:
    return joints[..., [0, 2, 1]] * np.float32([1, -1, 1])


@pytest.mark.parametrize("action", ["stop", "quarantine"])
def test_a_dataset_with_another_axis_up_is_refused(
    tmp_path: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    turned(tmp_path / "raw", z_up, 12)
    with pytest.raises(InputError, match=r"z is up, not y: .* in 12 of 16 clips, .*000000\.npy"):
        run_ingest(tmp_path / "raw", "joints", on_bad_clip=action)
    assert "In 12 of 16 clips nobody stands upright along y" in capsys.readouterr().out


def test_clips_of_people_who_lie_are_told_and_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turned(tmp_path / "raw", z_up, 3)
    store, bad = run_ingest(tmp_path / "raw", "joints", on_bad_clip="stop")
    assert (len(store), bad) == (7, [])
    assert "In 3 of 7 clips nobody stands" in capsys.readouterr().out


@pytest.mark.parametrize("scale", [1000, 100, 39.37])
def test_joints_that_are_not_in_metres_are_bad_clips(tmp_path: Path, scale: float) -> None:
    turned(tmp_path / "raw", lambda joints: joints * np.float32(scale), 2)
    store, bad = run_ingest(tmp_path / "raw", "joints")
    assert (len(store), len(bad)) == (4, 2)
    assert "is not in metres" in bad[0]["reason"]
    with pytest.raises(InputError, match=r"000000\.npy .*is not in metres"):
        run_ingest(tmp_path / "raw", "joints", on_bad_clip="stop")


def test_a_single_frame_is_no_motion(tmp_path: Path) -> None:
    path = raw_with(tmp_path, "joints")
    np.save(path, np.load(path)[:1])
    _, bad = run_ingest(tmp_path / "raw", "joints")
    assert "1 frames, and a motion needs 2" in bad[0]["reason"]


@pytest.mark.parametrize("fault", ["NaN", "wrong shape", "no frames", "empty", "pickled"])
def test_a_bad_motionx_file_is_set_aside(smplx: Path, fault: str) -> None:
    spoil, reason = FAULTS[fault]
    spoil(smplx / "motion_data/smplx_322/idea400/run.npy")
    store, bad = run_ingest(smplx, "motionx")
    assert list(store) == ["kungfu__subset_0__kick"]
    assert reason in bad[0]["reason"]


def save_changed(path: Path, **changes: object) -> None:
    with np.load(path) as archive:
        members = {**archive, **changes}
    np.savez(path, **{name: each for name, each in members.items() if each is not None})  # type: ignore[arg-type]


AMASS_FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (Path.unlink, "does not exist: is this data set downloaded"),
    "empty": (nothing, "is empty"),
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:5000]) and None, "truncated"),
    "text": (text, "not a NumPy file"),
    "pickled": (lambda p: save_changed(p, poses=np.array([{}], dtype=object)), "pickled"),
    "no poses": (lambda p: save_changed(p, poses=None), "has no array 'poses'"),
    "NaN": (lambda p: save_changed(p, trans=np.full((240, 3), np.nan)), "NaN"),
    "shape": (lambda p: save_changed(p, poses=np.zeros((240, 60))), "has poses (240, 60)"),
    "lengths": (lambda p: save_changed(p, trans=np.zeros((239, 3))), "trans (239, 3)"),
    "rate": (lambda p: save_changed(p, mocap_framerate=np.array(0.0)), "mocap_framerate of 0"),
    "short": (
        lambda p: save_changed(p, poses=np.zeros((31, 156)), trans=np.zeros((31, 3))),
        "1 frames, and a motion needs 2",
    ),
}


@pytest.mark.parametrize("fault", AMASS_FAULTS)
def test_a_bad_amass_sequence_is_set_aside_with_its_mirrored_copy(amass: Path, fault: str) -> None:
    spoil, reason = AMASS_FAULTS[fault]
    spoil(amass / "amass/KIT/3/kick_poses.npz")
    store, bad = run_ingest(amass, "humanml3d")
    assert len(store) == 6
    assert [row["clip"] for row in bad] == ["000002", "M000002"]
    assert reason in bad[0]["reason"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("../../etc/passwd", "is not a path of the form"),
        ("./pose_data/KIT/../../../x.npy", "is not a path of the form"),
        ("/pose_data/KIT/3/kick_poses.npy", "is not a path of the form"),
        ("./pose_data/humanact12/humanact12/none.npy", "does not exist"),
    ],
)
def test_index_paths_stay_below_the_directory(amass: Path, source: str, reason: str) -> None:
    index = amass / "index.csv"
    index.write_text(
        index.read_text(encoding="utf-8") + f"{source},0,10,000009.npy\n", encoding="utf-8"
    )
    _, bad = run_ingest(amass, "humanml3d")
    assert [row["clip"] for row in bad] == ["000009", "M000009"]
    assert reason in bad[0]["reason"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("./pose_data/KIT/3/kick_poses.npy,0,10,../x.npy", "not a plain file name"),
        ("./pose_data/KIT/3/kick_poses.npy,0,10,.npy", "not a plain file name"),
        ("./pose_data/KIT/3/kick_poses.npy,zero,10,1.npy", "must be whole numbers"),
        ("./pose_data/KIT/3/kick_poses.npy,0", "must be whole numbers"),
        ("./pose_data/KIT/3/kick_poses.npy,0,9,000001.npy", "two clips the name '000001'"),
        ("./pose_data/KIT/3/kick_poses.npy,0,9,M000001.npy", "two clips the name 'M000001'"),
    ],
)
def test_a_malformed_index_is_an_answer(amass: Path, line: str, message: str) -> None:
    index = amass / "index.csv"
    index.write_text(index.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        run_ingest(amass, "humanml3d")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", INDEX.encode(), b"\xff\xfe\x00"])
def test_an_index_without_its_columns_is_an_answer(amass: Path, content: bytes) -> None:
    (amass / "index.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"index\.csv"):
        run_ingest(amass, "humanml3d")


@pytest.mark.parametrize("source", ["humanml3d", "motionx", "joints", "features"])
def test_a_directory_without_the_data_is_named(tmp_path: Path, source: str) -> None:
    with pytest.raises(InputError, match=r"(put|copy)"):
        run_ingest(tmp_path / "raw", source)
    for folder in ("joints", "new_joint_vecs", "motion_data/smplx_322"):
        (tmp_path / "raw" / folder).mkdir(parents=True)
    with pytest.raises(InputError, match=r"(put|copy)"):
        run_ingest(tmp_path / "raw", source)


def test_an_archive_that_swells_is_not_unpacked(
    amass: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "_LARGEST_MEMBER", 1 << 20)
    path = amass / "amass/KIT/3/kick_poses.npz"
    with np.load(path) as archive:
        members = {**archive, "poses": np.zeros((10_000, 156)), "trans": np.zeros((10_000, 3))}
    np.savez_compressed(path, **members)
    assert path.stat().st_size < 100_000
    _, bad = run_ingest(amass, "humanml3d")
    assert [row["clip"] for row in bad] == ["000002", "M000002"]
    assert bad[0]["reason"] == "has an array 'poses' of more than 1048576 bytes when unpacked"


def claim(path: Path, member: str, shape: bytes) -> None:
    """Let the header of a member of an archive claim another shape."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    content = contents[f"{member}.npy"]
    head, end = content.index(b"'shape': ") + len("'shape': "), content.index(b"\n")
    contents[f"{member}.npy"] = content[:head] + shape.ljust(end - head) + content[end:]
    with zipfile.ZipFile(path, "w") as archive:
        for name, each in contents.items():
            archive.writestr(name, each)


def test_an_array_that_claims_more_than_its_archive_has_is_set_aside(amass: Path) -> None:
    claim(amass / "amass/KIT/3/kick_poses.npz", "poses", b"(9999999999999, 156), }")
    _, bad = run_ingest(amass, "humanml3d")
    assert bad[0]["reason"] == "has an array 'poses' that is truncated or damaged"


@pytest.mark.parametrize("style", ["joints", "features"])
def test_a_clip_of_more_than_an_hour_is_set_aside_unread(tmp_path: Path, style: str) -> None:
    path = raw_with(tmp_path, style)
    tail = np.load(path).shape[1:]
    hour = np.lib.format.open_memmap(path, "w+", np.float32, (50_000_000, *tail))  # a sparse file
    del hour
    _, bad = run_ingest(tmp_path / "raw", style)
    assert bad[0]["reason"] == "has 50000000 frames, and one clip may have 72000: cut it"


def test_a_missing_body_model_stops_the_run(amass: Path) -> None:
    (amass / "body_models/smplh/female/model.npz").unlink()
    with pytest.raises(InputError, match=r"female/model\.npz is missing"):
        run_ingest(amass, "humanml3d")


def test_too_many_bad_clips_stop_the_run(tmp_path: Path) -> None:
    path = raw_with(tmp_path, "joints")
    nothing(path)
    raw = tmp_path / "raw"
    assert len(run_ingest(raw, "joints", quarantine_limit=0.5)[0]) == 1
    with pytest.raises(InputError, match=r"1 of 2 clips are bad .*000001\.npy is empty"):
        run_ingest(raw, "joints", quarantine_limit=0.4)
    nothing(path.with_name("000000.npy"))
    with pytest.raises(InputError, match="2 of 2 clips are bad"):
        run_ingest(raw, "joints", quarantine_limit=1.0)


def test_the_number_of_processes_changes_no_byte(amass: Path) -> None:
    nothing(amass / "humanact12" / "P1.npy")

    def made(threads: int) -> dict[str, bytes]:
        store, bad = run_ingest(amass, "humanml3d", threads)
        assert (len(store), len(bad)) == (6, 2)
        run_features(amass, "joints", threads=threads)
        folders = amass.parent / "joints", amass.parent / "features"
        return {str(path): path.read_bytes() for each in folders for path in each.iterdir()}

    assert made(1) == made(2)


def test_a_run_that_a_bad_clip_stopped_goes_on_with_quarantine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "PART", 2)
    made: list[str] = []
    make = streaming._make
    monkeypatch.setattr(
        streaming, "_make", lambda *each: made.append(each[2].folder.name) or make(*each)
    )
    raw, results = tmp_path / "raw", tmp_path / "results"
    save_joints(raw, 6)
    nothing(raw / "joints" / "000003.npy")
    names = {"data": "npy", "index": "parquet", "quarantine": "csv"}
    names |= {"coverage": "json", "coverage_table": "md"}
    outputs = {name: results / f"{name}.{suffix}" for name, suffix in names.items()}

    def run(**settings: Any) -> None:
        given = {"source": "joints", "quarantine_limit": 0.5, **settings}
        plugins = ("hmu.sources.joints",)
        job = Job("ingest", {"raw": raw}, outputs, given, plugins=plugins, results=results)
        runner.perform(job)

    with pytest.raises(InputError, match=r"000003\.npy .*on_bad_clip: quarantine"):
        run(on_bad_clip="stop")
    assert made == ["00000000", "00000002"]
    run(on_bad_clip="quarantine")
    assert made == ["00000000", "00000002", "00000004"]
    assert len(ClipStore(outputs["data"], outputs["index"])) == 5
    assert not list((results / ".scratch").iterdir())


def test_a_file_changed_in_place_is_read_again(root: Path, tmp_path: Path) -> None:
    copy_repository(root, tmp_path / "project")
    project, target = Project(tmp_path / "project"), "results/data/own/joints/data.npy"
    save_joints(project.root / "own")
    project.configure(lambda it: it["datasets"].update(own={"source": "joints", "raw": "own"}))
    assert project.made(target) == ["ingest own"]
    assert project.planned(target) == []
    for name in ("joints/.DS_Store", "joints/000001.npy~", "Thumbs.db", "notes.md"):
        (project.root / "own" / name).write_text("left by a program", encoding="utf-8")
    os.utime(project.root / "own")
    os.utime(project.root / "own/joints/000001.npy")
    assert project.planned(target) == []
    joints = np.load(project.root / "own/joints/000001.npy")
    np.save(project.root / "own/joints/000001.npy", joints + np.float32(0.1))  # as long as it was
    assert project.planned(target) == ["ingest own"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"two\nlines.npy", r"two\nlines"),
        (b"latin-\xe9.npy", r"latin-\udce9"),
        (b"bell\x07.npy", r"bell\x07"),
    ],
)
def test_names_that_would_break_lists_are_set_aside(
    tmp_path: Path, name: bytes, shown: str
) -> None:
    try:
        path = raw_with(tmp_path, "joints")
        path.rename(path.with_name(os.fsdecode(name)))
    except OSError:
        pytest.skip("this file system takes no such names")
    store, bad = run_ingest(tmp_path / "raw", "joints")
    assert list(store) == ["000000"]
    assert [(row["clip"], row["reason"][:26]) for row in bad] == [
        (shown, "has a name with characters")
    ]


def test_hidden_files_are_no_clips(tmp_path: Path) -> None:
    path = raw_with(tmp_path, "joints")
    path.with_name("._000000.npy").write_bytes(b"\x00\x05\x16\x07")  # as macOS leaves them
    store, bad = run_ingest(tmp_path / "raw", "joints")
    assert (list(store), bad) == (["000000", "000001"], [])


def test_tasks_can_be_read_in_any_order(amass: Path) -> None:
    work = humanml3d.ingest(amass, {})
    forwards = [item for task in work.tasks for item in work.read(task)]
    backwards = [item for task in reversed(work.tasks) for item in work.read(task)]
    assert all(isinstance(item, Clip) for item in forwards)
    both = sorted(forwards, key=lambda i: i.clip), sorted(backwards, key=lambda i: i.clip)
    for one, other in zip(*both, strict=True):
        assert isinstance(one, Clip)
        assert isinstance(other, Clip)
        np.testing.assert_array_equal(one.frames, other.frames)
    assert not [item for item in work if isinstance(item, BadClip)]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4), st.data())
def test_no_damage_to_a_file_is_a_crash(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    np.save(folder / "a.npy", np.zeros((2, 22, 3), dtype=np.float32))
    np.savez(folder / "a.npz", a=np.zeros((2, 3)))
    for name in ("a.npy", "a.npz"):
        content = bytearray((folder / name).read_bytes())
        for place, byte in changes:
            content[place] = byte
        (folder / name).write_bytes(content[: data.draw(st.integers(0, len(content)))])
    reasons = []
    for read in (
        lambda: arrays.read_array(folder / "a.npy"),
        lambda: arrays.read_members(folder / "a.npz", ("a",)),
    ):
        try:
            read()
        except arrays.BadArray as error:
            reasons.append(str(error))
    assert not [reason for reason in reasons if "0x" in reason]  # the same on every run
