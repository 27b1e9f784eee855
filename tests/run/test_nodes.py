"""Two machines that share the results: one at a time makes an output, whatever ends the other."""

import errno
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmu.errors import InputError
from hmu.run import lock, naming
from support import nodes
from support.nodes import Node
from support.toy import Toy

OUT = {"out": "results/out"}

# `hmu step`, with shorter times.
STEP = """
import functools, sys
from hmu.run import lock, runner
lock.alone = functools.partial(lock.alone, patience={patience}, silence={silence}, beat=0.2)
sys.exit(runner.execute(sys.argv[1]))
"""


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Node, Node]:
    if reason := nodes.missing():
        pytest.skip(reason)
    return Node("node-1", tmp_path), Node("node-2", tmp_path)


def step(
    node: Node, toy: Toy, how: str, patience: float, silence: float, **variables: str
) -> "subprocess.Popen[str]":
    """The toy's step `fail` on a node."""
    job = {"step": "fail", "inputs": {}, "outputs": OUT, "settings": {"how": how}}
    program = STEP.format(patience=patience, silence=silence)
    command = (sys.executable, "-c", program, json.dumps(job))
    return node.start(*command, cwd=toy.root, env={**toy.environment(), **variables})


def holding(node: Node, toy: Toy, **variables: str) -> "subprocess.Popen[str]":
    """A step on a node that has the lock and does not end by itself."""
    process = step(node, toy, "wait", 1, 60, **variables)
    for _ in range(400):
        if (toy.root / "results/waiting").exists():
            return process
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise TimeoutError("the step does not begin")


def ended(process: "subprocess.Popen[str]") -> tuple[int, list[str]]:
    _, said = process.communicate(timeout=60)
    return process.returncode, said.splitlines()


def test_a_second_node_is_told_which_job_on_which_host_has_the_output(
    toy: Toy, pair: tuple[Node, Node]
) -> None:
    first = holding(pair[0], toy, SLURM_JOB_ID="4711")
    status, said = ended(step(pair[1], toy, "fine", 1, 60))
    first.kill()
    assert status == 2
    line = said[-1]  # on a busy machine a sign of life may come late, and that is said before
    assert re.fullmatch(
        r"hmu: results/out is being made by another process \(step fail: process \d+ on node-1,"
        r" Slurm job 4711, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*\): wait for it to end, or end it,"
        r" and start again\.",
        line,
    )
    assert not (toy.root / "results/out").exists()
    ended(first)


def test_a_second_node_goes_on_when_the_first_has_ended(toy: Toy, pair: tuple[Node, Node]) -> None:
    first = holding(pair[0], toy)
    second = step(pair[1], toy, "fine", 60, 60)
    time.sleep(1.5)
    assert second.poll() is None
    assert not (toy.root / "results/out").exists()
    nodes.signalled(first, signal.SIGTERM)
    assert ended(second) == (0, [])
    assert ended(first) == (128 + signal.SIGTERM, [])


def test_the_lock_of_a_node_that_died_is_taken_over_when_it_has_been_silent(
    toy: Toy, pair: tuple[Node, Node]
) -> None:
    first = holding(pair[0], toy)
    first.kill()
    ended(first)
    left = toy.half_written()
    assert len(left) == 1
    began = time.monotonic()
    status, said = ended(step(pair[1], toy, "fine", 0.5, 3))
    assert status == 0
    assert time.monotonic() - began > 3
    assert [re.sub(r"\(.*\)", "()", line) for line in said] == [
        (
            "hmu: results/out is being made by another process (), which gives no sign of life: it"
            " is taken over after 3 s without one."
        ),
        "hmu: results/out: taken over from another process ().",
    ]
    assert all("step fail: process 1 on node-1" in line for line in said)
    assert (toy.root / "results/out").exists()
    assert toy.half_written() == []
    assert not [*(toy.root / "results/.cache/locks").iterdir()]


