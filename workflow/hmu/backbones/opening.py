"""From the name of a part, or from its files, to its network, whatever the backbone.

The ``config.json`` of a part says the kind of the backbone and the name of the part. The literal
PARTS of that kind says which classes these are. They are loaded by name: the rule of a job lists
their modules among its plugins, so that the code of a job is that of the parts it opens.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from hmu import registry
from hmu.errors import InputError
from hmu.interface.backbones import Motions, Recipe, Sampler
from hmu.io import files
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.run.job import Inputs
from hmu.sections.base import Section


@dataclass(frozen=True)
class Declared:
    """What a backbone says of one of its parts; each is imported when it is asked for."""

    names: Mapping[str, str]

    @cached_property
    def network(self) -> Callable[[Section], Any]:
        """The class of its network."""
        return _named(self.names["network"])

    @cached_property
    def sizes(self) -> type[Section]:
        """The class of its sizes."""
        return _named(self.names["sizes"])

    @cached_property
    def recipe(self) -> Callable[..., Recipe]:
        """How it is trained."""
        return _named(f"{self.names['recipe']}.recipe")

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules of its network and its sizes."""
        return tuple(self.names[each].rpartition(".")[0] for each in ("network", "sizes"))


def declared(kind: str, part: str) -> Declared:
    """The part of that name of a kind of backbone. Raises InputError when it has none."""
    parts = registry.literals("backbones", kind)["PARTS"]
    if part not in parts:
        raise InputError(f"A backbone of kind {kind!r} has no part {part!r}: {', '.join(parts)}.")
    return Declared(parts[part])


def _named(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _said(path: Path) -> Declared:
    """What a part is, by its ``config.json``."""
    config = files.read_json(path)
    if not isinstance(config, dict) or not {"kind", "part"} <= config.keys():
        raise InputError(f"{path} says no kind of backbone: train or import the model again.")
    return declared(config["kind"], config["part"])


def sizes(config: Path) -> Any:
    """The sizes of a part, by its ``config.json``; its network is not loaded."""
    return storage.load_sizes(config, _said(config).sizes)


def part(model: Stored, device: torch.device, delta: Mapping[str, Tensor] | None = None) -> Any:
    """A part of any backbone, ready to compute, as `hmu.models.storage.load`."""
    found = _said(model.config)
    return storage.load(found.network, found.sizes, model, device, delta)


def sampler(kind: str, parts: Mapping[str, nn.Module]) -> Sampler:
    """What generates codes with the transformers ``parts`` of a backbone, by name."""
    made: Sampler = _named(f"{registry.literals('backbones', kind)['SAMPLER']}.sampler")(parts)
    return made


def motions(kind: str, section: Mapping[str, Any]) -> Motions:
    """The motions of a backbone of a kind whose motions are made elsewhere; ``section`` is what the
    configuration says of it."""
    made: Motions = _named(f"{registry.literals('backbones', kind)['MOTIONS']}.motions")(section)
    return made


def load_sampler(
    kind: str, inputs: Inputs, device: torch.device, delta: Mapping[str, Tensor] | None = None
) -> Sampler:
    """What generates codes, of the transformers among the inputs."""
    names = registry.literals("backbones", kind)["PARTS"].keys() - {"tokenizer"}
    return sampler(kind, {name: part(Stored.among(inputs, name), device, delta) for name in names})
