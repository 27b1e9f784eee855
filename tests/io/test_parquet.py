"""Tables that are missing, damaged or claim too much get one message."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hmu.errors import InputError
from hmu.io import parquet


def test_a_table_that_claims_more_rows_than_anybody_has_is_not_read(tmp_path: Path) -> None:
    """60 million equal values, in a small file."""
    path = tmp_path / "bomb.parquet"
    row = pa.table({"a": np.zeros(6_000_000, np.int8)})
    with pq.ParquetWriter(path, row.schema) as writer:
        for _ in range(10):
            writer.write_table(row, row_group_size=6_000_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match=r"bomb\.parquet cannot be read \(it claims 60000000"):
        parquet.read(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"{}"])
def test_what_is_no_table_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.parquet cannot be read"):
        parquet.read(path)
