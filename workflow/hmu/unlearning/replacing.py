"""What LCR puts in the place of codes: vectors of safe codes, or what is left of their own.

A codebook is float32 (codes, code_dim); ``chosen`` are the codes to replace, the others are safe.
"""

import numpy as np
import torch
from torch import Tensor


def safe_codes(codebook: Tensor, chosen: np.ndarray) -> np.ndarray:
    """The codes that stay, int64, ascending."""
    return np.setdiff1d(np.arange(len(codebook)), chosen)


def nearest(codebook: Tensor, chosen: np.ndarray) -> np.ndarray:
    """The safe code whose vector is nearest to that of each chosen one, int64 (chosen,)."""
    safe = safe_codes(codebook, chosen)
    distances = torch.cdist(codebook[torch.from_numpy(chosen)], codebook[torch.from_numpy(safe)])
    return safe[distances.argmin(dim=1).numpy()]


def replaced(
    codebook: Tensor,
    chosen: np.ndarray,
    targets: np.ndarray,
    alpha: float,
    generator: np.random.Generator,
) -> Tensor:
    """A copy of ``codebook`` in which each chosen code has the vector of its target, plus noise.

    The noise has ``alpha`` times the standard deviation of all entries of the codebook
    (Algorithm 1).
    """
    shape = (len(chosen), codebook.shape[1])
    noise = torch.from_numpy(generator.standard_normal(shape, dtype=np.float32))
    edited = codebook.clone()
    vectors = codebook[torch.from_numpy(targets)]
    edited[torch.from_numpy(chosen)] = vectors + float(codebook.std()) * alpha * noise
    return edited


def without_direction(codebook: Tensor, chosen: np.ndarray, alpha: float) -> Tensor:
    """A copy of ``codebook`` in which the chosen vectors lose ``alpha`` times their component along
    the mean of them all (hmu ``src/methods/lcr.py``, ``--orth``)."""
    edited = codebook.clone()
    vectors = codebook[torch.from_numpy(chosen)]
    direction = vectors.mean(dim=0)
    direction = direction / direction.norm()
    edited[torch.from_numpy(chosen)] = vectors - alpha * torch.outer(vectors @ direction, direction)
    return edited
