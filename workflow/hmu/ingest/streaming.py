"""Clips made by several processes, in order; what is finished is not made again.

The tasks of a :class:`Work` are cut into parts of ``PART`` tasks. A part is made by one process,
clip by clip, in a folder that gets its final name when it is whole, so a run that was interrupted
goes on with the parts that are missing. Clips come out in the order of their tasks: what is made of
them depends neither on the number of processes nor on interruptions. No process holds more than one
clip.
"""

import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Generic

from hmu.ingest import quarantine
from hmu.interface.sources import BadClip, Clip, Read, Task, Work
from hmu.io import csv_table, files
from hmu.io.progress import Progress
from hmu.io.store import ClipStore, ClipWriter
from hmu.run import threads
from hmu.sources._raw import fit

PART = 100
"""Tasks in a part: seconds of work, and few folders for any dataset."""


@contextmanager
def stream(
    work: Work[Task], tail: tuple[int, ...], scratch: Path, processes: int, name: str
) -> Iterator[Iterator[Clip | BadClip]]:
    """What ``work`` makes of its tasks, in their order; of each part, the bad clips come last.

    The clips have frames ``(F, *tail)``, float32 and memory-mapped. Their parts stay in
    ``scratch``, which the caller removes when all is done; ``name`` stands before the progress.
    One process works here and now, several in interpreters of their own; on leaving, they drop
    what they are at. Raises what ``work.read`` raises, and RuntimeError when a process is killed.
    """
    parts = [
        _Part(scratch / f"{first:08d}", work.tasks[first : first + PART])
        for first in range(0, len(work.tasks), PART)
    ]
    due = [part for part in parts if not part.folder.is_dir()]
    scratch.mkdir(parents=True, exist_ok=True)
    read = work.read
    making = _made_here(read, tail, due) if processes == 1 else _made(read, tail, due, processes)
    with closing(making) as made:
        yield _ordered(parts, due, made, name)


@dataclass(frozen=True)
class _Part(Generic[Task]):
    """Some of the tasks, and the folder that holds what they gave once it is whole."""

    folder: Path
    tasks: Sequence[Task]


def _ordered(
    parts: list[_Part[Task]], due: list[_Part[Task]], made: Iterator[None], name: str
) -> Iterator[Clip | BadClip]:
    total = sum(len(part.tasks) for part in parts)
    rest = sum(len(part.tasks) for part in due)
    with Progress(total, name, "clips", initial=total - rest) as progress:
        waiting = {part.folder for part in due}
        for part in parts:
            if part.folder in waiting:
                next(made)
                progress.update(len(part.tasks))
            yield from _read(part.folder)


def _made_here(
    read: Read[Task], tail: tuple[int, ...], parts: list[_Part[Task]]
) -> Generator[None]:
    """Make the parts, one each time that it is asked."""
    for part in parts:
        _make(read, tail, part)
        yield


def _made(
    read: Read[Task], tail: tuple[int, ...], parts: list[_Part[Task]], processes: int
) -> Generator[None]:
    """Make the parts in ``processes`` processes; come back for each, in order, when it is whole."""
    # A new interpreter each: a fork would copy locks that threads of this process hold.
    context = multiprocessing.get_context("spawn")
    leave = context.Event()
    pool = ProcessPoolExecutor(processes, context, _begin, (leave,))
    try:
        # Rounding in matrix products depends on the number of threads.
        with threads.limit_children(1):
            futures = [pool.submit(_make, read, tail, part) for part in parts]
        for future in futures:
            future.result()
            yield
    except BrokenProcessPool:
        raise RuntimeError(
            "a process was killed, perhaps for lack of memory: run the same command again; "
            "finished parts are kept"
        ) from None
    finally:
        leave.set()
        pool.shutdown(cancel_futures=True)


_leave: Event | None = None
"""In a process of the pool: set when its work is no longer wanted."""


def _begin(leave: Event) -> None:
    """Prepare a process of the pool: it ends when it is told to, and with the one that began it."""
    global _leave
    _leave = leave
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all, but is for the first
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot tell its processes to leave; they would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make(read: Read[Task], tail: tuple[int, ...], part: _Part[Task]) -> None:
    """Read the tasks of a part into its folder."""
    staged = files.staged(part.folder)
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    bad = []
    with ClipWriter(*_store(staged), tail) as store:
        for task in part.tasks:
            if _leave is not None and _leave.is_set():
                return
            for item in map(fit, read(task)):
                if isinstance(item, Clip):
                    store.add(item.clip, item.frames, source=item.source, mirrored=item.mirrored)
                else:
                    bad.append((item.clip, item.file, item.reason))
    quarantine.write(staged / _BAD, bad)
    staged.rename(part.folder)


_BAD = "quarantine.csv"


def _store(folder: Path) -> tuple[Path, Path]:
    return folder / "data.npy", folder / "index.parquet"


def _read(folder: Path) -> Iterator[Clip | BadClip]:
    """What a finished part holds."""
    store = ClipStore(*_store(folder))
    for row in store.index.itertuples():
        frames = store.frames[row.start : row.start + row.length]
        yield Clip(row.clip, frames, row.source, bool(row.mirrored))
    yield from (BadClip(**row) for row in csv_table.read(folder / _BAD))
