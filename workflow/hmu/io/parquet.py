"""Parquet tables that the pipeline wrote, read with an answer when one is missing or damaged."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hmu.errors import InputError


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table, all of it or some columns.

    Raises InputError when the file is missing, damaged or lacks a column.
    """
    try:
        return pq.read_table(path, columns=columns)
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: run the step that makes it first.") from error
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        wanted = f" for {', '.join(columns)}" if columns else ""
        raise InputError(f"{path} cannot be read{wanted} ({error}): make it again.") from error


def frame(path: Path, columns: list[str] | None = None) -> Any:
    """The same as a pandas data frame."""
    return read(path, columns).to_pandas()
