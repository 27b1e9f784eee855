"""The official ``.tar`` files: what ``torch.save`` made of tensors, numbers and text.

Reading never runs what a pickle says: ``torch.load`` with ``weights_only`` knows tensors and
plain containers, and refuses all else.
"""

import io
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hmu import files
from hmu.errors import InputError
from hmu.models import storage


def read(path: Path) -> dict[str, Any]:
    """The content of an official file, tensors on the processor.

    Raises InputError when the file is missing, damaged, or asks for anything but tensors, numbers,
    text and containers of these.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing: download it, or correct the path.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise nearly anything
        raise InputError(f"{path} is not a whole file of weights alone: {_why(error)}") from error
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise InputError(f"{path} holds something else than values by name: download it again.")
    return dict(content)


def tensors(content: Any, what: str, path: Path) -> dict[str, Tensor]:
    """``content`` (named ``what`` in messages) as tensors by name, each finite and of its own.

    Raises InputError when it is anything else.
    """
    if not isinstance(content, Mapping) or not content:
        raise InputError(f"{path} has no {what}: give the file of another model.")
    found = {}
    for name, tensor in content.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor) or tensor.is_sparse:
            raise InputError(f"{path}: {what} holds something else than tensors: copy it again.")
        found[name] = tensor.detach().clone(memory_format=torch.contiguous_format)
    storage.check_finite(found, path)
    return found


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` as the official code does; the same content gives the same bytes."""
    # Through memory: written to a path, the archive would hold the name of the file.
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    with files.atomic(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def _why(error: Exception) -> str:
    """One line of torch's explanation, without its advice to trust the file."""
    if isinstance(error, pickle.UnpicklingError):
        asked = re.search(r"GLOBAL (\S+)", str(error))
        if asked:
            return f"it asks for {asked[1]}, which weights do not need; do not trust it."
        return (
            "it is not what torch.save makes of weights (a web page, perhaps); download it again."
        )
    first = str(error).partition("\n")[0].partition(". ")[0].rstrip(".")
    return f"{first or type(error).__name__}; download it again."
