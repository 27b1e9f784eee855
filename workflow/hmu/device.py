"""Which device computes."""

import torch

from hmu.errors import InputError


def choose(name: str) -> torch.device:
    """``auto`` takes the GPU when there is one. Raises InputError when a wanted GPU is absent."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device: cuda is configured, but torch sees no GPU; use auto or cpu.")
    return torch.device(name)
