"""Raw HumanML3D against the notebook that made it, and as the downloads of AMASS lie in folders."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu.errors import InputError
from hmu.interface.sources import BadClip, Clip
from hmu.sources import _amass, humanml3d
from support import reference
from support.bodies import VERTICES, model_arrays
from support.gaits import walk
from support.ingesting import run_ingest

INDEX = "source_path,start_frame,end_frame,new_name\n"

# data set/subject/name: frames, frames a second, gender, and the clips cut from it.
SEQUENCES: dict[str, tuple[int, float, object, list[tuple[int, int]]]] = {
    "KIT/3/kick_high_left02": (400, 100.0, "male", [(0, 60), (10, 50)]),
    "CMU/62/62_11": (200, 60.0, "female", [(0, 66)]),
    "ACCAD/Female1General_c3d/A6- lift box t2": (300, 120.0, "neutral", [(3, 40)]),
    "BMLmovi/Subject_1_F_MoSh/Subject_1_F_10": (240, 59.94, "male", [(0, 100)]),
    "DFaust_67/50002/50002_jumping": (360, 150.0, b"male", [(0, 30), (20, 200)]),
    "BioMotionLab_NTroje/rub001/0000_treadmill": (500, 250.0, "female", [(0, 41)]),
    "MPI_HDM05/bk/HDM_bk_01": (700, 120.0, "male", [(0, 50)]),
    "Eyes_Japan_Dataset/kudo/walk-01": (600, 120.0, "female", [(5, 30)]),
    "TotalCapture/s1/walking1": (200, 60.0, "male", [(0, 40)]),
    "MPI_Limits/03099/op1": (350, 100.0, "female", [(1, 40)]),
    "Transitions_mocap/mazen_c3d/walk_run": (400, 120.0, "male", [(0, 50)]),
}


def save_sequence(path: Path, frames: int, rate: float, gender: object, dmpls: bool) -> None:
    """A sequence as the first release of AMASS has them."""
    random = np.random.default_rng(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    extra = {"dmpls": random.normal(0, 1, (frames, 8))} if dmpls else {}
    np.savez(
        path,
        poses=random.normal(0, 0.5, (frames, 156)),
        trans=random.normal(0, 1, (frames, 3)),
        betas=random.normal(0, 1, 16),
        gender=np.array(gender),
        mocap_framerate=np.array(rate),
        **extra,
    )


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder in which the notebook finds its input, and we ours."""
    tmp_path = tmp_path / "raw"
    lines = []
    for number, (name, (frames, rate, gender, clips)) in enumerate(SEQUENCES.items()):
        path = tmp_path / "amass_data" / f"{name}_poses.npz"
        save_sequence(path, frames, rate, gender, dmpls=number % 2 == 0)
        lines += [f"./pose_data/{name}_poses.npy,{start},{end}" for start, end in clips]
    action = tmp_path / "pose_data" / "humanact12" / "humanact12" / "P01G01R01.npy"
    action.parent.mkdir(parents=True)
    np.save(action, np.concatenate([walk(50, 9), walk(50, 3)[:, :2]], axis=1))
    lines.append("./pose_data/humanact12/humanact12/P01G01R01.npy,0,-1")
    (tmp_path / "index.csv").write_text(
        INDEX + "".join(f"{line},{n:06d}.npy\n" for n, line in enumerate(lines)), encoding="utf-8"
    )
    for gender in ("male", "female"):
        arrays = model_arrays()
        arrays["v_template"] = arrays["v_template"] + 0.02 * (gender == "female")
        body = tmp_path / "body_models" / "smplh" / gender / "model.npz"
        tissue = tmp_path / "body_models" / "dmpls" / gender / "model.npz"
        for path in (body, tissue):
            path.parent.mkdir(parents=True)
        np.savez(body, **arrays)
        np.savez(tissue, eigvec=np.random.default_rng(0).normal(0, 1, (VERTICES, 3, 8)))
    return tmp_path


def run_notebook(folder: Path) -> None:
    """Run raw_pose_processing.ipynb in ``folder``, but for what only an interactive session has."""
    pytest.importorskip("torch")
    checkout = reference.checkout("EricGuo5513+HumanML3D")
    notebook = json.loads((checkout / "raw_pose_processing.ipynb").read_text(encoding="utf-8"))
    (folder / "joints").mkdir()
    names: dict[str, object] = {}
    with reference.importable(checkout), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("time.sleep", lambda _: None)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                lines = [line for line in cell["source"] if not line.startswith("%")]
                exec("".join(lines), names)


