"""Parquet tables that the pipeline wrote, read with an answer when one is missing or damaged.

`read_table`, `to_numpy` and `pa.array` import pandas, 0.2 s a job; what is here does without.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hmu.errors import InputError
from hmu.io import contents

MOST_ROWS = 50_000_000
"""Far more than any table here has. A file of a few kilobytes can claim a billion."""


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table, all of it or some columns.

    Raises InputError when the file is missing, damaged, lacks a column or claims more than
    :data:`MOST_ROWS`.
    """
    try:
        with pq.ParquetFile(path) as file:
            if absent := [name for name in columns or () if name not in file.schema_arrow.names]:
                raise pa.ArrowKeyError(f"it has no column {', '.join(absent)}")
            if file.metadata.num_rows > MOST_ROWS:
                raise pa.ArrowInvalid(f"it claims {file.metadata.num_rows} rows")
            return file.read(columns)
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: run the step that makes it first.") from error
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        if said := contents.form_of(path):
            raise InputError(f"{path} {said}.") from error
        wanted = f" for {', '.join(columns)}" if columns else ""
        raise InputError(f"{path} cannot be read{wanted} ({error}): make it again.") from error


def frame(path: Path, columns: list[str] | None = None) -> Any:
    """The same as a pandas data frame."""
    return read(path, columns).to_pandas()


def column(table: pa.Table, name: str) -> np.ndarray:
    """A column of numbers without nulls, read-only."""
    values: np.ndarray = np.from_dlpack(table[name].combine_chunks())
    return values


def table(columns: Mapping[str, np.ndarray]) -> pa.Table:
    """A table of columns (n,) of numbers."""
    arrays = [
        pa.Array.from_buffers(
            pa.from_numpy_dtype(values.dtype),
            len(values),
            [None, pa.py_buffer(np.ascontiguousarray(values))],
        )
        for values in columns.values()
    ]
    return pa.Table.from_arrays(arrays, list(columns))
