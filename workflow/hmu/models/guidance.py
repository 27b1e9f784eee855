"""Classifier-free guidance: a pass with the text and one without, in one batch."""

import torch
from torch import Tensor


def twice(*tensors: Tensor) -> list[Tensor]:
    """Each tensor repeated along the batch: with text first, without text second."""
    return [torch.cat([each, each]) for each in tensors]


def guide(both: Tensor, scale: float) -> Tensor:
    """Classifier-free guidance of logits (2B, ...) whose second half saw no text."""
    told, blind = both.chunk(2)
    return blind + (told - blind) * scale
