"""Which commit the code is at, and what is said where git does not tell."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hmu.provenance import checkout
from support.forging import CELL
from support.toy import Toy


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in a checkout with one commit."""
    package = tmp_path / "it's mine" / "workflow"
    package.mkdir(parents=True)
    (package / "module.py").write_text("X = 1\n", encoding="utf-8")
    commit(package.parent, ".")
    return package


def commit(folder: Path, what: str) -> None:
    """Make a checkout whose first commit has these of its files."""
    who = ["-c", "user.name=A", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", what], [*who, "commit", "-qm", "First"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_a_checkout_that_git_reads_is_not_spoken_of(package: Path, tmp_path: Path) -> None:
    assert checkout.refusal(package, tmp_path / "notes") is None
    found = checkout.state(package, [package / "module.py"], tmp_path / "notes")
    assert found is not None
    assert not found["dirty"]


def test_a_folder_that_is_no_checkout_is_not_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "workflow").mkdir()
    assert checkout.refusal(tmp_path / "workflow", tmp_path / "notes") is None


def test_a_checkout_of_another_owner_is_spoken_of_with_a_remedy_that_works(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to pretend that
    said = checkout.refusal(package, tmp_path / "notes")
    assert said is not None
    assert "dubious ownership" in said
    assert checkout.state(package, [], tmp_path / "notes") is None
    remedy = said.partition("If you trust it: ")[2]
    subprocess.run(shlex.split(remedy), check=True)
    assert checkout.refusal(package, tmp_path / "notes") is None
    assert checkout.state(package, [], tmp_path / "notes") is not None


def test_git_that_is_not_there_is_spoken_of(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = checkout.refusal(package, tmp_path / "notes")
    assert said is not None
    assert "git does not run" in said


def test_a_check_that_git_did_not_allow_is_no_check_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a commit has the code that jobs ran: `hmu verify` says where it could not look."""
    toy = Toy(tmp_path / "toy")
    commit(toy.root, "source")
    shared = toy.package / "shared.py"
    committed = shared.read_text(encoding="utf-8")
    shared.write_text(committed.replace("return int(", "return 0 + int("), encoding="utf-8")
    toy.make()
    shared.write_text(committed, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    found = toy.hmu("verify", CELL)
    assert found.returncode == 1
    assert "hmu/shared.py as 2 of the jobs ran it is in no commit: nobody can read it" in (
        found.stdout
    )
    refused = toy.hmu("verify", CELL, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    said = "note: code: nobody looked whether a commit has what these jobs ran, since git refuses"
    assert refused.stdout.count(said) == 1
    assert "If you trust it: git config" in refused.stdout
    shutil.rmtree(toy.root / ".git")
    assert "since the package is in no checkout" in toy.hmu("verify", CELL).stdout


def test_a_job_by_hand_says_that_its_record_names_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job of a run does not: the run has said it, once."""
    toy = Toy(tmp_path / "toy")
    commit(toy.root, "source")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    said = "Records will name no commit of the code, since git refuses"
    assert toy.count().stderr.count(said) == 1
    assert toy.record("counts")["git"] is None
    job = {"step": "draw", "inputs": {}, "outputs": {"raw": "results/raw"}}
    done = subprocess.run(
        [sys.executable, "-m", "hmu.run"], input=json.dumps(job), cwd=toy.root,
        env=toy.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said not in done.stdout + done.stderr
