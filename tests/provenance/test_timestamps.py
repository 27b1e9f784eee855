"""Planning gives results their times back and puts aside what was cut short, and harms nothing."""

import os
import shutil
from pathlib import Path

import pytest

from hmu.provenance import hashes, timestamps
from hmu.provenance.hashes import Content
from hmu.provenance.lineage import Lineage, seal
from support.forging import CELL, Toy, flip, record_of


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results as a copy brings them: of other times, and without what was noted of them."""
    toy = Toy(tmp_path / "toy")
    toy.make()
    shutil.rmtree(toy.root / "results/.cache")
    for path in (toy.root / "results").rglob("*"):
        os.utime(path, (2e9, 2e9))
    return toy.root / "results"


def contents(results: Path) -> dict[str, bytes]:
    """The bytes of every file but the notes of hashes."""
    found = {path.relative_to(results): path for path in results.rglob("*") if path.is_file()}
    return {
        str(name): path.read_bytes() for name, path in found.items() if ".cache" not in str(name)
    }


def test_no_byte_is_changed_and_what_differs_keeps_its_time(results: Path) -> None:
    other = results.parent / CELL
    flip(other)  # as long as before
    before = contents(results)
    assert timestamps.restore(results) == timestamps.Restored()
    assert contents(results) == before
    lineage = Lineage(results)
    given = {name: (results.parent / name).stat().st_mtime for name in lineage.names()}
    assert given.pop(CELL) == 2e9
    assert given
    assert max(given.values()) < 2e9


def test_what_was_cut_short_is_put_aside_with_all_that_is_left_of_it(results: Path) -> None:
    path = results.parent / CELL
    path.write_bytes(path.read_bytes()[:1])
    before = contents(results)
    aside = path.with_name(f".short.{path.name}")
    assert timestamps.restore(results).short == [CELL]
    after = contents(results)
    assert after.pop(str(aside.relative_to(results))) == before.pop(str(path.relative_to(results)))
    assert after == before


def test_what_a_job_makes_meanwhile_is_not_put_aside(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run beside a run: after the record was read, the result becomes a shorter one."""
    path, content = results.parent / CELL, hashes.content

    def replaced(asked: Path) -> Content:
        if asked == path:
            path.write_bytes(b"1")
            value = record_of(results.parent, CELL)
            value["outputs"] = [{"path": CELL, **content(path).as_json()}]
            Lineage(results).write(seal(value), [CELL])
        return content(asked)

    monkeypatch.setattr(hashes, "content", replaced)
    assert timestamps.restore(results).short == []
    assert path.read_bytes() == b"1"