def test_joints_are_those_of_the_notebook(raw: Path) -> None:
    run_notebook(raw)
    made = {path.stem: np.load(path) for path in (raw / "joints").iterdir()}
    items = list(humanml3d.ingest(raw, {}))
    assert not [item for item in items if isinstance(item, BadClip)]
    clips = {item.clip: item for item in items if isinstance(item, Clip)}
    assert sorted(clips) == sorted(made)
    assert len(made) == 2 * (sum(len(each[3]) for each in SEQUENCES.values()) + 1)
    for name, clip in clips.items():
        assert clip.mirrored == name.startswith("M")
        assert clip.frames.shape == (len(made[name]), 22, 3), clip.source
        difference = np.abs(clip.frames - made[name][:, :22]).max()
        assert difference < 1e-5, f"{clip.source}: {difference}"


LATER = {
    "KIT/3/kick_high_left02": "KIT/3/kick_high_left02_stageii",
    "ACCAD/Female1General_c3d/A6- lift box t2": "ACCAD/Female1General_c3d/A6-_lift_box_t2_stageii",
    "DFaust_67/50002/50002_jumping": "DFaust/50002/50002_jumping_stageii",
    "BioMotionLab_NTroje/rub001/0000_treadmill": "BMLrub/rub001/0000_treadmill_stageii",
    "MPI_HDM05/bk/HDM_bk_01": "HDM05/HDM05/bk/HDM_bk_01_stageii",
    "MPI_Limits/03099/op1": "PosePrior/03099/op1_stageii",
    "Transitions_mocap/mazen_c3d/walk_run": "Transitions/mazen_c3d/walk_run_poses",
}


def rename(raw: Path) -> None:
    """Turn some sequences into files of later releases."""
    for first, later in LATER.items():
        path = raw / "amass_data" / f"{first}_poses.npz"
        with np.load(path) as archive:
            members = {name: archive[name] for name in archive.files if name != "dmpls"}
        path.unlink()
        new = raw / "amass_data" / f"{later}.npz"
        new.parent.mkdir(parents=True, exist_ok=True)
        if later.endswith("_stageii"):
            members["mocap_frame_rate"] = members.pop("mocap_framerate")
            members["surface_model_type"] = np.array("smplh")
        np.savez(new, **members)
    (raw / "amass_data").rename(raw / "amass")
    (raw / "pose_data" / "humanact12" / "humanact12").rename(raw / "humanact12")


def test_later_releases_give_the_same_clips(raw: Path) -> None:
    first = [item for item in humanml3d.ingest(raw, {}) if isinstance(item, Clip)]
    rename(raw)
    later = [item for item in humanml3d.ingest(raw, {}) if isinstance(item, Clip)]
    assert len(first) == len(later)
    for one, other in zip(first, later, strict=True):
        assert one.clip == other.clip
        np.testing.assert_array_equal(one.frames, other.frames)
    sources = {item.source for item in later}
    assert "amass/HDM05/HDM05/bk/HDM_bk_01_stageii.npz" in sources
    assert "humanact12/P01G01R01.npy" in sources


def test_smplx_bodies_are_set_aside(raw: Path) -> None:
    path = raw / "amass_data" / "KIT" / "3" / "kick_high_left02_poses.npz"
    with np.load(path) as archive:
        members = dict(archive)
    members["poses"] = np.zeros((400, 165))
    path.unlink()
    np.savez(path.with_name("kick_high_left02_stageii.npz"), **members)
    bad = [item for item in humanml3d.ingest(raw, {}) if isinstance(item, BadClip)]
    assert [item.clip for item in bad] == ["000000", "M000000", "000001", "M000001"]
    assert {item.file for item in bad} == {"amass_data/KIT/3/kick_high_left02_stageii.npz"}
    assert "is a SMPL-X body" in bad[0].reason
    assert "'SMPL+H G'" in bad[0].reason


def test_missing_files_are_counted_by_data_set(raw: Path) -> None:
    work = humanml3d.ingest(raw, {})
    assert {each.dataset: each.named for each in work.sequences} == {
        name.split("/")[0]: 1 for name in [*SEQUENCES, "humanact12"]
    }
    assert not [each for each in work.sequences if each.missing]
    gone = raw / "amass_data" / "CMU" / "62" / "62_11_poses.npz"
    gone.unlink()
    missing = [each for each in humanml3d.ingest(raw, {}).sequences if each.missing]
    assert [(each.dataset, each.missing) for each in missing] == [
        ("CMU", ("amass/CMU/62/62_11_poses.npz",))
    ]


def write_lists(raw: Path) -> None:
    """List 13 clips and their mirrored copies; HumanAct12's is in no list."""
    names = [f"{mark}{number:06d}" for number in range(13) for mark in ("", "M")]
    for split, part in (("train", names[:20]), ("val", names[20:22]), ("test", names[22:])):
        (raw / f"{split}.txt").write_text("\n".join(part), encoding="utf-8")


def coverage_of(raw: Path) -> tuple[dict[str, Any], str]:
    folder = raw.parent / "joints"
    return (
        json.loads((folder / "coverage.json").read_text(encoding="utf-8")),
        (folder / "coverage.md").read_text(encoding="utf-8"),
    )


