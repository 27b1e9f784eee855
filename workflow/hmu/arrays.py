"""NumPy files from anywhere: read without pickles, and what is wrong with them in plain words."""

import zipfile
import zlib
from pathlib import Path

import numpy as np


class BadArray(ValueError):
    """A file that cannot be used; the message says why in a few words."""


_PICKLED = "holds pickled objects, which are not opened because they can run code"


def read_array(path: Path) -> np.ndarray:
    """One array of numbers from a ``.npy`` file, memory-mapped.

    Raises BadArray when the file is missing, empty, truncated, pickled or of another kind; a header
    that claims more data than the file has is refused before anything is allocated.
    """
    try:
        if not path.stat().st_size:
            raise BadArray("is empty")
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise BadArray("does not exist") from None
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BadArray(_plain(error)) from error
    if not isinstance(array, np.ndarray):
        raise BadArray("is a .npz archive, not one .npy array")
    return numbers(array)


def read_members(path: Path, names: tuple[str, ...]) -> list[np.ndarray]:
    """The named arrays of numbers of a ``.npz`` file; other members are not opened.

    Raises FileNotFoundError, or BadArray when the file is damaged, pickled, or lacks one of them.
    """
    archive = open_archive(path)
    with archive:
        return [numbers(member(archive, name), name) for name in names]


def open_archive(path: Path) -> "np.lib.npyio.NpzFile":
    """A ``.npz`` file, to be closed by the caller. Raises FileNotFoundError or BadArray."""
    try:
        if not path.stat().st_size:
            raise BadArray("is empty")
        archive = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BadArray(_plain(error)) from error
    if isinstance(archive, np.ndarray):
        raise BadArray("is one .npy array, not a .npz archive")
    return archive


def member(archive: "np.lib.npyio.NpzFile", name: str) -> np.ndarray:
    """One array of an archive. Raises BadArray when it is absent, damaged or pickled."""
    try:
        return np.asarray(archive[name])
    except KeyError:
        raise BadArray(f"has no array {name!r}") from None
    except (ValueError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise BadArray(f"{name!r}: {_plain(error)}") from error


def numbers(array: np.ndarray, name: str = "") -> np.ndarray:
    """The array itself. Raises BadArray unless it holds real numbers."""
    if array.dtype.kind not in "fiu":
        raise BadArray(f"{name!r}: ".removeprefix("'': ") + f"holds {array.dtype}, not numbers")
    return array


def _plain(error: Exception) -> str:
    text = str(error)
    if "pickle" in text or "Object arrays" in text:
        # NumPy takes any file that it does not know for a pickle.
        return f"is not a NumPy file, or {_PICKLED}"
    if isinstance(error, EOFError) or "greater than file size" in text or "EOF" in text:
        return "is truncated"
    return f"cannot be read ({text})"
