"""What a record says is so: inputs that were read as they are named, one writer, whole files."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmu.errors import InputError
from hmu.io import files
from hmu.provenance import hashes
from hmu.run import lock, naming, parent
from support.toy import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


OUT = {"out": "results/out"}


@pytest.mark.parametrize("how", ["rewrite", "back", "remove", "add"])
def test_an_input_that_changes_while_it_is_read_makes_no_result(toy: Toy, how: str) -> None:
    """Also where the content and the times are put back."""
    if how == "back":
        time.sleep(2.2)  # older than the coarsest clock can miss: of younger files bytes are proof
    done = toy.step("meddle", {"raw": "raw"}, OUT, settings={"how": how})
    assert done.returncode == 2, done.stderr
    assert "changed while step meddle read it" in done.stderr
    assert "start again" in done.stderr
    assert ("c.txt" if how == "add" else "a.txt") in done.stderr
    assert toy.files() == {}
    assert not list((toy.root / "results").rglob("state")), "what it read may be in its scratch"


def test_what_a_stamp_cannot_tell_the_bytes_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system whose clock did not move between two changes."""
    path = tmp_path / "a.txt"
    path.write_text("walks", encoding="utf-8")
    reading = hashes.Reading.of([path], {}, tmp_path / "cache")
    stamps = dict(reading.stamps[path])
    monkeypatch.setattr(hashes, "_stamps", lambda path, only: stamps)
    assert reading.touched() == []
    path.write_text("kicks", encoding="utf-8")
    assert reading.touched() == [path.as_posix()]


def test_an_input_that_nobody_touches_is_named_as_it_was_read(toy: Toy) -> None:
    assert toy.step("meddle", {"raw": "raw"}, OUT, settings={"how": "read"}).returncode == 0
    (read,) = toy.record("out")["inputs"]
    content = (toy.root / "raw/a.txt").read_bytes()
    assert read["files"]["a.txt"][0] == hashlib.sha256(content).hexdigest()


def test_files_that_the_step_does_not_read_may_change(toy: Toy) -> None:
    done = toy.step(
        "meddle", {"raw": "raw"}, OUT, settings={"how": "add"}, only={"raw": ["[ab].txt"]}
    )
    assert done.returncode == 0, done.stderr


def test_training_is_not_continued_with_another_number_of_threads(toy: Toy) -> None:
    assert toy.step("resume", {}, OUT, threads=1).returncode == 1
    assert toy.step("resume", {}, OUT, threads=2).returncode == 1
    assert toy.step("resume", {}, OUT, threads=1).returncode == 0


def test_a_number_that_is_none_is_refused_before_the_work(toy: Toy) -> None:
    done = toy.step("fail", {}, OUT, settings={"how": "fine", "x": float("nan")})
    assert done.returncode == 2
    assert "NaN" in done.stderr
    assert toy.files() == {}


