"""No command deletes, overwrites or mixes with a file that it did not write."""

import shutil
import zipfile
from pathlib import Path

import pytest

from hmu import cli
from hmu.errors import InputError
from hmu.io import files, foreign
from hmu.raw_data import fetch
from support import small_results
from support.official_files import RVQ, make_download, our_models

BASE = "results/models/demo/backbones/momask/all"
CHECKPOINT = "results/checkpoints/demo/momask/kick/same"
ASKED = ["--prompt", "a person kicks", "--length", "24"]
GENERATE = ["generate", "--checkpoint", CHECKPOINT, *ASKED, "--out", "made"]
COMPARE = ["generate", "--compare", BASE, CHECKPOINT, *ASKED, "--out", "made"]
INJECT = ["inject", "--checkpoint", CHECKPOINT, *ASKED, "--put", "7@2", "--out", "made"]
UNLEARN = ["unlearn", BASE, "--concept", "kick", "--method", "lcr", "--codes", "codes.yaml"]

# What is typed, and a file of the user's that lies where it writes.
CASES = [
    *((GENERATE, f"made/{name}") for name in ("generated.json", "other.features.npy")),
    *((GENERATE, f"made/000-a-person-kicks{end}") for end in (".joints.npy", ".bvh", ".gif")),
    (COMPARE, "made/same/000-a-person-kicks.bvh"),
    *((INJECT, f"made/{name}") for name in ("picture.png", "before.bvh", "injection.json")),
    (["codes", "lcr", "config.yaml"], "config.yaml"),
    (["export", CHECKPOINT, "made"], "made/notes.txt"),
    (["import", "t2m", "--to", "results/made"], "results/made/residual/config.json"),
    (["import", "t2m", "--to", BASE], f"{BASE}/masked/origin.json"),
    ([*UNLEARN, "--to", "results/made"], "results/made/delta.safetensors"),
    ([*UNLEARN, "--to", "results/made", "--export", "made"], "made/notes.txt"),
    (["data", "fetch", "made", "--only", "keywords"], "made/keywords/fetched.json"),
    (["data", "fetch", "made", "--only", "keywords"], "made/keywords/splits.json"),
]
WRITE_NOTHING = {
    ("cells",), ("plan",), ("lineage",), ("verify",), ("data", "check"), ("rephrase",),
}  # fmt: skip
ELSEWHERE = {("track",), ("step",)}
"""`hmu track` in tests/tracking; `hmu step` replaces what Snakemake says."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a checkpoint, official files, and a checkpoint of LCR by its record."""
    root = tmp_path_factory.mktemp("foreign")
    small_results.write(root / "results")
    make_download(our_models(), root / "t2m")
    notes = {"layers": [{"layer": 0, "codes": [3]}]}
    files.write_json(root / "lcr/origin.json", {"how": "unlearned", "notes": notes})
    (root / "codes.yaml").write_text("[[3]]\n", encoding="utf-8")
    return root


@pytest.fixture
def here(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(place, tmp_path / "here")
    monkeypatch.chdir(copy)
    return copy


def content(folder: Path) -> dict[str, bytes]:
    """All files but the notes and locks that commands keep in the results."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path.as_posix(): (folder / path).read_bytes()
        for path in found
        if path.parts[:2] != ("results", ".cache")
    }


def test_every_command_that_writes_is_here() -> None:
    known = {each.words for each in cli.COMMANDS}
    tried = {words for words in known for typed, _ in CASES if words == tuple(typed[: len(words)])}
    assert tried | WRITE_NOTHING | ELSEWHERE == known


@pytest.mark.parametrize(("typed", "mine"), CASES, ids=[f"{c[0]}-{path}" for c, path in CASES])
def test_a_file_of_the_users_stays_and_nothing_comes_beside_it(
    here: Path, typed: list[str], mine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = here / mine
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mine")
    before = content(here)
    assert cli.main(typed) == 2
    assert content(here) == before
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("hmu: ")
    assert any(str(each) in said for each in (path.name, *Path(mine).parents[:2]) if each != Path())
    assert "delete" not in said


@pytest.mark.parametrize("typed", [GENERATE, COMPARE, INJECT, ["codes", "lcr", "other.yaml"]])
def test_what_a_command_wrote_it_replaces(here: Path, typed: list[str]) -> None:
    assert cli.main(typed) == 0
    beside = here / "made/notes.txt"
    beside.parent.mkdir(exist_ok=True)
    beside.write_bytes(b"mine")
    first = content(here)
    assert cli.main(typed) == 0
    assert content(here) == first


def test_what_was_imported_is_not_imported_again(here: Path) -> None:
    shutil.copytree(here / "t2m" / RVQ, here / "one" / RVQ)
    typed = ["import", "one", "--to", "results/made", "--backbone", "momask"]
    assert cli.main(typed) == 0
    record = here / "results/lineage/made/tokenizer/config.json.json"
    first = record.read_bytes()
    assert cli.main(typed) == 0
    assert record.read_bytes() == first


def test_an_array_of_another_size_is_not_replaced_by_an_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "humanact12.zip", "w") as made:
        made.writestr("P01.npy", "theirs")
    mine = tmp_path / "humanact12/P01.npy"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    with pytest.raises(InputError, match=r"P01\.npy would be overwritten"):
        fetch.unpack(tmp_path / "humanact12.zip", mine.parent)
    assert mine.read_bytes() == b"mine"


def test_a_link_that_leads_nowhere_is_a_file_of_somebodys(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    with pytest.raises(
        InputError, match=r"a would be overwritten, .*: give another --out, or move"
    ):
        foreign.refuse([tmp_path / "a", tmp_path / "c"], (), "give another --out")
    foreign.refuse([tmp_path / "a"], [tmp_path / "a"], "give another --out")
