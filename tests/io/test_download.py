"""Downloads from a server that cuts off, refuses, lies and changes its mind."""

import hashlib
import io
import shutil
import zipfile
from functools import partial
from pathlib import Path

import pytest

from hmu.errors import InputError
from hmu.io import files
from hmu.io.download import arriving, fetch
from hmu.official.sources import SOURCES
from hmu.run.job import Job
from hmu.run.runner import perform
from support.webserver import CONTENT, Server

SHA256 = hashlib.sha256(CONTENT).hexdigest()


def left_beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir() if each != path)


def test_a_file_arrives_whole_and_once(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.bin"
    assert fetch(server.url, path, SHA256) == SHA256
    assert path.read_bytes() == CONTENT
    assert left_beside(path) == []
    assert fetch(server.url, path, SHA256) == SHA256
    assert len(server.asked) == 1


def test_what_broke_off_is_resumed_within_a_call(server: Server, tmp_path: Path) -> None:
    server.cut = [300_000, 500_000]
    path = tmp_path / "file.bin"
    assert fetch(server.url, path, wait=0) == SHA256
    assert server.asked == [None, "bytes=300000-", "bytes=800000-"]
    assert server.sent == len(CONTENT), "no byte came twice"


@pytest.mark.parametrize("pinned", [None, SHA256])
def test_and_by_the_next_call(server: Server, tmp_path: Path, pinned: str | None) -> None:
    server.cut = [700_000]
    path = tmp_path / "file.bin"
    with pytest.raises(InputError, match=r"700000 of 1280000 bytes.*run the command again"):
        fetch(server.url, path, pinned, attempts=1)
    assert not path.exists(), "half a file has no name"
    assert fetch(server.url, path, pinned) == SHA256
    assert server.asked[-1] == "bytes=700000-"
    assert left_beside(path) == []


def test_a_whole_part_needs_no_more_bytes(server: Server, tmp_path: Path) -> None:
    """The process may have been killed between the last byte and the name."""
    server.cut = [10]
    path = tmp_path / "file.bin"
    with pytest.raises(InputError):
        fetch(server.url, path, attempts=1)
    arriving(path).write_bytes(CONTENT)
    assert fetch(server.url, path, attempts=1) == SHA256
    assert server.sent == 10


def test_parts_of_two_versions_are_not_joined(server: Server, tmp_path: Path) -> None:
    server.cut = [700_000]
    path = tmp_path / "file.bin"
    with pytest.raises(InputError):
        fetch(server.url, path, attempts=1)
    server.content, server.etag = CONTENT[::-1], '"two"'
    fetch(server.url, path)
    assert path.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("pinned", [None, SHA256])
def test_a_server_that_names_no_version(server: Server, tmp_path: Path, pinned: str | None) -> None:
    """Only a hash can tell then whether two parts belong together."""
    server.etag, server.cut = "", [700_000]
    path = tmp_path / "file.bin"
    assert fetch(server.url, path, pinned, wait=0) == SHA256
    assert server.asked == [None, "bytes=700000-" if pinned else None]


def test_a_server_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cut = False, [700_000]
    assert fetch(server.url, tmp_path / "file.bin", wait=0) == SHA256


def test_a_damaged_part_is_thrown_away(server: Server, tmp_path: Path) -> None:
    server.cut = [700_000]
    path = tmp_path / "file.bin"
    with pytest.raises(InputError):
        fetch(server.url, path, SHA256, attempts=1)
    arriving(path).write_bytes(b"x" * 700_000)
    assert fetch(server.url, path, SHA256) == SHA256


def test_another_file_is_refused(server: Server, tmp_path: Path) -> None:
    server.content = b"something else"
    path = tmp_path / "file.bin"
    with pytest.raises(InputError, match=rf"SHA-256.*not {SHA256}"):
        fetch(server.url, path, SHA256)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_but_another_is_left_alone(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_text("mine")
    with pytest.raises(InputError, match="Move it away"):
        fetch(server.url, path, SHA256)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path, status: int) -> None:
    server.errors = [status, status]
    assert fetch(server.url, tmp_path / "file.bin", wait=0) == SHA256
    server.errors = [status] * 3
    with pytest.raises(InputError, match=f"{status}.*3 attempts"):
        fetch(server.url, tmp_path / "other.bin", attempts=3, wait=0)


def test_an_absent_file_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.errors = [404]
    with pytest.raises(InputError, match=r"404 .*Check the address"):
        fetch(server.url, tmp_path / "file.bin")
    assert len(server.asked) == 1


def test_a_web_page_is_not_taken_for_the_file(server: Server, tmp_path: Path) -> None:
    server.content, server.kind = b"<html>Log in</html>", "text/html; charset=utf-8"
    with pytest.raises(InputError, match="open it in a browser"):
        fetch(server.url, tmp_path / "file.bin")
    assert list(tmp_path.iterdir()) == []


def test_no_server(tmp_path: Path, server: Server) -> None:
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match="could not be downloaded"):
        fetch(url, tmp_path / "file.bin", attempts=2, wait=0)
    with pytest.raises(InputError, match="not a web address"):
        fetch("file:///etc/hostname", tmp_path / "file.bin")


