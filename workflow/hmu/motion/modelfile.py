"""Arrays of a body model file as distributed: ``.npz``, or the older ``.pkl``.

The pickles were written by Python 2. Besides NumPy's arrays they hold SciPy's sparse matrices and
chumpy's expressions, an array (``Ch``) or a choice of its values (``Select``). Nothing of these
libraries is called: each name that a model file needs stands for a record of what the pickle says,
and only the arrays that are asked for are made of their records, after checks.
"""

import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hmu.errors import InputError
from hmu.io import arrays, contents, pickles
from hmu.io.arrays import BadArray

_LARGEST = 1 << 26
"""Values of a matrix that is stored sparse; those of the models have half a million."""

_DEEPEST = 4
"""Expressions of chumpy inside each other; those of the models are two."""


def read(path: Path, names: tuple[str, ...]) -> list[np.ndarray]:
    """The named arrays of numbers of a model file; nothing else in it is opened.

    Raises FileNotFoundError, or BadArray when the file is damaged, lacks one of them, or asks for
    anything that models do not need.
    """
    if path.suffix != ".pkl":
        return arrays.read_members(path, names)
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        fields = pickles.read(path, _KNOWN, encoding="latin1")
    except InputError as error:
        if said := contents.form_of(path):
            raise BadArray(said, remedied=True) from error
        cause = error.__cause__ or error
        raise BadArray(f"is not a pickle of data: {cause}") from error
    if not isinstance(fields, dict):
        raise BadArray("is a pickle of something else than named arrays")
    return [_field(fields, name) for name in names]


def _field(fields: dict[Any, Any], name: str) -> np.ndarray:
    if name not in fields:
        raise BadArray(f"has no array {name!r}")
    try:
        return arrays.numbers(_values(fields[name]), name)
    except BadArray:
        raise
    except Exception as error:  # records of a damaged file can hold anything
        raise BadArray(f"has an array {name!r} that is damaged ({error})") from error


def _values(record: Any, depth: int = 0) -> np.ndarray:
    """The array that a record describes. Raises ValueError or the like when it describes none."""
    if isinstance(record, _Array | _Sparse):
        return record.values()
    if isinstance(record, _Ch) and depth < _DEEPEST:
        state = record.state
        if type(record) is _Ch:
            return _values(state["x"], depth + 1)
        source = _values(state["a"], depth + 1).ravel()
        chosen = _indices(state["idxs"], len(source))
        return source[chosen].reshape(state["preferred_shape"])
    raise ValueError("it is no array")


def _indices(record: Any, bound: int) -> np.ndarray:
    """Whole numbers from 0 to ``bound - 1``; NumPy would count negative ones from the end."""
    found = _values(record)
    if found.dtype.kind not in "iu":
        raise ValueError("its indices are not whole numbers")
    if found.size and not 0 <= int(found.min()) <= int(found.max()) < bound:
        raise ValueError("its indices point outside")
    return found.ravel().astype(np.intp)


class _Record:
    """What the pickle says of one object. The pickle makes it, and can do nothing with it.

    Every name of a model file stands for a class like this one and not for a function: a pickle
    may set attributes of whatever it is given, but has to call ``__setstate__`` where there is one.
    """

    def __new__(cls, *arguments: Any) -> "_Record":
        made = super().__new__(cls)
        made.arguments, made.state = arguments, None
        return made

    arguments: tuple[Any, ...]
    state: Any

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Dtype(_Record):
    """``numpy.dtype("f8", ...)``, then its byte order as the second part of the state."""

    def dtype(self) -> np.dtype[Any]:
        code = _text(self.arguments[0])
        order = _text(self.state[1]) if self.state else "="
        if not re.fullmatch(r"[fiu][1248]", code) or order not in ("<", ">", "=", "|"):
            raise ValueError(f"it holds {code!r}, not numbers")
        return np.dtype(order + code)


class _Array(_Record):
    """``_reconstruct(ndarray, (0,), "b")``, then (version, shape, dtype, Fortran order, bytes)."""

    def values(self) -> np.ndarray:
        shape, dtype, fortran, content = self.state[-4:]
        return _filled(content, dtype, shape, "F" if fortran else "C")


class _Buffer(_Array):
    """``_frombuffer(bytes, dtype, shape, order)``, of protocol 5."""

    def values(self) -> np.ndarray:
        content, dtype, shape, order = self.arguments
        return _filled(content, dtype, shape, order)


class _Bytes(_Record):
    """``_codecs.encode(text, "latin1")``: how Python 3 writes bytes for Python 2."""


