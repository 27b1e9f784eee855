"""Which commit the code is at, and what is said where git does not tell."""

import shlex
import subprocess
from pathlib import Path

import pytest

from hmu.provenance import checkout


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in a checkout with one commit."""
    package = tmp_path / "it's mine" / "workflow"
    package.mkdir(parents=True)
    (package / "module.py").write_text("X = 1\n", encoding="utf-8")
    who = ["-c", "user.name=A", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "First"]):
        subprocess.run(["git", *words], cwd=package.parent, check=True)
    return package


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