def remove(raw: Path, *datasets: str) -> None:
    for name in datasets:
        shutil.rmtree(raw / "amass_data" / name)


def test_what_is_missing_is_reported(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lists(raw)
    _, bad = run_ingest(raw, "humanml3d")
    whole, table = coverage_of(raw)
    assert bad == []
    assert whole["splits"] == {
        "train": {"named": 20, "present": 20, "share": 1.0},
        "val": {"named": 2, "present": 2, "share": 1.0},
        "test": {"named": 4, "present": 4, "share": 1.0},
    }
    assert len(whole["unlisted"]) == 2
    assert sum(each["found"] for each in whole["sequences"]) == 12

    remove(raw, "KIT", "TotalCapture")
    capsys.readouterr()
    _, bad = run_ingest(raw, "humanml3d", quarantine_limit=0)
    part, table = coverage_of(raw)
    assert {row["clip"] for row in bad} == {
        "000000",
        "M000000",
        "000001",
        "M000001",
        "000010",
        "M000010",
    }
    assert all("does not exist" in row["reason"] for row in bad)
    assert part["splits"]["train"] == {"named": 20, "present": 16, "share": 0.8}
    assert part["splits"]["val"] == {"named": 2, "present": 0, "share": 0.0}
    kit = next(each for each in part["sequences"] if each["dataset"] == "KIT")
    assert kit == {
        "dataset": "KIT",
        "named": 1,
        "found": 0,
        "missing": ["amass/KIT/3/kick_high_left02_poses.npz"],
    }
    assert "| KIT | 1 | 0 | 1 |\n" in table
    assert "| all | 12 | 10 | 2 |\n" in table
    assert "| train | 20 | 16 | 80.0% |\n" in table
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "10 of 12 sequences are there.",
        "Missing: KIT 1 of 1, TotalCapture 1 of 1.",
    ]
    splits = "train 16 of 20 (80.0%), val 0 of 2 (0.0%), test 4 of 4 (100.0%)"
    assert said[2] == f"Clips with a motion: {splits}."


def test_missing_files_stop_a_run_that_bad_clips_stop(raw: Path) -> None:
    write_lists(raw)
    remove(raw, "KIT")
    with pytest.raises(InputError, match=r"Missing: KIT 1 of 1\..*80\.0%.*quarantine"):
        run_ingest(raw, "humanml3d", on_bad_clip="stop")


def test_files_missing_of_a_data_set_that_is_there_count_as_bad(raw: Path) -> None:
    index = raw / "index.csv"
    line = "./pose_data/KIT/3/kick_high_left03_poses.npy,0,60,000099.npy\n"
    index.write_text(index.read_text(encoding="utf-8") + line, encoding="utf-8")
    assert len(run_ingest(raw, "humanml3d", quarantine_limit=0.1)[1]) == 2
    with pytest.raises(InputError, match=r"2 of 30 clips are bad .*quarantine_limit"):
        run_ingest(raw, "humanml3d", quarantine_limit=0.05)


def test_without_any_data_set_there_is_nothing_to_do(raw: Path) -> None:
    remove(raw, *{name.split("/")[0] for name in SEQUENCES})
    with pytest.raises(InputError, match=r"amass has none of the 11 AMASS sequences .*data fetch"):
        run_ingest(raw, "humanml3d")


def test_an_index_of_missing_actions_alone_ends_the_run(raw: Path) -> None:
    line = "./pose_data/humanact12/humanact12/P99.npy,0,-1,000000.npy\n"
    (raw / "index.csv").write_text(INDEX + line, encoding="utf-8")
    with pytest.raises(InputError, match=r"2 of 2 clips are bad .*P99\.npy does not exist"):
        run_ingest(raw, "humanml3d")


def test_coverage_needs_no_lists(raw: Path) -> None:
    run_ingest(raw, "humanml3d")
    whole, table = coverage_of(raw)
    assert whole["splits"] == {}
    assert whole["unlisted"] == []
    assert "split" not in table


def test_every_source_of_the_published_index_has_a_data_set(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_bytes((shared / "humanml3d" / "index.csv").read_bytes())
    sequences = humanml3d.ingest(tmp_path, {}).sequences
    assert {each.dataset for each in sequences} == {*_amass.NAMES, "humanact12"}
    assert sum(each.named for each in sequences) == 11_715
    assert all(each.named == len(each.missing) for each in sequences)


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ("male", "male"),
        ("female", "female"),
        ("neutral", "female"),
        (b"male", "female"),
        ("", "female"),
    ],
)
def test_gender_is_read_as_the_notebook_reads_it(value: object, body: str) -> None:
    given = np.array(value)
    assert _amass.gender(given) == body
    assert ("male" if given == "male" else "female") == body  # the notebook's line