def test_a_job_that_was_stopped_for_long_leaves_the_work_to_who_took_it_over(
    toy: Toy, pair: tuple[Node, Node]
) -> None:
    first = holding(pair[0], toy)
    nodes.signalled(first, signal.SIGSTOP)
    second = step(pair[1], toy, "wait", 0.5, 2)
    assert second.stderr is not None
    while ": taken over from" not in second.stderr.readline():
        assert second.poll() is None
    time.sleep(1)
    nodes.signalled(first, signal.SIGCONT)
    status, (line,) = ended(first)
    assert status == 128 + signal.SIGTERM
    assert line.startswith("hmu: results/out is no longer this job's to make: another machine took")
    assert second.poll() is None
    assert len(toy.half_written()) == 1, "what the second node writes is not the first's to remove"
    assert len([*(toy.root / "results/.cache/locks").iterdir()]) == 1
    second.kill()
    ended(second)


@pytest.mark.parametrize("older", [False, True])
def test_who_lost_the_lock_gives_nothing_its_final_name(toy: Toy, older: bool) -> None:
    """Also where it finds out at the very end."""
    if older:
        assert toy.step("fail", {}, OUT, settings={"how": "fine"}).returncode == 0
    before = toy.files()
    done = toy.step("fail", {}, OUT, settings={"how": "usurped"})
    assert done.returncode == 2
    assert "results/out is no longer this job's to make" in done.stderr
    assert toy.files() == before
    assert toy.half_written() == []


def test_what_a_lost_lock_makes_fail_is_told_as_that(tmp_path: Path) -> None:
    """The next has removed what this process wrote, say."""

    def fails() -> None:
        with lock.alone([tmp_path / "out"], tmp_path) as held:
            held.path.write_text("{}", encoding="utf-8")
            raise FileNotFoundError(".part.out")

    with pytest.raises(InputError, match="is no longer this job's to make"):
        fails()
    (path,) = (tmp_path / ".cache/locks").iterdir()
    assert path.read_text(encoding="utf-8") == "{}", "it is another's"


ELSEWHERE = json.dumps({"what": "step part", "pid": 1, "host": "node-1", "machine": "another 1"})


def left_by_another(results: Path) -> Path:
    """The lock on ``results/out`` of a machine that has died."""
    with lock.alone([results / "out"], results) as held:
        pass
    held.path.write_text(ELSEWHERE, encoding="utf-8")
    return held.path


def test_of_many_that_wait_for_a_dead_machine_one_at_a_time_goes_on(tmp_path: Path) -> None:
    left_by_another(tmp_path)
    inside, most, done = set(), [], []

    def make(number: int) -> None:
        with lock.alone([tmp_path / "out"], tmp_path, patience=60, silence=3, beat=60):
            inside.add(number)
            time.sleep(0.05)
            most.append(len(inside))
            inside.remove(number)
        done.append(number)

    makers = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for each in makers:
        each.start()
    for each in makers:
        each.join()
    assert most == [1] * 6
    assert sorted(done) == [*range(6)]


