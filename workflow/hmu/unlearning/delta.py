"""An unlearned checkpoint as an input: the tensors that differ from the models it was made from."""

from pathlib import Path
from typing import Any

from torch import Tensor

from hmu.errors import InputError
from hmu.io import files
from hmu.models import storage
from hmu.run.job import Inputs, one

REMEDY = "make it again from this one, or give the one that it was made from"


def load_delta(inputs: Inputs) -> dict[str, Tensor]:
    """The tensors of the input ``delta`` under ``part/name``; none when there is no such input.

    Raises InputError when, by the input ``manifest`` or by the shapes, the checkpoint was made from
    other models than those among the inputs (``tokenizer``, ``masked``, ``residual``).
    """
    if "delta" not in inputs:
        return {}
    path = one(inputs, "delta")
    delta = storage.load_state(path)
    for part, sha256 in _bases(one(inputs, "manifest")).items():
        if part in inputs:
            model = one(inputs, part)
            if files.sha256(model) != sha256:
                raise InputError(f"{path} was made from another {part} than {model}: {REMEDY}.")
            _check_shapes(path, delta, part, model)
    return delta


def _bases(manifest: Path) -> dict[str, Any]:
    """SHA-256 of the weights that each part was edited from."""
    found = files.read_json(manifest)
    bases = found.get("base") if isinstance(found, dict) else None
    if not isinstance(bases, dict):
        raise InputError(f"{manifest} is not the manifest of a checkpoint: make it again.")
    return bases


def _check_shapes(path: Path, delta: dict[str, Tensor], part: str, model: Path) -> None:
    state = storage.load_state(model)
    for name, tensor in delta.items():
        owner, _, key = name.partition("/")
        if owner != part:
            continue
        found, base = tuple(tensor.shape), state.get(key)
        if base is None or tuple(base.shape) != found:
            wanted = "has no such tensor" if base is None else f"has {tuple(base.shape)}"
            raise InputError(f"{path}: {name} has shape {found}, {model} {wanted}: {REMEDY}.")
