"""An unlearned checkpoint: the tensors that differ from the models it was made from, and how.

``delta.safetensors`` holds the tensors under ``part/name``; ``manifest.json`` says what was done,
and the SHA-256 of the weights of each part that was edited. Together with those they are a model.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hmu.errors import InputError
from hmu.interface.methods import Edit
from hmu.io import files
from hmu.models import storage
from hmu.run.job import Inputs, one

REMEDY = "make it again from this one, or give the one that it was made from"


def write(
    delta: Path, manifest: Path, edit: Edit, base: Mapping[str, Path], made: Mapping[str, Any]
) -> None:
    """Write what ``edit`` changes of the weights in the files ``base``, by part.

    ``made`` is what the manifest says of how. Raises as :func:`difference` does.
    """
    changed = difference(
        {part: storage.load_state(base[part]) for part in edit.tensors}, edit.tensors
    )
    storage.save_state(delta, changed)
    told = {
        **made,
        "changed": sorted(changed),
        "base": {part: files.sha256(base[part]) for part in edit.tensors},
        "notes": edit.notes,
    }
    files.write_json(manifest, told)


def difference(
    base: Mapping[str, Mapping[str, Tensor]], edit: Mapping[str, Mapping[str, Tensor]]
) -> dict[str, Tensor]:
    """The tensors of ``edit`` that differ from ``base``, under ``part/name``.

    A tensor may come in another floating type than that of the base, float32 say: values that are
    the base's in that type stay as they are, and the others take the type of the base. Raises
    ValueError when an edited tensor has no counterpart of its shape, or one of another kind of
    numbers, and InputError when the type of the base cannot hold a value.
    """
    changed: dict[str, Tensor] = {}
    for part, tensors in edit.items():
        for name, value in tensors.items():
            place, old = f"{part}/{name}", base[part].get(name)
            if old is None or old.shape != value.shape or not _alike(old, value):
                raise ValueError(f"{place}: an edit must keep shape and type of the tensor")
            new = torch.where(value == old.to(value.dtype), old, value.to(old.dtype))
            if torch.equal(old, new):
                continue
            if value.isfinite().all() and not new.isfinite().all():
                raise InputError(
                    f"{place}: the edit has values up to {float(value.abs().max()):.3g}, which the "
                    f"type of the model's weights ({str(old.dtype).removeprefix('torch.')}) cannot "
                    "hold: give the model in float32."
                )
            changed[place] = new.contiguous()
    return changed


def _alike(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are of one type, or both of a floating one."""
    floating = one.is_floating_point() and other.is_floating_point()
    return floating or one.dtype == other.dtype


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
