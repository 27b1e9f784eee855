"""Records that were changed by hand, whose plain hash was computed anew: what shows, and how."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hmu.io import files
from hmu.provenance import hashes, timestamps, trace
from hmu.provenance.lineage import Lineage, _is_sealed, seal
from hmu.run import again
from hmu.run.job import Job
from support.forging import CELL, forge
from support.records import write_record
from support.toy import Toy


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy = Toy(tmp_path_factory.mktemp("toy") / "toy")
    toy.make()
    return toy.root


@pytest.fixture
def toy(made: Path, tmp_path: Path) -> Toy:
    """A finished project of one's own."""
    return Toy.of(shutil.copytree(made, tmp_path / "toy"))


def problems(toy: Toy, path: str = CELL) -> list[str]:
    """The lines of `hmu verify`, which must find something, and end well itself."""
    done = toy.hmu("verify", path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return [line for line in done.stdout.splitlines()[:-1] if not line.startswith("note:")]


def test_a_folder_lineage_above_the_project_is_somebody_elses(toy: Toy) -> None:
    (toy.root.parent / "lineage/notes").mkdir(parents=True)
    assert toy.hmu("verify", CELL).returncode == 0


def test_a_renamed_folder_of_results_is_said(toy: Toy) -> None:
    (toy.root / "results").rename(toy.root / "mine")
    (found, *_) = problems(toy, "mine/cells/main/sum.json")
    assert f"speaks of {CELL}, not of mine/cells/main/sum.json" in found
    assert "its name again" in found


def test_results_that_a_link_leads_to_are_verified(toy: Toy) -> None:
    (toy.root / "results").rename(toy.root.parent / "disk")
    (toy.root / "results").symlink_to(toy.root.parent / "disk")
    assert toy.hmu("verify", CELL).returncode == 0


def test_all_records_have_one_hash_that_changes_with_any(toy: Toy) -> None:
    def root() -> str:
        return toy.hmu("verify", CELL).stdout.split()[-1]

    before = root()
    assert len(before) == 64
    assert root() == before
    forge(toy, "results/totals/a.json", lambda it: it.update(seconds=1e9))
    assert root() != before


def test_code_that_no_commit_has_is_a_fault_and_code_that_one_has_a_note(toy: Toy) -> None:
    """The module ran as it was committed or not, and was changed since."""

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *who, *words], cwd=toy.root, check=True, capture_output=True)

    module = toy.package / "methods/sum.py"
    git("init", "-q")
    git("add", "source")
    git("commit", "-qm", "one")
    ran = module.read_text(encoding="utf-8")
    module.write_text("def combine(values):\n    return sum(values) + 0\n", encoding="utf-8")
    git("commit", "-qam", "two")
    done = toy.hmu("verify", CELL)
    assert done.returncode == 0, done.stdout
    assert "note: code: hmu/methods/sum.py behaves otherwise" in done.stdout
    assert toy.cell().returncode == 0
    module.write_text(ran, encoding="utf-8")
    assert toy.hmu("verify", CELL).returncode == 0
    module.write_text("def combine(values):\n    return sum([*values])\n", encoding="utf-8")
    assert toy.cell().returncode == 0
    module.write_text(ran, encoding="utf-8")
    (found,) = problems(toy)
    assert found.startswith("code: hmu/methods/sum.py as 1 of the jobs ran it is in no commit")


def test_a_step_that_is_no_more_is_a_note(toy: Toy) -> None:
    for name in ("steps/total.py", "steps/add.py"):
        (toy.package / name).unlink()
    done = toy.hmu("verify", CELL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "note: code: hmu/steps/add.py has gone since 1 of the jobs ran" in done.stdout


def test_results_that_may_only_be_read_keep_their_times(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that somebody else owns."""
    shutil.rmtree(toy.root / "results/.cache")

    def refuse(*arguments: object, **more: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refuse)
    done = timestamps.restore(toy.root / "results")
    assert done.refused == len(Lineage(toy.root / "results").names())
    assert done.short == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("results/totals/p.json", ""), ("results/counts/a.csv", ""), (CELL, "1")],
    ids=["empty", "in-a-folder", "short"],
)
def test_a_file_that_was_cut_short_is_made_again(tmp_path: Path, name: str, content: str) -> None:
    """Wherever it is needed, as if it were missing."""
    toy = Toy(tmp_path)
    toy.add_workflow()
    assert toy.run("snakemake", "--cores", "1").returncode == 0
    whole = (toy.root / name).read_bytes()
    (toy.root / name).write_text(content, encoding="utf-8")
    output = "results/counts" if "counts" in name else name
    done = toy.run("snakemake", output, "--cores", "1")
    assert f"{output} is shorter than its record says" in done.stderr
    assert (toy.root / name).read_bytes() == whole
    assert toy.hmu("verify", CELL).returncode == 0


def test_notes_are_read_and_lost_in_silence(tmp_path: Path) -> None:
    note = tmp_path / "deep" / "note.json"
    files.write_note(note, {"a": [1]})
    assert files.read_note(note) == {"a": [1]}
    for text in ("", "{", "[" * 100_000):
        note.write_text(text, encoding="utf-8")
        assert files.read_note(note) is None
    (tmp_path / "file").write_text("", encoding="utf-8")
    files.write_note(tmp_path / "file" / "note.json", 1)  # nothing can be written there


@pytest.mark.parametrize("more", [{}, {"step": "cell", "seconds": 1.5}, {"a": {"seal": "0" * 64}}])
def test_a_seal_is_of_every_letter_of_a_record(more: dict[str, Any]) -> None:
    """Whichever keys stand around it, and whatever looks like one."""
    value = {"format": 3, "rule": "ä\n", **more}
    text = seal(value)
    sealed = {**value, "seal": json.loads(text)["seal"]}
    assert json.loads(text) == sealed
    assert _is_sealed(text, sealed)
    for place in range(len(text)):
        assert not _is_sealed(text[:place] + text[place + 1 :], sealed)
        letter = "1" if text[place] != "1" else "2"
        assert not _is_sealed(text[:place] + letter + text[place + 1 :], sealed)
    assert not _is_sealed(f"{text} ", sealed)


def test_what_is_made_again_does_not_wait_for_the_disk_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of cells are."""
    step = ModuleType("hmu.steps.cell")
    wrote: list[Path] = []

    def run(job: Job) -> None:
        assert not [*job.outputs["cell"].parent.iterdir()], "they must not pile up"
        files.write_json(job.outputs["cell"], 1)
        wrote.append(job.outputs["cell"])

    step.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hmu.steps.cell", step)
    monkeypatch.setattr(again, "_same_code", lambda record, now: True)
    lineage = Lineage(tmp_path / "results")
    for name in ("a", "b", "c"):
        path = tmp_path / f"results/cells/{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n" if name != "b" else "2\n", encoding="utf-8")
        made = {"path": lineage.name(path), **hashes.content(path).as_json()}
        named = {"inputs": {}, "outputs": {"cell": lineage.name(path)}, "only": {}}
        told = {"settings": {}, "seed": 0, "threads": 1, "plugins": []}
        write_record(lineage, "cell", [], [made], job=named, **told)
    monkeypatch.setattr(os, "fsync", lambda handle: pytest.fail("it waits for the disk"))
    (line,) = again.differences(trace.back(tmp_path / "results/cells"))
    assert line.startswith("not made by this: results/cells/b.json is another")
    assert len(wrote) == 3
    assert not any(path.parents[1].exists() for path in wrote)
