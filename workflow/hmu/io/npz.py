"""NumPy archives that the pipeline wrote, read with an answer when one is missing or damaged.

They hold numbers that small jobs read: to import pyarrow for a Parquet table takes longer than most
metrics.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from hmu.errors import InputError
from hmu.io import arrays, files


def write(path: Path, members: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name, the same bytes for the same arrays, atomically."""
    with files.atomic(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **members)


def read(path: Path, *names: str) -> list[np.ndarray]:
    """The arrays of these names. Raises InputError when one is missing, or the file is damaged."""
    with _answering(path):
        return arrays.read_members(path, names)


def names(path: Path) -> list[str]:
    """The names of the arrays. Raises InputError as `read` does."""
    with _answering(path), arrays.open_archive(path) as archive:
        return list(archive.files)


@contextmanager
def _answering(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: run the step that makes it first.") from error
    except arrays.BadArray as error:
        raise InputError(f"{path} {error.told('make it again')}.") from error
