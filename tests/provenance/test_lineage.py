"""Records, the way back, and that no change on the way stays unseen."""

import json
import os
import platform
import shutil
import time
from pathlib import Path

import pytest

from hmu.provenance import hashes
from hmu.provenance.lineage import Lineage, seal
from support.toy import Toy

CELL = "results/cells/main/sum.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy = Toy(tmp_path_factory.mktemp("made"))
    toy.make()
    return toy.root


@pytest.fixture
def toy(made: Path, tmp_path: Path) -> Toy:
    """The whole small project, made; each test has its own copy."""
    root = tmp_path / "project"
    shutil.copytree(made, root)
    toy = Toy.__new__(Toy)
    toy.root, toy.package = root, root / "source" / "hmu"
    return toy


def problems(toy: Toy, path: str = CELL, *words: str) -> list[str]:
    """The lines of `hmu verify` that name a problem; its status must fit."""
    done = toy.hmu("verify", path, *words)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert done.returncode == (0 if lines[-1].startswith("OK") else 1)
    found = [line for line in lines[:-1] if not line.startswith("note:")]
    assert bool(found) == bool(done.returncode)
    return found


def test_a_record_says_what_the_issue_asks_for(toy: Toy) -> None:
    record = toy.record("cells/main/sum.json")
    assert record["step"] == record["rule"] == "add"
    assert [each["path"] for each in record["inputs"]] == [
        "results/totals/all.json",
        "results/totals/a.json",
    ]
    (output,) = record["outputs"]
    assert output["path"] == CELL
    assert output["sha256"] == hashes.content(toy.root / CELL).sha256
    assert output["bytes"] == 2
    assert record["settings"] == {"method": "sum"}
    assert record["seed"] == 7
    ran = record["code"]["files"]["hmu/methods/sum.py"]
    assert ran["sha256"] == hashes.content(toy.package / "methods/sum.py").sha256
    assert ran["behaviour"] != ran["sha256"]
    assert "hmu/methods/most.py" not in record["code"]["files"]
    assert {"digest", "files"} == set(record["code"])
    assert record["packages"]["python"]
    assert record["device"]
    assert record["machine"]["cores"] >= 1
    assert record["seconds"] >= 0
    assert record["peak_memory"]["process"] > 1e6
    assert record["started"].endswith("+00:00")
    assert "git" in record


def test_a_record_names_no_host_and_no_place(toy: Toy) -> None:
    for path in (toy.root / "results/lineage").rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert str(toy.root) not in text
        assert str(toy.root.parent) not in text
        assert not platform.node() or f'"{platform.node()}' not in text


def test_directories_are_listed_where_they_are_made_and_where_they_are_raw(toy: Toy) -> None:
    count = toy.record("counts")
    assert set(count["inputs"][0]["files"]) == {"a.txt", "b.txt"}
    assert set(count["outputs"][0]["files"]) == {"a.csv", "b.csv"}
    assert "files" not in toy.record("totals/all.json")["inputs"][0]
    assert count == toy.record("summary.txt"), "outputs of one job share one record"


def test_the_tree_leads_to_the_raw_files(toy: Toy) -> None:
    text = toy.hmu("lineage", CELL).stdout
    lines = text.splitlines()
    assert lines[0] == CELL
    for part in (
        "results/totals/all.json",
        "results/totals/a.json",
        "results/counts",
        "raw",
        "method=sum",
        "seed 7",
        "2 files",
    ):
        assert part in text, part
    assert text.count("count · ") == 1, "a sub-tree that comes again is printed once"
    assert "→ [1]" in text
    assert toy.record("cells/main/sum.json")["code"]["digest"][:12] in text


def test_the_data_hold_every_node_and_edge(toy: Toy) -> None:
    graph = json.loads(toy.hmu("lineage", "--json", CELL).stdout)
    paths = {node["path"]: node for node in graph["nodes"]}
    assert set(paths) == {
        *("raw", "results/counts", CELL),
        *("results/totals/all.json", "results/totals/a.json"),
    }
    assert paths["raw"]["kind"] == "raw"
    assert {(edge["from"], edge["to"], edge["read"]) for edge in graph["edges"]} == {
        ("raw", "results/counts", "raw"),
        ("results/counts", "results/totals/all.json", "results/counts"),
        ("results/counts", "results/totals/a.json", "results/counts/a.csv"),
        ("results/totals/all.json", CELL, "results/totals/all.json"),
        ("results/totals/a.json", CELL, "results/totals/a.json"),
    }
    assert graph["roots"] == [CELL]


