"""Which git commit the code is at, and whether what a job ran differs from it.

Git is asked once for each commit; what it answers is kept in a file of notes, since a job that
takes a few hundredths of a second should not start another program.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from hmu.io import files


def state(package: Path, ran: Iterable[Path], notes: Path) -> dict[str, Any] | None:
    """The commit, and whether any of the files ``ran`` of ``package`` differs from it (``dirty``).

    None when the package is in no checkout, or git is not there. ``notes`` is a folder; it may be
    deleted at any time.
    """
    commit = head(package)
    if commit is None:
        return None
    blobs = _blobs(package, commit, notes)
    if blobs is None:
        return None
    dirty = any(blobs.get(path.relative_to(package).as_posix()) != _blob(path) for path in ran)
    return {"commit": commit, "dirty": dirty}


def refusal(package: Path, notes: Path) -> str | None:
    """Why records of jobs will name no commit though ``package`` is in a checkout, and what to do.

    None when they will, or when there is no checkout to name. ``notes`` is that of :func:`state`.
    """
    if _found(package) is None or (notes / f"{head(package)}.json").exists():
        return None
    why = silence(package)
    return None if why is None else f"Records will name no commit of the code, since {why}"


def silence(package: Path) -> str | None:
    """Why git answers nothing about ``package``, and what to do. None when it answers."""
    if _found(package) is None:
        return "the package is in no checkout"
    import subprocess  # not quick to import, and jobs do not ask this

    command = ["git", "-C", str(package), "--no-optional-locks", "rev-parse", "--verify", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError) as error:
        return f"git does not run: {error}"
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stderr.splitlines()]
    said = lines[0] if lines else "it exits with an error"
    remedies = [line for line in lines if line.startswith("git config") and "safe." in line]
    remedy = f". If you trust it: {remedies[0]}" if remedies else ""
    return f"git refuses: {said}{remedy}"


@cache
def versions(package: Path, name: str) -> frozenset[str] | None:
    """SHA-256 of each content that the file ``name`` of ``package`` has in any commit.

    None when the package is in no checkout, or git does not answer.
    """
    if head(package) is None:
        return None
    listed = _git(package, "log", "--all", "--format=", "--raw", "--no-abbrev", "-z", "--", name)
    if listed is None:
        return None
    blobs = {field.split()[3] for field in listed.split("\0") if field.startswith(":")}
    found = set()
    for blob in blobs:
        content = _output(package, "cat-file", "blob", blob)
        if content is not None:
            found.add(hashlib.sha256(content).hexdigest())
    return frozenset(found)


def _found(folder: Path) -> Path | None:
    """The ``.git`` of the checkout around ``folder``."""
    return next((each / ".git" for each in folder.parents if (each / ".git").exists()), None)


def head(folder: Path) -> str | None:
    """The commit that the checkout around ``folder`` is at, or None."""
    git = _found(folder)
    if git is None:
        return None
    try:
        return _read_head(git)
    except (OSError, ValueError):  # it keeps its branches in a way that git alone knows
        return _git(folder, "rev-parse", "--verify", "HEAD")


def _read_head(git: Path) -> str:
    """The commit in the files of a checkout's ``.git``. Raises OSError or ValueError."""
    if git.is_file():  # a worktree, or a submodule
        git = git.parent / _text(git).removeprefix("gitdir: ")
    common = git / _text(git / "commondir") if (git / "commondir").exists() else git
    _, is_reference, name = _text(git / "HEAD").rpartition("ref: ")
    if not is_reference:
        return name
    if (common / name).is_file():
        return _text(common / name)
    for line in _text(common / "packed-refs").splitlines():
        if line.endswith(f" {name}"):
            return line.split()[0]
    raise ValueError(f"{name} is not among the packed references")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _blobs(package: Path, commit: str, notes: Path) -> dict[str, str] | None:
    """Git's hash of each file of the package in a commit, by its path in the package."""
    note = notes / f"{commit}.json"
    noted = files.read_note(note)
    if isinstance(noted, dict):
        return noted
    listed = _git(package, "ls-tree", "-r", "-z", commit, ".")
    if listed is None:
        return None
    entries = (line.split("\t", 1) for line in listed.split("\0") if line)
    blobs = {name: about.split()[2] for about, name in entries}
    files.write_note(note, blobs)
    return blobs


def _blob(path: Path) -> str:
    """Git's hash of a file as it is."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


def _git(folder: Path, *arguments: str) -> str | None:
    done = _output(folder, *arguments)
    return None if done is None else done.decode("utf-8", "surrogateescape").strip()


def _output(folder: Path, *arguments: str) -> bytes | None:
    import subprocess  # seldom needed, and not quick to import

    command = ["git", "-C", str(folder), "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
