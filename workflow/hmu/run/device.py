"""Which device computes, and in which precision."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from hmu.errors import InputError


def choose(name: str) -> torch.device:
    """``auto`` takes the GPU when there is one. Raises InputError when a wanted GPU is absent."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device: cuda is configured, but torch sees no GPU; use auto or cpu.")
    return torch.device(name)


@contextmanager
def precision(where: torch.device, name: str) -> Iterator[None]:
    """Compute in mixed precision inside: ``float32``, ``bfloat16``, or ``auto``.

    ``auto`` takes bfloat16 on a GPU that has it. Weights stay float32, and so does what torch's
    autocast keeps (losses, normalisation, softmax).
    """
    if name == "auto":
        able = where.type == "cuda" and torch.cuda.is_bf16_supported()
        name = "bfloat16" if able else "float32"
    with torch.autocast(where.type, torch.bfloat16, enabled=name == "bfloat16"):
        yield