class _Ch(_Record):
    """chumpy's array; the state has it as ``x``."""


class _Select(_Ch):
    """chumpy's choice: the values ``idxs`` of ``a``, flattened, as ``preferred_shape``."""


class _Sparse(_Record):
    """A sparse matrix; the state is its dictionary of attributes."""

    def values(self) -> np.ndarray:
        rows, columns = self._shape()
        data = _values(self.state["data"]).ravel()
        row, column = self._places(rows, columns)
        if not len(data) == len(row) == len(column):
            raise ValueError("its values and their places are not equally many")
        dense = np.zeros((rows, columns))
        np.add.at(dense, (row, column), data)
        return dense

    def _shape(self) -> tuple[int, int]:
        rows, columns = self.state.get("_shape") or self.state["shape"]
        if type(rows) is not int or type(columns) is not int or min(rows, columns) < 0:
            raise ValueError("it has no shape")
        if rows * columns > _LARGEST:
            raise ValueError(f"its shape is ({rows}, {columns})")
        return rows, columns

    def _places(self, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of each value, as ``csc_matrix`` keeps them."""
        return _indices(self.state["indices"], rows), self._major(columns)

    def _major(self, length: int) -> np.ndarray:
        """Which of ``length`` rows or columns each value is in."""
        ends = _indices(self.state["indptr"], len(_values(self.state["indices"])) + 1)
        if len(ends) != length + 1 or ends[0] != 0 or (np.diff(ends) < 0).any():
            raise ValueError("its rows or columns have no bounds")
        return np.repeat(np.arange(length), np.diff(ends))


class _Csr(_Sparse):
    def _places(self, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        return self._major(rows), _indices(self.state["indices"], columns)


class _Coo(_Sparse):
    def _places(self, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        row, column = self.state.get("coords") or (self.state["row"], self.state["col"])
        return _indices(row, rows), _indices(column, columns)


def _filled(content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
    """Numbers from their bytes. Raises ValueError unless there are exactly as many as needed."""
    if isinstance(content, list) or not isinstance(dtype, _Dtype):
        raise ValueError("it holds objects, not numbers")
    kind, raw = dtype.dtype(), _raw(content)
    sizes = tuple(shape)
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise ValueError("it has no shape")
    if math.prod(sizes) * kind.itemsize != len(raw):
        raise ValueError(f"it has {len(raw)} bytes for the shape {sizes}")
    return np.frombuffer(raw, kind).reshape(sizes, order="F" if order == "F" else "C")


def _raw(content: Any) -> bytes | bytearray:
    if isinstance(content, _Bytes):
        content = content.arguments[0]
    if isinstance(content, str):  # bytes of Python 2, read as latin1
        return content.encode("latin1")
    if isinstance(content, bytes | bytearray):
        return content
    raise ValueError("it has no bytes")


def _text(value: Any) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


class _Old(_Record):
    """``copy_reg._reconstructor(class, object, None)``: how the oldest protocols make an object."""

    def __new__(cls, made: Any = None, *_: Any) -> _Record:  # type: ignore[misc]
        if not (isinstance(made, type) and issubclass(made, _Record)):
            raise pickle.UnpicklingError("it makes an object of no kind that models have")
        return made()


def _names(modules: str, name: str) -> list[tuple[str, str]]:
    return [(module, name) for module in modules.split()]


_MULTIARRAY = "numpy.core.multiarray numpy._core.multiarray"
_KNOWN: dict[tuple[str, str], Callable[..., Any] | None] = {
    **dict.fromkeys(_names("__builtin__ builtins", "set"), set),
    **dict.fromkeys(_names("__builtin__ builtins", "object"), None),
    ("numpy", "ndarray"): None,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _Bytes,
    **dict.fromkeys(_names("copy_reg copyreg", "_reconstructor"), _Old),
    ("chumpy.ch", "Ch"): _Ch,
    ("chumpy.reordering", "Select"): _Select,
    **dict.fromkeys(_names(_MULTIARRAY, "_reconstruct"), _Array),
    **dict.fromkeys(_names(_MULTIARRAY, "scalar"), _Record),
    **dict.fromkeys(_names("numpy.core.numeric numpy._core.numeric", "_frombuffer"), _Buffer),
    **dict.fromkeys(_names("scipy.sparse.csc scipy.sparse._csc", "csc_matrix"), _Sparse),
    **dict.fromkeys(_names("scipy.sparse.csr scipy.sparse._csr", "csr_matrix"), _Csr),
    **dict.fromkeys(_names("scipy.sparse.coo scipy.sparse._coo", "coo_matrix"), _Coo),
}