HOLD = """
import sys, time
from pathlib import Path
from hmu.run import lock
with lock.alone([Path("results/out")], Path("results")):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(toy: Toy) -> Iterator["subprocess.Popen[str]"]:
    """Another process that makes results/out."""
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(
        command, cwd=toy.root, env=toy.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_process_at_a_time_makes_an_output(
    toy: Toy, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy.root)
    results = Path("results")
    held = lock.alone([Path("results/out")], results, patience=0.3)
    with pytest.raises(InputError, match=f"results/out is being made by another.*{holder.pid}"):
        held.__enter__()
    absolute = lock.alone([Path("results/out").resolve()], results.resolve(), patience=0.3)
    with pytest.raises(InputError, match="is being made by another"):
        absolute.__enter__()
    with lock.alone([Path("results/other")], results, patience=0.3):
        pass
    holder.send_signal(signal.SIGKILL)  # the system takes back what it held
    with lock.alone([Path("results/out")], results, patience=10):
        assert [path.is_file() for path in (results / ".cache" / "locks").iterdir()] == [True]
    assert list((results / ".cache" / "locks").iterdir()) == []


def test_a_second_job_waits_for_the_first_to_end(toy: Toy, holder: "subprocess.Popen[str]") -> None:
    command = [sys.executable, "-m", "hmu.cli", "step", "-"]
    job = {"step": "fail", "inputs": {}, "outputs": OUT, "settings": {"how": "fine"}}
    with subprocess.Popen(
        command, cwd=toy.root, env=toy.environment(), stdin=subprocess.PIPE, text=True
    ) as second:
        assert second.stdin is not None
        second.stdin.write(json.dumps(job))
        second.stdin.close()
        time.sleep(1.5)
        assert second.poll() is None
        assert toy.files() == {}
        holder.send_signal(signal.SIGKILL)
        assert second.wait(timeout=30) == 0
    assert (toy.root / "results/out").exists()


def test_a_job_ends_with_its_killed_snakemake(toy: Toy) -> None:
    job = {"step": "fail", "inputs": {}, "outputs": OUT, "settings": {"how": "wait"}}
    command = [sys.executable, "-m", "hmu.cli", "step", json.dumps(job)]
    with subprocess.Popen(["sleep", "60"]) as snakemake:
        environment = {**toy.environment(), parent.VARIABLE: str(snakemake.pid)}
        with subprocess.Popen(command, cwd=toy.root, env=environment) as process:
            waiting = toy.root / "results/waiting"
            for _ in range(400):
                if waiting.exists():
                    break
                time.sleep(0.05)
            assert process.poll() is None
            snakemake.kill()
            snakemake.wait()
            assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert list(toy.files()) == ["waiting"]
    assert toy.half_written() == []


def test_files_are_on_the_disk_before_they_have_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is synchronised before the rename that names it, its directory after it."""
    synced: set[int] = set()
    named: list[str] = []
    real = os.fsync, os.replace

    def fsync(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        real[0](handle)

    def rename(path: Path, final: Path) -> None:
        inside = [path, *path.rglob("*")] if path.is_dir() else [path]
        if ".part." not in str(final):  # what has no final name yet waits for it
            assert {each.stat().st_ino for each in inside} <= synced, final
        synced.discard(final.parent.stat().st_ino)
        named.append(final.name)
        real[1](path, final)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", rename)
    files.write_json(tmp_path / "one.json", {"a": 1})
    assert tmp_path.stat().st_ino in synced
    folder = naming.prepare(tmp_path / "tables")
    (folder / "pages").mkdir(parents=True)
    (folder / "pages" / "a.csv").write_text("1", encoding="utf-8")
    files.write_json(folder / "pages" / "b.json", {"a": 1})
    naming.swap({folder: tmp_path / "tables"})
    assert tmp_path.stat().st_ino in synced
    assert named == ["one.json", "b.json", "tables"]


SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN of Linux: the file system ends as if the power had."""

WITHOUT_LOG = struct.pack("I", 2)


def test_after_a_power_cut_a_file_that_has_its_name_is_whole(tmp_path: Path) -> None:
    """On a file system that is cut off at once after a run, without writing what it still held."""
    if os.geteuid() or not (shutil.which("mkfs.ext4") and shutil.which("mount")):
        pytest.skip("only root can cut a file system off, with mkfs.ext4 and mount")
    image, place = tmp_path / "disk", tmp_path / "mounted"
    place.mkdir()
    image.write_bytes(b"")
    os.truncate(image, 64 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    mount = ["mount", "-o", "loop,commit=300", str(image), str(place)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        toy = Toy(place / "toy")
        os.sync()  # the project itself was there before
        toy.make()
        before = toy.files()
        handle = os.open(place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, WITHOUT_LOG)
        except OSError as error:
            if error.errno not in (errno.ENOTTY, errno.EOPNOTSUPP, errno.EPERM):
                raise
            pytest.skip("this ext4 cannot be cut off")
        finally:
            os.close(handle)
        subprocess.run(["umount", place], check=True)
        subprocess.run(mount, check=True)
        assert toy.files() == before
        assert toy.hmu("verify", "results/cells").returncode == 0
    finally:
        subprocess.run(["umount", "-l", place], capture_output=True)
