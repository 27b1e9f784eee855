"""How MoMask's transformers, and BAMM's, are put together."""

from collections.abc import Mapping
from typing import Any

from hmu.models.layered import LayeredSampler


def sampler(transformers: Mapping[str, Any]) -> LayeredSampler:
    """Layer by layer, of the parts ``masked`` and ``residual``."""
    return LayeredSampler(transformers["masked"], transformers["residual"])
