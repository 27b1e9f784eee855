"""One process at a time makes an output, on one machine or on several that share the results.

Jobs can outlive a Snakemake that was killed, and the next one starts them again, perhaps on another
node. Whoever makes outputs holds a file under ``results/.cache/locks``, named by the outputs: only
one process can create it, on every file system, also where locks of the system are known to one
machine alone (NFS with ``nolock``, Lustre without ``flock``, BeeGFS as it comes). Its holder
touches it every :data:`BEAT` seconds.

A holder that has died left its file. On the same machine the system tells, by a lock of its own
that ends with the process, and the next takes the file away at once. On any other machine a file
that nobody touched for :data:`SILENCE` seconds is taken away. That time is measured by the clock of
who waits, so that clocks may differ. A process that was only stopped for so long finds another's
file in the place of its own, and ends; it gives nothing a final name (:meth:`Held.check`).
"""

import errno
import fcntl
import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from hmu.errors import InputError

BEAT = 10.0
"""Seconds between two signs of life of a holder."""

PATIENCE = 20.0
"""Seconds to wait for a process that is about to end with its killed Snakemake; two beats, so that
a holder which lives has shown it by then."""

SILENCE = 120.0
"""Seconds without a sign of life after which another machine takes a lock away."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def alone(
    outputs: Iterable[Path],
    results: Path,
    what: str = "a job",
    *,
    patience: float = PATIENCE,
    silence: float = SILENCE,
    beat: float = BEAT,
) -> Iterator["Held"]:
    """Be the only process, under ``results``, that makes any of the ``outputs`` together.

    ``what`` is what others are told that this process does. The last three are in seconds. Raises
    InputError, naming the process, job and machine that make the outputs, when these have not ended
    after ``patience`` and live.
    """
    names = sorted(path.as_posix() for path in outputs)
    inside = sorted(os.path.relpath(path, results) for path in names)  # however they were given
    key = hashlib.sha256("\n".join(inside).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    held = _taken(results / ".cache" / "locks" / key, names[0], what, patience, silence)
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(held, beat, ended), name="lock", daemon=True)
    keeper.start()
    try:
        yield held
    except Exception:
        held.check()  # what failed may be that another put its files in the place of this one's
        raise
    finally:
        ended.set()
        keeper.join()
        if held.lasts():
            held.path.unlink(missing_ok=True)
        os.close(held.opened)


class Held(NamedTuple):
    """The lock of this process on the ``output``: its file, open, and what that says."""

    output: str
    path: Path
    opened: int
    text: str

    def lasts(self) -> bool:
        """Whether the file is still there, and still this process's."""
        seen = _look(self.path)
        return seen is not None and seen.text == self.text

    def check(self) -> None:
        """Raise InputError where another may have begun to make the outputs meanwhile."""
        if not self.lasts():
            raise InputError(
                f"{self.output} is no longer this job's to make: another machine took it over,"
                f" after {SILENCE:.0f} s without a sign of life, or {self.path} was removed."
                " Start again."
            )


class _Seen(NamedTuple):
    """A lock at one moment: what it says, when it was touched last, and on which device it lies."""

    text: str
    touched: int
    device: int

    @property
    def said(self) -> dict[str, Any]:
        """What its holder says of itself; nothing as long as that is not written."""
        try:
            said = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def __str__(self) -> str:
        said = self.said
        if not said:
            return "another process, which has not said its name"
        slurm = f", Slurm job {said['slurm']}" if said.get("slurm") else ""
        process = f"process {said.get('pid')} on {said.get('host')}{slurm}"
        return f"another process ({said.get('what')}: {process}, since {said.get('since')})"


def _taken(path: Path, output: str, what: str, patience: float, silence: float) -> Held:
    """The lock, when it is ours. Raises InputError as `alone` does."""
    began = heard = time.monotonic()
    last: _Seen | None = None
    lives = warned = False
    while (held := _created(path, output, what)) is None:
        seen, now = _look(path), time.monotonic()
        if seen is None:  # released this moment
            time.sleep(0.01)
            continue
        if seen != last:
            lives, last, heard = last is not None, seen, now
        here = _lives_here(path, seen)
        if here is False:
            _take_away(path, seen)
            continue
        if here is None and now - heard > silence:
            print(f"hmu: {output}: taken over from {seen}.", file=sys.stderr)
            _take_away(path, seen)
            continue
        if now - began > patience:
            if here or lives:
                raise InputError(
                    f"{output} is being made by {seen}: wait for it to end, or end it, and start"
                    " again."
                )
            if not warned:
                print(
                    f"hmu: {output} is being made by {seen}, which gives no sign of life: it is"
                    f" taken over after {silence:.0f} s without one.",
                    file=sys.stderr,
                )
                warned = True
        time.sleep(0.2)
    return held


def _created(path: Path, output: str, what: str) -> Held | None:
    """The lock, made by this process; None where another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return None
    said = {
        "what": what,
        "pid": os.getpid(),
        "host": os.uname().nodename,
        "slurm": os.environ.get("SLURM_JOB_ID"),
        "since": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
        "machine": _machine(os.fstat(opened).st_dev) if _flock(opened) else None,
        "key": os.urandom(8).hex(),
    }
    text = json.dumps(said)
    try:
        # By another handle: on a network file system others see it as soon as that is closed. They
        # ask the system about the first one only when they have read this.
        path.write_text(text, encoding="utf-8")
    except OSError:  # the disk is full
        path.unlink(missing_ok=True)
        os.close(opened)
        raise
    return Held(output, path, opened, text)


def _keep(held: Held, beat: float, ended: threading.Event) -> None:
    """Give signs of life until the end; where the lock is another's, end this process (SIGTERM)."""
    while not ended.wait(beat):
        try:
            held.check()
            os.utime(held.opened)
        except InputError as error:
            print(f"hmu: {error}", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        except OSError:  # the file system does not answer: neither does it to others
            continue


def _look(path: Path) -> _Seen | None:
    """What the lock is now; opened anew, for which network file systems ask their server."""
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            text = stream.read().decode("utf-8", "replace")
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ESTALE):
            return None
        raise
    return _Seen(text, status.st_mtime_ns, status.st_dev)


def _machine(device: int) -> str:
    """Names what the system's own locks are sure on: one file system of one running machine."""
    try:
        machine = _BOOT.read_text(encoding="ascii").strip()
    except OSError:  # not Linux
        machine = os.uname().nodename
    return f"{machine} {device}"


def _lives_here(path: Path, seen: _Seen) -> bool | None:
    """Whether the holder of a lock lives; None where it is on another machine, as far as can be
    known, so that only its signs of life tell."""
    machine = seen.said.get("machine")
    if machine is None or machine != _machine(seen.device):
        return None
    try:
        probe = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        return not _flock(probe)
    finally:
        os.close(probe)


def _flock(opened: int) -> bool:
    """Whether this process could lock an open file; the system's lock ends with its process."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _take_away(path: Path, seen: _Seen) -> None:
    """Remove the lock of a holder that has died, and no other's that came in its place."""
    aside = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    with suppress(FileNotFoundError):
        path.replace(aside)
        moved = _look(aside)
        if moved is not None and moved.text != seen.text:
            aside.replace(path)
        else:
            aside.unlink()
