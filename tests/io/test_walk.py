"""One walk for all who read, hash and check a directory; and what a file held, remembered."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from hmu.errors import InputError
from hmu.io.walk import is_left, walk
from hmu.provenance import hashes
from hmu.sources import motionx


def names(folder: Path) -> list[str]:
    return [name for name, _ in walk(folder)]


def save(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_files_come_sorted_by_their_paths_through_links(tmp_path: Path) -> None:
    for name in ("data/b.txt", "data/a/c.txt", "data/a-.txt", "disk/d/e.txt", "disk/f.txt"):
        save(tmp_path / name)
    (tmp_path / "data/linked").symlink_to(tmp_path / "disk/d", target_is_directory=True)
    (tmp_path / "data/f.txt").symlink_to(tmp_path / "disk/f.txt")
    assert names(tmp_path / "data") == ["a-.txt", "a/c.txt", "b.txt", "f.txt", "linked/e.txt"]


@pytest.mark.parametrize("links", [1, 2, 3])
def test_links_to_where_they_lie_are_entered_once(tmp_path: Path, links: int) -> None:
    save(tmp_path / "data/a.txt")
    save(tmp_path / "data/inner/b.txt")
    for number in range(links):
        (tmp_path / f"data/self{number}").symlink_to(tmp_path / "data")
        (tmp_path / f"data/inner/up{number}").symlink_to("..")
    began = time.monotonic()
    assert names(tmp_path / "data") == ["a.txt", "inner/b.txt"]
    assert set(hashes.content(tmp_path / "data").files or ()) == {"a.txt", "inner/b.txt"}
    assert time.monotonic() - began < 5


def test_two_links_to_one_directory_are_both_followed(tmp_path: Path) -> None:
    save(tmp_path / "disk/a.txt")
    (tmp_path / "data").mkdir()
    for name in ("one", "two"):
        (tmp_path / "data" / name).symlink_to(tmp_path / "disk")
    assert names(tmp_path / "data") == ["one/a.txt", "two/a.txt"]


def test_a_link_that_leads_nowhere_is_there_to_read_but_has_no_content(tmp_path: Path) -> None:
    (tmp_path / "gone.npy").symlink_to(tmp_path / "nothing")
    assert names(tmp_path) == ["gone.npy"]
    assert hashes.content(tmp_path).files == {}


def test_a_directory_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent cannot be read"):
        names(tmp_path / "absent")


LEFT = (".DS_Store ._a.npy .a.txt.swp Thumbs.db desktop.ini a.npy~ #a.txt# "
        ".snakemake_timestamp __MACOSX/a.npy .git/config").split()  # fmt: skip


def test_what_systems_and_editors_leave_is_nobodys(tmp_path: Path) -> None:
    save(tmp_path / "a.npy")
    before = hashes.content(tmp_path)
    for name in LEFT:
        save(tmp_path / name)
    assert names(tmp_path) == ["a.npy"]
    assert hashes.content(tmp_path) == before


@pytest.mark.parametrize("name", ["a.npy", "~a", "a.b~c.npy", "#1.npy", "thumbs", "..", "_a"])
def test_other_names_are_somebodys(name: str) -> None:
    assert not is_left(name)


def test_a_linked_subset_of_motionx_is_read_and_hashed_as_a_folder(tmp_path: Path) -> None:
    raw, disk = tmp_path / "raw", tmp_path / "disk"
    for folder in (raw / motionx.MOTIONS / "music", disk / "fitness" / "subset_0000"):
        folder.mkdir(parents=True)
        np.save(folder / "a.npy", np.zeros((9, 322), np.float32))
    (raw / motionx.MOTIONS / "fitness").symlink_to(disk / "fitness")
    (raw / motionx.MOTIONS / "fitness" / "again").symlink_to("..")
    found = {task.path.relative_to(raw).as_posix() for task in motionx.ingest(raw, {}).tasks}
    assert found == set(hashes.content(raw).files or ())
    assert len(found) == 2


# -- what is remembered of files -------------------------------------------------------------------


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old as soon as they are written."""
    monkeypatch.setattr(hashes, "RACY", -3_600_000_000_000)


def read_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are hashed from now on."""
    read: list[str] = []
    real = hashes.files.sha256

    def sha256(path: Path) -> str:
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(hashes.files, "sha256", sha256)
    return read


@pytest.mark.usefixtures("settled")
def test_only_files_that_changed_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    for name in ("a", "b", "c"):
        save(data / name, name)
    read = read_by(monkeypatch)
    first = hashes.cached(data, cache)
    assert read == ["a", "b", "c"]
    assert hashes.cached(data, cache) == first
    assert read == ["a", "b", "c"]
    status = (data / "b").stat()
    save(data / "b", "x")
    os.utime(data / "b", ns=(status.st_atime_ns, status.st_mtime_ns))  # and the time put back
    assert hashes.cached(data, cache) != first
    assert read == ["a", "b", "c", "b"]


def test_a_file_hashed_as_soon_as_written_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could change within the same tick of the clock."""
    path, cache = save(tmp_path / "a"), tmp_path / "cache"
    read = read_by(monkeypatch)
    hashes.cached(path, cache)
    hashes.cached(path, cache)
    assert read == ["a", "a"]


def test_an_outline_is_of_content_and_of_the_files_that_are_read(tmp_path: Path) -> None:
    def outline(*patterns: str) -> str:
        hashes.outline.cache_clear()
        hashes._held.cache_clear()
        return hashes.outline(tmp_path / "data", patterns, tmp_path / "cache")

    data = tmp_path / "data"
    save(data / "joints/a.npy", "old")
    save(data / "texts/a.txt", "a person kicks")
    motions, texts = outline("*.npy"), outline("*.txt")
    save(data / "notes.md")
    os.utime(data / "texts/a.txt", (1, 1))
    assert (outline("*.npy"), outline("*.txt")) == (motions, texts)
    save(data / "joints/a.npy", "new")  # as long as it was
    assert outline("*.npy") != motions
    assert outline("*.txt") == texts


def test_an_outline_of_files_is_of_their_content_and_names_and_of_no_place(tmp_path: Path) -> None:
    def outline(**named: Path) -> str:
        hashes.outline_of.cache_clear()
        return hashes.outline_of(tuple(named.items()), tmp_path / "cache")

    codes, other = save(tmp_path / "codes.yaml", "[[1]]"), save(tmp_path / "other.yaml", "[[2]]")
    before = outline(codes=codes)
    assert outline(codes=save(tmp_path / "elsewhere/c.yaml", "[[1]]")) == before
    assert outline(words=codes) != before
    assert outline(codes=codes, more=other) not in (before, outline(codes=codes, more=codes))
    os.utime(other, (1, 1))
    shutil.copy2(other, codes)  # as long as it was, and older
    assert outline(codes=codes) == outline(codes=other) != before
    assert outline(codes=tmp_path / "absent") == outline()
