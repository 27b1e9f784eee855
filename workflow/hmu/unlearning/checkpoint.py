"""An unlearned checkpoint: the tensors that differ from the models it was made from, and how.

``delta.safetensors`` holds the tensors under ``part/name``; ``origin.json`` says what was done, and
the SHA-256 of the weights of each part that was read. Together with those they are a model.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from hmu.errors import InputError
from hmu.interface.methods import Edit
from hmu.io import files
from hmu.models import storage
from hmu.run.job import Inputs, one

REMEDY = "make it again from this one, or give the one that it was made from"


def write(delta: Path, edit: Edit, base: Mapping[str, Path]) -> list[str]:
    """Write what ``edit`` changes of the weights in the files ``base``, by part.

    Returns the tensors that it changes, as ``part/name``. Raises as :func:`difference` does.
    """
    changed = difference(
        {part: storage.load_state(base[part]) for part in edit.tensors}, edit.tensors
    )
    storage.save_state(delta, changed)
    return sorted(changed)


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

    Raises InputError when, by the input ``delta_origin`` or by the shapes, the checkpoint was made
    from other models than those among the inputs (``<part>``).
    """
    if "delta" not in inputs:
        return {}
    path = one(inputs, "delta")
    delta = storage.load_state(path)
    for part in sorted({name.partition("/")[0] for name in delta}):
        if part in inputs:
            model = one(inputs, part)
            if files.sha256(model) != _base(one(inputs, "delta_origin"), part):
                raise InputError(f"{path} was made from another {part} than {model}: {REMEDY}.")
            _check_shapes(path, delta, part, model)
    return delta


def _base(origin: Path, part: str) -> str:
    """SHA-256 of the weights that a part was edited from."""
    try:
        return str(files.read_json(origin)["from"][part]["sha256"])
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{origin} does not say of which {part} the checkpoint is: make it again."
        ) from error


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
