"""What an official file holds beside the weights: optimiser, schedule, epoch; kept for the export.

Nested dictionaries and lists become JSON, in which each tensor is replaced by its name in a
safetensors file, and back, with nothing lost.
"""

import math
from collections import Counter, OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from hmu.errors import InputError

FILE = "remainder.safetensors"
"""Its tensors, among what the training of a model left."""

_MAPPINGS: Mapping[str, type[Any]] = {"ordered": OrderedDict, "counter": Counter, "dict": dict}
_BITS = 64
"""Of the largest whole number; JSON has no room for some of thousands of digits."""


def split(tree: Any, source: Path) -> tuple[Any, dict[str, Tensor]]:
    """JSON and tensors that :func:`join` puts together again.

    ``tree`` is what `archive.read` gives, which has an end. Raises InputError, naming ``source``,
    for what is neither number, text, container nor tensor.
    """
    tensors: dict[str, Tensor] = {}
    try:
        return _split(tree, "", tensors), tensors
    except TypeError as error:
        raise InputError(f"{source} {error}, which no official file has: copy it again.") from None


def join(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What :func:`split` was given. Raises KeyError or TypeError when the two do not fit."""
    if isinstance(value, list):
        return [join(each, tensors) for each in value]
    if not isinstance(value, dict):
        return value
    [(kind, inner)] = value.items()
    match kind:
        case "tensor":
            return tensors[inner]
        case "float":
            return float(inner)
        case "tuple":
            return tuple(join(each, tensors) for each in inner)
    made = _MAPPINGS[kind]()
    for key, each in inner:
        made[key] = join(each, tensors)
    return made


def _split(value: Any, place: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = str(len(tensors))  # a place names no tensor alone: a/b may be one name or two
        tensors[name] = value
        return {"tensor": name}
    if isinstance(value, Mapping) and all(isinstance(key, str | int) for key in value):
        kind = next(name for name, made in _MAPPINGS.items() if isinstance(value, made))
        return {
            kind: [[key, _split(each, f"{place}/{key}", tensors)] for key, each in value.items()]
        }
    if isinstance(value, list | tuple):
        inner = [_split(each, f"{place}/{row}", tensors) for row, each in enumerate(value)]
        return {"tuple": inner} if isinstance(value, tuple) else inner
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, int) and value.bit_length() > _BITS:
        raise TypeError(f"holds a number of {value.bit_length()} bits at {place}")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"holds a {type(value).__name__} at {place}")
