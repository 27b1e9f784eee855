"""Text-to-motion models, one file each: what is particular to their masked transformer.

A backbone has a tokenizer, a masked transformer for the codes of the first layer, and a residual
transformer for those of the others. Only the masked transformer differs between kinds. A file
``hmu/backbones/<kind>.py`` holds

- ``SETTINGS``: what its sampler wants to know, among the keys of the section ``generation``; it is
  also told ``longest``, the tokens of the longest motions;
- ``MaskedTransformer``: a :class:`hmu.models.transformer.BaseLayerTransformer`.

The ``config.json`` of a masked transformer says its kind; without, it is MoMask's.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from hmu import registry
from hmu.io import files
from hmu.models import storage
from hmu.models.residual import ResidualTransformer
from hmu.models.transformer import BaseLayerTransformer, TransformerSizes
from hmu.run.job import Inputs, one


def masked(kind: str) -> Callable[[TransformerSizes], BaseLayerTransformer]:
    """What builds the masked transformer of a kind. Raises InputError for an unknown one."""
    build: Callable[[TransformerSizes], BaseLayerTransformer]
    build = registry.load("backbones", kind).MaskedTransformer
    return build


def load(
    inputs: Inputs, device: torch.device, delta: Mapping[str, Tensor] | None = None
) -> tuple[BaseLayerTransformer, ResidualTransformer]:
    """The masked and the residual transformer among the inputs, as `hmu.models.storage.load`."""
    config = files.read_json(one(inputs, "masked_config"))
    build = masked(config.get("kind", "momask") if isinstance(config, dict) else "momask")
    sizes = TransformerSizes
    return (
        storage.load(build, sizes, "masked", inputs, device, delta),
        storage.load(ResidualTransformer, sizes, "residual", inputs, device, delta),
    )
