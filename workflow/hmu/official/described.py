"""Tensors as PyTorch's pickles describe them, made only when all of them fit what the file holds.

In such a pickle a tensor says which numbers it takes from which storage, and how they lie. Nothing
of PyTorch is called while it is read: that could make tensors of any size, of any kind.
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import IO, Any, ClassVar

import torch
from torch import Tensor

from hmu.io import pickles

_DTYPES = {
    "HalfStorage": torch.float16,
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "BoolStorage": torch.bool,
    "ByteStorage": torch.uint8,
}
DTYPES = frozenset(_DTYPES.values())
"""The types of numbers that a model may be stored in."""
_AXES = 8
_SHARED = 4
"""How often, on average, the tensors of a file may show the same numbers: tied weights do."""
_DEEPEST, _MOST, _LONGEST = 50, 100_000, 500
"""Values inside each other, values in all, characters of the names that lead to one: official files
have a tenth of each."""

Numbers = Callable[["Stored"], Tensor]
"""Gives all numbers of a storage, (N,)."""


class _Sealed:
    """A pickle may set attributes of what it is given, unless that takes them itself."""

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes what it has described")


@dataclass(frozen=True)
class Stored(_Sealed):
    """Where the numbers of a tensor stand: the storage ``key`` of the file."""

    dtype: torch.dtype
    key: str
    numbers: int

    def bytes(self) -> int:
        return self.numbers * self.dtype.itemsize


@dataclass(frozen=True)
class Described(_Sealed):
    """A tensor that is not made yet."""

    stored: Stored
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def bytes(self) -> int:
        """What it takes; an axis of 0 counts as one of 1, as nothing else bounds its others."""
        return math.prod(max(1, each) for each in self.size) * self.stored.dtype.itemsize

    def tensor(self, numbers: Numbers) -> Tensor:
        """The tensor, contiguous and with numbers of its own."""
        # as_strided checks that size, stride and offset stay inside the numbers.
        view = numbers(self.stored).as_strided(self.size, self.stride, self.offset)
        return view.clone(memory_format=torch.contiguous_format)


@dataclass(frozen=True)
class Counted(_Sealed):
    """A Counter that is not made yet."""

    counts: Any = None


def _describe(stored: Any, offset: Any, size: Any, stride: Any, *_: Any) -> Described:
    if not isinstance(stored, Stored) or not len(size) == len(stride) <= _AXES:
        raise pickle.UnpicklingError("it describes something that is not a tensor")
    if not all(_whole(each) for each in (offset, *size, *stride)):
        raise pickle.UnpicklingError("a tensor in it has no size")
    return Described(stored, offset, tuple(size), tuple(stride))


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 62


_KNOWN: Mapping[tuple[str, str], Any] = {
    **{("torch", name): dtype for name, dtype in _DTYPES.items()},
    ("torch._utils", "_rebuild_tensor_v2"): _describe,
    ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
    # Never of anything: made of one list again and again, they would fill the memory.
    ("collections", "OrderedDict"): lambda: OrderedDict(),
    ("collections", "Counter"): Counted,
}


class Tree(pickles.Unpickler):
    """Reads a pickle in which tensors are described, and refuses all that they do not need."""

    known: ClassVar[Mapping[tuple[str, str], Any]] = _KNOWN

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream, self.known, encoding="utf-8")
        self.storages: dict[str, Stored] = {}

    def persistent_load(self, pid: Any) -> Stored:
        kind, dtype, key, _, numbers = pid[:5]
        if kind != "storage" or not isinstance(dtype, torch.dtype) or not _whole(numbers):
            raise pickle.UnpicklingError("it describes something that is not a tensor")
        return self.storages.setdefault(str(key), Stored(dtype, str(key), numbers))


Inside = Callable[[Any], Iterable[tuple[Any, Any]]]
"""Gives the values in a value, each with its name."""


def walk(tree: Any, inside: Inside) -> Iterator[tuple[str, Any]]:
    """All values in ``tree``, level by level, each with its place: names that end in dots.

    Raises ValueError when they are more, or deeper, than those of any official file: a list may be
    in itself.
    """
    level, left = [("", tree)], _MOST
    for _ in range(_DEEPEST):
        yield from level
        level = list(islice(_next(level, inside), left + 1))
        left -= len(level)
        if left < 0:
            raise ValueError(f"it holds more than {_MOST} values")
    if level:
        raise ValueError(f"it holds values in values, more than {_DEEPEST} of them")


def _next(level: Iterable[tuple[str, Any]], inside: Inside) -> Iterator[tuple[str, Any]]:
    for place, value in level:
        for name, each in inside(value):
            longer = f"{place}{name}." if isinstance(name, str | int) else ""
            if not longer.isprintable() or not 0 < len(longer) <= _LONGEST:
                raise ValueError("it has a name that is no short text")
            yield longer, each


def check_room(tensors: Iterable[Described], room: int) -> None:
    """Raise ValueError when ``tensors`` need far more memory than the ``room`` of their file."""
    wanted = list(tensors)
    needed = sum(each.bytes() for each in wanted)
    stored = sum(each.bytes() for each in {each.stored for each in wanted})
    if needed > _SHARED * room or stored > room:
        raise ValueError(f"its tensors would take {needed} bytes, and it has {room}")


def zipped(archive: zipfile.ZipFile, kind: type[Tree] = Tree) -> tuple[Any, Numbers]:
    """What ``data.pkl`` of an archive says, and what reads the numbers in its ``data/``."""
    root = archive.namelist()[0].split("/")[0]
    order = f"{root}/byteorder"
    if order in archive.namelist() and _stored(archive, order) != b"little":
        raise ValueError("its numbers have another order of bytes")
    tree = kind(io.BytesIO(_stored(archive, f"{root}/data.pkl"))).load()

    @cache
    def numbers(stored: Stored) -> Tensor:
        return flat(_stored(archive, f"{root}/data/{stored.key}"), stored)

    return tree, numbers


def _stored(archive: zipfile.ZipFile, name: str) -> bytes:
    """The content of an entry. Raises ValueError when it would have to be unpacked: to what?"""
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    return archive.read(entry)


def flat(content: bytes, stored: Stored) -> Tensor:
    """The numbers of a storage. Raises ValueError unless there are exactly as many as it says."""
    if len(content) != stored.bytes():
        raise ValueError(f"storage {stored.key} has {len(content)} bytes, not {stored.bytes()}")
    if not content:
        return torch.empty(0, dtype=stored.dtype)
    return torch.frombuffer(bytearray(content), dtype=stored.dtype)
