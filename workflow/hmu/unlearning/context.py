"""What an unlearning method is given and what it gives back.

A method is a file in ``hmu/methods`` with a few literals and a function:

- ``INPUTS``: what it reads, among ``tokenizer``, ``masked``, ``residual`` (the base models),
  ``retrained_tokenizer``, ``retrained_masked``, ``retrained_residual`` (those trained on the
  retain set), ``statistics``, ``codes``, ``captions``, ``concept``;
- ``CHANGES``: the parts that it may edit;
- ``TRAINS``: True where it trains the transformers, and so wants a GPU and leaves a log and curves
  of its training (may be left out);
- ``PARAMS``: its parameters as JSON Schema properties with defaults;
- ``unlearn(context) -> Edit``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hmu.models import storage

PARTS = ("tokenizer", "masked", "residual")


@dataclass(frozen=True)
class Edit:
    """New values of tensors by part and name, and notes on the edit for the manifest.

    ``logs``: of a method that trains, what :func:`hmu.models.training.train` returned, by part.
    """

    tensors: Mapping[str, Mapping[str, Tensor]]
    notes: Mapping[str, Any] = field(default_factory=dict)
    logs: Mapping[str, Sequence[Mapping[str, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """The inputs named in INPUTS, the variant's parameters, and a directory for resumable state."""

    inputs: Mapping[str, Path]
    params: Mapping[str, Any]
    training: Mapping[str, Mapping[str, Any]]
    address: Mapping[str, str]
    seed: int
    device: torch.device
    scratch: Path

    def state(self, part: str) -> dict[str, Tensor]:
        """The tensors of a base model or of a ``retrained_`` one, by name."""
        return storage.load_state(self.inputs[part])


def difference(
    base: Mapping[str, Mapping[str, Tensor]], edit: Mapping[str, Mapping[str, Tensor]]
) -> dict[str, Tensor]:
    """The tensors of ``edit`` that differ from ``base``, under ``part/name``.

    Raises ValueError when an edited tensor has no counterpart of its shape and type.
    """
    changed: dict[str, Tensor] = {}
    for part, tensors in edit.items():
        for name, value in tensors.items():
            old = base[part].get(name)
            if old is None or old.shape != value.shape or old.dtype != value.dtype:
                raise ValueError(f"{part}/{name}: an edit must keep shape and type of the tensor")
            if not torch.equal(old, value):
                changed[f"{part}/{name}"] = value.contiguous()
    return changed
