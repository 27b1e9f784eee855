"""The files of a directory: one walk for all who read, hash or check what is in it.

Links are followed, so that a part of a dataset may lie on another disk. What an operating system or
an editor leaves beside files is nobody's data, and is passed over.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from hmu.errors import InputError

_LEFT = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "$recycle.bin",
        "system volume information",
        "__macosx",
        "icon\r",
        "lost+found",
    }
)
"""Names, in small letters, of what Windows, macOS and Linux leave."""


def is_left(name: str) -> bool:
    """Whether a file or folder of this name is hidden (``.DS_Store``, ``._x``, swap files) or
    otherwise left by a system or an editor (``Thumbs.db``, ``x~``, ``#x#``)."""
    return (
        (name.startswith(".") and name != "..")
        or name.endswith("~")
        or (name.startswith("#") and name.endswith("#"))
        or name.casefold() in _LEFT
    )


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file under ``folder`` with its POSIX path below it, as `names`."""
    for name, path in names(folder):
        yield name, Path(path)


def names(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file under ``folder``, sorted: its POSIX path below it, and its own path as text: a
    hundred thousand Path objects take a second.

    A directory that links to one that it lies in (by device and inode) is not entered again. A link
    that leads nowhere is a file, for whoever reads it to report. Raises InputError for a directory
    that may not be read.
    """
    yield from sorted(_below(os.fspath(folder), "", frozenset()))


def _below(
    folder: str, prefix: str, above: frozenset[tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """The files of one directory and those below; ``above`` are the directories that it lies in."""
    try:
        status = Path(folder).stat()
        here = status.st_dev, status.st_ino
        if here in above:
            return
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not is_left(entry.name)]
    except OSError as error:
        raise InputError(
            f"{folder} cannot be read ({error.strerror}): allow it, or move it elsewhere."
        ) from error
    for entry in found:
        if entry.is_dir():
            yield from _below(entry.path, f"{prefix}{entry.name}/", above | {here})
        else:
            yield f"{prefix}{entry.name}", entry.path
