"""From a backbone's kind, or from its files, to its networks."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from hmu import registry
from hmu.io import files
from hmu.models import storage
from hmu.models.residual import ResidualTransformer
from hmu.models.transformer import BaseLayerTransformer
from hmu.run.job import Inputs, one
from hmu.sections.transformer import ResidualSizes, TransformerSizes


def masked(kind: str) -> Callable[[TransformerSizes], BaseLayerTransformer]:
    """What builds the masked transformer of a kind. Raises InputError for an unknown one."""
    build: Callable[[TransformerSizes], BaseLayerTransformer]
    build = registry.load("backbones", kind, "masked").MaskedTransformer
    return build


def load(
    inputs: Inputs, device: torch.device, delta: Mapping[str, Tensor] | None = None
) -> tuple[BaseLayerTransformer, ResidualTransformer]:
    """The masked and the residual transformer among the inputs, as `hmu.models.storage.load`."""
    config = files.read_json(one(inputs, "masked_config"))
    build = masked(config.get("kind", "momask") if isinstance(config, dict) else "momask")
    return (
        storage.load(build, TransformerSizes, "masked", inputs, device, delta),
        storage.load(ResidualTransformer, ResidualSizes, "residual", inputs, device, delta),
    )