def test_a_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    arriving(blocked / "file.bin").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be written"):
        fetch(server.url, blocked / "file.bin")


# --- public models: the step of the workflow --------------------------------------------------


def packed(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


def job(server: Server, root: Path, **settings: object) -> Job:
    default = {"url": server.url, "file": "models.zip", "sha256": None}
    return Job(
        "download",
        {},
        {"folder": root / "results" / "official" / "momask"},
        {**default, "lock": str(root / "official" / "momask.json"), **settings},
        results=root / "results",
    )


def test_a_download_is_unpacked_noted_and_checked_ever_after(
    server: Server, tmp_path: Path
) -> None:
    server.content = packed(rvq__opt="name: rvq", rvq__model__x="1")
    perform(job(server, tmp_path))
    folder, lock = tmp_path / "results/official/momask", tmp_path / "official/momask.json"
    assert (folder / "rvq" / "opt").read_text() == "name: rvq"
    assert (folder / "rvq" / "model" / "x").read_text() == "1"
    noted = files.read_json(lock)
    assert noted == {
        "url": server.url,
        "sha256": hashlib.sha256(server.content).hexdigest(),
    }
    # Elsewhere, with the lock under version control: the same bytes, or nothing.
    shutil.rmtree(tmp_path / "results")
    perform(job(server, tmp_path))
    shutil.rmtree(tmp_path / "results")
    server.content, server.etag = packed(rvq__opt="name: other"), '"two"'
    with pytest.raises(InputError, match=r"is not the expected file.*momask\.json"):
        perform(job(server, tmp_path))
    assert not folder.exists()
    assert files.read_json(lock) == noted


def test_a_download_goes_on_in_the_next_run(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = packed(a="x" * 200_000)
    server.cut = [50_000]
    monkeypatch.setattr("hmu.steps.download.fetch", partial(fetch, attempts=1))
    with pytest.raises(InputError, match="run the command again"):
        perform(job(server, tmp_path))
    perform(job(server, tmp_path))
    assert server.asked == [None, "bytes=50000-"]
    assert (tmp_path / "results/official/momask/a").stat().st_size == 200_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no archive", "cannot be unpacked"),
        (packed(**{"..__evil": "x"}), "leaves its folder"),
    ],
)
def test_a_bad_archive_is_refused(
    server: Server, tmp_path: Path, content: bytes, message: str
) -> None:
    server.content = content
    with pytest.raises(InputError, match=message):
        perform(job(server, tmp_path))
    assert not (tmp_path / "results/official/momask").exists()
    assert not (tmp_path / "official").exists()
    assert not list(tmp_path.rglob("evil"))
    server.content, server.etag = packed(fine="x"), '"two"'
    perform(job(server, tmp_path))


def test_a_published_hash_is_checked_at_once(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not the expected file"):
        perform(job(server, tmp_path, file="ViT-B-32.pt", sha256="0" * 64))
    perform(job(server, tmp_path, file="ViT-B-32.pt", sha256=SHA256))
    assert (tmp_path / "results/official/momask/ViT-B-32.pt").read_bytes() == CONTENT


def test_the_hash_of_clip_is_that_of_its_address() -> None:
    source = SOURCES["clip"]
    assert source.url.split("/")[-2:] == [source.sha256, source.file]
