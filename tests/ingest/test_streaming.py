"""Clips made by several processes: in order, once, and with an end that is clean."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hmu.errors import InputError
from hmu.ingest.streaming import PART, stream
from hmu.interface.sources import BadClip, Clip, Work

Item = Clip | BadClip
TAIL = (3,)


def make(log: Path, number: int) -> Iterator[Item]:
    """Clips of different lengths, some mirrored, some bad; notes down what it was asked for."""
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"{number} {os.getpid()}\n")
    if number % 7 == 3:
        yield BadClip(f"c{number}", f"c{number}.npy", "has, quoted, 'a \"fault\"\nof two lines'")
        return
    frames = np.random.default_rng(number).normal(size=(number % 5, 3)).astype(np.float32)
    yield Clip(f"c{number}", frames, f"c{number}.npy")
    yield Clip(f"Mc{number}", -frames, f"c{number}.npy", mirrored=True)


def slowly(log: Path, number: int) -> Iterator[Item]:
    time.sleep(0.01)
    yield from make(log, number)


def make_until(log: Path, last: int, error: str, number: int) -> Iterator[Item]:
    if number == last and error == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if number == last:
        raise InputError(error)
    yield from make(log, number)


def collected(work: Work[int], scratch: Path, processes: int) -> list[Item]:
    with stream(work, TAIL, scratch, processes, "test") as items:
        return list(items)


def asked(log: Path) -> list[int]:
    """The tasks that were begun, in order of their numbers."""
    return sorted(int(line.split()[0]) for line in log.read_text(encoding="utf-8").splitlines())


def askers(log: Path) -> set[int]:
    """The processes that worked."""
    return {int(line.split()[1]) for line in log.read_text(encoding="utf-8").splitlines()}


def assert_same(made: list[Item], expected: list[Item]) -> None:
    def clips(items: list[Item]) -> list[Clip]:
        return [item for item in items if isinstance(item, Clip)]

    assert [item for item in made if isinstance(item, BadClip)] == [
        item for item in expected if isinstance(item, BadClip)
    ]
    for one, other in zip(clips(made), clips(expected), strict=True):
        assert (one.clip, one.source, one.mirrored) == (other.clip, other.source, other.mirrored)
        np.testing.assert_array_equal(one.frames, other.frames)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_what_comes_out_does_not_depend_on_the_number_of_processes(
    tmp_path: Path, processes: int
) -> None:
    log = tmp_path / "log"
    work = Work(range(2 * PART + 7), partial(make, log))
    made = collected(work, tmp_path / "scratch", processes)
    assert asked(log) == list(work.tasks)
    assert (os.getpid() in askers(log)) == (processes == 1)
    assert_same(made, list(work))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_resumed_run_does_not_redo_finished_parts(tmp_path: Path, processes: int) -> None:
    log, scratch, tasks = tmp_path / "log", tmp_path / "scratch", range(3 * PART)
    stopped = Work(tasks, partial(make_until, log, PART + 5, "a file is bad: fix it."))
    with pytest.raises(InputError, match="a file is bad: fix it"):
        collected(stopped, scratch, 1)
    assert asked(log) == list(range(PART + 5))
    log.unlink()
    work = Work(tasks, partial(make, log))
    made = collected(work, scratch, processes)
    assert asked(log) == list(range(PART, 3 * PART))
    assert_same(made, list(work))


def test_an_error_in_another_process_is_the_callers(tmp_path: Path) -> None:
    work = Work(range(PART), partial(make_until, tmp_path / "log", 5, "a file is bad: fix it."))
    with pytest.raises(InputError, match="a file is bad: fix it"):
        collected(work, tmp_path / "scratch", 2)


def test_a_killed_process_is_an_answer(tmp_path: Path) -> None:
    work = Work(range(2 * PART), partial(make_until, tmp_path / "log", 5, "killed"))
    with pytest.raises(RuntimeError, match="a process was killed, perhaps for lack of memory"):
        collected(work, tmp_path / "scratch", 2)


def test_no_part_is_begun_for_a_caller_who_has_left(tmp_path: Path) -> None:
    log = tmp_path / "log"
    work = Work(range(20 * PART), partial(slowly, log))  # or all is made before it has left
    with stream(work, TAIL, tmp_path / "scratch", 2, "test") as items:
        next(items)
    assert len(asked(log)) < 15 * PART


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_no_process_and_goes_on_later(
    tmp_path: Path, number: signal.Signals
) -> None:
    log, scratch = tmp_path / "log", tmp_path / "scratch"
    script = (
        "import signal, sys, test_streaming as t; from functools import partial\n"
        "from pathlib import Path\n"
        "for number in (signal.SIGTERM, signal.SIGINT):  # shells let jobs behind ignore Ctrl-C\n"
        "    signal.signal(number, lambda number, frame: sys.exit(128 + number))\n"
        f"work = t.Work(range({8 * PART}), partial(t.slowly, Path({str(log)!r})))\n"
        f"t.collected(work, Path({str(scratch)!r}), 2)\n"
    )
    folders = [str(Path(__file__).parent), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    running = subprocess.Popen([sys.executable, "-c", script], env=environment)
    wait_until(lambda: any(scratch.glob("0*")))
    running.send_signal(number)
    assert running.wait(timeout=60) != 0
    wait_until(lambda: not any(map(alive, askers(log))))
    finished = {int(path.name) for path in scratch.glob("0*")}
    assert 0 < len(finished) < 8
    log.unlink()
    work = Work(range(8 * PART), partial(make, log))
    made = collected(work, scratch, 1)
    assert asked(log) == [task for task in work.tasks if task // PART * PART not in finished]
    assert_same(made, list(work))


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.05)


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked after does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
