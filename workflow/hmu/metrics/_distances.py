"""Distances between embeddings that are aligned row by row."""

import numpy as np


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Euclidean distance of each row of ``first`` to the same row of ``second``, in float64."""
    difference = first.astype(np.float64) - second.astype(np.float64)
    return np.sqrt(np.einsum("...d,...d->...", difference, difference))
