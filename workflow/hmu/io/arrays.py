"""NumPy files from anywhere: read without pickles, and what is wrong with them in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from hmu.errors import InputError
from hmu.io import contents

_LARGEST_MEMBER = 1 << 30
"""Bytes that an array of an archive may unpack to: a few kilobytes can hold far more. The longest
sequences of AMASS have some 100 MB, and so have the largest arrays of the body models."""


class BadArray(ValueError):
    """A file that cannot be used; the message says why, as the end of "this file ...".

    ``remedied``: it also says what to do, as of a file that only stands for the one that is meant.
    """

    def __init__(self, said: str, remedied: bool = False) -> None:
        super().__init__(said)
        self.remedied = remedied

    def told(self, remedy: str) -> str:
        """The message with what to do: its own remedy, or else this one."""
        return str(self) if self.remedied else f"{self}: {remedy}"


def read_array(path: Path) -> np.ndarray:
    """One array of numbers from a ``.npy`` file, memory-mapped.

    Raises BadArray when the file is missing, empty, truncated, pickled or of another kind; a header
    that claims more data than the file has is refused before anything is allocated.
    """
    try:
        with _reading(path):
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise BadArray("does not exist") from None
    if not isinstance(array, np.ndarray):
        array.close()
        raise BadArray("is a .npz archive, not one .npy array")
    return numbers(array)


def read_result(path: Path) -> np.ndarray:
    """The same of an array that the pipeline made. Raises InputError."""
    try:
        return read_array(path)
    except BadArray as error:
        raise InputError(f"{path} {error.told('make it again')}.") from error


def read_members(path: Path, names: tuple[str, ...]) -> list[np.ndarray]:
    """The named arrays of numbers of a ``.npz`` file; other members are not opened.

    Raises FileNotFoundError, or BadArray when the file is damaged, pickled, or lacks one of them.
    """
    with open_archive(path) as archive:
        return [numbers(member(archive, name), name) for name in names]


def open_archive(path: Path) -> NpzFile:
    """A ``.npz`` file, to be closed by the caller. Raises FileNotFoundError or BadArray."""
    with _reading(path):
        archive = np.load(path, mmap_mode="r", allow_pickle=False)
    if isinstance(archive, np.ndarray):
        raise BadArray("is one .npy array, not a .npz archive")
    return archive


def member(archive: NpzFile, name: str) -> np.ndarray:
    """One array of an archive. Raises BadArray when it is absent, damaged, pickled or too big."""
    if name not in archive.files:
        raise BadArray(f"has no array {name!r}")
    assert archive.zip is not None  # it is open
    entries = [each for each in archive.zip.infolist() if each.filename in (name, f"{name}.npy")]
    if max(each.file_size for each in entries) > _LARGEST_MEMBER:
        raise BadArray(f"has an array {name!r} of more than {_LARGEST_MEMBER} bytes when unpacked")
    try:
        with _reading():
            return np.asarray(archive[name])
    except BadArray as error:
        raise BadArray(f"has an array {name!r} that {error}") from error


def numbers(array: np.ndarray, name: str = "") -> np.ndarray:
    """The array itself. Raises BadArray unless it holds real numbers."""
    if array.dtype.kind not in "fiu":
        where = f" in {name!r}" if name else ""
        raise BadArray(f"holds {array.dtype}{where}, not numbers")
    return array


@contextmanager
def _reading(path: Path | None = None) -> Iterator[None]:
    """Turn whatever reading raises into BadArray, but for a file that does not exist."""
    try:
        if path is not None and not path.stat().st_size:
            raise BadArray("is empty")
        yield
    except (FileNotFoundError, BadArray):
        raise
    # A damaged header is parsed as Python source and a damaged archive by zipfile and zlib: there
    # is no short list of what they raise, and for all of it the file is at fault.
    except Exception as error:
        said = contents.form_of(path) if path is not None else ""
        raise BadArray(said or _plain(error), remedied=bool(said)) from error


def _plain(error: Exception) -> str:
    """The reason, without the details that NumPy gives: they hold addresses in memory."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror and "mmap" not in text:
        return f"cannot be read ({error.strerror})"
    if "Header info length" in text:
        return "has a header far too long for an array"
    if "pickle" in text or ("object" in text.lower() and "ast." not in text):
        # NumPy takes any file that it does not know for a pickle.
        return "is not a NumPy file, or holds pickled objects, which could run code when opened"
    return "is truncated or damaged"
