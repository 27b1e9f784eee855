"""One process at a time makes an output.

Jobs can outlive a Snakemake that was killed, and the next one starts them again. A lock on a file
under ``results/.cache/locks``, named by the outputs, belongs to the process that makes them: the
system takes it back when that process ends, however it ends, and it holds between machines wherever
their common file system knows locks.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hmu.errors import InputError

PATIENCE = 20.0
"""Seconds to wait for a process that is about to end with its killed Snakemake."""


@contextmanager
def alone(outputs: Iterable[Path], results: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Be the only process, under ``results``, that makes any of the ``outputs`` together.

    Raises InputError, naming the process that makes them, when it has not ended after ``patience``
    seconds. Where the file system knows no locks there is none.
    """
    names = sorted(path.as_posix() for path in outputs)
    inside = sorted(os.path.relpath(path, results) for path in names)  # however they were given
    key = hashlib.sha256("\n".join(inside).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    path = results / ".cache" / "locks" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    held = _taken(path, names[0], time.monotonic() + patience)
    try:
        os.ftruncate(held, 0)
        os.pwrite(held, json.dumps({"pid": os.getpid(), "host": os.uname().nodename}).encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: whoever waits sees that it is another
        os.close(held)


def _taken(path: Path, output: str, until: float) -> int:
    """The open file of the lock, when it is ours and still the one that ``path`` names."""
    while True:
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            if time.monotonic() > until:
                raise InputError(
                    f"{output} is being made by another process ({_holder(path)}):"
                    " wait for it to end, or end it, and start again."
                ) from None
            time.sleep(0.2)
            continue
        except OSError:  # no locks here
            return opened
        try:
            if os.fstat(opened).st_ino == path.stat().st_ino:
                return opened
        except FileNotFoundError:
            pass  # its holder has just removed it
        os.close(opened)


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return f"{said['pid']} on {said['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "which has not said its number"
