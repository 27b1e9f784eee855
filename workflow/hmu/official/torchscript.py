"""Tensors of a TorchScript archive, read without running any of it.

OpenAI publishes CLIP as such an archive: a zip file whose ``data.pkl`` describes a tree of
modules and whose ``data/`` holds the numbers. Loading it with torch.jit would compile and could
run the code inside; here only the tree and the numbers are looked at.
"""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hmu import pickles
from hmu.errors import InputError

_DTYPES = {
    "HalfStorage": torch.float16,
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "BoolStorage": torch.bool,
    "ByteStorage": torch.uint8,
}


@dataclass(frozen=True)
class _Stored:
    """Where the numbers of a tensor stand: entry ``data/<key>`` of the archive."""

    dtype: torch.dtype
    key: str
    numbers: int


@dataclass(frozen=True)
class _Lazy:
    """A tensor that is not read yet."""

    stored: _Stored
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class _Node:
    """Stands for every class of the archive: it keeps its attributes and can do nothing."""

    def __setstate__(self, state: Any) -> None:
        self.children = state if isinstance(state, dict) else {}


def _lazy(stored: _Stored, offset: int, size: Any, stride: Any, *_: Any) -> _Lazy:
    return _Lazy(stored, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


_KNOWN: dict[tuple[str, str], Any] = {
    **{("torch", name): dtype for name, dtype in _DTYPES.items()},
    ("torch._utils", "_rebuild_tensor_v2"): _lazy,
    ("collections", "OrderedDict"): OrderedDict,
    **{("torch.jit._pickle", f"build_{kind}list"): list for kind in ("int", "double", "bool")},
    ("torch.jit._pickle", "build_tensorlist"): list,
    ("torch.jit._pickle", "restore_type_tag"): lambda value, *_: value,
}


class _Tree(pickles.Unpickler):
    """Reads ``data.pkl``; knows how tensors are described, and refuses all else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "__torch__":
            return _Node
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> _Stored:
        kind, dtype, key, _, numbers = pid
        if kind != "storage" or not isinstance(dtype, torch.dtype):
            raise pickle.UnpicklingError("it describes something that is not a tensor")
        return _Stored(dtype, str(key), int(numbers))


def is_torchscript(path: Path) -> bool:
    """Whether ``path`` is an archive of this kind (a plain state dict is a zip file too)."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.split("/")[1:] == ["constants.pkl"] for name in archive.namelist())


def read_tensors(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    """Tensors by name (as in a state dict) for which ``wanted(name)``.

    Raises InputError when the archive is damaged or holds anything but modules and tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            root = archive.namelist()[0].split("/")[0]
            with archive.open(f"{root}/data.pkl") as stream:
                tree = _Tree(stream, _KNOWN).load()
            found: dict[str, _Lazy] = {}
            _walk(tree, "", found)
            return {
                name: _read(archive, root, lazy) for name, lazy in found.items() if wanted(name)
            }
    except InputError:
        raise
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise InputError(
            f"{path} is not a TorchScript archive of tensors ({error}): download it again."
        ) from error


def _walk(node: Any, prefix: str, found: dict[str, _Lazy]) -> None:
    for name, child in getattr(node, "children", {}).items():
        if isinstance(child, _Lazy):
            found[prefix + name] = child
        elif isinstance(child, _Node):
            _walk(child, f"{prefix}{name}.", found)


def _read(archive: zipfile.ZipFile, root: str, lazy: _Lazy) -> Tensor:
    entry = archive.getinfo(f"{root}/data/{lazy.stored.key}")
    expected = lazy.stored.numbers * lazy.stored.dtype.itemsize
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != expected:
        raise ValueError(f"{entry.filename} has {entry.file_size} bytes instead of {expected}")
    numbers = torch.frombuffer(bytearray(archive.read(entry)), dtype=lazy.stored.dtype)
    # as_strided checks that size, stride and offset stay inside the numbers.
    return numbers.as_strided(lazy.size, lazy.stride, lazy.offset).clone()