def test_a_holder_that_shows_life_is_never_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told by its touches alone: who waits sees none of its processes."""
    monkeypatch.setattr(os, "kill", lambda *each: None)  # of a holder that has lost its lock
    path = left_by_another(tmp_path)
    ended = threading.Event()
    held = lock.Held("out", path, os.open(path, os.O_RDWR), ELSEWHERE)
    keeper = threading.Thread(target=lock._keep, args=(held, 0.1, ended))
    keeper.start()
    try:
        with pytest.raises(InputError, match=r"step part: process 1 on node-1, since"):
            lock.alone([tmp_path / "out"], tmp_path, patience=6, silence=4).__enter__()
    finally:
        ended.set()
        keeper.join()
    assert path.read_text(encoding="utf-8") == ELSEWHERE


def test_a_lock_that_is_not_written_yet_is_a_lock(tmp_path: Path) -> None:
    path = left_by_another(tmp_path)
    path.write_bytes(b"")
    began = time.monotonic()
    with lock.alone([tmp_path / "out"], tmp_path, patience=60, silence=1):
        assert time.monotonic() - began > 1


def test_a_file_system_without_locks_has_these(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", flock)
    second = lock.alone([tmp_path / "out"], tmp_path, patience=1, silence=60)
    with (
        lock.alone([tmp_path / "out"], tmp_path, beat=0.1),
        pytest.raises(InputError, match="is being made by another process"),
    ):
        second.__enter__()


HOLD = """
import sys, time
from pathlib import Path
from hmu.run import lock
results = Path(sys.argv[1])
with lock.alone([results / "out"], results, beat=0.2):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def views(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """One folder through two file systems that each keep the system's locks to themselves, as
    network file systems do on two nodes."""
    if os.geteuid() or not (shutil.which("bindfs") and Path("/dev/fuse").exists()):
        pytest.skip("needs root, bindfs and /dev/fuse")
    folders = [tmp_path / name for name in ("results", "one", "other")]
    for each in folders:
        each.mkdir()
    try:
        for each in folders[1:]:
            done = subprocess.run(["bindfs", folders[0], each], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
        yield folders[1], folders[2]
    finally:
        for each in folders[1:]:
            subprocess.run(["umount", "-l", each], capture_output=True)


def test_where_locks_of_the_system_do_not_pass_these_do(views: tuple[Path, Path]) -> None:
    one, other = views
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, one], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        (path,) = (other / ".cache/locks").iterdir()
        with path.open("r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # of no use, as it should be here
        with pytest.raises(InputError, match=f"is being made by another.*process {holder.pid} on"):
            lock.alone([other / "out"], other, patience=1, silence=60).__enter__()
        holder.kill()
    began = time.monotonic()
    with lock.alone([other / "out"], other, patience=60, silence=1):
        assert time.monotonic() - began > 1


def test_scratch_data_go_to_who_takes_a_job_up_and_away_from_who_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = naming.adopt(tmp_path / "job")
    assert not (tmp_path / "job").exists()
    first.mkdir(parents=True)
    (first / "state").write_text("epoch 3", encoding="utf-8")
    (first / ".part.state").write_text("epo", encoding="utf-8")
    assert naming.adopt(tmp_path / "job") == first
    monkeypatch.setattr(naming, "OWN", "0123abcd")
    second = naming.adopt(tmp_path / "job")
    assert second != first
    assert [path.name for path in second.iterdir()] == ["state"]
    assert not first.exists(), "what the first still writes to it fails"


def test_each_process_has_temporary_names_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = naming.prepare(tmp_path / "x.npy")
    assert mine.suffix == ".npy"
    mine.mkdir()
    (tmp_path / ".part.x.npy").touch()  # as versions before named it
    others = [".part.y.x.npy", ".part.01234567.y.x.npy", ".part.01234567.x.npz", "01234567.x.npy"]
    for name in others:
        (tmp_path / name).touch()
    monkeypatch.setattr(naming, "OWN", "0123abcd")
    assert naming.prepare(tmp_path / "x.npy") != mine
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def test_a_lock_that_came_in_a_dead_ones_place_stays(tmp_path: Path) -> None:
    path = left_by_another(tmp_path)
    dead = lock._look(path)
    assert dead is not None
    path.write_text("another's", encoding="utf-8")
    lock._take_away(path, dead)
    assert {each.name: each.read_text("utf-8") for each in path.parent.iterdir()} == {
        path.name: "another's"
    }
    path.write_text(ELSEWHERE, encoding="utf-8")
    lock._take_away(path, dead)
    assert not [*path.parent.iterdir()]


def test_the_readme_promises_these_times(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert f"waits {lock.PATIENCE:.0f} s for it and then ends" in text
    assert f"until nobody has touched them for {lock.SILENCE:.0f} s" in text
    assert 2 * lock.BEAT <= lock.PATIENCE < lock.SILENCE