@pytest.mark.parametrize(
    "path", [CELL, "results/cells", "results/counts/a.csv", "results/counts", "results/counts/"]
)
def test_a_cell_a_folder_and_a_file_in_an_output_can_be_asked_for(toy: Toy, path: str) -> None:
    assert problems(toy, path) == []
    assert "raw" in toy.hmu("lineage", path).stdout


def test_all_results_at_once(toy: Toy) -> None:
    assert problems(toy, "results") == []


def test_it_works_from_another_folder_and_after_a_move(toy: Toy) -> None:
    moved = toy.root.with_name("elsewhere")
    toy.root.rename(moved)
    toy.root = moved / "results"
    toy.package = moved / "source" / "hmu"
    assert problems(toy, "cells/main/sum.json") == []
    assert problems(toy, str(moved / CELL)) == []


def test_times_are_nothing(toy: Toy) -> None:
    for path in toy.root.rglob("*"):
        if path.is_file():
            path.touch()
    assert problems(toy) == []


def test_what_has_no_record_is_said_with_the_remedy(toy: Toy) -> None:
    (toy.root / "results/new.json").write_text("1", encoding="utf-8")
    for path in ("results/new.json", "results/nothing.json", "raw/a.txt"):
        for command in ("lineage", "verify"):
            done = toy.hmu(command, path)
            assert done.returncode == 2
            assert done.stdout == ""
            assert path in done.stderr
            assert "snakemake" in done.stderr
            assert "Traceback" not in done.stderr


def on_the_way() -> list[str]:
    return [
        *("raw/a.txt", "raw/b.txt", "results/counts/a.csv", "results/counts/b.csv"),
        *("results/totals/all.json", "results/totals/a.json", CELL),
    ]


@pytest.mark.parametrize("name", on_the_way())
def test_a_flipped_bit_is_found_and_named(toy: Toy, name: str) -> None:
    path = toy.root / name
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    original = path.read_bytes()
    for position in {0, len(original) - 1}:
        data = bytearray(original)
        data[position] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=times)  # size and time tell nothing
        (found,) = problems(toy)
        assert found.startswith(f"changed: {name}:")
    path.write_bytes(original)
    assert problems(toy) == []


@pytest.mark.parametrize("name", on_the_way())
def test_a_missing_file_is_named(toy: Toy, name: str) -> None:
    (toy.root / name).unlink()
    found = problems(toy)
    assert len(found) == 1
    assert found[0].startswith(f"missing: {name}")


def test_a_missing_directory_and_an_added_file_are_named(toy: Toy) -> None:
    (toy.root / "results/counts/c.csv").write_text("1", encoding="utf-8")
    assert problems(toy) == ["added: results/counts/c.csv is not in the record"]
    shutil.rmtree(toy.root / "results/counts")
    assert problems(toy) == ["missing: results/counts"]


def test_a_file_that_no_reader_uses_is_nobodys_input(toy: Toy) -> None:
    """Of a directory of raw data only what its reader reads is recorded, and missed."""
    (toy.root / "raw/notes.md").write_text("To do.", encoding="utf-8")
    outputs = {"counts": "results/counts", "summary": "results/summary.txt"}
    done = toy.step("count", {"raw": "raw"}, outputs, only={"raw": ["*.txt"]})
    assert done.returncode == 0, done.stderr
    found = Lineage(toy.root / "results").record("results/counts")
    assert found is not None
    assert set(found.inputs["raw"].files or {}) == {"a.txt", "b.txt"}
    verified = toy.hmu("verify", "results/counts")
    assert verified.returncode == 0, verified.stdout
    (toy.root / "raw/more.md").write_text("Done.", encoding="utf-8")
    assert toy.hmu("verify", "results/counts").returncode == 0
    (toy.root / "raw/c.txt").write_text("a person runs", encoding="utf-8")
    assert "added: raw/c.txt is not in the record" in toy.hmu("verify", "results/counts").stdout


