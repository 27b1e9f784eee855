"""Motion codes: small integers of all quantizer layers, ragged along time, in Parquet."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hmu.errors import InputError
from hmu.io import contents

ABSENT = -1


@dataclass(frozen=True)
class CodeTable:
    """Rows of codes: ``keys`` (a pandas frame) and for each an int16 array (length, layers)."""

    keys: Any
    codes: list[np.ndarray]
    layers: int

    @classmethod
    def read(cls, path: Path, **equal: Any) -> "CodeTable":
        """Read ``path``, keeping rows whose columns equal ``equal``.

        Raises InputError when the file is missing, damaged or without codes.
        """
        try:
            table = pq.read_table(path)
            layers = int((table.schema.metadata or {})[b"quantizers"])
        except (OSError, pa.ArrowInvalid, KeyError) as error:
            if said := contents.form_of(path):
                raise InputError(f"{path} {said}.") from error
            raise InputError(f"{path} is not a table of codes ({error}): make it again.") from error
        for column, value in equal.items():
            table = table.filter(pa.compute.equal(table[column], value))
        column = table["codes"].combine_chunks()
        flat = column.flatten().to_numpy(zero_copy_only=False).astype(np.int16)
        bounds = np.concatenate([[0], np.cumsum(column.value_lengths().to_numpy())]).astype(int)
        codes = [flat[start:end].reshape(-1, layers) for start, end in itertools.pairwise(bounds)]
        return cls(table.drop_columns(["codes"]).to_pandas(), codes, layers)


def write(path: Path, keys: dict[str, pa.Array], codes: Sequence[np.ndarray], layers: int) -> None:
    """Write columns ``keys`` and one int array (length, layers) a row.

    Adds ``length`` (tokens) and remembers the number of layers in the file's metadata.
    """
    lengths = np.array([len(each) for each in codes], dtype=np.int16)
    bounds = np.concatenate([[0], np.cumsum([each.size for each in codes])]).astype(np.int32)
    flat = np.concatenate([each.ravel() for each in codes]) if len(codes) else np.empty(0)
    column = pa.ListArray.from_arrays(pa.array(bounds), pa.array(flat.astype(np.int16)))
    table = pa.table({**keys, "length": pa.array(lengths), "codes": column})
    table = table.replace_schema_metadata({b"quantizers": str(layers).encode()})
    pq.write_table(table, path, compression="zstd")


def padded(codes: Iterable[np.ndarray], layers: int) -> np.ndarray:
    """Stack rows of codes to int64 (rows, longest, layers), ``ABSENT`` behind each end."""
    rows = list(codes)
    longest = max((len(row) for row in rows), default=0)
    stacked = np.full((len(rows), longest, layers), ABSENT, dtype=np.int64)
    for target, row in zip(stacked, rows, strict=True):
        target[: len(row)] = row
    return stacked


def by_length(lengths: np.ndarray, batch: int) -> list[np.ndarray]:
    """Row indices in batches of one length each, so that no row is padded.

    What a convolution or a recurrent layer computes for a row then does not depend on the rows
    beside it.
    """
    batches: list[np.ndarray] = []
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        batches += [rows[start : start + batch] for start in range(0, len(rows), batch)]
    return batches
