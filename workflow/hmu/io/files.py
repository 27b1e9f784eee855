"""Files that are whole when they have their final name, and their hashes."""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import contents, json_document

_STAGED = ".part."


def staged(path: Path) -> Path:
    """Where ``path`` is written until it is whole: same folder, same suffix, hidden."""
    return path.with_name(f"{_STAGED}{path.name}")


def cut_short(path: Path) -> Path:
    """Where a file or directory of which a part is missing waits until it was made again."""
    return path.with_name(f".short.{path.name}")


def is_staged(path: Path) -> bool:
    """Whether ``path``, or a directory that it is in, waits for its final name."""
    return any(part.startswith(_STAGED) for part in path.parts)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it on success, remove it on failure.

    What is staged itself is on the disk when it gets its final name, and needs not be before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = staged(path)
    try:
        yield temporary
        if is_staged(path):
            os.replace(temporary, path)
        else:
            settle(temporary)
            rename({temporary: path})
    finally:
        temporary.unlink(missing_ok=True)


def settle(path: Path) -> None:
    """Wait until a file, or a directory with all in it, is on the disk.

    A name reaches the disk before what it names, if nobody waits: after a power cut, a file that
    had its final name is then empty.
    """
    if path.is_dir() and not path.is_symlink():
        for entry in path.iterdir():
            settle(entry)
    if not path.is_symlink():  # a link is in its directory
        _sync(path)


def rename(names: Mapping[Path, Path]) -> None:
    """Give settled files and directories their final names, and wait until these are on the disk
    too: once a folder, however many names it has."""
    for path, final in names.items():
        os.replace(path, final)
    for folder in dict.fromkeys(final.parent for final in names.values()):
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # of a file system that cannot
            raise
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON with sorted keys, atomically."""
    with atomic(path) as temporary:
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def write_note(path: Path, value: Any) -> None:
    """Write JSON that saves work and may be lost: several processes may write it at once, and where
    nothing may be written there is none."""
    temporary = path.with_name(f"{path.name}.{os.urandom(6).hex()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(value), encoding="utf-8")
        os.replace(temporary, path)


def read_note(path: Path) -> Any:
    """What :func:`write_note` wrote; None when it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def read_json(path: Path, remedy: str = "delete it and make it again") -> Any:
    """Read a JSON file; raise InputError when it is missing or malformed."""
    try:
        return json_document.parse(contents.decode(path.read_bytes()))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: run the step that makes it first.") from error
    except ValueError as error:
        if said := contents.form_of(path):
            raise InputError(f"{path} {said}.") from error
        raise InputError(f"{path} is not valid JSON ({error}): {remedy}.") from error