@pytest.mark.parametrize("output", ["counts", "totals/a.json", "cells/main/sum.json"])
def test_any_flipped_byte_of_a_record_is_found(toy: Toy, output: str) -> None:
    path = toy.root / f"results/lineage/{output}.json"
    original = path.read_bytes()
    for position in (0, len(original) // 3, len(original) // 2, len(original) - 1):
        data = bytearray(original)
        data[position] ^= 1
        path.write_bytes(data)
        assert any(f"results/lineage/{output}.json is damaged" in line for line in problems(toy))
    done = toy.hmu("lineage", CELL)
    assert done.returncode == 2
    assert "damaged" in done.stderr
    assert "make it again" in done.stderr


def test_a_missing_record_is_found(toy: Toy) -> None:
    (toy.root / "results/lineage/totals/a.json.json").unlink()
    found = problems(toy)
    assert found == [f"no record: results/totals/a.json, which {CELL} was made from"]


def test_an_output_of_another_version_of_its_input_is_named(toy: Toy) -> None:
    assert toy.total(weight=10).returncode == 0
    found = problems(toy)
    assert len(found) == 1
    assert found[0].startswith(f"outdated: {CELL} was made from another version of ")
    assert "results/totals/all.json" in found[0]
    assert toy.cell().returncode == 0
    assert problems(toy) == []


def test_another_version_of_a_file_inside_a_directory_is_named(toy: Toy) -> None:
    (toy.root / "raw/b.txt").write_text("other words here and more of them", encoding="utf-8")
    assert toy.count().returncode == 0
    found = problems(toy)
    assert [line.split(" (")[0] for line in found] == [
        "outdated: results/totals/all.json was made from another version of results/counts"
    ], "a.csv is the same as before, so results/totals/a.json is not outdated"


def test_the_same_content_made_again_is_not_another_version(toy: Toy) -> None:
    time.sleep(1.1)  # another second in the record
    assert toy.count().returncode == 0
    assert problems(toy) == []


def test_changed_code_is_a_note_or_on_demand_a_problem(toy: Toy) -> None:
    path = toy.package / "shared.py"
    before = path.read_text(encoding="utf-8")
    for after, said in (
        (before.replace("int(", "float("), "behaves otherwise than when 2 of the jobs ran"),
        ("def", "cannot be read"),
        (None, "has gone since 2 of the jobs ran"),
    ):
        if after is None:
            path.unlink()
        else:
            path.write_text(after, encoding="utf-8")
        done = toy.hmu("verify", CELL)
        assert done.returncode == 0
        assert f"note: code: hmu/shared.py {said}" in done.stdout
        (found,) = problems(toy, CELL, "--code")
        assert found.startswith(f"code: hmu/shared.py {said}")


def test_changed_prose_is_a_note_and_never_a_problem(toy: Toy) -> None:
    path = toy.package / "shared.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    done = toy.hmu("verify", CELL)
    assert "note: prose: hmu/shared.py has other comments or wording, and does" in done.stdout
    assert "code: " not in done.stdout
    assert problems(toy, CELL, "--code") == []


def test_a_changed_input_is_read_anew_although_it_was_cached(toy: Toy) -> None:
    (toy.root / "raw/a.txt").write_text("a person hops", encoding="utf-8")
    assert toy.count().returncode == 0
    assert problems(toy, "results/counts") == []


def test_the_mark_that_snakemake_leaves_is_no_content(toy: Toy) -> None:
    (toy.root / "results/counts/.snakemake_timestamp").touch()
    assert problems(toy) == []


def test_the_cache_is_used_and_may_be_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "RACY", -1_000_000_000)  # as if the file were old
    path, cache = tmp_path / "file", tmp_path / "cache"
    path.write_text("x", encoding="utf-8")
    first = hashes.cached(path, cache)
    (note,) = cache.rglob("*.json")
    assert hashes.cached(path, cache) == first == hashes.content(path)
    note.write_text("not json", encoding="utf-8")
    assert hashes.cached(path, cache) == first
    forged = json.loads(note.read_text(encoding="utf-8"))
    forged[""][1] = "forged"
    note.write_text(json.dumps(forged), encoding="utf-8")
    assert hashes.cached(path, cache).sha256 == "forged", "an unchanged file is not read again"
    path.write_text("y!", encoding="utf-8")
    assert hashes.cached(path, cache) == hashes.content(path)


def test_hundreds_of_records_are_shown_and_verified_together(toy: Toy) -> None:
    """A table of 300 cells, each from the same two totals, is shown and verified whole."""
    lineage = Lineage(toy.root / "results")
    record = toy.record("cells/main/sum.json")
    record.pop("seal")
    more = dict.fromkeys(("sha256", "behaviour"), "0" * 64)
    record["code"]["files"] |= {f"hmu/more/{number}.py": more for number in range(40)}
    names = [f"results/cells/main/{number}.json" for number in range(300)]
    for name in names:
        shutil.copy(toy.root / CELL, toy.root / name)
        record["outputs"][0]["path"] = record["job"]["outputs"]["cell"] = name
        lineage.write(seal(record), [name])
    done = toy.hmu("verify", "results/cells")
    shown = toy.hmu("lineage", "results/cells")
    assert done.returncode == 0
    assert "303 jobs" not in done.stdout
    assert shown.stdout.count("results/counts") == 2
