"""The official ``.tar`` files: what ``torch.save`` made of tensors, numbers and text; or tensors
alone, in a safetensors file.

Reading never runs what a pickle says, and makes no tensor before all are known to fit the file.
"""

import io
import struct
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from hmu.errors import InputError
from hmu.io import files, pickles
from hmu.models import storage
from hmu.official import described, forms, names
from hmu.official.described import Counted, Described, Numbers, Stored, Tree

_ZIP = b"PK\x03\x04"
_HEAD = 9
_OLD = 0x1950A86A20F9469CFC6C
"""What a file of PyTorch before 1.6 begins with."""


def read(path: Path) -> dict[str, Any]:
    """The content of an official file, each tensor contiguous and with numbers of its own.

    Raises InputError when the file is missing, damaged, or asks for anything but tensors, numbers,
    text and containers of these, or for more of them than fit a file of its size.
    """
    content = _opened(path)
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise InputError(f"{path} holds something else than values by name: download it again.")
    return dict(content)


def read_tensor(path: Path) -> Tensor:
    """The one tensor of a file. Raises InputError as `read` does, and for anything else."""
    content = _opened(path)
    if not isinstance(content, Tensor):
        raise InputError(f"{path} holds something else than a tensor: download it again.")
    return content


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"{path} is missing: download it, or correct the path.")
    try:
        with path.open("rb") as stream:
            first = stream.read(_HEAD)
            if _is_safetensors(first, path.stat().st_size):
                return _plain(path)
            if first.startswith(_ZIP):
                with zipfile.ZipFile(stream) as archive:
                    content = _content(*described.zipped(archive), path.stat().st_size)
            else:
                content = _content(*_old(stream), path.stat().st_size)
    except InputError:
        raise
    except Exception as error:  # a damaged file can raise nearly anything
        if said := forms.said(path):
            raise InputError(f"{path} {said}.") from error
        raise InputError(
            f"{path} is not a whole file of weights alone: {pickles.why(error)}; download it again."
        ) from error
    return content


def tensors(content: Any, what: str, path: Path) -> dict[str, Tensor]:
    """``content`` (named ``what`` in messages) as tensors by name, each finite, whatever wrapped
    the model.

    Raises InputError when it is anything else.
    """
    if not isinstance(content, Mapping) or not content:
        raise InputError(f"{path} has no {what}: give the file of another model.")
    for name, tensor in content.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise InputError(f"{path}: {what} holds something else than tensors: copy it again.")
    storage.check_finite(content, path)
    return names.unwrapped(content)


def is_plain(content: Mapping[str, Any]) -> bool:
    """Whether a file holds tensors by name and nothing else: a state dict, without a place of its
    own among other things."""
    return bool(content) and all(isinstance(each, Tensor) for each in content.values())


def _is_safetensors(first: bytes, size: int) -> bool:
    """Whether a file of ``size`` bytes begins as a safetensors file: the length of its header, and
    the header, which is JSON."""
    return first[8:] == b"{" and int.from_bytes(first[:8], "little") <= size


def _plain(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file. Raises InputError for types that no model of ours has."""
    found = storage.read_tensors(path)
    for name, tensor in found.items():
        if tensor.dtype not in described.DTYPES:
            raise InputError(
                f"{path}: tensor {name} is {str(tensor.dtype).removeprefix('torch.')}: give the "
                "weights in float32 or a half of it."
            )
    return dict(found)


def _old(stream: IO[bytes]) -> tuple[Any, Numbers]:
    """What the third pickle of an old file says, and what reads the numbers behind the last."""
    stream.seek(0)
    try:
        begins = Tree(stream).load()
    except (ValueError, LookupError):
        begins = None
    if begins != _OLD:
        raise ValueError("it is not what torch.save makes of weights")
    _, system = Tree(stream).load(), Tree(stream).load()
    if not system["little_endian"]:
        raise ValueError("its numbers have another order of bytes")
    pickled = Tree(stream)
    tree, places = pickled.load(), {}
    for key in Tree(stream).load():
        stored = pickled.storages[key]
        (count,) = struct.unpack("<q", stream.read(8))
        if count != stored.numbers:
            raise ValueError(f"storage {key} has {count} numbers, not {stored.numbers}")
        places[key] = stream.tell()
        stream.seek(stored.bytes(), io.SEEK_CUR)

    @cache
    def numbers(stored: Stored) -> Tensor:
        stream.seek(places[stored.key])
        return described.flat(stream.read(stored.bytes()), stored)

    return tree, numbers


def _content(tree: Any, numbers: Numbers, room: int) -> Any:
    """``tree`` with its tensors. Raises ValueError when it needs far more memory than ``room``."""
    found, text = [], 0
    for _, value in described.walk(tree, _inside):
        if isinstance(value, Described):
            found.append(value)
        elif isinstance(value, str):
            text += len(value.encode())
    described.check_room(found, room)
    if text > room:
        raise ValueError("it repeats its text without end")
    return _make(tree, numbers)


def _inside(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Counted):
        return [("counts", value.counts)]
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()


def _make(value: Any, numbers: Numbers) -> Any:
    if isinstance(value, Described):
        return value.tensor(numbers)
    if isinstance(value, Counted):
        return Counter(_make(value.counts, numbers))
    if isinstance(value, dict):
        made = type(value)()
        for name, each in value.items():
            made[name] = _make(each, numbers)
        return made
    if isinstance(value, list | tuple):
        return type(value)(_make(each, numbers) for each in value)
    return value


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` as the official code does; the same content gives the same bytes."""
    # Through memory: written to a path, the archive would hold the name of the file.
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    with files.atomic(path) as temporary:
        temporary.write_bytes(buffer.getvalue())
