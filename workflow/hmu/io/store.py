"""Clips of different lengths in one memory-mapped array, with an index table beside it."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hmu.errors import InputError
from hmu.io import arrays, parquet

_HEADER_BYTES = 128


class ClipWriter:
    """Stream clips into ``data`` (.npy) and ``index`` (.parquet); memory does not grow with them.

    Use as a context manager; the two files are complete when it closes without an error.
    The caller gives temporary names when a half-written file must not be seen.
    """

    def __init__(self, data: Path, index: Path, tail: tuple[int, ...]) -> None:
        self.data, self.index, self.tail = data, index, tail
        self.rows: list[dict[str, Any]] = []
        self.frames = 0

    def __enter__(self) -> "ClipWriter":
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self._stream: BinaryIO = self.data.open("wb")
        self._stream.write(b"\0" * _HEADER_BYTES)
        return self

    def add(self, clip: str, frames: np.ndarray, **columns: Any) -> None:
        """Append one clip, array ``(length, *tail)``, with extra index ``columns``."""
        if frames.shape[1:] != self.tail:
            raise ValueError(f"clip {clip}: shape {frames.shape}, expected (*, {self.tail})")
        self._stream.write(np.ascontiguousarray(frames, dtype="<f4").tobytes())
        row = {"clip": clip, "start": self.frames, "length": len(frames), **columns}
        self.rows.append(row)
        self.frames += len(frames)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._stream.seek(0)
            self._stream.write(_npy_header((self.frames, *self.tail)))
        self._stream.close()
        if kind is None:
            table = pa.Table.from_pylist(self.rows) if self.rows else _empty_index()
            for name, dtype in (("start", pa.int64()), ("length", pa.int32())):
                column = table.schema.get_field_index(name)
                table = table.set_column(column, name, table[name].cast(dtype))
            pq.write_table(table, self.index)


def _npy_header(shape: tuple[int, ...]) -> bytes:
    """A version 1.0 ``.npy`` header of fixed size, so that the shape can be filled in last."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    body = text.ljust(_HEADER_BYTES - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + (_HEADER_BYTES - 10).to_bytes(2, "little") + body.encode("ascii")


def _empty_index() -> pa.Table:
    return pa.table(
        {
            "clip": pa.array([], pa.string()),
            "start": pa.array([], pa.int64()),
            "length": pa.array([], pa.int32()),
        }
    )


def frames_of(data: Path, start: int, length: int) -> np.ndarray:
    """A copy of ``length`` frames of a store's ``data``, and no other frame in memory.

    A process that reads a whole store through one mapping seems to hold all of it.
    """
    return np.array(np.load(data, mmap_mode="r", allow_pickle=False)[start : start + length])


class ClipStore:
    """Read a store written by :class:`ClipWriter`; ``store[clip]`` is a view, nothing is copied."""

    def __init__(self, data: Path, index: Path) -> None:
        """Open ``data`` memory-mapped. Raises InputError when either file is missing or damaged."""
        self.index = parquet.frame(index)
        self.frames = arrays.read_result(data)
        ends = self.index["start"] + self.index["length"]
        if len(self.index) and int(ends.max()) > len(self.frames):
            raise InputError(f"{data} has fewer frames than {index} lists: make both again.")
        starts, lengths = self.index["start"].to_numpy(), self.index["length"].to_numpy()
        self._bounds = {
            clip: (int(start), int(start + length))
            for clip, start, length in zip(self.index["clip"], starts, lengths, strict=True)
        }

    def __len__(self) -> int:
        return len(self.index)

    def __contains__(self, clip: object) -> bool:
        return clip in self._bounds

    def __iter__(self) -> Iterator[str]:
        return iter(self._bounds)

    def __getitem__(self, clip: str) -> np.ndarray:
        start, end = self._bounds[clip]
        return self.frames[start:end]

    def length(self, clip: str) -> int:
        """Number of frames of one clip."""
        start, end = self._bounds[clip]
        return end - start
