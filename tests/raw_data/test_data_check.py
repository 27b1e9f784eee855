"""What `hmu data check` says of raw directories, whole and broken, and that it writes nothing."""

import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from hmu import cli
from hmu.demo.raw import write_humanml3d, write_motionx
from hmu.errors import InputError
from hmu.ingest.axes import Axes
from hmu.provenance.hashes import content
from hmu.raw_data import inspection
from hmu.raw_data.inspection import Finding, look, recognise

CLIPS = 24


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw directory of each of the two styles, to be copied."""
    home = tmp_path_factory.mktemp("made")
    write_humanml3d(home / "humanml3d", 5, CLIPS)
    write_motionx(home / "motionx", 5, CLIPS)
    return home


@pytest.fixture(params=["humanml3d", "motionx"])
def raw(request: pytest.FixtureRequest, made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / request.param, tmp_path / request.param))


def processed(made: Path, raw: Path, folder: str, tail: tuple[int, ...]) -> Path:
    """A directory at the joints or the features stage, of random numbers."""
    shutil.copytree(made / "humanml3d" / "texts", raw / "texts")
    (raw / folder).mkdir()
    for split in ("train", "val", "test"):
        shutil.copy(made / "humanml3d" / f"{split}.txt", raw)
        for name in (raw / f"{split}.txt").read_text(encoding="utf-8").split():
            frames = np.random.default_rng(0).random((60, *tail))
            if len(tail) == 2:
                frames[:, 15, 1] += 0.5
            np.save(raw / folder / f"{name}.npy", frames)
    return raw


def wrong(raw: Path, source: str = "", everything: bool = False) -> list[Finding]:
    found = look(raw, source or recognise(raw), everything)
    return [finding for finding in found if finding.state == "wrong"]


def test_whole_directories_are_recognised_and_fine(
    raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(raw)
    assert cli.main(["data", "check", str(raw)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{raw}: raw ")
    assert f"(source: {raw.name})\n" in printed
    assert printed.endswith("\nnothing is wrong\n")
    assert content(raw) == before, "something was written"


@pytest.mark.parametrize(
    ("folder", "source", "tail"),
    [
        ("joints", "joints", (22, 3)),
        ("new_joints", "joints", (22, 3)),
        ("new_joint_vecs", "features", (263,)),
    ],
)
def test_processed_directories_are_recognised(
    made: Path, tmp_path: Path, folder: str, source: str, tail: tuple[int, ...]
) -> None:
    raw = processed(made, tmp_path, folder, tail)
    assert recognise(raw) == source
    assert wrong(raw) == []


def test_what_is_no_raw_directory_is_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["data", "check", str(tmp_path)]) == 2
    assert (
        "has none of index.csv, amass, amass_data, motion_data/smplx_322" in capsys.readouterr().err
    )
    assert cli.main(["data", "check", str(tmp_path / "gone")]) == 2
    assert "is not a directory" in capsys.readouterr().err


def test_a_folder_of_datasets_points_to_one(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["data", "check", str(made)]) == 2
    assert f"Do you mean {made / 'humanml3d'}?" in capsys.readouterr().err


def test_a_subset_of_another_spelling_is_named(made: Path, tmp_path: Path) -> None:
    raw = Path(shutil.copytree(made / "motionx", tmp_path / "raw"))
    folder = raw / "motion_data" / "smplx_322"
    (folder / "demo_park").rename(folder / "GRAB_motion")
    (found,) = [each for each in wrong(raw) if each.part == "  GRAB_motion"]
    assert found.remedy.startswith("rename it GRAB")


def test_a_directory_with_two_forms_says_so(made: Path, tmp_path: Path) -> None:
    raw = processed(made, tmp_path, "new_joint_vecs", (263,))
    (raw / "joints").mkdir()
    (note,) = [each for each in look(raw, "features") if each.part == "other forms"]
    assert "joints" in note.text


def test_missing_sources_are_counted_by_dataset_with_the_remedy(made: Path, tmp_path: Path) -> None:
    raw = Path(shutil.copytree(made / "humanml3d", tmp_path / "raw"))
    (raw / "amass").rename(raw / "amass.old")
    (raw / "amass" / "DemoHall").mkdir(parents=True)
    listed = (raw / "index.csv").read_text(encoding="utf-8").count("pose_data")
    found = wrong(raw)
    assert found[0].text == f"0 of {listed} files that index.csv names are there"
    by_name = {each.part.strip(): each for each in found}
    assert "(SMPL+H G)" in by_name["DemoHall"].remedy
    assert "0 of " in by_name["train.txt"].text
    assert any("listed but has no motion" in each.text for each in found)


def test_a_missing_body_model_is_named(raw: Path) -> None:
    shutil.rmtree(raw / "body_models")
    found = wrong(raw)
    assert {each.part.split()[0] for each in found} == {
        {"humanml3d": "smplh", "motionx": "smplx"}[raw.name]
    }
    assert all("is missing" in each.text for each in found)
    assert all("README" in each.remedy for each in found)


def test_bad_motions_are_named(raw: Path) -> None:
    folder = {"humanml3d": "amass", "motionx": "motion_data"}[raw.name]
    path = sorted((raw / folder).rglob("*.np[yz]"))[3]
    path.write_bytes(path.read_bytes()[:-200])
    found = [each.text for each in wrong(raw)]
    assert found[0] == f"1 of {CLIPS} files are bad (all were read)"
    assert found[1].startswith(path.relative_to(raw).as_posix())


def test_a_sample_is_the_same_each_time_and_all_is_all(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = processed(made, tmp_path, "new_joint_vecs", (263,))
    monkeypatch.setattr(inspection, "SAMPLE", 10)
    for path in sorted((raw / "new_joint_vecs").iterdir())[::2]:
        path.write_bytes(b"")
    first, second = ([each.text for each in wrong(raw)] for _ in range(2))
    assert first == second
    assert "of 10 files are bad (a sample of 48; --all: every one)" in first[0]
    assert wrong(raw, everything=True)[0].text == "24 of 48 files are bad (all were read)"


def test_axes_that_are_not_upright_are_found(made: Path, tmp_path: Path) -> None:
    raw = Path(shutil.copytree(made / "motionx", tmp_path / "raw"))
    for path in (raw / "motion_data").rglob("*.npy"):
        rows = np.load(path)
        rows[:, :3] = [np.pi / 2, 0, 0]  # from y up to z up
        np.save(path, rows)
    (found,) = wrong(raw)
    assert found.part == "axes"
    assert found.text.startswith(f"z is up, not y: the head is above the pelvis along z in {CLIPS}")
    assert "motion_generation" in found.remedy


@pytest.mark.parametrize(("turned", "clips"), [(9, 9), (10, 10), (11, 20), (10, 20), (6, 20)])
def test_the_check_and_the_run_have_one_rule_of_axes(
    tmp_path: Path, turned: int, clips: int
) -> None:
    """Nobody can tell of a handful, nor where as many stand along y as do not."""
    joints = np.zeros((40, 22, 3))
    joints[..., 0] = np.arange(22) / 100
    axes = Axes()
    (tmp_path / "joints").mkdir()
    for number in range(clips):
        joints[:, 15] = [0, 0, 0.7] if number < turned else [0, 0.7, 0]
        np.save(tmp_path / "joints" / f"{number:02d}.npy", joints)
        axes.add(joints, f"{number:02d}.npy")
    found = [each for each in look(tmp_path, "joints") if each.part == "axes"]
    refused = clips >= 10 and turned > clips / 2
    assert [each.state for each in found] == ["wrong" if refused else "note"]
    assert f"{turned} of {clips} clips" in found[0].text
    with pytest.raises(InputError, match="z is up, not y") if refused else nullcontext():
        axes.settle(tmp_path)


def test_texts_and_lists_that_do_not_fit_are_found(raw: Path) -> None:
    texts = sorted((raw / "texts").rglob("*.txt"))
    texts[0].write_bytes(b"")
    texts[1].unlink()
    train = raw / "train.txt"
    lines = train.read_text(encoding="utf-8").splitlines()
    train.write_text("\n".join([*lines, lines[0], "gone/gone"]), encoding="utf-8")
    found = " | ".join(each.text for each in wrong(raw))
    listed = ("the clip is listed in train.txt already", "the clip is listed but has no motion")
    for reason in ("is empty", "is missing", *listed):
        assert f"1 set aside: {reason};" in found
    (raw / "val.txt").unlink()
    (found_one,) = wrong(raw)
    assert found_one.part == "captions"
    assert "val.txt is missing" in found_one.text


def test_clips_in_no_list_are_a_note(raw: Path) -> None:
    (raw / "test.txt").write_text(
        (raw / "test.txt").read_text(encoding="utf-8").split("\n")[0], encoding="utf-8"
    )
    notes = [each for each in look(raw, raw.name) if each.part == "lists"]
    assert "are in no list" in notes[0].text


def test_labels_are_reported(made: Path) -> None:
    (note,) = [each for each in look(made / "motionx", "motionx") if each.part == "labels"]
    assert "utf-16 1" in note.text


@pytest.mark.parametrize("fault", [b"", b"no array", None])
def test_statistics_are_read(made: Path, tmp_path: Path, fault: bytes | None) -> None:
    raw = processed(made, tmp_path, "new_joint_vecs", (263,))
    np.save(raw / "Mean.npy", np.zeros(263) if fault is None else np.zeros(262))
    if fault is not None:
        (raw / "Std.npy").write_bytes(fault)
    parts = [each.part for each in wrong(raw)]
    assert parts == ([] if fault is None else ["Mean.npy", "Std.npy"])


def test_statistics_that_only_stand_for_the_file_are_called_so(made: Path, tmp_path: Path) -> None:
    raw = processed(made, tmp_path, "new_joint_vecs", (263,))
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 2232\n"
    (raw / "Mean.npy").write_text(pointer, encoding="utf-8")
    (found,) = wrong(raw)
    assert found.text.endswith("Mean.npy is a Git LFS pointer, not the file itself")
    assert found.remedy == "run `git lfs pull` where it comes from."


def test_the_findings_as_json(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["data", "check", "--json", str(made / "motionx")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["source"] == "motionx"
    assert {"state", "part", "text", "remedy"} == set(said["findings"][0])


def test_nothing_to_read_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "joints").mkdir()
    with pytest.raises(InputError):
        recognise(tmp_path / "joints")
    (found,) = wrong(tmp_path)
    assert "has no .npy file" in found.text
    assert found.remedy.startswith("put ")
