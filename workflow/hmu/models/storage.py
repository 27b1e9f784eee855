"""Models on disk: safetensors for weights, JSON for sizes; nothing that could run code."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from hmu.errors import InputError
from hmu.io import contents, files
from hmu.models.stored import Stored
from hmu.sections.base import Section, wrong_value

Sizes = TypeVar("Sizes", bound=Section)
Module = TypeVar("Module", bound=nn.Module)


def save(weights: Path, config_path: Path, model: nn.Module, config: Mapping[str, Any]) -> None:
    """Write the weights of ``model`` and its ``config`` to the two paths, each atomically."""
    save_state(weights, model.state_dict())
    files.write_json(config_path, dict(config))


def save_state(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write tensors by name as safetensors; the same tensors give the same bytes."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    with files.atomic(path) as temporary:
        # Not save_file: it makes files that only their owner may read.
        temporary.write_bytes(serialise(plain))


def load_state(path: Path) -> dict[str, Tensor]:
    """Read weights by name, on the processor.

    Raises InputError as `read_tensors` does, and when a weight is not finite.
    """
    state = read_tensors(path)
    check_finite(state, path)
    return state


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read tensors by name, on the processor.

    Raises InputError when the file is missing or is not whole safetensors (a pickle, say).
    """
    if not path.is_file():
        raise InputError(f"{path} is missing: run the step that makes it, or correct the path.")
    try:
        with safe_open(os.fspath(path), framework="pt") as stream:
            return {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        if said := contents.form_of(path):
            raise InputError(f"{path} {said}.") from error
        raise InputError(
            f"{path} is not a whole safetensors file ({error}): make or copy it again."
        ) from error


def check_finite(state: Mapping[str, Tensor], source: Path) -> None:
    """Raise InputError naming the first tensor of ``state`` that holds NaN or infinity."""
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise InputError(
                f"{source}: tensor {name} holds values that are not finite: train or copy it again."
            )


def check_state(
    state: Mapping[str, Tensor],
    model: nn.Module,
    source: Path,
    remedy: str = "give the sizes that it was made with, or make it again",
) -> None:
    """Raise InputError naming the first tensor of ``state`` that does not fit ``model``."""
    expected = model.state_dict()
    for name, tensor in expected.items():
        wanted = tuple(tensor.shape)
        if name not in state:
            raise InputError(
                f"{source} lacks tensor {name} {wanted}: it was made for another model; {remedy}."
            )
        found = tuple(state[name].shape)
        if found != wanted:
            raise InputError(
                f"{source}: tensor {name} has shape {found}, the model expects {wanted}; {remedy}."
            )
    for name in state:
        if name not in expected:
            raise InputError(
                f"{source} has tensor {name} {tuple(state[name].shape)}, which the model does not "
                f"have; {remedy}."
            )


def load_into(model: nn.Module, path: Path) -> None:
    """Load the file's tensors into ``model``, strictly. Raises InputError as the checks above."""
    state = load_state(path)
    check_state(state, model, path)
    model.load_state_dict(state, strict=True)


def load_sizes(path: Path, kind: type[Sizes], others: bool = False) -> Sizes:
    """The sizes under key "sizes" of a model's ``config.json``. Raises InputError if unfit.

    ``others``: whether there may be sizes beside them that ``kind`` does not know.
    """
    config = files.read_json(path)
    values = config.get("sizes") if isinstance(config, dict) else None
    if not isinstance(values, dict):
        raise InputError(f'{path} has no "sizes": it is not the config.json of a model.')
    for name in values:
        if name not in kind.model_fields and not others:
            known = ", ".join(kind.model_fields)
            raise InputError(f"{path}: sizes.{name} is unknown; known sizes: {known}.")
    try:
        return kind.of(values)
    except ValidationError as error:
        raise InputError(f"{path}: sizes.{wrong_value(error)}; fix it.") from error


def load(
    build: Callable[[Sizes], Module],
    kind: type[Sizes],
    model: Stored,
    device: torch.device,
    delta: Mapping[str, Tensor] | None = None,
) -> Module:
    """A model with its sizes, ready to compute.

    ``delta`` holds the tensors of an unlearned checkpoint under ``part/name``; those of this part
    take the place of the model's own.
    """
    path, prefix = model.weights, f"{model.name}/"
    edits = {k.removeprefix(prefix): v for k, v in (delta or {}).items() if k.startswith(prefix)}
    state = {**load_state(path), **edits}
    module = build(load_sizes(model.config, kind))
    check_state(state, module, path)
    module.load_state_dict(state)
    return module.to(device).eval()
