"""Public files: which, from where, and only those that are meant."""

import csv
import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from hmu import cli
from hmu.errors import InputError
from hmu.io import files
from hmu.raw_data import fetch, registration
from hmu.raw_data.fetch import PUBLIC, Public
from hmu.sources import humanml3d
from support.reference import checkout
from support.webserver import Server

A = hashlib.sha256(b"a\n").hexdigest()


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name in names:
            made.writestr(name, name)
    return stream.getvalue()


def test_files_come_with_a_record_of_their_origin(server: Server, tmp_path: Path) -> None:
    server.files = {"/o/r/c/a.txt": b"a\n", "/o/r/c/b.txt": b"b\n"}
    blob = "61780798228d17af2d34fce4cfbdf35556832472"  # git hash-object of b"b\n"
    wanted = [Public("a.txt", "o/r/c/a.txt", A), Public("b.txt", "o/r/c/b.txt", blob=blob)]
    home = server.url.removesuffix("/file.bin")
    for _ in range(2):
        fetch.get(wanted, tmp_path, home)
    assert len(server.asked) == 2, "what is there is not downloaded again"
    noted = files.read_json(tmp_path / "fetched.json")
    assert noted["a.txt"] == {
        "url": "https://raw.githubusercontent.com/o/r/c/a.txt", "sha256": A, "bytes": 2,
    }  # fmt: skip
    assert noted["b.txt"]["sha256"] == hashlib.sha256(b"b\n").hexdigest()


def test_another_file_is_refused(server: Server, tmp_path: Path) -> None:
    home = server.url.removesuffix("/file.bin")
    for public in (Public("a", "o/a", A), Public("b", "o/b", blob=40 * "0")):
        with pytest.raises(InputError, match="Nothing was kept"):
            fetch.get([public], tmp_path, home)
        (tmp_path / public.name).write_text("mine")
        with pytest.raises(InputError, match="Move it away"):
            fetch.get([public], tmp_path, home)
        assert (tmp_path / public.name).read_text() == "mine"
    assert not (tmp_path / "fetched.json").exists()


def test_blobs_are_named_as_git_names_them(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 9000)
    done = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True)
    assert fetch.blob(path) == done.stdout.strip()


def test_humanact12_is_unpacked_and_nothing_else_nor_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "humanact12.zip"
    path.write_bytes(
        archive(
            "humanact12/humanact12/P01.npy", "../P02.npy", "/etc/P03.npy", "humanact12/readme.txt",
            "__MACOSX/humanact12/._P01.npy", "humanact12/.DS_Store.npy", "C:\\x\\P04.npy",
        )
    )  # fmt: skip
    fetch.unpack(path, tmp_path / "raw" / "humanact12")
    found = sorted(each.name for each in (tmp_path / "raw" / "humanact12").iterdir())
    assert found == ["P01.npy", "P03.npy", "P04.npy"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["humanact12.zip", "raw"]
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="is damaged"):
        fetch.unpack(path, tmp_path / "raw")


def test_humanact12_is_ready_for_use_when_it_has_come(
    server: Server,
    tmp_path: Path,
) -> None:
    content = archive("humanact12/P01.npy")
    server.files = {"/o/humanact12.zip": content}
    sha256 = hashlib.sha256(content).hexdigest()
    wanted = [Public("humanact12.zip", "o/humanact12.zip", sha256)]
    fetch.get(wanted, tmp_path, server.url.removesuffix("/file.bin"))
    assert (tmp_path / "humanact12" / "P01.npy").read_text() == "humanact12/P01.npy"


def test_the_command(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(PUBLIC, "motionx", (Public("all.txt", "o/all.txt", A),))
    server.files = {"/o/all.txt": b"a\n"}
    home = server.url.removesuffix("/file.bin")
    words = ["data", "fetch", str(tmp_path), "--only", "motionx", "--server", home]
    assert cli.main(words) == 0
    assert (tmp_path / "motionx" / "all.txt").read_text() == "a\n"
    printed = capsys.readouterr().out
    assert "motionx_smplx.zip" in printed
    assert f"hmu data check {tmp_path / 'motionx'}" in printed
    assert "AMASS  " not in printed
    server.files = {}
    (tmp_path / "motionx" / "all.txt").unlink()
    assert cli.main(words) == 2


def test_every_file_is_pinned_to_a_commit_and_a_hash() -> None:
    for public in (each for listed in PUBLIC.values() for each in listed):
        owner, repository, commit, *path = public.source.split("/")
        assert owner
        assert repository
        assert path
        assert len(commit) == 40
        assert set(commit) <= set("0123456789abcdef")
        assert len(public.sha256 or "") == 64 or len(public.blob or "") == 40


def test_the_pins_of_humanml3d_are_those_of_its_files(shared: Path) -> None:
    pinned = {each.name: each.sha256 for each in PUBLIC["humanml3d"] if each.sha256}
    assert pinned == {name: files.sha256(shared / "humanml3d" / name) for name in pinned}


@pytest.mark.parametrize(
    ("dataset", "repository"),
    [("motionx", "IDEA-Research+Motion-X"), ("keywords", "Mamiglia+hmu")],
)
def test_the_pins_of_repositories_are_those_of_their_files(dataset: str, repository: str) -> None:
    folder = checkout(repository)
    for public in PUBLIC[dataset]:
        path = folder.joinpath(*public.source.split("/")[3:])
        assert public.sha256 == files.sha256(path)


# -- instructions --------------------------------------------------------------------------------


def test_the_datasets_of_amass_are_those_of_the_index(shared: Path) -> None:
    with (shared / "humanml3d" / "index.csv").open(encoding="utf-8", newline="") as stream:
        named = {row["source_path"].split("/")[2] for row in csv.DictReader(stream)}
    assert named == {*registration.AMASS, "humanact12"}
    assert set(humanml3d.TRIMS) <= named


def test_the_readme_has_the_instructions(root: Path) -> None:
    readme = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    for text in registration.INSTRUCTIONS.values():
        for word in text.split():
            if word.startswith("https://") or word.endswith(".zip"):
                assert word.strip(",") in readme
    for name, site in registration.AMASS.items():
        assert name in readme
        assert site in readme
