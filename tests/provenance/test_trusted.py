"""What `hmu verify` takes for unchanged without reading it, and what it reads."""

import shutil
from pathlib import Path

import pytest

from hmu.io import files
from hmu.provenance import hashes, trace
from hmu.provenance.hashes import Now
from hmu.provenance.verify import Findings, verify
from support.forging import CELL, TOTAL, flip
from support.toy import Toy


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy = Toy(tmp_path_factory.mktemp("toy") / "toy")
    toy.make()
    return toy.root


@pytest.fixture
def toy(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A finished project whose files are older than any clock may miss."""
    monkeypatch.setattr(hashes, "RACY", -1_000_000_000_000)
    return Toy.of(shutil.copytree(made, tmp_path / "toy"))


def verified(toy: Toy, full: bool = False) -> tuple[Findings, list[str]]:
    """What is found, and which files are read for it, by name."""
    read: list[str] = []
    real = files.sha256

    def watched(path: Path) -> str:
        read.append(path.name)
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "sha256", watched)
        return verify(trace.back(toy.root / CELL), full), sorted(read)


def changed(found: Findings) -> list[str]:
    return [line for line in found.problems if line.startswith("changed: ")]


def test_what_was_read_is_not_read_again_and_that_is_said(toy: Toy) -> None:
    first, read = verified(toy)
    assert first.trusted == 0
    assert len(read) == first.files
    again, read = verified(toy)
    assert (again.trusted, read) == (first.files, [])
    assert again.root == first.root
    assert f"({first.files} unchanged since they were last read; --full reads all)" in (
        again.summary()
    )
    everything, read = verified(toy, full=True)
    assert (everything.trusted, len(read)) == (0, first.files)
    assert "--full" not in everything.summary()


def test_a_file_that_changes_is_read_though_its_size_and_times_are_put_back(toy: Toy) -> None:
    verified(toy)
    flip(toy.root / TOTAL)
    found, read = verified(toy)
    assert read == [Path(TOTAL).name]
    assert [line.partition(": sha256")[0] for line in changed(found)] == [f"changed: {TOTAL}"]
    _, read = verified(toy)
    assert read == [], "what it holds now is known"


def test_a_damaged_file_is_named_again_though_it_was_read(toy: Toy) -> None:
    flip(toy.root / "results/counts/a.csv")
    first, _ = verified(toy)
    again, read = verified(toy)
    assert (changed(again), read) == (changed(first), [])
    assert len(changed(again)) == 1


def test_a_bit_that_the_disk_lost_shows_when_all_is_read(toy: Toy) -> None:
    """Nobody wrote to the file, so that only its bytes tell."""
    path, cache = toy.root / TOTAL, toy.root / "results/.cache/hashes"
    recorded = files.sha256(path)
    flip(path)
    Now.of(path, cache).remember(path, {"": recorded}, cache)  # the stamp of before
    found, _ = verified(toy)
    assert changed(found) == []
    found, _ = verified(toy, full=True)
    assert len(changed(found)) == 1


def test_what_changed_shortly_before_it_was_read_is_read_once_more(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have changed again within the same tick of the clock."""
    monkeypatch.setattr(hashes, "RACY", 10**18)
    first, _ = verified(toy)
    again, read = verified(toy)
    assert again.trusted == 0
    assert len(read) == first.files


def test_what_a_job_noted_of_its_own_output_is_read_once_more(toy: Toy) -> None:
    shutil.rmtree(toy.root / "results/.cache")
    assert toy.cell().returncode == 0
    _, read = verified(toy)
    assert Path(CELL).name in read


def test_what_cannot_be_read_is_said_and_not_remembered(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files.sha256

    def failing(path: Path) -> str:
        if path.name == Path(TOTAL).name:
            raise OSError(5, "Input/output error")
        return real(path)

    monkeypatch.setattr(files, "sha256", failing)
    found = verify(trace.back(toy.root / CELL))
    assert [line for line in found.problems if "Input/output error" in line]
    monkeypatch.setattr(files, "sha256", real)
    assert not changed(verify(trace.back(toy.root / CELL)))


def test_the_command_reads_all_when_it_is_told_to(toy: Toy) -> None:
    done = toy.hmu("verify", "--full", CELL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unchanged since" not in done.stdout
