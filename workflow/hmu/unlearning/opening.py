"""Parts of the original model, for methods that read ``model``."""

import torch
from torch import nn

from hmu.backbones import opening
from hmu.models import storage
from hmu.models.tokenizer import Tokenizer
from hmu.run.job import Inputs
from hmu.sections.tokenizer import TokenizerSizes


def part(inputs: Inputs, name: str, device: torch.device) -> nn.Module:
    """A part on the device, in evaluation mode, from the inputs of its name."""
    if name == "tokenizer":
        return storage.load(Tokenizer, TokenizerSizes, name, inputs, device)
    masked, residual = opening.load(inputs, device)
    return {"masked": masked, "residual": residual}[name]
